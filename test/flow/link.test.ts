import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';

const VLANS = [10, 20, 30, 40, 50];
let flow: Flow;

beforeAll(async () => {
  flow = await startFlow({ isp: true });
  await flow.addTenant('demo', { zone: 'Asia/Dhaka' });
  await flow.addIsp('demo', { coreOnly: true });
  await flow.runNow('collect-interfaces');
}, 120_000);
afterAll(() => flow.stop());

const loadAll = async (mbps: number) => {
  for (const vlan of VLANS) {
    const fault = { fault: 'load', router: 'core', interface: `vlan${vlan}`, inMbps: mbps, outMbps: mbps / 4 };
    expect((await flow.inject('routeros', fault)).status).toBe(200);
  }
};
const told = async () => (await flow.messages()).filter(({ channel }) => channel === 'whatsapp').map((m) => m.body);
const status = async () => (await flow.call('GET', '/v1/links/nttn/status')).body;

test('an evening peak of an NTTN link: one message above 950 Mb/s, one recovery below 900', async () => {
  const unknown = { id: 'nttn', name: 'NTTN', router: 'elsewhere' };
  const refused = await flow.call('POST', '/v1/links', { body: unknown });
  expect(refused.status).toBe(422);
  expect(refused.body.errors.map((e: { path: string }) => e.path)).toEqual(
    VLANS.map((_, i) => `members[${i}].interface`),
  );
  const body = { id: 'nttn', name: 'NTTN', router: 'core-router', committedMbps: 800 };
  expect(await flow.call('POST', '/v1/links', { body })).toMatchObject({
    status: 201,
    body: { capacityBitsPerSecond: 1e9, thresholdBitsPerSecond: 950e6, clearBitsPerSecond: 900e6, periodSeconds: 300 },
  });

  await loadAll(196);
  await flow.pass(12);
  expect(await status()).toMatchObject({ status: 'critical' });
  // Right to 0.1 %, and not cut to the capacity of any VLAN.
  expect(Math.abs((await status()).maxBitsPerSecond - 980e6)).toBeLessThan(980e3);
  const alarm = await told();
  expect(alarm).toHaveLength(1);
  const [, carried] =
    /NTTN - the busier direction carries ([\d.]+) Mb\/s \(limit 950\.0 Mb\/s\)\./.exec(alarm[0] ?? '') ?? [];
  expect(Math.abs(Number(carried) - 980)).toBeLessThan(0.98);

  await loadAll(170);
  await flow.pass(17);
  const after = await told();
  expect(after).toHaveLength(2);
  expect(await status()).toMatchObject({ status: 'ok' });
}, 120_000);
