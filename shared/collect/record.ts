/** Writes down what a run brought or why it brought nothing, in the one order that survives a crash after any step. */
import { assert } from '../platform/assert.ts';
import { isoInstant } from '../platform/clock.ts';
import type { AppError } from '../platform/errors.ts';
import type { Batch, LastRun } from '../samples/sample.ts';
import { afterFailure, CLOSED, isClosed } from './breaker.ts';
import type { Operation, Page } from './collector.port.ts';
import type { Run, RunStatus } from './run.ts';
import { type CollectReport, isManual, type RunContext } from './run-context.ts';

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
  await announce(context, parts);
  if (!isClosed(context.breaker)) await deps.breakers.write(source.tenant, source.id, CLOSED);
  if (page.next !== undefined) {
    const { waits: _waits, ...rest } = message;
    await deps.collectQueue.send({ ...rest, part: run.part + 1, checkpoint: page.next });
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

const NOTHING_USABLE = 'nothing of what it sent could be used';

function statusOf(page: Page): RunStatus {
  if (page.rejected.length === 0) return 'success';
  return page.readings.length > 0 ? 'partial' : 'failed';
}

function countsOf(page: Page): { read: number; accepted: number; rejected: number } {
  const accepted = page.readings.length;
  const rejected = page.rejected.length;
  return { read: accepted + rejected, accepted, rejected };
}

/** Numbers of the parts that hold the page's readings. */
async function recordReadings(context: RunContext, page: Page, status: RunStatus): Promise<number[]> {
  const { deps, target, run } = context;
  if (page.readings.length === 0) {
    const last = status === 'failed' ? failedRun(context, `SOURCE_MALFORMED: ${NOTHING_USABLE}`) : okRun(context);
    await deps.samples.recordFailure(target, last);
    return [];
  }
  assert(run.part < EXTRA_PARTS, 'a walk of 5000 parts does not end');
  const stored = await recordPart(context, page, run.part);
  const known = new Set(stored.readings.map((r) => r.entity));
  const extra = page.readings.filter((r) => !known.has(r.entity));
  if (extra.length === 0) return [run.part];
  await recordPart(context, { ...page, readings: extra }, run.part + EXTRA_PARTS);
  return [run.part, run.part + EXTRA_PARTS];
}

/** The stored part, which is not this page's when the part had been written before. */
async function recordPart(context: RunContext, page: Page, part: number): Promise<Batch> {
  const { deps, target, run, source, message, lease } = context;
  const { batch } = await deps.samples.putBatch({
    ...target,
    slot: run.slot,
    part,
    receivedAt: Math.max(...page.readings.map((r) => r.receivedAt)),
    periodSeconds: source.periodSeconds,
    boundary: message.boundary,
    readings: page.readings,
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
    await announce(context, []);
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

/** A part that a crashed run had stored, but perhaps not told the head: it is told now. */
export async function resumeStored(context: RunContext): Promise<Batch | undefined> {
  const { deps, target, run, lease } = context;
  const recent = await deps.samples.newestBatches(target, RECENT_BATCHES);
  const stored = recent.find((b) => b.slot === run.slot && b.part === run.part);
  if (!stored) return undefined;
  await deps.samples.advanceHead(lease, stored, okRun(context));
  await announce(context, [stored.part]);
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
async function announce({ deps, target, run }: RunContext, parts: readonly number[]): Promise<void> {
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
