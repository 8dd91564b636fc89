import { describe, expect, test } from 'vitest';
import { type BundleQueries, bundleView, createBundleQueries } from '../../../shared/bundles/bundles.query.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import type { Tenant } from '../../../shared/entities/tenant.ts';
import type { Head, Increase, RawPoint } from '../../../shared/samples/sample.ts';
import type { SeriesRef } from '../../../shared/samples/samples.port.ts';

const NOW = Date.parse('2026-11-20T09:00:00Z');
const DAY_MS = 86_400_000;
const TENANT: Tenant = {
  tenant: 'demo',
  name: 'Demo',
  zone: 'Africa/Nairobi',
  simulated: true,
  allowedNetworks: [],
  createdAt: 1,
};

const entity = (id: string, over: Partial<Entity> = {}): Entity => ({
  tenant: 'demo',
  kind: 'bundle',
  id,
  target: id.split('/')[0] ?? '',
  name: `Plan ${id}`,
  attributes: {
    planId: id.split('/')[1] ?? '',
    planName: 'Month',
    isActive: true,
    allocationOctets: '1000000000000',
    allocationOrigin: 'configured',
  },
  labels: {},
  simulated: true,
  firstSeenAt: 1,
  ...over,
});
const head = (target: string, readings: Record<string, Record<string, bigint>>): Head => ({
  tenant: 'demo',
  kind: 'bundle',
  target,
  seq: 1,
  folded: 0,
  periodSeconds: 900,
  entities: Object.entries(readings).map(([id, values]) => ({
    entity: id,
    slot: NOW - 60_000,
    receivedAt: NOW - 60_000,
    values,
    increases: {},
  })),
});
const used = (slot: number, amount: bigint | undefined, hours: number): Increase => ({
  slot,
  from: slot - hours * 3_600_000,
  to: slot,
  elapsedMs: hours * 3_600_000,
  amount,
  rateable: false,
});

function open(entities: Entity[], heads: Head[], increases: Increase[] = [], readings: RawPoint[] = []) {
  const asked: { series?: SeriesRef; heads: number } = { heads: 0 };
  const queries: BundleQueries = createBundleQueries({
    entities: {
      list: async () => entities,
      read: async (_, __, id) => entities.find((e) => e.id === id),
    },
    samples: {
      readHeads: async () => heads,
      readHead: async (ref) => {
        asked.heads += 1;
        return heads.find((h) => h.target === ref.target);
      },
      readSeries: async (series) => {
        asked.series = series;
        return readings;
      },
      readIncreases: async (series) => {
        asked.series = series;
        return increases;
      },
    },
    clock: { now: () => NOW },
  });
  return { queries, asked };
}

const HOME = entity('home/a1');
const HEAD = head('home', { 'home/a1': { remaining: 250_000_000_000n, expiresIn: 864_000n } });

describe('the list', () => {
  test('is in order of id, without those that are gone', async () => {
    const { queries } = open([entity('office/b'), HOME, entity('home/a0', { removedAt: 5 })], [HEAD]);
    expect((await queries.list(TENANT)).map((b) => b.bundle.id)).toEqual(['home/a1', 'office/b']);
  });

  test('shows what was never read as unknown, not as 0', async () => {
    const { queries } = open([entity('office/b')], []);
    const [shown] = await queries.list(TENANT);
    expect(shown && bundleView(shown, NOW)).toMatchObject({
      id: 'office~b',
      remainingOctets: null,
      remainingText: null,
      remainingPercent: null,
      expiresAt: null,
      readAt: null,
      dataAgeSeconds: null,
      stale: true,
    });
  });

  test('shows a reading with its age', async () => {
    const { queries } = open([HOME], [HEAD]);
    const [shown] = await queries.list(TENANT);
    expect(shown && bundleView(shown, NOW)).toMatchObject({
      id: 'home~a1',
      account: 'home',
      remainingOctets: '250000000000',
      remainingText: '250.0 GB',
      remainingPercent: 25,
      expiresAt: '2026-11-30T08:59:00.000Z',
      readAt: '2026-11-20T08:59:00.000Z',
      dataAgeSeconds: 60,
      stale: false,
      simulated: true,
    });
  });
});

describe('one bundle', () => {
  test.each(['home~nothing', 'home/a1', '', '=FF', 'x'.repeat(900)])('called %j is not found', async (id) => {
    const { queries } = open([HOME], [HEAD]);
    for (const ask of [
      queries.read(TENANT, id),
      queries.samples(TENANT, id, {}),
      queries.stats(TENANT, id, undefined, undefined),
    ])
      await expect(ask).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('that is gone is not found', async () => {
    const { queries } = open([entity('home/a1', { removedAt: 5 })], [HEAD]);
    await expect(queries.read(TENANT, 'home~a1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('has readings of what is left unless another metric is asked for, and needs no head for them', async () => {
    const { queries, asked } = open(
      [HOME],
      [HEAD],
      [],
      [{ slot: NOW - 1, receivedAt: NOW - 1, value: 5n, boundary: true }],
    );
    expect(await queries.samples(TENANT, 'home~a1', {})).toMatchObject({
      metric: 'remaining',
      kind: 'balance',
      zone: 'Africa/Nairobi',
      points: [{ value: '5' }],
    });
    expect(asked).toMatchObject({
      heads: 0,
      series: { tenant: 'demo', kind: 'bundle', target: 'home', entity: 'home/a1', metric: 'remaining' },
    });
    expect(await queries.samples(TENANT, 'home~a1', { metric: 'active' })).toMatchObject({
      metric: 'active',
      points: [{ increase: null }],
    });
  });
});

describe('its use', () => {
  test('is per true day, of the time in which it is known', async () => {
    const increases = [
      used(NOW - 2 * DAY_MS, 20_000_000_000n, 24),
      used(NOW - DAY_MS, undefined, 24),
      used(NOW, 10_000_000_000n, 12),
    ];
    const { queries } = open([HOME], [HEAD], increases);
    expect(await queries.stats(TENANT, 'home~a1', NOW - 3 * DAY_MS, NOW)).toMatchObject({
      averagePerDay: 20_000_000_000n,
      used: 30_000_000_000n,
      validSlots: 2,
      expectedSlots: 288,
      daysRemaining: expect.closeTo(9.999, 2),
      limitedBy: 'expiry',
    });
  });

  test('is unknown where nothing is known, and so is how long it lasts', async () => {
    const { queries } = open([HOME], [], [used(NOW, undefined, 24)]);
    expect(await queries.stats(TENANT, 'home~a1', undefined, undefined)).toMatchObject({
      averagePerDay: undefined,
      daysRemaining: undefined,
      limitedBy: undefined,
      used: 0n,
      validSlots: 0,
      expectedSlots: 0,
      from: NOW - 7 * DAY_MS,
      to: NOW,
    });
  });

  test('over an impossible range is refused', async () => {
    const { queries } = open([HOME], [HEAD]);
    await expect(queries.stats(TENANT, 'home~a1', NOW, NOW - 1)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
});
