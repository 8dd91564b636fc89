/** Answers what a reseller used, from the series of its ports and queues; knows ports only. */
import type { EntityStore } from '../entities/entities.port.ts';
import { publicId } from '../entities/public-id.ts';
import { INTERFACE_KIND, inOctets, outOctets, QUEUE_KIND } from '../interfaces/metrics.ts';
import { type Clock, type Instant, isoInstant } from '../platform/clock.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { readRange } from '../samples/series.ts';
import { type Meter, metersOf, type Reseller } from './reseller.ts';
import { isUnknown, sumOfUsage, type Usage, usageFieldsOf, usageOf } from './usage.ts';

export interface UsageQueryDeps {
  readonly samples: Pick<SampleStore, 'readHead' | 'readIncreases'>;
  readonly entities: Pick<EntityStore, 'read'>;
  readonly clock: Clock;
}

export function createUsageQuery({ samples, entities, clock }: UsageQueryDeps) {
  /** Undefined: there is no such port or queue here. */
  async function usageOfMeter(tenant: string, meter: Meter, from: Instant, to: Instant): Promise<Usage | undefined> {
    const { kind, id } = meter;
    const entity = await entities.read(tenant, kind, id);
    if (!entity) return undefined;
    const ref = { tenant, kind, target: entity.target };
    const [head, sent, received] = await Promise.all([
      samples.readHead(ref),
      samples.readIncreases({ ...ref, entity: id, metric: outOctets.id }, from, to),
      samples.readIncreases({ ...ref, entity: id, metric: inOctets.id }, from, to),
    ]);
    return usageOf(sent, received, head ? Math.floor((to - from) / (head.periodSeconds * 1000)) : 0);
  }

  return async (reseller: Reseller, from: Instant | undefined, to: Instant | undefined) => {
    const range = readRange(from, to, 'day', clock.now());
    const meters = metersOf(reseller);
    const parts = await Promise.all(
      meters.map(async (meter) => {
        const usage = await usageOfMeter(reseller.tenant, meter, range.from, range.to);
        return { meter, isThere: usage !== undefined, usage: usage ?? usageOf([], [], 0) };
      }),
    );
    const unread = parts.find(({ meter, isThere }) => meter.kind === QUEUE_KIND && !isThere)?.meter;
    const note = meters.length === 0 ? NO_ROUTER : unread && unreadQueue(unread);
    return {
      ...{ id: reseller.id, from: isoInstant(range.from), to: isoInstant(range.to) },
      ...usageFieldsOf(sumOfUsage(parts.map(({ usage }) => usage))),
      unknownParts: parts.filter(({ usage }) => isUnknown(usage)).map(({ meter }) => publicId(meter.id)),
      parts: parts.map(({ meter, usage }) => ({ ...nameOf(meter), ...usageFieldsOf(usage) })),
      ...(note === undefined ? {} : { note }),
    };
  };
}

const NO_ROUTER = 'there is nothing to read: this reseller hangs on no router';

function unreadQueue({ router, id }: Meter): string {
  const queue = id.slice(router.length + 1);
  return `no queue "${queue}" of the router ${router} is read here: it is not there, or its router does not tell what queues carry. MikroTik routers do, unless their settings say "queues": false; otherwise name the interfaces that face the customer`;
}

function nameOf({ kind, id }: Meter): { readonly interface: string } | { readonly queue: string } {
  return kind === INTERFACE_KIND ? { interface: publicId(id) } : { queue: publicId(id) };
}

export type UsageQuery = ReturnType<typeof createUsageQuery>;
