/** Writes down what a run brought or why it brought nothing, in the one order that survives a crash after any step. */
import { assert } from '../platform/assert.ts';
import { isoInstant } from '../platform/clock.ts';
import type { AppError } from '../platform/errors.ts';
import type { Batch, LastRun, Reading, TargetRef } from '../samples/sample.ts';
import { afterFailure, CLOSED, isClosed } from './breaker.ts';
import type { FedTarget, Operation, Page } from './collector.port.ts';
import type { Run, RunStatus } from './run.ts';
import { type CollectReport, isManual, type RunContext } from './run-context.ts';
import { gapSeconds } from './waiting.ts';

/**
 * A part read again after a crash may hold readings that the stored one lacks (the pages of a walk are cut by time):
 * they become a part of their own, numbered from here.
 */
const EXTRA_PARTS = 5000;
/** Enough to find the part of a slot that others have overtaken. */
const RECENT_BATCHES = 8;

/** The row in the run log is the last step: where it stands, everything before it is done. */
export async function recordPage(context: RunContext, page: Page): Promise<CollectReport> {
  const { deps, source, run, message } = context;
  if (page.rawText !== undefined) await deps.runs.writeRaw(run, page.rawText);
  const status = statusOf(page);
  const parts = await recordReadings(context, page, status);
  await deps.entities.record(source.tenant, source.kind, source.id, page.entities, {
    now: deps.clock.now(),
    // The last page of several does not tell what is absent; only a walk in one page does.
    complete: page.complete && run.part === 0,
  });
  await announce(context, context.target, parts);
  await inGroups(page.fed ?? [], FED_AT_ONCE, (fed) => recordFed(context, fed));
  if (!isClosed(context.breaker)) await deps.breakers.write(source.tenant, source.id, CLOSED);
  if (page.next !== undefined) {
    const { waits: _waits, ...rest } = message;
    const awaitedAt = await deps.samples.leaseAwaitedAt(context.target);
    const delaySeconds = Math.max(page.resumeAfterSeconds ?? 0, gapSeconds(awaitedAt, deps.clock.now()));
    const wait = delaySeconds === 0 ? {} : { delaySeconds };
    await deps.collectQueue.send({ ...rest, part: run.part + 1, checkpoint: page.next }, wait);
  }
  const counts = countsOf(page);
  await deps.runs.write({
    ...runBase(context),
    ...counts,
    status,
    rejections: page.rejected,
    operations: page.operations,
    ...(status === 'failed' ? { errorCode: 'SOURCE_MALFORMED', error: NOTHING_USABLE } : {}),
  });
  return { outcome: status, ...counts, ...(status === 'failed' ? { errorCode: 'SOURCE_MALFORMED' } : {}) };
}

/** The rest of a run by hand went on under another slot; said in the log, so that a second delivery moves nothing. */
export async function recordMoved(context: RunContext): Promise<CollectReport> {
  const counts = { read: 0, accepted: 0, rejected: 0 };
  const empty = { rejections: [], operations: [] };
  await context.deps.runs.write({ ...runBase(context), ...counts, ...empty, status: 'success' });
  return { outcome: 'success', ...counts };
}

const NOTHING_USABLE = 'nothing of what it sent could be used';

function statusOf(page: Page): RunStatus {
  if (page.rejected.length === 0) return 'success';
  return acceptedOf(page) > 0 ? 'partial' : 'failed';
}

function countsOf(page: Page): { read: number; accepted: number; rejected: number } {
  const accepted = acceptedOf(page);
  const rejected = page.rejected.length;
  return { read: accepted + rejected, accepted, rejected };
}

/** Readings; where a page only lists what there is (a walk through an inventory), the things it listed. */
function acceptedOf({ readings, fed = [] }: Page): number {
  const sum = (of: (one: FedTarget) => number) => fed.reduce((total, one) => total + of(one), 0);
  return (
    readings.length +
    Math.max(
      sum((one) => one.readings.length),
      sum((one) => one.entities.length),
    )
  );
}

/** So many targets are written at once: each takes a handful of small calls. */
const FED_AT_ONCE = 16;

/** What a run brought for one target beside its own; in the same order, and just as often as it takes. */
async function recordFed(context: RunContext, fed: FedTarget): Promise<void> {
  const { deps, source } = context;
  const target: TargetRef = { tenant: source.tenant, kind: fed.kind, target: fed.target };
  const parts = fed.readings.length === 0 ? [] : await recordParts(context, target, fed.readings);
  const now = deps.clock.now();
  const complete = fed.complete === true;
  if (complete || fed.entities.length > 0) {
    await deps.entities.record(source.tenant, fed.kind, fed.target, fed.entities, { now, complete });
  }
  if (fed.gone) await deps.entities.remove(source.tenant, fed.kind, fed.gone, now);
  if (parts.length > 0 || fed.gone) await announce(context, target, parts);
  if (fed.foldDue) await deps.foldQueue?.send({ version: 1, ...target });
}

async function inGroups<T>(all: readonly T[], size: number, one: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += size) await Promise.all(all.slice(at, at + size).map(one));
}

/** Numbers of the parts that hold the page's readings. */
async function recordReadings(context: RunContext, page: Page, status: RunStatus): Promise<number[]> {
  const { deps, target } = context;
  if (page.readings.length === 0) {
    const last = status === 'failed' ? failedRun(context, `SOURCE_MALFORMED: ${NOTHING_USABLE}`) : okRun(context);
    await deps.samples.recordFailure(target, last);
    return [];
  }
  return recordParts(context, target, page.readings);
}

async function recordParts(context: RunContext, target: TargetRef, readings: readonly Reading[]): Promise<number[]> {
  const { part } = context.run;
  assert(part < EXTRA_PARTS, 'a walk of 5000 parts does not end');
  const stored = await recordPart(context, target, readings, part);
  const known = new Set(stored.readings.map((r) => r.entity));
  const extra = readings.filter((r) => !known.has(r.entity));
  if (extra.length === 0) return [part];
  await recordPart(context, target, extra, part + EXTRA_PARTS);
  return [part, part + EXTRA_PARTS];
}

/** The stored part, which is not this page's when the part had been written before. */
async function recordPart(
  context: RunContext,
  target: TargetRef,
  readings: readonly Reading[],
  part: number,
): Promise<Batch> {
  const { deps, run, source, message, lease } = context;
  const { batch } = await deps.samples.putBatch({
    ...target,
    slot: run.slot,
    part,
    receivedAt: Math.max(...readings.map((r) => r.receivedAt)),
    periodSeconds: source.periodSeconds,
    boundary: message.boundary,
    readings,
  });
  await deps.samples.advanceHead(lease, batch, okRun(context));
  return batch;
}

/** `called` is false when the source was not asked at all, which says nothing new about it. */
export async function recordFailure(
  context: RunContext,
  error: AppError,
  { called }: { called: boolean },
): Promise<CollectReport> {
  const { deps, target, run } = context;
  const rawText = error.context.rawText;
  if (called && rawText !== undefined) await deps.runs.writeRaw(run, rawText);
  const resumed = await resumeStored(context);
  if (!resumed) {
    await deps.samples.recordFailure(target, failedRun(context, `${error.code}: ${error.message}`));
    await announce(context, target, []);
  }
  if (called) await updateBreaker(context, error);
  const status = resumed ? 'partial' : 'failed';
  const accepted = resumed?.readings.length ?? 0;
  await deps.runs.write({
    ...runBase(context),
    ...{ status, read: accepted, accepted, rejected: 0, rejections: [], operations: operationsOf(error) },
    errorCode: error.code,
    error: error.message,
  });
  return { outcome: status, read: accepted, accepted, rejected: 0, errorCode: error.code };
}

/** A part that a crashed run had stored, but perhaps not told its head: it is told now. */
export async function resumeStored(context: RunContext): Promise<Batch | undefined> {
  const { deps, source, target, message } = context;
  const { checkpoint } = message;
  const fed = await deps.collector.mayHaveFed?.({ source, ...(checkpoint === undefined ? {} : { checkpoint }) });
  const resumed: Batch[] = [];
  await inGroups([target, ...(fed ?? [])], FED_AT_ONCE, async ({ kind, target: name }) => {
    const batch = await resumeTarget(context, { tenant: source.tenant, kind, target: name });
    if (batch) resumed.push(batch);
  });
  return resumed[0];
}

async function resumeTarget(context: RunContext, target: TargetRef): Promise<Batch | undefined> {
  const { deps, run, lease } = context;
  const recent = await deps.samples.newestBatches(target, RECENT_BATCHES);
  const stored = recent.find((b) => b.slot === run.slot && b.part === run.part);
  if (!stored) return undefined;
  await deps.samples.advanceHead(lease, stored, okRun(context));
  await announce(context, target, [stored.part]);
  return stored;
}

async function updateBreaker({ deps, source, run, breaker }: RunContext, error: AppError): Promise<void> {
  const { state, pause } = afterFailure(breaker, {
    code: error.code,
    retryAfterSeconds: error.context.retryAfterSeconds,
    run: `${isoInstant(run.slot)}#${run.part}`,
    now: deps.clock.now(),
  });
  const reason = `its credentials were refused twice (${error.message}): store new ones to go on`;
  const paused = pause && (await deps.sources.pause(source, reason));
  await deps.breakers.write(source.tenant, source.id, paused ? CLOSED : state);
}

/** Names the parts to whoever copies samples, and the target to the rules, which look at failures too. */
async function announce({ deps, run }: RunContext, target: TargetRef, parts: readonly number[]): Promise<void> {
  const slot = isoInstant(run.slot);
  for (const part of parts) await deps.storedPartQueue?.send({ version: 1, ...target, slot, part });
  await deps.evaluateQueue.send({ version: 1, ...target });
}

function okRun({ deps, run }: RunContext): LastRun {
  return { slot: run.slot, at: deps.clock.now(), ok: true, failures: 0 };
}

/** A redelivered failure of the same slot is the same failure. */
function failedRun({ deps, run, head }: RunContext, error: string): LastRun {
  const last = head?.lastRun;
  const before = last === undefined || last.ok ? 0 : last.failures;
  const failures = last && !last.ok && last.slot === run.slot ? before : before + 1;
  return { slot: run.slot, at: deps.clock.now(), ok: false, error, failures };
}

function runBase({ deps, source, run, message, startedAt }: RunContext) {
  return {
    ...run,
    kind: source.kind,
    startedAt,
    endedAt: deps.clock.now(),
    manual: isManual(message),
  } satisfies Partial<Run>;
}

/** The calls made until the failure ride in its context. */
function operationsOf(error: AppError): readonly Operation[] {
  const operations = error.context.operations;
  return Array.isArray(operations) ? (operations as Operation[]) : [];
}
