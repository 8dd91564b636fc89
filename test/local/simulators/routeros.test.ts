/** The simulated RouterOS speaks as the real one does, counts as it says, and breaks as it is told. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RouterosSimulator } from '../../../local/simulators/routeros.ts';
import { uptimeText } from '../../../local/simulators/routeros-answers.ts';
import { shareBetween } from '../../../local/simulators/traffic.ts';
import { routerosInterface } from '../../../shared/interfaces/routeros.wire.ts';
import { callRouter, PASSWORD, RouterosWorld, START } from './routeros-world.ts';

let world: RouterosWorld;
let simulator: RouterosSimulator;
beforeEach(async () => {
  world = new RouterosWorld();
  simulator = await world.open();
});
afterEach(() => world.close());

type Row = Readonly<Record<string, string>>;
const rows = async (path = '/rest/interface') => JSON.parse((await callRouter(simulator.url, path)).text) as Row[];
const row = async (name: string) => (await rows()).find((one) => one.name === name) ?? {};

describe('an answer', () => {
  test('holds strings only, in the shape that the driver knows', async () => {
    for (const one of await rows()) {
      for (const value of Object.values(one)) expect(typeof value).toBe('string');
      const { comment, ...always } = routerosInterface.shape;
      for (const [field, schema] of Object.entries(always)) expect(schema.safeParse(one[field]).success).toBe(true);
      expect(one.comment === undefined || comment.safeParse(one.comment).success).toBe(true);
    }
  });

  test('has the fields and the rows that are asked for', async () => {
    expect(await rows('/rest/interface?.proplist=name,comment&type=ether')).toEqual([
      { name: 'ether1', comment: 'NTTN' },
      { name: 'ether2' },
    ]);
  });

  test('to one record is an object, by name or by .id', async () => {
    const byName = await callRouter(simulator.url, '/rest/interface/ether1');
    const byId = await callRouter(simulator.url, '/rest/interface/*1');
    expect(JSON.parse(byName.text)).toMatchObject({ '.id': '*1', name: 'ether1' });
    expect(byId.text).toBe(byName.text);
  });

  test('to VLANs has their numbers and no counters', async () => {
    const [vlan] = await rows('/rest/interface/vlan');
    expect(vlan).toMatchObject({ name: 'vlan10', 'vlan-id': '10', interface: 'ether1' });
    expect(vlan).not.toHaveProperty('rx-byte');
  });

  test.each([
    ['a path that is not there', '/rest/nothing', {}, 404, '{"error":404,"message":"Not Found"}'],
    [
      'a wrong password',
      '/rest/interface',
      { headers: { authorization: 'Basic eA==' } },
      401,
      '{"error":401,"message":"Unauthorized"}',
    ],
    [
      'a monitor that would run for ever',
      '/rest/interface/ethernet/monitor',
      { method: 'POST', body: '{"numbers":"*1"}' },
      400,
      '{"detail":"Session closed","error":400,"message":"Bad Request"}',
    ],
    [
      'a monitor by the wrong parameter',
      '/rest/interface/ethernet/monitor',
      { method: 'POST', body: '{"interface":"ether1","once":""}' },
      400,
      '{"detail":"unknown parameter interface","error":400,"message":"Bad Request"}',
    ],
    [
      'a monitor of what is no port',
      '/rest/interface/ethernet/monitor',
      { method: 'POST', body: '{"numbers":"vlan10","once":""}' },
      400,
      '{"detail":"no such item","error":400,"message":"Bad Request"}',
    ],
  ])('to %s is the router’s own', async (_, path, init, status, text) => {
    expect(await callRouter(simulator.url, path, init)).toEqual({ status, text });
  });

  test('to monitor tells the rate that was agreed', async () => {
    const init = { method: 'POST', body: '{"numbers":"*1,ether2","once":""}' };
    const { text } = await callRouter(simulator.url, '/rest/interface/ethernet/monitor', init);
    expect((JSON.parse(text) as Row[]).map(({ name, rate }) => [name, rate])).toEqual([
      ['ether1', '1Gbps'],
      ['ether2', '10Gbps'],
    ]);
  });

  test('never shows the password, nor does the state', () => {
    expect(JSON.stringify([simulator.state(), simulator.faults(), simulator.routers])).not.toContain(PASSWORD);
  });
});

describe('counters', () => {
  test('rise with time, most in the evening, however often one looks', async () => {
    const before = BigInt((await row('ether1'))['rx-byte'] ?? '');
    world.now += 150_000;
    await rows();
    world.now += 150_000;
    const after = BigInt((await row('ether1'))['rx-byte'] ?? '');
    const expected = (9.6e8 / 8) * 300 * shareBetween(START, START + 300_000);
    expect(Math.abs(Number(after - before) - expected)).toBeLessThan(2);
    const share = (hourInDhaka: number) => {
      const at = START + (hourInDhaka - 6) * 3_600_000;
      return shareBetween(at, at + 3_600_000);
    };
    expect(share(20.5)).toBeGreaterThan(0.9);
    expect(share(9)).toBeLessThan(0.2);
  });

  test('follow a load to the octet', async () => {
    simulator.inject({ fault: 'load', interface: 'vlan10', inMbps: '800', outMbps: 8 });
    const before = await row('vlan10');
    world.now += 300_000;
    const after = await row('vlan10');
    const gained = (field: string) => BigInt(after[field] ?? '') - BigInt(before[field] ?? '');
    expect([gained('rx-byte'), gained('tx-byte')]).toEqual([30_000_000_000n, 300_000_000n]);
  });

  test('stand still while a link is down or disabled', async () => {
    simulator.inject({ fault: 'link-down', interface: 'ether1' });
    simulator.inject({ fault: 'disable', interface: 'ether2' });
    const before = await rows();
    world.now += 300_000;
    const after = await rows();
    expect([after[0]?.running, after[1]?.disabled]).toEqual(['false', 'true']);
    for (const at of [0, 1]) expect(after[at]?.['rx-byte']).toBe(before[at]?.['rx-byte']);
    simulator.inject({ fault: 'recover' });
    world.now += 300_000;
    expect(BigInt((await rows())[0]?.['rx-byte'] ?? '')).toBeGreaterThan(BigInt(after[0]?.['rx-byte'] ?? ''));
  });
});

describe('faults', () => {
  test('a reboot begins uptime and counters again', async () => {
    world.now += 60_000;
    simulator.inject({ fault: 'reboot' });
    expect((await row('ether1'))['rx-byte']).toBe('0');
    world.now += 61_000;
    expect(JSON.parse((await callRouter(simulator.url, '/rest/system/resource')).text)).toMatchObject({
      uptime: '1m1s',
    });
  });

  test('renumbering gives every interface another .id, each still once', async () => {
    const before = await rows();
    simulator.inject({ fault: 'renumber' });
    const after = await rows();
    after.forEach((one, i) => {
      expect(one['.id']).not.toBe(before[i]?.['.id']);
    });
    expect(new Set(after.map((one) => one['.id']))).toEqual(new Set(before.map((one) => one['.id'])));
  });

  test.each([
    ['unauthorized', {}, 401, /Unauthorized/],
    ['login-page', {}, 200, /^<!DOCTYPE html>/],
    ['redirect', {}, 302, /^$/],
    ['session-closed', {}, 400, /Session closed/],
    ['server-error', { status: 502 }, 502, /Unavailable/],
    ['rate-limit', {}, 429, /Too Many/],
    ['garbage', { shape: 'empty' }, 200, /^$/],
    ['garbage', { shape: 'truncated' }, 200, /^\[\{/],
    ['garbage', { shape: 'error-in-200' }, 200, /failure: busy/],
  ])('%s strikes once and is over', async (fault, parameters, status, text) => {
    simulator.inject({ fault, ...parameters });
    const struck = await callRouter(simulator.url, '/rest/interface');
    expect(struck.status).toBe(status);
    expect(struck.text).toMatch(text);
    expect(await rows()).toHaveLength(8);
  });

  test.each([
    [{ fault: 'explode' }, /fault must be one of reboot/],
    [{ fault: 'load', inMbps: 1 }, /outMbps must be a number/],
    [{ fault: 'reset-counters', interface: 'ether9' }, /interface must be one of ether1, ether2/],
    [{ fault: 'reboot', times: 3 }, /reboot has no parameter times; it takes router/],
    [{ fault: 'lie', shape: 'white' }, /shape must be one of falls/],
    [{ fault: 'reboot', router: 'core9' }, /router must be 1 to 1 or one of core1/],
    [{ fault: 'drop-field' }, /field must be the name/],
  ])('%o is refused in a sentence', (fault, message) => {
    expect(() => simulator.inject(fault)).toThrow(message);
    expect(() => simulator.inject(fault)).toThrow(RangeError);
  });

  test('recover takes everything back', async () => {
    const before = await rows();
    for (const fault of ['link-down', 'disable', 'duplicate-name', 'lie', 'no-uptime', 'no-monitor', 'login-page']) {
      simulator.inject({ fault });
    }
    simulator.inject({ fault: 'drop-field', field: 'tx-byte' });
    simulator.inject({ fault: 'recover' });
    expect(await rows()).toEqual(before);
  });

  test('slow waits, and closing does not wait for it', async () => {
    simulator.inject({ fault: 'slow', seconds: 600 });
    const call = callRouter(simulator.url, '/rest/interface').catch(() => 'cut');
    while (!JSON.stringify(simulator.state()).includes('"pendingFaults":[]')) await new Promise(setImmediate);
    await simulator.close();
    expect(await call).toBe('cut');
  });
});

test.each([
  [0, '0s'],
  [61_000, '1m1s'],
  [788_645_000, '1w2d3h4m5s'],
])('uptime of %i ms', (ms, text) => {
  expect(uptimeText(ms)).toBe(text);
});

test('several routers have a port each, and a fault strikes its own only', async () => {
  const router = { user: 'headroom', password: PASSWORD, ports: [], bootedAt: START };
  const two = await new RouterosWorld().open({
    routers: [
      { ...router, name: 'a' },
      { ...router, name: 'b' },
    ],
  });
  try {
    two.inject({ fault: 'server-error', router: 'b' });
    const urls = two.routers.map(({ url }) => url);
    const answers = await Promise.all(urls.map((url) => callRouter(url, '/rest/interface')));
    expect(answers.map(({ status }) => status)).toEqual([200, 503]);
  } finally {
    await two.close();
  }
});
