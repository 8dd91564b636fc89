/** A plan on a router of either kind, and the hourly comparison, on the local cloud, under the functions' own roles. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow({ isp: true });
  await flow.addTenant('demo', { zone: 'Asia/Dhaka' });
  await flow.addIsp('demo', { coreOnly: true });
}, 120_000);
afterAll(() => flow.stop());

test('a router whose type has no limits fails the plan in words, never silently, and the audit tells the way', async () => {
  const settings = { host: '127.0.0.1', port: 1, version: 'v2c' };
  const source = { id: 'router', type: 'snmp', name: 'Router', settings, credentials: { community: 'example' } };
  expect((await flow.call('POST', '/v1/sources', { body: source })).status).toBe(201);
  const plan = { downMbps: 100, upMbps: 20 };
  const body = { id: 'r1001', name: 'One', addresses: ['192.0.2.5'], routers: [{ router: 'router' }], plan };
  expect((await flow.call('POST', '/v1/resellers', { body })).body).toMatchObject({ work: { phase: 'pending' } });
  await flow.pass(1);
  const { body: shown } = await flow.call('GET', '/v1/resellers/r1001');
  expect(shown).toMatchObject({
    work: { phase: 'failed', lastError: expect.stringMatching(/^router: .*snmp/) },
    applied: [],
  });
  const { body: audit } = await flow.call('GET', '/v1/audit');
  expect(audit).toMatchObject({ verified: true });
  expect(audit.items.map((row: { action: string; outcome: string }) => `${row.action} ${row.outcome}`)).toEqual([
    'resellers.create failed',
    'resellers.create requested',
  ]);
  await flow.runNow('compare-limits');
  await flow.pass(1);
  const { body: compared } = await flow.call('GET', '/v1/resellers/r1001');
  expect(compared).toMatchObject({
    drift: [],
    compared: [{ comparedAt: null, error: expect.stringContaining('snmp') }],
  });
});

const shown = async () => (await flow.call('GET', '/v1/resellers/r1002')).body;
const queue = async () => {
  const { body } = await flow.call('GET', '/v1/routers/core-router/queues');
  return body.items.find((one: { name: string }) => one.name === 'reseller_r1002');
};
const broken = (fault: Record<string, unknown>) => flow.inject('routeros', { router: 'core', ...fault });

test('a plan that is upgraded while the router is away is on it once it is back, and only then called done', async () => {
  const routers = [{ router: 'core-router', targets: ['198.51.100.2'] }];
  const body = { id: 'r1002', name: 'Two', routers, plan: { downMbps: 30, upMbps: 30 } };
  expect((await flow.call('POST', '/v1/resellers', { body })).status).toBe(201);
  await flow.pass(1);
  expect(await shown()).toMatchObject({ work: { phase: 'done' } });
  expect(await queue()).toMatchObject({ toTargetBitsPerSecond: 30e6 });
  await broken({ fault: 'server-error', status: 503, times: 1000 });
  const older = { reseller_id: 'r1002', new_plan_mbps: 300 };
  expect((await flow.call('POST', '/router/update-bandwidth', { body: older })).status).toBe(202);
  await flow.pass(1);
  expect(await shown()).toMatchObject({ work: { phase: 'pending', lastError: expect.stringContaining('503') } });
  await broken({ fault: 'recover' });
  await flow.pass(5);
  expect(await shown()).toMatchObject({ work: { phase: 'done' } });
  expect(await queue()).toMatchObject({ fromTargetBitsPerSecond: 300e6, toTargetBitsPerSecond: 300e6 });
}, 60_000);
