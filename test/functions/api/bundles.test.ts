import { beforeEach, describe, expect, test } from 'vitest';
import { createBundleEndpoints } from '../../../functions/api/bundles.ts';
import type { Bundle } from '../../../shared/bundles/bundle.ts';
import type { BundleQueries, BundleStats, ShownBundle } from '../../../shared/bundles/bundles.query.ts';
import type { RawPoint } from '../../../shared/samples/sample.ts';
import { MovableClock, NOON, tenantNamed } from '../../shared/collect/fakes.ts';
import { type Api, anybody, apiOf } from './asking.ts';

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
let shown: ShownBundle[];
let series: Record<string, RawPoint[]>;
let ranges: [number, number][];
let ask: Api;

const bundle = (id: string, over: Partial<Bundle> = {}): ShownBundle => ({
  name: id,
  periodSeconds: 900,
  bundle: {
    id,
    account: id.split('/')[0] ?? '',
    planId: id.split('/')[1] ?? '',
    planName: `Plan ${id}`,
    remainingOctets: 5_000_000_000n,
    remainingText: '5.0 GB',
    unlimited: false,
    expiresAt: NOON + DAY_MS,
    expiresInSeconds: 172_799,
    isActive: true,
    isHomePlan: true,
    allocationOctets: undefined,
    allocationOrigin: undefined,
    remainingPercent: undefined,
    simulated: true,
    receivedAt: NOON - 1000,
    ...over,
  },
});
const stats = (over: Partial<BundleStats> = {}): BundleStats => ({
  bundle: bundle('home/a').bundle,
  averagePerDay: 1_500_000_000n,
  daysRemaining: 1.99,
  limitedBy: 'expiry',
  used: 9n,
  validSlots: 1,
  expectedSlots: 2,
  from: NOON - DAY_MS,
  to: NOON,
  ...over,
});
const point = (slot: number, value: bigint, receivedAt = slot): RawPoint => ({
  slot,
  receivedAt,
  value,
  boundary: true,
});

let told: BundleStats;
beforeEach(() => {
  shown = [bundle('home/a'), bundle('office/b')];
  series = {};
  ranges = [];
  told = stats();
  const queries: BundleQueries = {
    list: async () => shown,
    read: async (_, id) => shown.find((b) => b.bundle.id.replace('/', '~') === id) ?? Promise.reject(new Error('none')),
    samples: async () => Promise.reject(new Error('not asked')),
    stats: async () => told,
  };
  const samples = {
    readSeries: async ({ entity, metric }: { entity: string; metric: string }, from: number, to: number) => {
      ranges.push([from, to]);
      return series[`${entity} ${metric}`] ?? [];
    },
  };
  ask = apiOf(
    createBundleEndpoints({ queries, samples, clock: new MovableClock() }),
    anybody(tenantNamed('demo', { zone: 'Africa/Nairobi' })),
  );
});

describe('/v1/bundles', () => {
  test('is filtered by what is in use; unknown counts as not', async () => {
    shown = [bundle('a/1'), bundle('b/2', { isActive: false }), bundle('c/3', { isActive: undefined })];
    const ids = async (active?: string) =>
      (await ask('GET /v1/bundles', { query: active ? { active } : {} })).body.items.map((b: { id: string }) => b.id);
    expect(await ids()).toEqual(['a~1', 'b~2', 'c~3']);
    expect(await ids('true')).toEqual(['a~1']);
    expect(await ids('false')).toEqual(['b~2', 'c~3']);
    expect((await ask('GET /v1/bundles', { query: { active: 'yes' } })).status).toBe(422);
  });

  test('is paged', async () => {
    const first = await ask('GET /v1/bundles', { query: { limit: '1' } });
    const second = await ask('GET /v1/bundles', { query: { limit: '1', cursor: first.body.nextCursor } });
    expect([first.body.items[0].id, second.body.items[0].id, second.body.nextCursor]).toEqual([
      'home~a',
      'office~b',
      undefined,
    ]);
  });

  test('statistics have octets as text and what is unknown as null', async () => {
    const params = { id: 'home~a' };
    expect((await ask('GET /v1/bundles/{id}/stats', { params })).body).toMatchObject({
      averageOctetsPerDay: '1500000000',
      usedOctets: '9',
      daysRemaining: 1.99,
    });
    told = stats({ averagePerDay: undefined, daysRemaining: undefined, limitedBy: undefined });
    expect((await ask('GET /v1/bundles/{id}/stats', { params })).body).toMatchObject({
      averageOctetsPerDay: null,
      daysRemaining: null,
      limitedBy: null,
    });
  });
});

describe('the routes of the older monitor', () => {
  const fill = (id: string, slots: number[], receivedAt = (slot: number) => slot + 500) => {
    series[`${id} remaining`] = slots.map((s, i) =>
      point(s, 9_000_000_000n - BigInt(i) * 1_000_000_000n, receivedAt(s)),
    );
    series[`${id} active`] = slots.map((s) => point(s, 1n));
    series[`${id} expiresIn`] = slots.map((s) => point(s, 172_800n));
  };
  const slots = (n: number) => Array.from({ length: n }, (_, i) => NOON - (n - i) * QUARTER_MS);

  test('/api/data gives the five newest readings of all plans, newest first', async () => {
    fill('home/a', slots(4));
    fill('office/b', slots(4));
    const { status, body } = await ask('GET /api/data');
    expect(status).toBe(200);
    expect(body.map((r: { plan_name: string }) => r.plan_name)).toEqual([
      'Plan office/b',
      'Plan home/a',
      'Plan office/b',
      'Plan home/a',
      'Plan office/b',
    ]);
    expect(body[0]).toEqual({
      id: expect.any(Number),
      timestamp: '2030-01-01T11:45:00',
      timestamp_local: '2030-01-01T14:45:00+03:00',
      plan_name: 'Plan office/b',
      remaining_balance_gb: 6,
      expires_in_days: 2,
      is_active: true,
    });
    expect(ranges[0]).toEqual([NOON - DAY_MS, NOON]);
  });

  test('a record keeps its id when newer ones come, ids rise with time and differ', async () => {
    fill('home/a', slots(6));
    fill('office/b', slots(6));
    const before = (await ask('GET /api/data')).body;
    fill('home/a', [...slots(6), NOON]);
    const after = (await ask('GET /api/data')).body;
    const key = (r: { timestamp: string; plan_name: string }) => `${r.timestamp} ${r.plan_name}`;
    const known = new Map(before.map((r: never) => [key(r), (r as { id: number }).id]));
    const again = after.filter((r: never) => known.has(key(r)));
    expect(again.length).toBeGreaterThan(2);
    for (const r of again) expect(r.id).toBe(known.get(key(r)));
    const ids = after.map((r: { id: number }) => r.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort((a, b) => b - a)).toEqual(ids);
  });

  test('/api/history gives the days asked for, oldest first', async () => {
    fill('home/a', slots(2));
    const { body } = await ask('GET /api/history', { query: { days: '30' } });
    expect(ranges[0]).toEqual([NOON - 30 * DAY_MS, NOON]);
    expect(body).toEqual([
      { timestamp: '2030-01-01T11:30:00', remaining_balance_gb: 9, plan_name: 'Plan home/a' },
      { timestamp: '2030-01-01T11:45:00', remaining_balance_gb: 8, plan_name: 'Plan home/a' },
    ]);
    ranges.length = 0;
    await ask('GET /api/history');
    expect(ranges[0]).toEqual([NOON - 7 * DAY_MS, NOON]);
    for (const days of ['0', '400', '-1', '7.5', 'week'])
      expect((await ask('GET /api/history', { query: { days } })).status).toBe(422);
  });

  test('/api/stats is about the newest plan in use, with its true use per day', async () => {
    shown = [bundle('home/a', { receivedAt: NOON - 5000 }), bundle('office/b', { isActive: false })];
    expect((await ask('GET /api/stats')).body).toEqual({
      current_balance_gb: 5,
      expires_in_days: 1,
      avg_daily_usage_gb: 1.5,
      predicted_days_remaining: 1.99,
      plan_name: 'Plan home/a',
      last_updated: '2030-01-01T11:59:55',
    });
  });

  test('of two plans read at one instant it is about the home plan', async () => {
    shown = [bundle('home/a', { isHomePlan: false }), bundle('office/b')];
    expect((await ask('GET /api/stats')).body.plan_name).toBe('Plan office/b');
  });

  test('what is unknown is null', async () => {
    shown = [bundle('home/a', { expiresAt: undefined })];
    told = stats({ averagePerDay: undefined, daysRemaining: undefined });
    expect((await ask('GET /api/stats')).body).toMatchObject({
      expires_in_days: null,
      avg_daily_usage_gb: null,
      predicted_days_remaining: null,
    });
  });

  test.each(['GET /api/data', 'GET /api/history', 'GET /api/stats'])(
    '%s without data is 404, in the words that older clients read',
    async (key) => {
      shown = [];
      expect(await ask(key)).toMatchObject({ status: 404, body: { detail: 'No data available' } });
      shown = [bundle('home/a', { remainingOctets: undefined, unlimited: true })];
      expect((await ask(key)).status).toBe(404);
    },
  );

  test('/api/timezone tells the zone of the tenant', async () => {
    expect((await ask('GET /api/timezone')).body).toMatchObject({
      timezone: 'Africa/Nairobi',
      utc_offset: '+03:00',
      utc_offset_hours: 3,
      current_local_time: '2030-01-01T15:00:00',
      current_utc_time: '2030-01-01T12:00:00',
    });
  });
});
