/** Answers questions about interfaces from heads, entities and series; knows ports only. */
import type { EntityStore } from '../entities/entities.port.ts';
import type { Entity } from '../entities/entity.ts';
import { fromPublicId, publicId } from '../entities/public-id.ts';
import type { Tenant } from '../entities/tenant.ts';
import { type Clock, type Instant, isoInstant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { freshness } from '../samples/freshness.ts';
import type { Head, HeadEntity, Increase } from '../samples/sample.ts';
import type { SeriesResponse } from '../samples/samples.contract.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { readRange } from '../samples/series.ts';
import { answerSeries, type SeriesQuery } from '../samples/series-answer.ts';
import { judgedSpeedOf, OPER_STATUS } from './interface.ts';
import { INTERFACE_KIND, inOctets, interfaceMetrics, outOctets } from './metrics.ts';

export interface InterfaceQueryDeps {
  readonly samples: Pick<SampleStore, 'readHeads' | 'readHead' | 'readSeries' | 'readIncreases'>;
  readonly entities: Pick<EntityStore, 'list' | 'read'>;
  readonly clock: Clock;
}

export function createInterfaceQueries({ samples, entities, clock }: InterfaceQueryDeps) {
  async function findEntity(tenant: Tenant, id: string): Promise<Entity> {
    const entityId = fromPublicId(id);
    const entity = entityId === undefined ? undefined : await entities.read(tenant.tenant, INTERFACE_KIND, entityId);
    if (!entity || entity.removedAt !== undefined) throw new AppError('NOT_FOUND', `there is no interface "${id}"`);
    return entity;
  }

  async function find(tenant: Tenant, id: string): Promise<{ entity: Entity; head: Head | undefined }> {
    const entity = await findEntity(tenant, id);
    const head = await samples.readHead({ tenant: tenant.tenant, kind: INTERFACE_KIND, target: entity.target });
    return { entity, head };
  }

  return {
    async list(tenant: Tenant, router: string | undefined) {
      const [all, heads] = await Promise.all([
        entities.list(tenant.tenant, INTERFACE_KIND),
        samples.readHeads(tenant.tenant, INTERFACE_KIND),
      ]);
      const newest = new Map(heads.flatMap((h) => h.entities.map((e) => [e.entity, { head: h, reading: e }] as const)));
      return all
        .filter((e) => e.removedAt === undefined && (router === undefined || e.target === router))
        .map((e) => viewOf(e, newest.get(e.id)?.reading, newest.get(e.id)?.head, clock.now()))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async read(tenant: Tenant, id: string) {
      const { entity, head } = await find(tenant, id);
      const reading = head?.entities.find((e) => e.entity === entity.id);
      return viewOf(entity, reading, head, clock.now());
    },
    async samples(tenant: Tenant, id: string, query: SeriesQuery): Promise<SeriesResponse> {
      const entity = await findEntity(tenant, id);
      const metric = interfaceMetrics.find((m) => m.id === query.metric) ?? inOctets;
      const ref = { tenant: tenant.tenant, kind: INTERFACE_KIND, target: entity.target, entity: entity.id };
      return answerSeries(samples, { ref, metric, zone: tenant.zone, id, query, now: clock.now() });
    },
    async stats(tenant: Tenant, id: string, from: Instant | undefined, to: Instant | undefined) {
      const { entity, head } = await find(tenant, id);
      const range = readRange(from, to, 'day', clock.now());
      const ref = { tenant: tenant.tenant, kind: INTERFACE_KIND, target: entity.target, entity: entity.id };
      const [received, sent] = await Promise.all(
        [inOctets, outOctets].map(async (m) =>
          summary(await samples.readIncreases({ ...ref, metric: m.id }, range.from, range.to)),
        ),
      );
      const [i, o] = [received ?? summary([]), sent ?? summary([])];
      return {
        id,
        from: isoInstant(range.from),
        to: isoInstant(range.to),
        inOctets: i.total.toString(),
        outOctets: o.total.toString(),
        inPeakBitsPerSecond: i.peak,
        outPeakBitsPerSecond: o.peak,
        inAverageBitsPerSecond: i.average,
        outAverageBitsPerSecond: o.average,
        validSlots: Math.min(i.valid, o.valid),
        expectedSlots: head ? Math.floor((range.to - range.from) / (head.periodSeconds * 1000)) : 0,
        largestGapSeconds: Math.max(i.largestGapSeconds, o.largestGapSeconds),
      };
    },
  };
}

export type InterfaceQueries = ReturnType<typeof createInterfaceQueries>;

/** Totals count every known increase; peaks and averages only what is a rate. */
function summary(increases: readonly Increase[]) {
  const known = increases.filter((i) => i.amount !== undefined);
  const rates = known.filter((i) => i.rateable).map((i) => (Number(i.amount) * 8000) / i.elapsedMs);
  const total = known.reduce((sum, i) => sum + (i.amount ?? 0n), 0n);
  const elapsedMs = known.reduce((sum, i) => sum + i.elapsedMs, 0);
  return {
    total,
    peak: rates.length > 0 ? largest(rates) : null,
    average: elapsedMs > 0 ? (Number(total) * 8000) / elapsedMs : null,
    valid: rates.length,
    largestGapSeconds: Math.round(largest(increases.map((i) => i.elapsedMs)) / 1000),
  };
}

/** Of numbers from 0 up. A year of readings is more than a call can take as arguments. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, n) => Math.max(most, n), 0);
}

function viewOf(entity: Entity, newest: HeadEntity | undefined, head: Head | undefined, now: Instant) {
  const received = rateOf(newest?.increases[inOctets.id]);
  const sent = rateOf(newest?.increases[outOctets.id]);
  const speed = judgedSpeedOf(entity)?.bitsPerSecond;
  const status = newest?.values.ifOperStatus;
  const alias = entity.attributes.ifAlias;
  const reason = received.reason ?? sent.reason;
  return {
    id: publicId(entity.id),
    router: entity.target,
    name: entity.name,
    ifName: String(entity.attributes.ifName ?? ''),
    ifAlias: typeof alias === 'string' ? alias : null,
    simulated: entity.simulated,
    operStatus: status === undefined ? null : (OPER_STATUS.get(Number(status)) ?? null),
    speedBitsPerSecond: speed ?? null,
    inBitsPerSecond: received.value,
    outBitsPerSecond: sent.value,
    inUtilisationPercent: percentOf(received.value, speed),
    outUtilisationPercent: percentOf(sent.value, speed),
    ...(reason ? { rateReason: reason } : {}),
    ...freshness(newest?.receivedAt, head?.periodSeconds ?? 0, now),
  };
}

function rateOf(increase: Increase | undefined): { value: number | null; reason?: string } {
  if (!increase) return { value: null, reason: 'first' };
  if (increase.amount === undefined || increase.elapsedMs <= 0)
    return { value: null, ...(increase.reason ? { reason: increase.reason } : {}) };
  return { value: Math.round((Number(increase.amount) * 8000) / increase.elapsedMs) };
}

function percentOf(bitsPerSecond: number | null, speed: number | undefined): number | null {
  return bitsPerSecond === null || !speed ? null : Math.round((bitsPerSecond / speed) * 10_000) / 100;
}
