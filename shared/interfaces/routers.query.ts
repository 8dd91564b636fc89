/** Answers questions about routers from sources, heads and entities; knows ports only. */
import type { Source } from '../collect/source.ts';
import { SOURCE_ID_PATTERN } from '../collect/source-rules.ts';
import type { SourceStore } from '../collect/sources.port.ts';
import type { EntityStore } from '../entities/entities.port.ts';
import type { Tenant } from '../entities/tenant.ts';
import { type Clock, type Instant, isoInstant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { freshness } from '../samples/freshness.ts';
import type { Head } from '../samples/sample.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { INTERFACE_KIND } from './metrics.ts';
import { limitRefusal } from './router-limits.ts';

export interface RouterQueryDeps {
  readonly sources: Pick<SourceStore, 'read' | 'list'>;
  readonly samples: Pick<SampleStore, 'readHead' | 'readHeads'>;
  readonly entities: Pick<EntityStore, 'list' | 'listOfTarget'>;
  readonly clock: Clock;
}

export function createRouterQueries({ sources, samples, entities, clock }: RouterQueryDeps) {
  /** Throws NOT_FOUND, also for a source that is no router. */
  async function find(tenant: Tenant, id: string): Promise<Source> {
    const source = SOURCE_ID_PATTERN.test(id) ? await sources.read(tenant.tenant, id) : undefined;
    if (source?.kind !== INTERFACE_KIND) throw new AppError('NOT_FOUND', `there is no router "${id}"`);
    return source;
  }

  return {
    find,
    async list(tenant: Tenant) {
      const [all, heads, interfaces] = await Promise.all([
        sources.list(tenant.tenant),
        samples.readHeads(tenant.tenant, INTERFACE_KIND),
        entities.list(tenant.tenant, INTERFACE_KIND),
      ]);
      const headOf = new Map(heads.map((head) => [head.target, head]));
      const counts = new Map<string, number>();
      for (const { target, removedAt } of interfaces) {
        if (removedAt === undefined) counts.set(target, (counts.get(target) ?? 0) + 1);
      }
      return all
        .filter(({ kind }) => kind === INTERFACE_KIND)
        .map((source) => viewOf(source, headOf.get(source.id), counts.get(source.id) ?? 0, clock.now()))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async read(tenant: Tenant, id: string) {
      const source = await find(tenant, id);
      const [head, interfaces] = await Promise.all([
        samples.readHead({ tenant: tenant.tenant, kind: INTERFACE_KIND, target: id }),
        entities.listOfTarget(tenant.tenant, INTERFACE_KIND, id),
      ]);
      const present = interfaces.filter(({ removedAt }) => removedAt === undefined);
      return viewOf(source, head, present.length, clock.now());
    },
  };
}

export type RouterQueries = ReturnType<typeof createRouterQueries>;
export type RouterView = Awaited<ReturnType<RouterQueries['read']>>;

function viewOf(source: Source, head: Head | undefined, interfaces: number, now: Instant) {
  const { id, name, type, settings, enabled, simulated, periodSeconds } = source;
  const refusal = limitRefusal(source);
  const receipts = head?.entities.map(({ receivedAt }) => receivedAt) ?? [];
  const readAt = receipts.length === 0 ? undefined : receipts.reduce((newest, at) => Math.max(newest, at));
  return {
    ...{ id, name, type, enabled, simulated, periodSeconds },
    host: typeof settings.host === 'string' ? settings.host : null,
    pausedReason: source.pausedReason ?? null,
    lastRun: lastRunOf(head),
    // A router that never told its interfaces does not have none.
    interfaces: head?.newestSlot === undefined ? null : interfaces,
    limits: { changeable: refusal === undefined, reason: refusal ?? null },
    ...freshness(readAt, periodSeconds, now),
  };
}

function lastRunOf(head: Head | undefined) {
  if (head?.lastRun === undefined) return null;
  const { at, ok, error } = head.lastRun;
  return { at: isoInstant(at), ok, error: error ?? null };
}
