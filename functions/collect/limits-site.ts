/** What the work on limits adds for routers behind sites: whose a conversation is, what wakes it, and that nothing is told twice. */
import type { AuditWriter } from '../../shared/collect/audit.port.ts';
import type { SiteWorkStore } from '../../shared/collect/site-work.port.ts';
import type { OpenedRouter, RouterWork } from '../../shared/interfaces/router-limits.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import { type LimitsMessage, limitsMessage } from '../../shared/resellers/resellers.contract.ts';
import type { ResellerRecord, Task } from '../../shared/resellers/work.ts';

type ApplyMessage = Extract<LimitsMessage, { work: 'apply' }>;

/** One place of one work of a reseller. */
export function taskWork(
  queue: Queue<LimitsMessage>,
  message: ApplyMessage,
  place: Pick<Task, 'queue'> & Pick<ResellerRecord, 'createdAt'>,
  holder: string,
): RouterWork {
  const { reseller, number } = message;
  const { createdAt } = place;
  return {
    // A reseller that was removed and made anew counts its works from 1 again.
    ...workOf(queue, message, ['apply', reseller, createdAt, number, place.queue], holder),
    // What is wanted now has taken the place of what was wanted then.
    replaces(other) {
      const [kind, of, madeAt = 0, before = 0] = JSON.parse(other) as [string, string?, number?, number?];
      return kind === 'apply' && of === reseller && (madeAt !== createdAt || before < number);
    },
  };
}

export function comparisonWork(queue: Queue<LimitsMessage>, message: LimitsMessage, holder: string): RouterWork {
  return { ...workOf(queue, message, ['compare'], holder), replaces: () => false };
}

function workOf(queue: Queue<LimitsMessage>, message: LimitsMessage, id: readonly unknown[], begunBy: string) {
  const { waits: _waits, ...wake } = message;
  return {
    ...{ id: JSON.stringify(id), begunBy, wake },
    resume: (other: unknown) => queue.send(limitsMessage.parse(other)),
    look: (awaited: Parameters<RouterWork['look']>[0], delaySeconds: number) =>
      queue.send({ ...wake, awaited: { ...awaited } }, { delaySeconds }),
  };
}

/** False for a look at a command that was answered, or is not asked any more: the answer's own message has gone on. */
export async function isStillAwaited(
  { siteWork }: { readonly siteWork: Pick<SiteWorkStore, 'read'> },
  { tenant, awaited }: LimitsMessage,
): Promise<boolean> {
  if (!awaited) return true;
  const conversation = await siteWork.read({ tenant, source: awaited.site }, awaited.router);
  return conversation?.open?.id === awaited.command;
}

/** Behind a site each row names it, and is written once, however often the work comes by. */
export function auditOf(audit: AuditWriter, { conversation }: OpenedRouter): AuditWriter {
  if (!conversation) return audit;
  return {
    append(tenant, draft) {
      const row = { ...draft, details: { ...draft.details, site: conversation.site } };
      return conversation.once(() => audit.append(tenant, row));
    },
  };
}
