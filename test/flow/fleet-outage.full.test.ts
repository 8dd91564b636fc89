import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { begin, callsOf, fleetState, get, iccidOf, nextRound, rest, simsOf, unequalDays } from './fleet-story.ts';
import { eventually, type Flow, startFlow } from './flow.ts';
import { alertsOf, changeSource, runsOf } from './story.ts';

const SIMS = 12;
const ALL = Array.from({ length: SIMS }, (_, i) => i + 1);
let flow: Flow;

/** One after the other on one cloud; the last takes the account away. */
beforeAll(async () => {
  flow = await startFlow({ sims: SIMS });
  await flow.addTenant('demo');
  await flow.addFleet('demo');
  await begin(flow);
  await rest(flow);
}, 300_000);

afterEach(() => flow.inject('onence', { fault: 'recover' }));

afterAll(() => flow.stop());

describe('fault 11: the provider is down', () => {
  test('for half an hour: it is left alone more and more, probed, and afterwards everything is there', async () => {
    await changeSource(flow, 'fleet', { periodSeconds: 60, settings: { requestsPerSecond: 100, detailMinutes: 15 } });
    await flow.pass(2);
    const before = callsOf(flow);
    await flow.inject('onence', { fault: 'server-error', times: 1_000_000 });
    await flow.pass(30);
    const during = (await runsOf(flow, 'fleet')).filter(({ status }) => status === 'failed');
    expect(during.length).toBeGreaterThan(20);
    const called = during.filter(({ operations }) => operations.length > 0);
    // Five until the breaker opens, then after 1, 2, 4, 8 and 15 minutes.
    expect(called.length).toBeGreaterThan(5);
    expect(called.length).toBeLessThan(12);
    expect(during[0]?.error).toMatch(/not called: it failed \d+ times in a row; next try at/);
    // Each tries again once.
    expect(callsOf(flow) - before).toBeLessThan(30);
    expect(await simsOf(flow)).toHaveLength(SIMS);

    await flow.inject('onence', { fault: 'recover' });
    const upAt = flow.clock.now();
    await flow.pass(17);
    expect((await runsOf(flow, 'fleet'))[0]).toMatchObject({ status: 'success' });
    const old = (await simsOf(flow)).filter(({ data }) => Date.parse(data.readAt ?? '') < upAt);
    expect(old).toEqual([]);
    expect(await unequalDays(flow, ALL, 30)).toEqual([]);
    await changeSource(flow, 'fleet', { periodSeconds: 900, settings: { requestsPerSecond: 100 } });
  }, 300_000);

  test('for six days: the days between come from its history, and every day equals its own', async () => {
    await flow.inject('onence', { fault: 'server-error', times: 1_000_000 });
    await flow.skip(6 * 24 * 60);
    await nextRound(flow);
    expect((await runsOf(flow, 'fleet'))[0]).toMatchObject({ status: 'failed' });
    await flow.inject('onence', { fault: 'recover' });
    await nextRound(flow);
    await nextRound(flow);
    expect(await unequalDays(flow, ALL, 30)).toEqual([]);
  }, 120_000);
});

test('fault 24: removed while parts wait and calls are under way: no write afterwards, no SIM, no alert', async () => {
  expect((await alertsOf(flow)).filter((alert) => alert.startsWith('fleet'))).not.toEqual([]);
  // One part waits for the provider's permission to go on, and nobody can tell it from one that is being worked on.
  await flow.inject('onence', { fault: 'rate-limit', retryAfter: '300', endpoint: 'quota/data' });
  await begin(flow);
  await rest(flow);
  expect(flow.cloud.held?.nextDueAt()).toBeDefined();
  expect((await flow.call('DELETE', '/v1/sources/fleet')).status).toBe(204);
  await rest(flow);
  const [kept, calls] = [await rowsOfFleet(), callsOf(flow)];
  await flow.skip(6);
  await flow.pass(20);
  expect(callsOf(flow)).toBe(calls);
  expect(await rowsOfFleet()).toEqual(kept);
  expect(await simsOf(flow)).toEqual([]);
  expect((await flow.call('GET', `/v1/sims/${iccidOf(1)}`)).status).toBe(404);
  expect(await get(flow, '/v1/sims/overview')).toMatchObject({ total: 0, accounts: [] });
  expect((await alertsOf(flow)).filter((alert) => alert.startsWith('fleet'))).toEqual([]);
}, 180_000);

test('fault 24: removed in the middle of a round, what is under way writes nothing that shows again', async () => {
  await flow.addFleet('demo', { requestsPerSecond: 10 });
  const { logins } = fleetState(flow);
  const calls = callsOf(flow);
  await begin(flow);
  await eventually(async () => (callsOf(flow) > calls + 10 ? true : undefined), 60_000);
  expect((await flow.call('DELETE', '/v1/sources/fleet')).status).toBe(204);
  expect(flow.cloud.busy()).toBeGreaterThan(0);
  await rest(flow);
  expect(fleetState(flow).logins).toBeLessThanOrEqual(logins + 1);
  await flow.pass(20);
  expect(await simsOf(flow)).toEqual([]);
  expect(await get(flow, '/v1/sims/overview')).toMatchObject({ total: 0, accounts: [] });
  expect((await alertsOf(flow)).filter((alert) => alert.startsWith('fleet'))).toEqual([]);
  expect((await flow.call('GET', '/v1/sources/fleet')).status).toBe(404);
}, 180_000);

/** Every row of the tenant that names the account or one of its SIMs, as text; but the audit and what alerts become. */
async function rowsOfFleet(): Promise<string[]> {
  const { client } = flow.cloud.tables;
  const TableName = flow.cloud.model.tables[0]?.name ?? '';
  const rows: string[] = [];
  let ExclusiveStartKey: Record<string, never> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName, ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}) }));
    for (const item of page.Items ?? []) rows.push(JSON.stringify(item));
    ExclusiveStartKey = page.LastEvaluatedKey as Record<string, never> | undefined;
  } while (ExclusiveStartKey);
  return rows.filter((row) => /fleet/.test(row) && !/"demo#[A-B]#|"demo#[D-N]#/.test(row)).sort();
}
