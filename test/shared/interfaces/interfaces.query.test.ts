import { describe, expect, test } from 'vitest';
import type { Entity } from '../../../shared/entities/entity.ts';
import type { Tenant } from '../../../shared/entities/tenant.ts';
import { createInterfaceQueries } from '../../../shared/interfaces/interfaces.query.ts';
import type { Head, HeadEntity, Increase } from '../../../shared/samples/sample.ts';

const NOW = Date.parse('2026-11-20T09:00:00Z');
const TENANT: Tenant = {
  tenant: 'demo',
  name: 'Demo',
  zone: 'UTC',
  simulated: false,
  allowedNetworks: [],
  createdAt: 1,
};

const entity = (id: string, over: Partial<Entity> = {}): Entity => ({
  tenant: 'demo',
  kind: 'interface',
  id,
  target: id.split('/')[0] ?? '',
  name: id,
  attributes: { ifName: 'ether1', ifAlias: 'uplink', speedBitsPerSecond: 1_000_000_000 },
  labels: {},
  simulated: false,
  firstSeenAt: 1,
  ...over,
});
const increase = (amount: bigint | undefined, over: Partial<Increase> = {}): Increase => ({
  slot: NOW,
  from: NOW - 300_000,
  to: NOW,
  elapsedMs: 300_000,
  amount,
  rateable: amount !== undefined,
  ...over,
});
const reading = (
  id: string,
  increases: Record<string, Increase>,
  values: Record<string, bigint> = { ifOperStatus: 1n },
): HeadEntity => ({
  entity: id,
  slot: NOW,
  receivedAt: NOW - 1000,
  values,
  increases,
});
const head = (target: string, ...entities: HeadEntity[]): Head => ({
  tenant: 'demo',
  kind: 'interface',
  target,
  seq: 1,
  folded: 0,
  periodSeconds: 300,
  entities,
});

function open(entities: Entity[], heads: Head[], increases: Record<string, Increase[]> = {}) {
  return createInterfaceQueries({
    entities: { list: async () => entities, read: async (_, __, id) => entities.find((e) => e.id === id) },
    samples: {
      readHeads: async () => heads,
      readHead: async (ref) => heads.find((h) => h.target === ref.target),
      readSeries: async () => [],
      readIncreases: async ({ metric }) => increases[metric] ?? [],
    },
    clock: { now: () => NOW },
  });
}

describe('the list', () => {
  test('is in order, of one router or of all, without those that are gone', async () => {
    const all = [entity('r2/b'), entity('r1/b'), entity('r1/a'), entity('r1/x', { removedAt: 1 })];
    const queries = open(all, []);
    expect((await queries.list(TENANT, undefined)).map((i) => i.id)).toEqual(['r1~a', 'r1~b', 'r2~b']);
    expect((await queries.list(TENANT, 'r1')).map((i) => i.id)).toEqual(['r1~a', 'r1~b']);
    expect(await queries.list(TENANT, 'nobody')).toEqual([]);
  });

  test('shows rates as the router sees them, against the speed of the line', async () => {
    const newest = reading('r/a', { ifHCInOctets: increase(3_750_000_000n), ifHCOutOctets: increase(37_500n) });
    const [shown] = await open([entity('r/a')], [head('r', newest)]).list(TENANT, undefined);
    expect(shown).toEqual({
      id: 'r~a',
      router: 'r',
      name: 'r/a',
      ifName: 'ether1',
      ifAlias: 'uplink',
      simulated: false,
      operStatus: 'up',
      speedBitsPerSecond: 1_000_000_000,
      inBitsPerSecond: 100_000_000,
      outBitsPerSecond: 1000,
      inUtilisationPercent: 10,
      outUtilisationPercent: 0,
      readAt: '2026-11-20T08:59:59.000Z',
      dataAgeSeconds: 1,
      stale: false,
    });
  });

  test.each([
    ['never read', undefined, 'first'],
    ['after a reboot', increase(undefined, { reason: 'reset' }), 'reset'],
    ['refused', increase(undefined, { reason: 'stale', elapsedMs: 0 }), 'stale'],
  ])('%s has no rate, and says why', async (_, one, reason) => {
    const newest = reading('r/a', one ? { ifHCInOctets: one, ifHCOutOctets: one } : {}, {});
    const [shown] = await open([entity('r/a', { attributes: {} })], [head('r', newest)]).list(TENANT, undefined);
    expect(shown).toMatchObject({
      inBitsPerSecond: null,
      outBitsPerSecond: null,
      inUtilisationPercent: null,
      rateReason: reason,
      operStatus: null,
      speedBitsPerSecond: null,
      ifAlias: null,
      ifName: '',
    });
  });

  test('without a known speed there is a rate and no share of it', async () => {
    const newest = reading(
      'r/a',
      { ifHCInOctets: increase(37_500n), ifHCOutOctets: increase(37_500n) },
      { ifOperStatus: 99n },
    );
    const [shown] = await open([entity('r/a', { attributes: { ifName: 'x' } })], [head('r', newest)]).list(
      TENANT,
      undefined,
    );
    expect(shown).toMatchObject({ inBitsPerSecond: 1000, inUtilisationPercent: null, operStatus: null });
  });
});

test.each(['r~nothing', 'r/a', '', '=FF'])('one called %j is not found', async (id) => {
  const queries = open([entity('r/a'), entity('r/gone', { removedAt: 1 })], []);
  for (const ask of [
    queries.read(TENANT, id),
    queries.samples(TENANT, id, {}),
    queries.stats(TENANT, id, undefined, undefined),
    queries.read(TENANT, 'r~gone'),
  ])
    await expect(ask).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('totals, peaks and averages', () => {
  test('count every known increase; peaks only what is a rate', async () => {
    const received = [
      increase(37_500n),
      increase(375_000n, { rateable: false, reason: 'gap', elapsedMs: 3_000_000 }),
      increase(undefined, { reason: 'reset' }),
      increase(75_000n),
    ];
    const stats = await open([entity('r/a')], [head('r')], { ifHCInOctets: received }).stats(
      TENANT,
      'r~a',
      NOW - 3_600_000,
      NOW,
    );
    expect(stats).toMatchObject({
      id: 'r~a',
      inOctets: '487500',
      inPeakBitsPerSecond: 2000,
      inAverageBitsPerSecond: (487_500 * 8) / 3600,
      outOctets: '0',
      outPeakBitsPerSecond: null,
      outAverageBitsPerSecond: null,
      validSlots: 0,
      expectedSlots: 12,
      largestGapSeconds: 3000,
    });
  });

  test('are told for more readings than a call takes arguments', async () => {
    const year = Array.from({ length: 300_000 }, () => increase(37_500n));
    const stats = await open([entity('r/a')], [head('r')], { ifHCInOctets: year, ifHCOutOctets: year }).stats(
      TENANT,
      'r~a',
      NOW - 1000,
      NOW,
    );
    expect(stats).toMatchObject({ inPeakBitsPerSecond: 1000, validSlots: 300_000, largestGapSeconds: 300 });
  });
});
