/** The simulated IOS-XE speaks as the real one does, counts as it says, and breaks as it is told. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IosxeSimulator } from '../../../local/simulators/iosxe.ts';
import { iosxeIspRouters } from '../../../local/simulators/iosxe-isp.ts';
import { iosxeInterface, iosxeStatistics, iosxeSystem, restconfErrors } from '../../../shared/interfaces/iosxe.wire.ts';
import { INTERFACES, IosxeWorld, LINK, OLDER, rowsOf, SYSTEM } from './iosxe-world.ts';
import { callRouter, PASSWORD, START, USER } from './routeros-world.ts';

let world: IosxeWorld;
let simulator: IosxeSimulator;
beforeEach(async () => {
  world = new IosxeWorld();
  simulator = await world.open();
});
afterEach(() => world.close());

const row = async (name: string, path = INTERFACES) =>
  (await rowsOf(simulator.url, path)).find((one) => one.name === name);
const gained = async (name: string, ms: number, field: string, path = INTERFACES) => {
  const octets = async () => BigInt((await row(name, path))?.statistics[field] ?? -1);
  const before = await octets();
  world.now += ms;
  return (await octets()) - before;
};

describe('an answer', () => {
  test.each([INTERFACES, OLDER])('has the shape that the driver knows (%s)', async (path) => {
    const rows = await rowsOf(simulator.url, path);
    expect(rows).toHaveLength(4);
    for (const one of rows) {
      for (const [field, schema] of Object.entries(iosxeInterface.shape)) {
        if (field in one) expect(schema.safeParse(one[field]).success).toBe(true);
      }
      for (const [field, schema] of Object.entries(iosxeStatistics.shape)) {
        if (field in one.statistics) expect(schema.safeParse(one.statistics[field]).success).toBe(true);
      }
      expect(one.statistics).toMatchObject({ 'in-octets': expect.any(String) as string });
    }
  });

  test('has 64 bits as strings and 32 bits as numbers, which wrap', async () => {
    simulator.inject({ fault: 'load', interface: LINK, inMbps: 0, outMbps: 1000 });
    world.now += 86_400_000;
    const counted = (await row(LINK))?.statistics;
    const wide = BigInt(counted?.['out-octets-64'] ?? 0);
    expect(wide).toBeGreaterThan(2n ** 33n);
    expect(counted?.['out-octets']).toBe(Number(wide % 2n ** 32n));
    expect(counted).not.toHaveProperty('in-octets-64');
  });

  test('has the leaves that are asked for, and none that the model lacks', async () => {
    const [first] = await rowsOf(simulator.url, `${INTERFACES}?fields=name;if-index`);
    expect(first).toEqual({ name: LINK, 'if-index': 1 });
    expect((await callRouter(simulator.url, `${INTERFACES}?fields=name;colour`)).status).toBe(400);
  });

  test('to one interface has its key percent-encoded', async () => {
    const [one] = await rowsOf(simulator.url, `${INTERFACES}=${encodeURIComponent(`${LINK}.10`)}`);
    expect(one?.name).toBe(`${LINK}.10`);
    expect((await callRouter(simulator.url, `${INTERFACES}=GigabitEthernet9`)).status).toBe(404);
  });

  test('tells its clock, whose start moves by a second to and fro', async () => {
    const clock = async () => {
      const { text } = await callRouter(simulator.url, SYSTEM);
      return iosxeSystem.parse(Object.values(JSON.parse(text) as object)[0]);
    };
    const first = await clock();
    world.now += 1000;
    const second = await clock();
    expect(first['current-time']).toBe('2026-11-20T00:00:00.000+00:00');
    const moved = Date.parse(second['boot-time']) - Date.parse(first['boot-time']);
    expect(Math.abs(moved)).toBe(1000);
  });

  test.each([
    ['a wrong password', INTERFACES, { headers: { authorization: 'Basic eA==' } }, 401],
    ['what is not there', '/restconf/data/Cisco-IOS-XE-native:native/nothing', {}, 404],
    ['another method', INTERFACES, { method: 'DELETE' }, 405],
  ])('to %s is an error of RESTCONF', async (_, path, init, expected) => {
    const { status, text } = await callRouter(simulator.url, path, init);
    expect(status).toBe(expected);
    expect(restconfErrors.safeParse(JSON.parse(text)).success).toBe(true);
  });

  test('never shows the password, nor does the state', async () => {
    const { text } = await callRouter(simulator.url, INTERFACES);
    expect(JSON.stringify([simulator.state(), simulator.faults(), simulator.routers, text])).not.toContain(PASSWORD);
  });
});

describe('counters', () => {
  test('follow a load to the octet, and stand still while a link is down', async () => {
    simulator.inject({ fault: 'load', interface: LINK, inMbps: '800', outMbps: 8 });
    expect(await gained(LINK, 300_000, 'in-octets')).toBe(30_000_000_000n);
    simulator.inject({ fault: 'link-down', interface: LINK });
    expect(await gained(LINK, 300_000, 'in-octets')).toBe(0n);
    expect((await row(LINK))?.['oper-status']).toBe('if-oper-state-no-pass');
    simulator.inject({ fault: 'link-up', interface: LINK });
    expect(await gained(LINK, 300_000, 'in-octets')).toBe(30_000_000_000n);
  });

  test('are the same in both trees', async () => {
    const [cisco, ietf] = [await row(LINK), await row(LINK, OLDER)];
    expect(ietf?.statistics['in-octets']).toBe(cisco?.statistics['in-octets']);
    expect(ietf?.statistics['out-octets']).toBe(cisco?.statistics['out-octets-64']);
  });
});

describe('faults', () => {
  test('a reboot and cleared counters begin again, and say when', async () => {
    world.now += 60_000;
    simulator.inject({ fault: 'clear-counters', interface: `${LINK}.10` });
    const cleared = await row(`${LINK}.10`);
    expect(cleared?.statistics).toMatchObject({
      'in-octets': '0',
      'discontinuity-time': '2026-11-20T00:01:00.000+00:00',
    });
    expect((await row(LINK))?.statistics['discontinuity-time']).not.toBe(cleared?.statistics['discontinuity-time']);
    simulator.inject({ fault: 'reboot' });
    expect((await row(LINK))?.statistics['in-octets']).toBe('0');
    expect(simulator.state()).toMatchObject({ routers: [{ uptimeSeconds: 0 }] });
  });

  test('an old release lacks what came later; strings are strings; a removed interface is not listed', async () => {
    simulator.inject({ fault: 'old-release' });
    expect((await row(LINK))?.statistics).not.toHaveProperty('out-octets-64');
    simulator.inject({ fault: 'as-strings' });
    expect(typeof (await row(LINK))?.statistics['out-octets']).toBe('string');
    simulator.inject({ fault: 'remove', interface: LINK });
    expect(await row(LINK)).toBeUndefined();
    expect(await row(LINK, OLDER)).toBeUndefined();
    simulator.inject({ fault: 'recover' });
    expect((await row(LINK))?.statistics).toMatchObject({ 'out-octets': expect.any(Number) as number });
  });

  test.each([
    ['no-cisco-tree', INTERFACES, 404, /uri keypath not found/],
    ['no-uptime', SYSTEM, 404, /uri keypath not found/],
    ['no-fields', `${INTERFACES}?fields=name`, 400, /malformed-message/],
    ['not-found', INTERFACES, 404, /<title>404 Not Found/],
  ])('%s lasts until it recovers', async (fault, path, status, text) => {
    simulator.inject({ fault });
    for (const _ of [1, 2]) {
      const struck = await callRouter(simulator.url, path);
      expect(struck.status).toBe(status);
      expect(struck.text).toMatch(text);
    }
    simulator.inject({ fault: 'recover' });
    expect((await callRouter(simulator.url, path)).status).toBe(200);
  });

  test.each([
    ['unauthorized', {}, 401, /access-denied/],
    ['forbidden', {}, 403, /access-denied/],
    ['empty-204', {}, 204, /^$/],
    ['locked', {}, 409, /lock-denied/],
    ['redirect', {}, 302, /^$/],
    ['server-error', { status: 502 }, 502, /operation-failed/],
    ['rate-limit', {}, 429, /resource-denied/],
    ['garbage', { shape: 'empty' }, 200, /^$/],
    ['garbage', { shape: 'truncated' }, 200, /^\{"Cisco/],
    ['garbage', { shape: 'object' }, 200, /:nothing"/],
    ['garbage', { shape: 'login-page' }, 200, /^<!DOCTYPE html>/],
  ])('%s %o strikes once and is over', async (fault, parameters, status, text) => {
    simulator.inject({ fault, ...parameters });
    const struck = await callRouter(simulator.url, INTERFACES);
    expect(struck.status).toBe(status);
    expect(struck.text).toMatch(text);
    expect(await rowsOf(simulator.url)).toHaveLength(4);
  });

  test.each([
    [{ fault: 'explode' }, /fault must be one of reboot/],
    [{ fault: 'load', inMbps: 1 }, /outMbps must be a number/],
    [{ fault: 'remove', interface: 'Gi9' }, /interface must be one of GigabitEthernet0\/0\/0/],
    [{ fault: 'reboot', times: 3 }, /reboot has no parameter times; it takes router/],
    [{ fault: 'garbage', shape: 'white' }, /shape must be one of empty/],
    [{ fault: 'reboot', router: 'asr9' }, /router must be 1 to 1 or one of asr1/],
  ])('%o is refused in a sentence', (fault, message) => {
    expect(() => simulator.inject(fault)).toThrow(message);
    expect(() => simulator.inject(fault)).toThrow(RangeError);
  });

  test('slow waits, and closing does not wait for it', async () => {
    simulator.inject({ fault: 'slow', seconds: 600 });
    const call = callRouter(simulator.url, INTERFACES).catch(() => 'cut');
    while (!JSON.stringify(simulator.state()).includes('"pendingFaults":[]')) await new Promise(setImmediate);
    await simulator.close();
    expect(await call).toBe('cut');
  });
});

describe('the demo’s two', () => {
  const routers = iosxeIspRouters({ user: USER, password: PASSWORD, bootedAt: START });

  test('have a link with five VLANs each, which carries what they carry, and less than it can', () => {
    expect(routers.map(({ name }) => name)).toEqual(['asr-core-1', 'asr-core-2']);
    for (const { ports } of routers) {
      expect(new Set(ports.map(({ name }) => name)).size).toBe(ports.length);
      const vlans = ports.filter(({ kind }) => kind === 'vlan');
      expect(vlans.map(({ name }) => name)).toEqual([10, 20, 30, 40, 50].map((vlan) => `${LINK}.${vlan}`));
      const link = ports.find(({ name }) => name === LINK);
      expect(link?.peakIn).toBe(vlans.reduce((sum, { peakIn }) => sum + peakIn, 0));
      expect(link?.peakIn).toBeLessThan(link?.speedBitsPerSecond ?? 0);
    }
  });

  test('the second is of an old release, also after it recovered', async () => {
    const two = await new IosxeWorld().open({ routers });
    try {
      two.inject({ fault: 'recover', router: 'asr-core-2' });
      const lists = await Promise.all(two.routers.map(({ url }) => rowsOf(url)));
      const isWide = lists.map(([first]) => first !== undefined && 'out-octets-64' in first.statistics);
      expect(isWide).toEqual([true, false]);
    } finally {
      await two.close();
    }
  });
});

test('its configuration outlives a restart of the house, and only what was saved one of its own', async () => {
  let kept: unknown;
  const save = (state: unknown) => {
    kept = JSON.parse(JSON.stringify(state));
  };
  const persist = { load: () => kept, save };
  const policy = { name: 'a-in', class: [{ name: 'class-default', 'action-list': [] }] };
  const path = '/restconf/data/Cisco-IOS-XE-native:native/policy';
  const body = JSON.stringify({ 'Cisco-IOS-XE-native:policy': { 'Cisco-IOS-XE-policy:policy-map': [policy] } });
  const own = new IosxeWorld();
  const first = await own.open({ persist });
  expect((await callRouter(first.url, path, { method: 'PATCH', body })).status).toBe(204);
  await own.close();
  const second = await own.open({ persist });
  expect((await callRouter(second.url, path)).text).toContain('a-in');
  second.inject({ fault: 'reboot' });
  expect((await callRouter(second.url, path)).status).toBe(404);
  await own.close();
});
