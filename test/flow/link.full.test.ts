import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';

const VLANS = [10, 20, 30, 40, 50];
let flow: Flow;

beforeAll(async () => {
  flow = await startFlow({ isp: true });
  await flow.addTenant('demo', { zone: 'Asia/Dhaka' });
  // Read each minute, as a link may ask for.
  await flow.addIsp('demo', { periodSeconds: 60, coreOnly: true });
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

test('a link read each minute: an ordinary load, and unknown by name when a VLAN is missing', async () => {
  const body = { id: 'nttn', name: 'NTTN', router: 'core-router', committedMbps: 600 };
  expect((await flow.call('POST', '/v1/links', { body })).status).toBe(201);
  await loadAll(160);
  await flow.pass(4);
  expect(await status()).toMatchObject({ status: 'ok' });
  expect(Math.abs((await status()).maxBitsPerSecond - 800e6)).toBeLessThan(800e3);
  expect(await told()).toEqual([]);

  // A VLAN that the router no longer lists makes the sum unknown, and is named: the others are not called the whole.
  const gone = { fault: 'drop-field', router: 'core', interface: 'vlan30', field: 'rx-byte' };
  expect((await flow.inject('routeros', gone)).status).toBe(200);
  await flow.pass(3);
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
  const above = known.filter((value: number) => value > 600e6).length;
  // What was lost before the link was known allows for nothing.
  const canBe = body.validSlots + body.expectedSlotsOfMonth - body.expectedSlots;
  expect(body.slotsLeft).toBe(Math.floor(canBe / 20) - above);
});
