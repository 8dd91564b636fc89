/** A gateway with twenty sites behind it: one message when it dies, and when it is back, one about the site that is not. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RouterosSimulator, startRouterosSimulator } from '../../local/simulators/routeros.ts';
import { PASSWORD, PORTS, USER } from '../local/simulators/routeros-world.ts';
import { type Flow, START, startFlow } from './flow.ts';

const GATEWAY = '198.51.100.1';
const SITES = Array.from({ length: 20 }, (_, i) => ({ name: `site${i + 1}`, host: `203.0.113.${i + 1}` }));
const LOST = SITES[6] ?? { name: '', host: '' };
let flow: Flow;
let routers: RouterosSimulator;

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  const router = { name: 'edge', user: USER, password: PASSWORD, ports: PORTS, bootedAt: START - 86_400_000 };
  routers = await startRouterosSimulator({ routers: [router], now: () => flow.clock.now() });
  const look = { method: 'router', count: 1, timeoutMs: 50 };
  const settingsOf = (targets: object[]) => ({ via: 'edge', targets: targets.map((one) => ({ ...one, ...look })) });
  const sources = [
    {
      ...{ id: 'edge', type: 'routeros', name: 'Edge', credentials: { user: USER, password: PASSWORD } },
      settings: { host: '127.0.0.1', port: routers.routers[0]?.port, plainHttp: true },
    },
    { id: 'core', type: 'ping', name: 'Dhaka', settings: settingsOf([{ name: 'gateway', host: GATEWAY }]) },
    { id: 'sites', type: 'ping', name: 'Bogura', uplink: 'reach:core~gateway', settings: settingsOf(SITES) },
  ];
  for (const body of sources) {
    expect(await flow.call('POST', '/v1/sources', { body })).toMatchObject({ status: 201 });
  }
  await flow.pass(11);
}, 120_000);

afterAll(async () => {
  await flow.stop();
  await routers.close();
});

let seen = 0;
async function news(): Promise<string[]> {
  const all = await flow.messages();
  const fresh = all.slice(seen).map((m) => m.body);
  seen = all.length;
  return fresh;
}

const goesSilent = (host: string) => routers.inject({ fault: 'ping-timeout', address: host });
async function alerts(state: 'open' | 'history') {
  const { body } = await flow.call('GET', `/v1/alerts?state=${state}&limit=100`, { role: 'viewer' });
  return body.items.filter((one: { kind: string }) => one.kind === 'reach');
}

test('when the gateway dies, one message comes; each site is listed, and says which alert mutes it', async () => {
  for (const host of [GATEWAY, ...SITES.map((one) => one.host)]) goesSilent(host);
  await flow.pass(15);
  const told = await news();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/CRITICAL/);
  expect(told[0]).toContain('Dhaka gateway');
  const open = await alerts('open');
  const gateway = open.find((one: { entity: string }) => one.entity === 'core~gateway');
  expect(gateway).toMatchObject({ rule: 'reach-down', state: 'firing', mutedBy: null });
  const sites = open.filter((one: { entity: string }) => one.entity.startsWith('sites~'));
  expect(sites).toHaveLength(SITES.length);
  for (const site of sites) {
    expect(site).toMatchObject({ rule: 'reach-down', state: 'firing' });
    expect(site.mutedBy).toEqual({
      ...{ alert: gateway.id, entityName: 'Dhaka gateway', until: null },
      since: expect.stringMatching(/^2026-11-20T09:/),
    });
  }
  const { body } = await flow.call('GET', `/v1/alerts/${encodeURIComponent(sites[0].id)}`);
  expect(body).toMatchObject({ told: {}, mutedBy: { alert: gateway.id } });
});

test('when it is back, that is told; sites that come back with it are not, nor is one that may still do so', async () => {
  routers.inject({ fault: 'recover' });
  goesSilent(LOST.host);
  await flow.pass(12);
  const told = await news();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/RESOLVED/);
  expect(told[0]).toContain('Dhaka gateway');
  expect(await alerts('open')).toMatchObject([
    { entity: `sites~${LOST.name}`, mutedBy: { until: expect.any(String) } },
  ]);
  expect(await alerts('history')).toHaveLength(SITES.length);
});

test('the one that stays down is told after two slots more, once, and so is its end', async () => {
  await flow.pass(13);
  const told = await news();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/CRITICAL/);
  expect(told[0]).toContain(`Bogura ${LOST.name}`);
  expect(await alerts('open')).toMatchObject([{ mutedBy: null }]);
  routers.inject({ fault: 'recover' });
  await flow.pass(12);
  const last = await news();
  expect(last).toHaveLength(1);
  expect(last[0]).toMatch(/RESOLVED/);
  expect(last[0]).toContain(`Bogura ${LOST.name}`);
  expect(await alerts('open')).toEqual([]);
});
