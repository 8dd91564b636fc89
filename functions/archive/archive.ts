/** The handler of the archive queue, without its surroundings: one step of one target's month, then a message for the next. */
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import type { Instant } from '../../shared/platform/clock.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import type { ArchiveTarget } from '../../shared/samples/archive-months.ts';
import type { ArchiveStep } from '../../shared/samples/archive-writer.ts';
import { type ArchiveMessage, archiveMessage } from './archive.contract.ts';

export interface ArchiveDeps {
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly step: (ref: ArchiveTarget, notBefore: Instant) => Promise<ArchiveStep>;
  readonly queue: Queue<ArchiveMessage>;
}

export type ArchiveReport = ArchiveTarget & ArchiveStep;

/** Takes a message's body. Undefined when the tenant is gone; any failure is thrown, and the same step again is harmless. */
export function createArchiveHandler(deps: ArchiveDeps): (body: string) => Promise<ArchiveReport | undefined> {
  return async (body) => {
    const message = archiveMessage.parse(JSON.parse(body));
    const { tenant, month, kind, target, notBefore } = message;
    const owner = await deps.tenants.readTenant(tenant);
    if (!owner || owner.removedAt !== undefined) return undefined;
    const done = await deps.step({ tenant, month, kind, target }, notBefore);
    if (done.state === 'part') await deps.queue.send(message);
    return { tenant, month, kind, target, ...done };
  };
}
