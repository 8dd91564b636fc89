/** A device behind a router and one beside us: what is told when one goes silent, when nobody can look, and when it is back. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RouterosSimulator, startRouterosSimulator } from '../../local/simulators/routeros.ts';
import { PASSWORD, PORTS, USER } from '../local/simulators/routeros-world.ts';
import { type Flow, START, startFlow } from './flow.ts';
import { runsOf } from './story.ts';

const GATEWAY = '198.51.100.1';
let flow: Flow;
let routers: RouterosSimulator;
let page: Server;

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  const router = { name: 'core', user: USER, password: PASSWORD, ports: PORTS, bootedAt: START - 86_400_000 };
  routers = await startRouterosSimulator({ routers: [router], now: () => flow.clock.now() });
  page = createServer((socket) => socket.on('error', () => undefined).end()).listen(0, '127.0.0.1');
  await once(page, 'listening');
  const core = {
    ...{ id: 'core', type: 'routeros', name: 'Core', credentials: { user: USER, password: PASSWORD } },
    settings: { host: '127.0.0.1', port: routers.routers[0]?.port, plainHttp: true },
  };
  const port = (page.address() as AddressInfo).port;
  const reach = {
    ...{ id: 'reach', type: 'ping', name: 'Dhaka' },
    settings: {
      via: 'core',
      targets: [
        { name: 'gateway', host: GATEWAY, method: 'router' },
        { name: 'page', host: '127.0.0.1', method: 'tcp', port, count: 2 },
      ],
    },
  };
  for (const body of [core, reach]) {
    expect(await flow.call('POST', '/v1/sources', { body })).toMatchObject({ status: 201 });
  }
  await flow.pass(11);
}, 120_000);

afterAll(async () => {
  await flow.stop();
  await routers.close();
  page.close();
});

let seen = 0;
async function news(): Promise<string[]> {
  const all = await flow.messages();
  const fresh = all.slice(seen).map((m) => m.body);
  seen = all.length;
  return fresh;
}

async function statesOf() {
  const { body } = await flow.call('GET', '/v1/reach', { role: 'viewer' });
  return body.items.map((one: { id: string; state: string; phase: string }) => [one.id, one.state, one.phase]);
}

test('two looks are enough to say that both are up, how fast and since when', async () => {
  expect(await statesOf()).toEqual([
    ['reach~gateway', 'up', 'hard'],
    ['reach~page', 'up', 'hard'],
  ]);
  const { body } = await flow.call('GET', '/v1/reach/reach~gateway');
  expect(body).toMatchObject({ via: 'core', lossPercent: 0, rttMilliseconds: expect.any(Number), simulated: true });
  expect(await news()).toEqual([]);
});

test('a gateway that goes silent is told with the very next look, and once', async () => {
  routers.inject({ fault: 'ping-timeout', address: GATEWAY });
  await flow.pass(10);
  const told = await news();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/CRITICAL/);
  expect(told[0]).toContain('Dhaka gateway');
  expect(told[0]).toContain('it does not answer');
  expect(await statesOf()).toEqual([
    ['reach~gateway', 'down', 'hard'],
    ['reach~page', 'up', 'hard'],
  ]);
});

test('a router that may not ping leaves the gateway unknown, which is neither its end nor another outage', async () => {
  routers.inject({ fault: 'no-ping' });
  await flow.pass(6);
  const { body } = await flow.call('GET', '/v1/reach/reach~gateway');
  expect(body).toMatchObject({ state: 'unknown', lastState: 'down', lossPercent: null });
  expect(await news()).toEqual([]);
  const [run] = await runsOf(flow, 'reach');
  expect(run).toMatchObject({ status: 'partial', rejected: 1, accepted: 2 });
  expect(JSON.stringify(run)).toContain('give its group the policy test');
  expect(JSON.stringify(run)).not.toContain(PASSWORD);
});

test('when it answers again, it is up with the second look, and that is told', async () => {
  routers.inject({ fault: 'recover' });
  await flow.pass(11);
  const told = await news();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/RESOLVED/);
  expect(await statesOf()).toEqual([
    ['reach~gateway', 'up', 'hard'],
    ['reach~page', 'up', 'hard'],
  ]);
  const { body } = await flow.call('GET', '/v1/reach/reach~gateway/samples?metric=loss&step=raw');
  const values = body.points.map(({ value }: { value: string }) => value);
  expect(values.filter((value: string) => value === '10000').length).toBeGreaterThanOrEqual(2);
  expect(values.at(-1)).toBe('0');
});

test('an address that the tenant may not call is refused before it is stored', async () => {
  const targets = [{ name: 'x', host: '169.254.169.254', method: 'tcp', port: 80 }];
  const body = { id: 'metadata', type: 'ping', name: 'No', settings: { targets } };
  const answer = await flow.call('POST', '/v1/sources', { body });
  expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, 'settings.targets[0].host']);
});
