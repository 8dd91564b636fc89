/** Every hour: a comparison for each router on which resellers hang, a message for work that was forgotten, and somebody who looks. */
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Queue, QueueEntry } from '../../shared/platform/queue.port.ts';
import type { LimitsMessage } from '../../shared/resellers/resellers.contract.ts';
import type { ResellerStore } from '../../shared/resellers/resellers.port.ts';
import { watchResellers } from '../../shared/resellers/watch.ts';
import { isForgotten, type ResellerRecord, tasksOf } from '../../shared/resellers/work.ts';

export interface CompareLimitsDeps {
  readonly tenants: Pick<TenantStore, 'listTenants'>;
  readonly resellers: Pick<ResellerStore, 'list'>;
  readonly sources: Pick<SourceStore, 'read' | 'put'>;
  readonly queue: Queue<LimitsMessage>;
  readonly clock: Clock;
}

export interface CompareLimitsReport {
  readonly tenants: number;
  readonly routers: number;
  readonly forgotten: number;
  /** Tenants whose resellers nobody can look at: another source has the id of the one that would. */
  readonly unwatched: number;
}

/** Longer than a message that fails takes to become visible again. */
const FORGOTTEN_MS = 30 * 60_000;
/** Routers are asked over so long, not all at once. */
const SPREAD_SECONDS = 600;

/** Throws where a message could not be handed on: it is invoked again, and every message bears a duplicate. */
export function createCompareLimits(deps: CompareLimitsDeps): () => Promise<CompareLimitsReport> {
  return async () => {
    const tenants = await deps.tenants.listTenants();
    const now = deps.clock.now();
    let [routers, forgotten, unwatched] = [0, 0, 0];
    for (const owner of tenants.filter(({ removedAt }) => removedAt === undefined)) {
      const { tenant } = owner;
      const records = await deps.resellers.list(tenant);
      // Made with the first reseller as a rule; those from before it was thought of have none.
      if (records.length > 0 && !(await watchResellers(deps, owner))) unwatched += 1;
      const compared = comparisons(tenant, records);
      const again = records.filter((record) => isForgotten(record, now, FORGOTTEN_MS)).map(applyAgain);
      await deps.queue.sendMany([...compared, ...again]);
      routers += compared.length;
      forgotten += again.length;
    }
    return { tenants: tenants.length, routers, forgotten, unwatched };
  };
}

function comparisons(tenant: string, records: readonly ResellerRecord[]): QueueEntry<LimitsMessage>[] {
  const routers = [...new Set(records.flatMap((record) => tasksOf(record).map(({ router }) => router)))].sort();
  return routers.map((router, i) => ({
    message: { version: 1, work: 'compare', tenant, router },
    delaySeconds: Math.floor((i * SPREAD_SECONDS) / routers.length),
  }));
}

function applyAgain({ tenant, id, asked }: ResellerRecord): QueueEntry<LimitsMessage> {
  return { message: { version: 1, work: 'apply', tenant, reseller: id, number: asked } };
}
