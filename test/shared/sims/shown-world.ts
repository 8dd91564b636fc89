/** SIMs as collectors leave them behind, in memory: entities, heads, fleets, sources, usage and log. */
import { type Source, shardTarget } from '../../../shared/collect/source.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import type { Head, HeadEntity } from '../../../shared/samples/sample.ts';
import type { Fleet } from '../../../shared/sims/fleet.port.ts';
import type { CellSeen } from '../../../shared/sims/log.port.ts';
import { labelsOf, type SimNote } from '../../../shared/sims/note.ts';
import { shardOf, simId } from '../../../shared/sims/shards.ts';
import type { DayUsage, SimEvent } from '../../../shared/sims/sim.ts';
import type { SimQueryDeps } from '../../../shared/sims/sims.query.ts';
import { sourceNamed } from '../collect/fakes.ts';

export const NOW = Date.parse('2026-11-20T09:00:00Z');
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const SHARDS = 3;

/** The n-th made-up ICCID. */
export function iccidAt(n: number): string {
  return `8988${String(n).padStart(15, '0')}`;
}

export interface SimSpec {
  readonly iccid: string;
  readonly account?: string;
  /** Attributes of the entity beyond account and ICCID. */
  readonly attributes?: Entity['attributes'];
  readonly note?: Omit<SimNote, 'iccid'>;
  readonly firstSeenAt?: number;
  readonly removedAt?: number;
  /** Newest values; undefined = never read. */
  readonly values?: Readonly<Record<string, bigint>>;
  readonly receivedAt?: number;
  readonly earlier?: HeadEntity['earlier'];
}

export function entityOf(spec: SimSpec, tenant = 'demo'): Entity {
  const { iccid, account = 'fleet', attributes = {}, note, firstSeenAt = NOW - 1, removedAt } = spec;
  return {
    tenant,
    kind: 'sim',
    id: simId(account, SHARDS, iccid),
    target: shardTarget(account, shardOf(iccid, SHARDS)),
    name: iccid,
    attributes: { account, iccid, ...attributes },
    labels: labelsOf(note && { iccid, ...note }),
    simulated: true,
    firstSeenAt,
    ...(removedAt === undefined ? {} : { removedAt }),
  };
}

export function headEntityOf(spec: SimSpec): HeadEntity | undefined {
  const { iccid, account = 'fleet', values, receivedAt = NOW - MINUTE_MS, earlier } = spec;
  if (values === undefined && earlier === undefined) return undefined;
  return {
    entity: simId(account, SHARDS, iccid),
    slot: receivedAt,
    receivedAt,
    values: values ?? {},
    increases: {},
    ...(earlier ? { earlier } : {}),
  };
}

export function fleetOf(account: string, over: Partial<Fleet> = {}): Fleet {
  return {
    ...{ tenant: 'demo', account, shards: SHARDS, nextShard: 0, walkedAt: NOW - HOUR_MS, watched: [], revision: 1 },
    ...over,
  };
}

export function accountSource(id: string, over: Partial<Source> = {}): Source {
  return sourceNamed(id, { type: 'onence', kind: 'fleet', name: `Fleet ${id}`, ...over });
}

export interface SimWorld {
  sims: SimSpec[];
  fleets: Fleet[];
  sources: Source[];
  /** By `<account>/<iccid>`. */
  usage: Record<string, DayUsage[]>;
  events: Record<string, SimEvent[]>;
  cells: Record<string, CellSeen[]>;
  now: number;
}

export function simWorld(over: Partial<SimWorld> = {}): SimWorld {
  return {
    ...{ sims: [], fleets: [fleetOf('fleet')], sources: [accountSource('fleet')] },
    ...{ usage: {}, events: {}, cells: {}, now: NOW, ...over },
  };
}

type Deps = SimQueryDeps & {
  usage: SimQueryDeps['usage'] & { readMonth: (t: string, m: string) => Promise<UsageMap> };
};
type UsageMap = ReadonlyMap<string, readonly DayUsage[]>;

/** What only belongs to the tenant `demo`; everybody else finds nothing. */
export function portsOf(world: SimWorld): Deps {
  const of = <T>(tenant: string, all: readonly T[]): T[] => (tenant === 'demo' ? [...all] : []);
  const heads = (tenant: string): Head[] => {
    const byTarget = new Map<string, HeadEntity[]>();
    for (const spec of of(tenant, world.sims)) {
      const { target } = entityOf(spec);
      const newest = headEntityOf(spec);
      byTarget.set(target, [...(byTarget.get(target) ?? []), ...(newest ? [newest] : [])]);
    }
    return [...byTarget].map(([target, entities]) => ({
      ...{ tenant, kind: 'sim', target, seq: 1, folded: 0, periodSeconds: 900, entities },
    }));
  };
  return {
    entities: {
      list: async (tenant) => of(tenant, world.sims).map((spec) => entityOf(spec)),
      read: async (tenant, _, id) =>
        of(tenant, world.sims)
          .map((spec) => entityOf(spec))
          .find((e) => e.id === id),
    },
    samples: {
      readHeads: async (tenant) => heads(tenant),
      readHead: async (ref) => heads(ref.tenant).find((h) => h.target === ref.target),
      readSeries: async ({ metric }) => [
        { slot: world.now, receivedAt: world.now, value: BigInt(metric.length), boundary: true },
      ],
      readIncreases: async () => [],
    },
    fleets: { list: async (tenant) => of(tenant, world.fleets) },
    sources: {
      list: async (tenant) => of(tenant, world.sources),
      read: async (tenant, id) => of(tenant, world.sources).find((s) => s.id === id),
    },
    usage: {
      read: async ({ tenant, account, iccid }, from, to) =>
        of(tenant, world.usage[`${account}/${iccid}`] ?? []).filter(({ day }) => day >= from && day <= to),
      readMonth: async (tenant, month) =>
        new Map(
          of(tenant, Object.entries(world.usage))
            .map(([id, days]) => [id, days.filter(({ day }) => day.startsWith(month))] as const)
            .filter(([, days]) => days.length > 0),
        ),
    },
    log: {
      listEvents: async ({ account, iccid }, limit, before) => {
        const all = world.events[`${account}/${iccid}`] ?? [];
        const start = Number(before ?? 0);
        const end = start + limit;
        return { items: all.slice(start, end), ...(end < all.length ? { before: String(end) } : {}) };
      },
      listCells: async ({ account, iccid }, limit) => ({
        items: (world.cells[`${account}/${iccid}`] ?? []).slice(0, limit),
      }),
    },
    clock: { now: () => world.now },
  };
}
