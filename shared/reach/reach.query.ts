/** Answers questions about the reach of devices from heads, entities and series; knows ports only. */
import type * as z from 'zod/mini';
import type { EntityStore } from '../entities/entities.port.ts';
import type { Entity } from '../entities/entity.ts';
import { fromPublicId, publicId } from '../entities/public-id.ts';
import type { Tenant } from '../entities/tenant.ts';
import { type Clock, type Instant, isoInstant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { freshness, isStale } from '../samples/freshness.ts';
import type { Head, HeadEntity } from '../samples/sample.ts';
import type { SeriesResponse } from '../samples/samples.contract.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { answerSeries, type SeriesQuery } from '../samples/series-answer.ts';
import { loss, REACH_KIND, reachMetrics, reachOfValues, rtt } from './metrics.ts';
import type { reachView } from './reach.contract.ts';
import { type Reach, turningTo, UNSEEN } from './reach.ts';

export interface ReachQueryDeps {
  readonly samples: Pick<SampleStore, 'readHeads' | 'readHead' | 'readSeries' | 'readIncreases'>;
  readonly entities: Pick<EntityStore, 'list' | 'read'>;
  readonly clock: Clock;
}

type View = z.infer<typeof reachView>;

export function createReachQueries({ samples, entities, clock }: ReachQueryDeps) {
  async function find(tenant: Tenant, id: string): Promise<Entity> {
    const entityId = fromPublicId(id);
    const entity = entityId === undefined ? undefined : await entities.read(tenant.tenant, REACH_KIND, entityId);
    if (!entity || entity.removedAt !== undefined) throw new AppError('NOT_FOUND', `there is no device "${id}"`);
    return entity;
  }

  return {
    async list(tenant: Tenant, source: string | undefined): Promise<View[]> {
      const [all, heads] = await Promise.all([
        entities.list(tenant.tenant, REACH_KIND),
        samples.readHeads(tenant.tenant, REACH_KIND),
      ]);
      const byTarget = new Map(heads.map((head) => [head.target, head]));
      return all
        .filter((e) => e.removedAt === undefined && (source === undefined || e.target === source))
        .map((e) => viewOf(e, byTarget.get(e.target), clock.now()))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async read(tenant: Tenant, id: string): Promise<View> {
      const entity = await find(tenant, id);
      const ref = { tenant: tenant.tenant, kind: REACH_KIND, target: entity.target };
      return viewOf(entity, await samples.readHead(ref), clock.now());
    },
    async samples(tenant: Tenant, id: string, query: SeriesQuery): Promise<SeriesResponse> {
      const entity = await find(tenant, id);
      const metric = reachMetrics.find((m) => m.id === query.metric) ?? loss;
      const ref = { tenant: tenant.tenant, kind: REACH_KIND, target: entity.target, entity: entity.id };
      return answerSeries(samples, { ref, metric, zone: tenant.zone, id, query, now: clock.now() });
    },
  };
}

export type ReachQueries = ReturnType<typeof createReachQueries>;

function viewOf(entity: Entity, head: Head | undefined, now: Instant): View {
  const newest = head?.entities.find((e) => e.entity === entity.id);
  const reach = (newest && reachOfValues(newest.values)) ?? UNSEEN;
  const gap = gapOf(reach, newest, head, now);
  const reason = gap ?? (reach.hard === undefined ? 'its state is confirmed by the next look' : undefined);
  const { port, via, uplink } = entity.attributes;
  return {
    id: publicId(entity.id),
    source: entity.target,
    name: entity.name,
    host: String(entity.attributes.host ?? ''),
    method: entity.attributes.method === 'tcp' ? 'tcp' : 'router',
    port: typeof port === 'number' ? port : null,
    via: typeof via === 'string' ? via : null,
    uplink: typeof uplink === 'string' ? uplink : null,
    simulated: entity.simulated,
    ...stateOf(reach, reason),
    lastState: reach.hard ?? null,
    flapping: reach.flapping,
    ...(reason === undefined ? {} : { reason }),
    ...measured(gap === undefined ? newest : undefined),
    ...freshness(readAtOf(reach, newest), head?.periodSeconds ?? 0, now),
  };
}

function stateOf(reach: Reach, reason: string | undefined): Pick<View, 'state' | 'phase' | 'turningTo' | 'since'> {
  const turning = turningTo(reach) ?? null;
  if (reason !== undefined || reach.hard === undefined) {
    const since = reach.knownAt === undefined ? null : isoInstant(reach.knownAt);
    return { state: 'unknown', phase: 'soft', turningTo: reach.hard === undefined ? turning : null, since };
  }
  const since = reach.since === undefined ? null : isoInstant(reach.since);
  return { state: reach.hard, phase: turning === null ? 'hard' : 'soft', turningTo: turning, since };
}

/** Why what was known is not the present any more; undefined where it is. */
function gapOf(reach: Reach, newest: HeadEntity | undefined, head: Head | undefined, now: Instant): string | undefined {
  const run = head?.lastRun;
  if (run && !run.ok && run.slot > (newest?.slot ?? 0)) return run.error ?? 'the newest run failed';
  if (newest === undefined) return 'it was not looked at yet';
  if (reach.unknown) return 'it could not be looked at in the newest run, whose entry in the run log says why';
  if (isStale(newest.receivedAt, head?.periodSeconds ?? 0, now))
    return 'it was not looked at for more than two periods';
  return undefined;
}

/** Of a run in which it could not be looked at, nothing was received. */
function readAtOf(reach: Reach, newest: HeadEntity | undefined): Instant | undefined {
  return reach.unknown ? reach.knownAt : newest?.receivedAt;
}

function measured(newest: HeadEntity | undefined): Pick<View, 'lossPercent' | 'rttMilliseconds'> {
  const [points, microseconds] = [newest?.values[loss.id], newest?.values[rtt.id]];
  return {
    lossPercent: points === undefined ? null : Number(points) / 100,
    rttMilliseconds: microseconds === undefined ? null : Number(microseconds) / 1000,
  };
}
