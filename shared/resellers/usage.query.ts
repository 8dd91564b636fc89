/** Answers what a reseller used, from the series of its interfaces; knows ports only. */
import type { EntityStore } from '../entities/entities.port.ts';
import { publicId } from '../entities/public-id.ts';
import { INTERFACE_KIND, inOctets, outOctets } from '../interfaces/metrics.ts';
import { type Clock, type Instant, isoInstant } from '../platform/clock.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { readRange } from '../samples/series.ts';
import { mappedInterfaces, type Reseller } from './reseller.ts';
import { isUnknown, sumOfUsage, type Usage, usageFieldsOf, usageOf } from './usage.ts';

export interface UsageQueryDeps {
  readonly samples: Pick<SampleStore, 'readHead' | 'readIncreases'>;
  readonly entities: Pick<EntityStore, 'read'>;
  readonly clock: Clock;
}

export function createUsageQuery({ samples, entities, clock }: UsageQueryDeps) {
  async function usageOfInterface(tenant: string, id: string, from: Instant, to: Instant): Promise<Usage> {
    const entity = await entities.read(tenant, INTERFACE_KIND, id);
    if (!entity) return usageOf([], [], 0);
    const ref = { tenant, kind: INTERFACE_KIND, target: entity.target };
    const [head, sent, received] = await Promise.all([
      samples.readHead(ref),
      samples.readIncreases({ ...ref, entity: id, metric: outOctets.id }, from, to),
      samples.readIncreases({ ...ref, entity: id, metric: inOctets.id }, from, to),
    ]);
    return usageOf(sent, received, head ? Math.floor((to - from) / (head.periodSeconds * 1000)) : 0);
  }

  return async (reseller: Reseller, from: Instant | undefined, to: Instant | undefined) => {
    const range = readRange(from, to, 'day', clock.now());
    const ids = mappedInterfaces(reseller);
    const usages = await Promise.all(ids.map((id) => usageOfInterface(reseller.tenant, id, range.from, range.to)));
    const parts = ids.flatMap((id, i) => {
      const usage = usages[i];
      return usage ? [{ id: publicId(id), usage }] : [];
    });
    return {
      ...{ id: reseller.id, from: isoInstant(range.from), to: isoInstant(range.to) },
      ...usageFieldsOf(sumOfUsage(usages)),
      unknownParts: parts.filter(({ usage }) => isUnknown(usage)).map(({ id }) => id),
      parts: parts.map(({ id, usage }) => ({ interface: id, ...usageFieldsOf(usage) })),
      ...(ids.length > 0
        ? {}
        : { note: 'there is nothing to read: no interface of a router is mapped to this reseller' }),
    };
  };
}

export type UsageQuery = ReturnType<typeof createUsageQuery>;
