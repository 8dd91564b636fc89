/** Answers questions about bundles from heads, entities and series; knows ports only. */
import type { EntityStore } from '../entities/entities.port.ts';
import type { Entity } from '../entities/entity.ts';
import { fromPublicId, publicId } from '../entities/public-id.ts';
import type { Tenant } from '../entities/tenant.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { isoInstant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { freshness } from '../samples/freshness.ts';
import type { Head, HeadEntity } from '../samples/sample.ts';
import type { SeriesResponse } from '../samples/samples.contract.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { readRange } from '../samples/series.ts';
import { answerSeries, type SeriesQuery } from '../samples/series-answer.ts';
import { averagePerDay, type Bundle, bundleOf, forecast } from './bundle.ts';
import { BUNDLE_KIND, bundleMetrics } from './metrics.ts';

export interface BundleQueryDeps {
  readonly samples: Pick<SampleStore, 'readHeads' | 'readHead' | 'readSeries' | 'readIncreases'>;
  readonly entities: Pick<EntityStore, 'list' | 'read'>;
  readonly clock: Clock;
}

/** A bundle with what its target's head says of its freshness. */
export interface ShownBundle {
  readonly bundle: Bundle;
  readonly name: string;
  readonly periodSeconds: number;
}

export interface BundleStats {
  readonly bundle: Bundle;
  readonly averagePerDay: bigint | undefined;
  readonly daysRemaining: number | undefined;
  readonly limitedBy: 'use' | 'expiry' | undefined;
  readonly used: bigint;
  readonly validSlots: number;
  readonly expectedSlots: number;
  readonly from: Instant;
  readonly to: Instant;
}

export interface BundleQueries {
  list(tenant: Tenant): Promise<ShownBundle[]>;
  read(tenant: Tenant, id: string): Promise<ShownBundle>;
  samples(tenant: Tenant, id: string, query: SeriesQuery): Promise<SeriesResponse>;
  stats(tenant: Tenant, id: string, from: Instant | undefined, to: Instant | undefined): Promise<BundleStats>;
}

export function createBundleQueries(deps: BundleQueryDeps): BundleQueries {
  const { samples, entities, clock } = deps;

  async function findEntity(tenant: Tenant, id: string): Promise<Entity> {
    const entityId = fromPublicId(id);
    const entity = entityId === undefined ? undefined : await entities.read(tenant.tenant, BUNDLE_KIND, entityId);
    if (!entity || entity.removedAt !== undefined) throw new AppError('NOT_FOUND', `there is no bundle "${id}"`);
    return entity;
  }

  async function find(tenant: Tenant, id: string): Promise<{ entity: Entity; head: Head | undefined }> {
    const entity = await findEntity(tenant, id);
    const head = await samples.readHead({ tenant: tenant.tenant, kind: BUNDLE_KIND, target: entity.target });
    return { entity, head };
  }

  const show = (entity: Entity, head: Head | undefined): ShownBundle => ({
    bundle: bundleOf(entity, newestOf(head, entity.id), clock.now()),
    name: entity.name,
    periodSeconds: head?.periodSeconds ?? 0,
  });

  return {
    async list(tenant) {
      const [all, heads] = await Promise.all([
        entities.list(tenant.tenant, BUNDLE_KIND),
        samples.readHeads(tenant.tenant, BUNDLE_KIND),
      ]);
      const byTarget = new Map(heads.map((h) => [h.target, h]));
      return all
        .filter((e) => e.removedAt === undefined)
        .map((e) => show(e, byTarget.get(e.target)))
        .sort((a, b) => (a.bundle.id < b.bundle.id ? -1 : 1));
    },
    async read(tenant, id) {
      const { entity, head } = await find(tenant, id);
      return show(entity, head);
    },
    async samples(tenant, id, query) {
      const entity = await findEntity(tenant, id);
      const metric = bundleMetrics.find((m) => m.id === (query.metric ?? 'remaining')) ?? bundleMetrics[0];
      const ref = { tenant: tenant.tenant, kind: BUNDLE_KIND, target: entity.target, entity: entity.id };
      return answerSeries(samples, { ref, metric, zone: tenant.zone, id, query, now: clock.now() });
    },
    async stats(tenant, id, from, to) {
      const { entity, head } = await find(tenant, id);
      const range = readRange(from, to, 'day', clock.now());
      const series = {
        tenant: tenant.tenant,
        kind: BUNDLE_KIND,
        target: entity.target,
        entity: entity.id,
        metric: 'remaining',
      };
      const increases = await samples.readIncreases(series, range.from, range.to);
      const known = increases.filter((i) => i.amount !== undefined);
      const { bundle } = show(entity, head);
      const perDay = averagePerDay(increases);
      const periodMs = (head?.periodSeconds ?? 1) * 1000;
      return {
        bundle,
        averagePerDay: perDay,
        ...forecast(bundle, perDay),
        used: known.reduce((sum, i) => sum + (i.amount ?? 0n), 0n),
        // Manual runs fall between slots: what counts is how many of the period's slots are covered.
        validSlots: new Set(known.map((i) => Math.floor(i.slot / periodMs))).size,
        expectedSlots: head ? Math.round((range.to - range.from) / periodMs) : 0,
        ...range,
      };
    },
  };
}

export function newestOf(head: Head | undefined, entity: string): HeadEntity | undefined {
  return head?.entities.find((e) => e.entity === entity);
}

/** Names and forms of the API; null where something is unknown. */
export function bundleView({ bundle, name, periodSeconds }: ShownBundle, now: Instant) {
  const { receivedAt } = bundle;
  return {
    id: publicId(bundle.id),
    account: bundle.account,
    planId: bundle.planId,
    name,
    simulated: bundle.simulated,
    active: bundle.isActive ?? null,
    unlimited: bundle.unlimited,
    remainingOctets: bundle.remainingOctets?.toString() ?? null,
    remainingText: bundle.remainingText ?? null,
    remainingPercent: bundle.remainingPercent ?? null,
    allocationOctets: bundle.allocationOctets?.toString() ?? null,
    allocationOrigin: bundle.allocationOrigin ?? null,
    expiresAt: bundle.expiresAt === undefined ? null : isoInstant(bundle.expiresAt),
    ...freshness(receivedAt, periodSeconds, now),
  };
}
