/** A suspension and the hourly comparison with a simulated RouterOS, under the functions' own roles. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow({ isp: true });
  await flow.addTenant('demo', { zone: 'Asia/Dhaka' });
  await flow.addIsp('demo', { coreOnly: true });
  const routers = [{ router: 'core-router', targets: ['198.51.100.2'] }];
  const body = { id: 'r1002', name: 'Two', routers, plan: { downMbps: 300, upMbps: 300 } };
  expect((await flow.call('POST', '/v1/resellers', { body })).status).toBe(201);
  await flow.pass(1);
}, 120_000);
afterAll(() => flow.stop());

const shown = async () => (await flow.call('GET', '/v1/resellers/r1002')).body;
const queue = async () => {
  const { body } = await flow.call('GET', '/v1/routers/core-router/queues');
  return body.items.find((one: { name: string }) => one.name === 'reseller_r1002');
};
const ask = async (what: string, body: Record<string, unknown> = {}) =>
  flow.call('POST', `/v1/resellers/r1002/${what}`, { body: { version: (await shown()).version, ...body } });
const broken = (fault: Record<string, unknown>) => flow.inject('routeros', { router: 'core', ...fault });

test('a suspended reseller passes nothing, and a restored one has its plan again', async () => {
  const octets = async () => BigInt((await queue()).octetsToTarget);
  expect((await ask('suspend')).status).toBe(202);
  await flow.pass(1);
  expect(await shown()).toMatchObject({ status: 'suspended', work: { phase: 'done' } });
  const before = await octets();
  await flow.pass(10);
  expect(await octets()).toBe(before);
  expect((await ask('restore')).status).toBe(202);
  await flow.pass(1);
  const restored = await octets();
  await flow.pass(10);
  expect(await octets()).toBeGreaterThan(restored);
  expect(await queue()).toMatchObject({ toTargetBitsPerSecond: 300e6 });
}, 120_000);

test('what somebody changed on the router by hand is found within the hour, and mended on request after a dry run', async () => {
  expect((await broken({ fault: 'drift', queue: 'reseller_r1002', maxLimit: '5M/5M' })).status).toBe(200);
  await flow.pass(61);
  const { drift } = await shown();
  expect(drift).toHaveLength(1);
  expect(JSON.stringify(drift)).toMatch(/300/);
  const plan = { downMbps: 300, upMbps: 300, version: (await shown()).version };
  const dry = await flow.call('POST', '/v1/resellers/r1002/plan?dryRun=true', { body: plan });
  expect(dry).toMatchObject({ status: 200, body: { dryRun: true, wouldChange: true } });
  expect(await queue()).toMatchObject({ toTargetBitsPerSecond: 5e6 });
  expect((await flow.call('POST', '/v1/resellers/r1002/plan', { body: plan })).status).toBe(202);
  await flow.pass(1);
  expect(await queue()).toMatchObject({ toTargetBitsPerSecond: 300e6 });
  expect((await flow.call('GET', '/v1/audit')).body).toMatchObject({ verified: true });
}, 180_000);
