import { afterAll, beforeAll, expect, test } from 'vitest';
import { burstOf } from '../../shared/sims/pace.ts';
import { createUsageStore } from '../../shared/sims/usage.dynamodb.ts';
import { begin, callsOf, detailsKnown, fleetState, get, partsOf, rest, simsOf, unequalDays } from './fleet-story.ts';
import { eventually, type Flow, startFlow } from './flow.ts';

const SIMS = 1000;
const RATE = 100;
let flow: Flow;

/** A fleet of a thousand beside a small tenant. */
beforeAll(async () => {
  flow = await startFlow({ sims: SIMS });
  await flow.addTenant('demo');
  await flow.addTenant('small', { phone: undefined });
  await flow.addTaara('small');
  await flow.addFleet('demo', { requestsPerSecond: RATE, smsQuota: false, status: false });
}, 240_000);

afterAll(() => flow.stop());

test('fault 8: while it is under way the runs of a small tenant come and end as ever', async () => {
  await begin(flow);
  await eventually(async () => (callsOf(flow) > 0 ? true : undefined), 60_000);
  for (const id of ['home', 'office']) {
    expect((await flow.call('POST', `/v1/sources/${id}/collect`, { tenant: 'small' })).status).toBe(202);
  }
  const ended = await eventually(async () => {
    const { body } = await flow.call('GET', '/v1/runs?limit=10', { tenant: 'small' });
    return body.items.length === 2 ? body.items : undefined;
  }, 60_000);
  expect(ended.map(({ status }: { status: string }) => status)).toEqual(['success', 'success']);
  expect(await detailsKnown(flow)).toBeLessThan(SIMS);
}, 150_000);

test('first connect of a thousand SIMs: all are listed and looked at, with one login, and never faster than configured', async () => {
  await rest(flow, 500_000);
  const overview = await get(flow, '/v1/sims/overview');
  expect(overview).toMatchObject({ total: SIMS, accounts: [{ simsListed: SIMS, detailsKnown: SIMS }] });
  const sims = await simsOf(flow);
  expect(new Set(sims.map(({ iccid }) => iccid)).size).toBe(SIMS);
  expect(sims.filter(({ data }) => data.readAt === null)).toEqual([]);
  const { logins, throttled } = fleetState(flow);
  expect({ logins, throttled }).toEqual({ logins: 1, throttled: 0 });
  const parts = await partsOf(flow);
  expect(parts.length).toBeGreaterThan(SIMS / 200);
  expect(parts.map(({ part, status }) => [part, status])).toEqual(parts.map((_, i) => [i, 'success']));
  // Who has to stop in the middle of a SIM begins it again: at most those that are looked at at once, and a page.
  for (const [call, least] of [
    [/quota\/data/, SIMS],
    [/usage/, SIMS],
    [/GET \/v2\/sims$/, SIMS / 100],
  ] as const) {
    expect(callsOf(flow, call)).toBeGreaterThanOrEqual(least);
    expect(callsOf(flow, call)).toBeLessThanOrEqual(least + 24 * parts.length);
  }
  const tookMs = Date.parse(parts.at(-1)?.endedAt ?? '') - Date.parse(parts[0]?.startedAt ?? '');
  expect(callsOf(flow)).toBeLessThanOrEqual((RATE * tookMs) / 1000 + burstOf(RATE));
}, 540_000);

test('half a year of days of each came along, as the provider states them', async () => {
  const store = createUsageStore({ table: flow.table, clock: flow.clock });
  const days = new Map<string, number>();
  for (const month of ['2026-05', '2026-06', '2026-07', '2026-08', '2026-09', '2026-10', '2026-11']) {
    for (const [sim, known] of await store.readMonth('demo', month)) days.set(sim, (days.get(sim) ?? 0) + known.length);
  }
  expect(days.size).toBe(SIMS);
  expect([...new Set(days.values())]).toEqual([180]);
  expect(await unequalDays(flow, [1, 137, 500, 863, SIMS], 179)).toEqual([]);
}, 60_000);
