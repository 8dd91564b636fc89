/** A plan on a router of either kind, and the hourly comparison, on the local cloud, under the functions' own roles. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { WATCH_SOURCE } from '../../shared/resellers/watch.ts';
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

test('the night operator has been told of the one that failed, with the words that were said, and of nobody else', async () => {
  const told = (await flow.messages()).filter(({ channel }) => channel === 'whatsapp').map(({ body }) => body);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(
    /CRITICAL: One \(r1001\) - its router does not have what was asked for.*Given up: router: .*iosxe/,
  );
  const { body: open } = await flow.call('GET', '/v1/resellers/r1001/alerts', { role: 'viewer' });
  expect(open.items).toMatchObject([{ rule: 'reseller-limit-failed', detail: expect.stringContaining('iosxe') }]);
  expect((await flow.call('GET', '/v1/resellers/r1002/alerts')).body.items).toEqual([]);
  expect((await flow.call('DELETE', '/v1/sources/headroom-resellers')).status).toBe(422);
});

test('resellers from before there was anybody who looks at them get somebody within the hour', async () => {
  const watched = async () => (await flow.call('GET', '/v1/sources/headroom-resellers')).status;
  expect(await watched()).toBe(200);
  await openSourceStore({ table: flow.table, tenants: createTenantStore(flow.table) }).remove('demo', WATCH_SOURCE);
  expect(await watched()).toBe(404);
  await flow.runNow('compare-limits');
  expect(await watched()).toBe(200);
});

test('what a reseller without a port of its own used is what its queue carried, as the router counted it', async () => {
  const usage = async () => (await flow.call('GET', '/v1/resellers/r1002/usage')).body;
  await flow.pass(11);
  const first = await usage();
  expect(first).toMatchObject({ unknownParts: [], parts: [{ queue: 'core-router~reseller_r1002' }] });
  expect(first).not.toHaveProperty('note');
  const [octetsBefore, usedBefore] = [BigInt((await queue()).octetsToTarget), BigInt(first.toTargetOctets)];
  expect(usedBefore).toBeGreaterThan(0n);
  await flow.pass(10);
  const later = await usage();
  const [counted, used] = [
    BigInt((await queue()).octetsToTarget) - octetsBefore,
    BigInt(later.toTargetOctets) - usedBefore,
  ];
  // Usage ends with the newest slot, the router counts on: two slots lie in ten minutes.
  expect(Number(used) / Number(counted)).toBeGreaterThan(0.5);
  expect(Number(used) / Number(counted)).toBeLessThan(2);
  expect(later.toTargetPeakBitsPerSecond).toBeLessThanOrEqual(300e6);
  const { body: interfaces } = await flow.call('GET', '/v1/interfaces?limit=500');
  expect(interfaces.items.filter(({ id }: { id: string }) => id.includes('reseller_'))).toEqual([]);
}, 120_000);
