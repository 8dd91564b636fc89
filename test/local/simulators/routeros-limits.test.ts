/** The limits of a simulated RouterOS: its menus speak as the real ones do, and its customers' traffic follows them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RouterosSimulator } from '../../../local/simulators/routeros.ts';
import { ispRouters } from '../../../local/simulators/routeros-isp.ts';
import type { SimulatedCustomer } from '../../../local/simulators/routeros-limits.ts';
import { routerosFilterRule, routerosQueue } from '../../../shared/interfaces/routeros-queues.wire.ts';
import { callRouter, PASSWORD, PORTS, RouterosWorld, START, USER } from './routeros-world.ts';

const CUSTOMERS: readonly SimulatedCustomer[] = [
  { address: '198.51.100.1', queue: 'r1', maxLimit: '10M/50M', peakSent: 5e6, peakReceived: 4e8, comment: 'first' },
  { address: '198.51.100.2', queue: 'r2', maxLimit: '10M/50M', peakSent: 5e6, peakReceived: 4e6, dynamic: true },
];
const ROUTER = { name: 'core1', user: USER, password: PASSWORD, ports: PORTS, customers: CUSTOMERS, bootedAt: START };

let world: RouterosWorld;
let simulator: RouterosSimulator;
let kept: unknown;
const open = async () => {
  const persist = {
    load: () => kept,
    save: (state: unknown) => {
      kept = JSON.parse(JSON.stringify(state));
    },
  };
  simulator = await world.open({ routers: [ROUTER], persist });
};
beforeEach(async () => {
  world = new RouterosWorld();
  kept = undefined;
  await open();
});
afterEach(() => world.close());

type Row = Readonly<Record<string, string>>;
async function call(method: string, path: string, body?: object) {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const { status, text } = await callRouter(simulator.url, `/rest${path}`, init);
  return { status, body: text === '' ? undefined : JSON.parse(text) };
}
const rows = async (path: string) => (await call('GET', path)).body as Row[];
const octets = async (id = '*1') =>
  ((await call('GET', `/queue/simple/${id}`)).body as Row).bytes?.split('/').map(Number) ?? [];
async function passed(seconds: number): Promise<number[]> {
  const before = await octets();
  world.now += seconds * 1000;
  return (await octets()).map((now, i) => Math.round((now - (before[i] ?? 0)) / seconds / 125_000));
}

describe('a menu', () => {
  test('has rows of strings in the shape that the driver knows', async () => {
    for (const [path, schema] of [
      ['/queue/simple', routerosQueue],
      ['/ip/firewall/filter', routerosFilterRule],
    ] as const) {
      for (const row of await rows(path)) {
        expect(Object.values(row).every((value) => typeof value === 'string')).toBe(true);
        expect(schema.safeParse(row).success).toBe(true);
      }
    }
  });

  test('spells rates in plain bits and targets with their length', async () => {
    const { status, body } = await call('PUT', '/queue/simple', {
      name: 'new',
      target: '192.0.2.1',
      'max-limit': '5M/1G',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      '.id': '*3',
      target: '192.0.2.1/32',
      'max-limit': '5000000/1000000000',
      disabled: 'false',
    });
    expect((await call('PATCH', '/queue/simple/*3', { 'max-limit': '300k/0', disabled: 'yes' })).body).toMatchObject({
      ...{ 'max-limit': '300000/0', disabled: 'true' },
    });
  });

  test('is asked by .id or name, and puts a row before another', async () => {
    await call('PUT', '/queue/simple', { name: 'new', 'place-before': '*1' });
    expect((await rows('/queue/simple?.proplist=name')).map(({ name }) => name)).toEqual(['new', 'r1', 'r2']);
    expect((await call('GET', '/queue/simple/r1')).body).toMatchObject({ '.id': '*1' });
  });

  test.each<[string, string, string, object | undefined, number, string]>([
    ['a parameter that is none', 'PATCH', '/queue/simple/*1', { speed: '1M' }, 400, 'unknown parameter speed'],
    [
      'moving by PATCH',
      'PATCH',
      '/ip/firewall/filter/*2',
      { 'place-before': '*1' },
      400,
      'unknown parameter place-before',
    ],
    [
      'a rate that is none',
      'PATCH',
      '/queue/simple/*1',
      { 'max-limit': 'fast' },
      400,
      'invalid value for argument max-limit',
    ],
    ['a record that is not there', 'PATCH', '/queue/simple/*99', { disabled: 'yes' }, 400, 'no such item'],
    ['a name that is taken', 'PUT', '/queue/simple', { name: 'r1' }, 400, 'failure: already have such name'],
    ['a queue without a name', 'PUT', '/queue/simple', { target: '192.0.2.1' }, 400, 'missing =name='],
    [
      'a dynamic queue',
      'PATCH',
      '/queue/simple/*2',
      { 'max-limit': '1M/1M' },
      400,
      'failure: can not change dynamic item',
    ],
    ['no JSON', 'PATCH', '/queue/simple/*1', undefined, 400, 'invalid JSON'],
    [
      'IPv6 in the other list',
      'PUT',
      '/ip/firewall/address-list',
      { list: 'a', address: '2001:db8::1' },
      400,
      'invalid value for argument address',
    ],
  ])('answers %s in the router’s words', async (_, method, path, body, status, detail) => {
    expect(await call(method, path, body)).toEqual({ status, body: { detail, error: status, message: 'Bad Request' } });
  });

  test('removes once', async () => {
    expect(await call('DELETE', '/queue/simple/*1')).toEqual({ status: 204, body: undefined });
    expect(await call('DELETE', '/queue/simple/*1')).toEqual({
      status: 404,
      body: { error: 404, message: 'Not Found' },
    });
  });

  test('has an entry of a list once', async () => {
    const entry = { list: 'cut', address: '198.51.100.1/32' };
    expect((await call('PUT', '/ip/firewall/address-list', entry)).body).toMatchObject({ address: '198.51.100.1' });
    expect((await call('PUT', '/ip/firewall/address-list', entry)).body).toMatchObject({
      detail: 'failure: already have such entry',
    });
  });
});

describe('the traffic of a customer', () => {
  test('is bounded by its queue, each direction for itself, and only while the queue is on', async () => {
    expect(await passed(60)).toEqual([expect.any(Number), 50]);
    await call('PATCH', '/queue/simple/*1', { 'max-limit': '1M/20M' });
    expect(await passed(60)).toEqual([1, 20]);
    await call('PATCH', '/queue/simple/*1', { disabled: 'yes' });
    expect(await passed(60)).toEqual([0, 0]);
  });

  test('goes on while the list is only a list, or the rule comes too late; it ends when the rules stand first', async () => {
    await call('PUT', '/ip/firewall/address-list', { list: 'cut', address: '198.51.100.0/24' });
    const drop = (name: string) => ({ chain: 'forward', action: 'drop', [name]: 'cut' });
    await call('PUT', '/ip/firewall/filter', drop('dst-address-list'));
    expect((await passed(60))[1]).toBe(50);
    await call('PUT', '/ip/firewall/filter', { ...drop('dst-address-list'), 'place-before': '*2' });
    expect(await passed(60)).toEqual([expect.any(Number), 0]);
    expect((await passed(60))[0]).toBeGreaterThan(0);
    await call('PUT', '/ip/firewall/filter', { ...drop('src-address-list'), 'place-before': '*2' });
    expect(await passed(60)).toEqual([0, 0]);
  });
});

describe('a fault', () => {
  test('of rights refuses so many changes, and no reading', async () => {
    simulator.inject({ fault: 'refuse-write' });
    expect(await call('PATCH', '/queue/simple/*1', { disabled: 'yes' })).toMatchObject({
      ...{ status: 500, body: { error: 500, detail: 'not enough permissions (9)' } },
    });
    expect((await call('PATCH', '/queue/simple/*1', { disabled: 'yes' })).status).toBe(200);
  });

  test('of a lost write answers as ever and changes nothing', async () => {
    simulator.inject({ fault: 'lost-write' });
    const { body } = await call('PATCH', '/queue/simple/*1', { 'max-limit': '1M/1M' });
    expect(body).toMatchObject({ 'max-limit': '1000000/1000000' });
    expect((await rows('/queue/simple'))[0]?.['max-limit']).toBe('10000000/50000000');
  });

  test('of somebody’s hand changes, removes or takes over a queue', async () => {
    simulator.inject({ fault: 'drift', maxLimit: '2M/3M' });
    expect((await rows('/queue/simple'))[0]?.['max-limit']).toBe('2000000/3000000');
    simulator.inject({ fault: 'dynamic', queue: 'r1' });
    expect((await rows('/queue/simple'))[0]?.dynamic).toBe('true');
    simulator.inject({ fault: 'queue-gone', queue: 'r1' });
    expect((await rows('/queue/simple')).map(({ name }) => name)).toEqual(['r2']);
    expect(() => simulator.inject({ fault: 'drift', queue: 'r9' })).toThrow('queue must be one of r2');
    expect(() => simulator.inject({ fault: 'drift', maxLimit: 'fast' })).toThrow('maxLimit must be');
  });
});

test('what was changed outlives a restart, and octets go on from where they were', async () => {
  await call('PATCH', '/queue/simple/*1', { 'max-limit': '1M/20M' });
  await call('PUT', '/ip/firewall/address-list', { list: 'cut', address: '198.51.100.9' });
  world.now += 60_000;
  const before = await octets();
  await world.close();
  await open();
  expect((await rows('/queue/simple'))[0]?.['max-limit']).toBe('1000000/20000000');
  expect(await rows('/ip/firewall/address-list')).toHaveLength(1);
  expect((await octets()).map((now, i) => Math.abs(now - (before[i] ?? 0)) < 2)).toEqual([true, true]);
});

test('limits that another version kept begin anew', async () => {
  await world.close();
  kept = { core1: { rows: [] } };
  await open();
  expect(await rows('/queue/simple')).toHaveLength(2);
});

test('the demo’s two routers hold twenty customers each and three more, the last four behind sessions, with addresses and names of their own', () => {
  const [core, access] = ispRouters({ user: USER, password: PASSWORD, bootedAt: START });
  const all = [...(core.customers ?? []), ...(access.customers ?? [])];
  const own = all.filter(({ dynamic }) => !dynamic);
  expect([core.customers?.length, own.length, all.length]).toEqual([20, 39, 43]);
  expect(new Set(all.map(({ address }) => address)).size).toBe(43);
  expect([own[0]?.queue, own[38]?.queue, all[39]?.queue]).toEqual([
    'reseller_r1001',
    'reseller_r1039',
    '<pppoe-r1040>',
  ]);
});
