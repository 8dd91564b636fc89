import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';

const VLANS = [10, 20, 30, 40, 50];
let flow: Flow;

beforeAll(async () => {
  flow = await startFlow({ isp: true });
  await flow.addTenant('demo', { zone: 'Asia/Dhaka' });
  await flow.addIsp('demo');
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

test('an evening peak of an NTTN link: one message above 950 Mb/s, one recovery below 900, unknown when a VLAN is missing', async () => {
  const unknown = { id: 'nttn', name: 'NTTN', router: 'access-router' };
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

  await loadAll(160);
  await flow.pass(12);
  expect(await status()).toMatchObject({ status: 'ok' });
  expect(Math.abs((await status()).maxBitsPerSecond - 800e6)).toBeLessThan(800e3);
  expect(await told()).toEqual([]);

  await loadAll(196);
  await flow.pass(12);
  expect(await status()).toMatchObject({ status: 'critical' });
  // Right to 0.1 %, and not cut to the capacity of any VLAN.
  expect(Math.abs((await status()).maxBitsPerSecond - 980e6)).toBeLessThan(980e3);
  const alarm = await told();
  expect(alarm).toHaveLength(1);
  expect(alarm[0]).toContain('NTTN - the busier direction carries 980.0 Mb/s (limit 950.0 Mb/s).');

  await loadAll(170);
  await flow.pass(17);
  const after = await told();
  expect(after).toHaveLength(2);
  expect(await status()).toMatchObject({ status: 'ok' });

  // A VLAN that the router no longer lists makes the sum unknown, and is named: the others are not called the whole.
  const gone = { fault: 'drop-field', router: 'core', interface: 'vlan30', field: 'rx-byte' };
  expect((await flow.inject('routeros', gone)).status).toBe(200);
  await flow.pass(10);
  const blind = await status();
  expect(blind).toMatchObject({ status: 'unknown', maxBitsPerSecond: null, inBitsPerSecond: null });
  expect(blind.outBitsPerSecond).toBeGreaterThan(0);
  expect(blind.members.filter((m: { reason?: string }) => m.reason)).toEqual([
    expect.objectContaining({ interface: 'core-router~vlan30', inBitsPerSecond: null }),
  ]);
  const [run] = (await flow.call('GET', '/v1/runs?source=nttn&limit=1')).body.items;
  expect(run).toMatchObject({ status: 'partial', rejections: [{ path: 'core-router/vlan30' }] });
  expect(await flow.call('GET', '/nttn/status')).toMatchObject({
    body: [{ link_id: 'nttn', threshold_mbps: 950, current_usage_mbps: null, status: 'UNKNOWN' }],
  });
}, 120_000);

test('the month so far: the 95th percentile is one of its slots, and the commitment has slots left', async () => {
  const { body } = await flow.call('GET', '/v1/links/nttn/percentile');
  const points = (await flow.call('GET', '/v1/links/nttn/samples?metric=maxBitsPerSecond')).body.points;
  const known = points.map((p: { value: string }) => Number(p.value)).sort((a: number, b: number) => b - a);
  expect(body).toMatchObject({
    month: '2026-11',
    mode: 'max',
    closed: false,
    valueBitsPerSecond: known[0],
    flagged: true,
  });
  expect(body.validSlots).toBe(known.length);
  const above = known.filter((value: number) => value > 800e6).length;
  expect(body.slotsLeft).toBe(Math.floor(body.expectedSlotsOfMonth / 20) - above);
});
