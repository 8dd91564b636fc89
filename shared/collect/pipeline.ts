/** The one way a source is read: lease, admission, one bounded page, record, hand on. Runs twice without a second effect. */
import type { Instant } from '../platform/clock.ts';
import { isoInstant } from '../platform/clock.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import type { Head, TargetRef } from '../samples/sample.ts';
import { admit, type BreakerState, CLOSED, isClosed } from './breaker.ts';
import type { QueuedCollectMessage } from './collect.contract.ts';
import type { Page } from './collector.port.ts';
import { readPage } from './read-page.ts';
import { recordFailure, recordMoved, recordPage, resumeStored } from './record.ts';
import { type CollectDeps, type CollectReport, isManual, type RunContext } from './run-context.ts';
import { slotInMinute } from './schedule.ts';
import { isCalled } from './source-rules.ts';
import { waitSeconds } from './waiting.ts';

/** What follows a read (some ten small writes) takes well under a second; a slow table is given this. */
export const WRITE_MARGIN_MS = 8000;
/** With less than this a read would only be begun to be cut off. */
const SHORTEST_READ_MS = 4000;

/**
 * Failures of the source are recorded and reported; the next slot is their retry. STORE_* and bugs are thrown: the
 * message comes again and every step that was done is found done. `deadline` is the end of the invocation.
 */
export async function collect(
  deps: CollectDeps,
  message: QueuedCollectMessage,
  { deadline }: { deadline: Instant },
): Promise<CollectReport> {
  const found = await findSource(deps, message);
  if ('outcome' in found) return found;
  const startedAt = deps.clock.now();
  const readUntil = deadline - WRITE_MARGIN_MS;
  if (readUntil - startedAt < SHORTEST_READ_MS) return defer(deps, message, 'late');
  const { source, allowedNetworks, zone } = found;
  const target: TargetRef = { tenant: source.tenant, kind: source.kind, target: source.id };
  const run = { tenant: source.tenant, source: source.id, slot: Date.parse(message.slot), part: message.part };
  const lease = await deps.samples.acquireLease(target, startedAt, deadline - startedAt, {
    run,
    isDone: (holder) => deps.runs.isDone({ ...run, slot: holder.slot, part: holder.part }),
  });
  if (!lease) return defer(deps, message, 'busy', target);
  let isLogged = false;
  try {
    if (await deps.runs.isDone(run)) return skipped('duplicate');
    const [head, breaker] = await Promise.all([
      deps.samples.readHead(target),
      deps.breakers.read(source.tenant, source.id),
    ]);
    const report = await runUnderLease({
      ...{ deps, message, source, allowedNetworks, zone, target, run, lease, head, breaker, startedAt, readUntil },
    });
    isLogged = report.outcome !== 'skipped';
    return report;
  } finally {
    // Whoever finds this run in the log takes its lease over: the usual run pays nothing to give it back.
    if (!isLogged) await deps.samples.releaseLease(lease);
  }
}

async function runUnderLease(context: RunContext): Promise<CollectReport> {
  const { head, run, source, breaker, deps } = context;
  // What a source sent describes its own slot, however late it comes; only a call would describe another time.
  if (isCalled(source.type) && isSuperseded(head, run.slot, source.periodSeconds)) {
    await resumeStored(context);
    return (await goOnLater(context)) ? recordMoved(context) : skipped('superseded');
  }
  if (source.pausedReason !== undefined) {
    // The pause has taken over what the breaker had counted; new credentials begin with a clean slate.
    if (!isClosed(breaker)) await deps.breakers.write(source.tenant, source.id, CLOSED);
    return recordFailure(context, new AppError('SOURCE_REJECTED', source.pausedReason), { called: false });
  }
  const admission = admit(breaker, context.startedAt, isManual(context.message));
  if (!admission.allowed) return recordFailure(context, notBefore(breaker, admission.until), { called: false });
  const page = await readOrFailure(context);
  if (await isGone(context)) return skipped('removed');
  return page instanceof AppError ? recordFailure(context, page, { called: true }) : recordPage(context, page);
}

async function readOrFailure(context: RunContext): Promise<Page | AppError> {
  try {
    return await readPage(context);
  } catch (error) {
    if (isAppError(error) && error.code.startsWith('SOURCE_')) return error;
    throw error;
  }
}

async function findSource(
  deps: CollectDeps,
  { tenant, source: id, slot, boundary, checkpoint }: QueuedCollectMessage,
): Promise<Pick<RunContext, 'source' | 'allowedNetworks' | 'zone'> | CollectReport> {
  const [owner, source] = await Promise.all([deps.tenants.readTenant(tenant), deps.sources.read(tenant, id)]);
  if (!owner || owner.removedAt !== undefined) return skipped('removed');
  const target = source && { ...source, source: id, paused: false };
  const offGrid = target && boundary && slotInMinute(target, Date.parse(slot)) !== Date.parse(slot);
  // A message that the source does not explain comes from a directory row that a crash left behind.
  const isOurs = source !== undefined && deps.types.includes(source.type);
  if (!isOurs || !source.enabled || offGrid) {
    for (const type of deps.types) await deps.sources.restoreTarget(type, tenant, id);
  }
  if (!isOurs) return skipped('removed');
  // A source that sends by itself is in the message; without it there is nothing to do, which is no failure of the source.
  if (!isCalled(source.type) && checkpoint === undefined) return skipped('uncalled');
  const { allowedNetworks, zone } = owner;
  return source.enabled ? { source, allowedNetworks, zone } : skipped('disabled');
}

/** Reading is the long step: whoever was removed during it is not written any more. */
async function isGone({ deps, source }: RunContext): Promise<boolean> {
  const [owner, now] = await Promise.all([
    deps.tenants.readTenant(source.tenant),
    deps.sources.read(source.tenant, source.id),
  ]);
  return !owner || owner.removedAt !== undefined || now === undefined;
}

/**
 * What somebody asked for is carried through, even where a round by hand takes longer than a period: its rest becomes a
 * slot of its own, right behind the newest one, so that slots and receipts keep one order.
 */
async function goOnLater({ deps, message, head, run }: RunContext): Promise<boolean> {
  if (!isManual(message) || message.checkpoint === undefined || head?.newestSlot === undefined) return false;
  const { waits: _waits, ...rest } = message;
  // Two runs by hand that move at once must not meet in one slot.
  const slot = head.newestSlot + 1 + (run.slot % MOVED_APART_MS);
  await deps.collectQueue.send({ ...rest, slot: isoInstant(slot) });
  return true;
}

/** A prime below a second: moved slots stay next to each other, and apart. */
const MOVED_APART_MS = 997;

/** A whole period later something newer was read: reading now would describe that time, not this slot. */
function isSuperseded(head: Head | undefined, slot: Instant, periodSeconds: number): boolean {
  return head?.newestSlot !== undefined && head.newestSlot - slot >= periodSeconds * 1000;
}

function notBefore(breaker: BreakerState, until: Instant): AppError {
  const at = isoInstant(until);
  return breaker.unavailable > 0
    ? new AppError(
        'SOURCE_UNAVAILABLE',
        `not called: it failed ${breaker.unavailable} times in a row; next try at ${at}`,
      )
    : new AppError('SOURCE_THROTTLED', `not called: it asked not to be called before ${at}`);
}

/** Rescheduled, not slept: a function that waits is paid for. */
async function defer(
  deps: CollectDeps,
  message: QueuedCollectMessage,
  reason: 'busy' | 'late',
  target?: TargetRef,
): Promise<CollectReport> {
  const waits = message.waits ?? 0;
  const delaySeconds = waitSeconds(waits);
  if (delaySeconds === undefined) {
    throw new AppError('STORE_CONFLICT', `source ${message.source} was ${reason} ${waits} times`, { retryable: true });
  }
  // A run of many parts hands its lease on from one to the next: it is told to leave a gap.
  if (target) await deps.samples.awaitLease(target, deps.clock.now() + delaySeconds * 1000);
  await deps.collectQueue.send({ ...message, waits: waits + 1 }, { delaySeconds });
  return { outcome: 'deferred', reason, read: 0, accepted: 0, rejected: 0 };
}

function skipped(reason: 'removed' | 'disabled' | 'uncalled' | 'duplicate' | 'superseded'): CollectReport {
  return { outcome: 'skipped', reason, read: 0, accepted: 0, rejected: 0 };
}
