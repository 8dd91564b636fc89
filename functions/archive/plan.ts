/** Every six hours: a message for each target whose month must go to the archive, and a mark on months that are whole. */
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import type { ArchivePlan } from '../../shared/samples/archive-plan.ts';
import type { ArchiveMessage } from './archive.contract.ts';

export interface ArchivePlannerDeps {
  readonly tenants: Pick<TenantStore, 'listTenants'>;
  readonly planOf: (tenant: string) => Promise<ArchivePlan>;
  readonly queue: Queue<ArchiveMessage>;
}

export interface ArchivePlannerReport {
  readonly tenants: number;
  readonly tasks: number;
  /** Months that became whole. */
  readonly closed: number;
  /** How long the oldest target has been waiting since it could have been archived. */
  readonly unarchivedSeconds: number;
}

/** Throws where a message could not be handed on: it is invoked again, and every message bears a duplicate. */
export function createArchivePlanner(deps: ArchivePlannerDeps): () => Promise<ArchivePlannerReport> {
  return async () => {
    const tenants = await deps.tenants.listTenants();
    let [tasks, closed, waitedMs] = [0, 0, 0];
    for (const { tenant } of tenants) {
      const plan = await deps.planOf(tenant);
      await deps.queue.sendMany(plan.tasks.map((task) => ({ message: { version: 1, ...task } })));
      tasks += plan.tasks.length;
      closed += plan.closed.length;
      waitedMs = Math.max(waitedMs, plan.waitedMs);
    }
    return { tenants: tenants.length, tasks, closed, unarchivedSeconds: Math.round(waitedMs / 1000) };
  };
}
