/** Copies stored parts to Timestream. Nothing waits for it: a message that fails stays on its own queue until it heals. */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import type { StoredPartMessage } from '../../shared/collect/collect.contract.ts';
import type { Clock, Instant } from '../../shared/platform/clock.ts';
import { AppError, isAppError } from '../../shared/platform/errors.ts';
import { TENANT_PATTERN } from '../../shared/platform/key.ts';
import type {
  RejectedRow,
  RejectReason,
  SampleCopy,
  SampleSource,
  WriteResult,
} from '../../shared/samples/copies.port.ts';
import { rowsOf, versionOf } from '../../shared/samples/timestream-rows.ts';
import { readRecord } from '../records.ts';

export interface TimestreamHandlerDeps {
  readonly clock: Clock;
  readonly source: Pick<SampleSource, 'partsOf'>;
  readonly copy: Pick<SampleCopy, 'writeRows'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  readonly metrics: Pick<Metrics, 'addMetric' | 'hasStoredMetrics' | 'publishStoredMetrics'>;
}

export type TimestreamHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const storedPart = z.object({
  version: z.literal(1),
  tenant: z.string().check(z.regex(TENANT_PATTERN)),
  kind: z.string().check(z.minLength(1)),
  target: z.string().check(z.minLength(1)),
  slot: z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'not an ISO 8601 instant')),
  part: z.int().check(z.nonnegative()),
});

/** Of formulas there are none in raw values: only a replay that is told to replace writes a higher one. */
const GENERATION = 1;
/** Left for answering and for the log. */
const MARGIN_MS = 3000;
/** Longer waiting is the queue's business, which costs nothing. */
const WRITE_MS = 10_000;

/** One message after the other: the first that finds Timestream gone sends the rest back without asking again. */
export function createTimestreamHandler(deps: TimestreamHandlerDeps): TimestreamHandler {
  return async (event, context) => {
    const deadline = deps.clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    const run: Invocation = { deadline, gone: undefined };
    let turn: Promise<unknown> = Promise.resolve();
    const inTurn = (record: SQSRecord): Promise<void> => {
      const own = turn.then(() => copyRecord(deps, record, run));
      turn = own.catch(() => undefined);
      return own;
    };
    try {
      const processor = new BatchProcessor(EventType.SQS, { logger: deps.logger });
      return await processPartialResponse(event, inTurn, processor, { throwOnFullBatchFailure: false });
    } finally {
      if (deps.metrics.hasStoredMetrics()) deps.metrics.publishStoredMetrics();
    }
  };
}

interface Invocation {
  readonly deadline: Instant;
  /** Set once Timestream did not answer. */
  gone: AppError | undefined;
}

async function copyRecord(deps: TimestreamHandlerDeps, record: SQSRecord, run: Invocation): Promise<void> {
  const message = readRecord(storedPart, record, deps.logger) satisfies StoredPartMessage;
  const { tenant, target, slot, part } = message;
  const line = { tenant, target, slot, part };
  if (run.gone !== undefined) throw run.gone;
  try {
    const result = await copyPart(deps, message, run);
    deps.logger.info('copied', { ...line, stored: result.stored, rejected: result.rejected.length });
    settle(deps, line, result);
  } catch (error) {
    deps.logger.error('a part was not copied', { ...line, error: error as Error });
    throw error;
  }
}

/**
 * The entities of the part, each with all that the slot's parts say of it: so a restatement of one metric takes nothing
 * from the others, and the order in which messages arrive does not matter.
 */
async function copyPart(
  deps: TimestreamHandlerDeps,
  message: StoredPartMessage,
  run: Invocation,
): Promise<WriteResult> {
  const { tenant, kind, target, part } = message;
  const parts = await deps.source.partsOf({ tenant, kind, target }, Date.parse(message.slot));
  const own = new Set(parts.find((batch) => batch.part === part)?.readings.map(({ entity }) => entity));
  // A part that is gone has outlived its 35 days in a dead-letter queue; a replay brings it from the chunks.
  if (own.size === 0) deps.metrics.addMetric('TimestreamPartsMissing', 'Count', 1);
  const rows = rowsOf(parts).filter(({ entity }) => own.has(entity));
  if (rows.length === 0) return { stored: 0, rejected: [] };
  const deadline = Math.min(run.deadline, deps.clock.now() + WRITE_MS);
  try {
    return await deps.copy.writeRows({ tenant, kind }, rows, versionOf(GENERATION, parts.length), deadline);
  } catch (error) {
    if (isAppError(error, 'STORE_UNAVAILABLE')) {
      run.gone = error;
      deps.metrics.addMetric('TimestreamUnavailable', 'Count', 1);
    }
    throw error;
  }
}

const COUNTS: Readonly<Record<RejectReason, string>> = {
  tooOld: 'TimestreamRejectedTooOld',
  tooNew: 'TimestreamRejectedTooNew',
  version: 'TimestreamRejectedVersion',
  limit: 'TimestreamRejectedLimit',
};

/** What is too old or known in a newer version is settled; what may be taken later or is our mistake goes back. */
function settle(deps: TimestreamHandlerDeps, line: Record<string, unknown>, { stored, rejected }: WriteResult): void {
  deps.metrics.addMetric('TimestreamRowsStored', 'Count', stored);
  for (const reason of Object.keys(COUNTS) as RejectReason[]) {
    const rows = rejected.filter((row) => row.reason === reason);
    if (rows.length === 0) continue;
    deps.metrics.addMetric(COUNTS[reason], 'Count', rows.length);
    deps.logger.warn('Timestream rejected rows', { ...line, reason, rows: rows.length, first: rows[0] });
  }
  const ahead = rejected.find(({ reason }) => reason === 'tooNew');
  if (ahead)
    throw new AppError('STORE_UNAVAILABLE', `Timestream takes no row so far ahead of its clock: ${told(ahead)}`);
  const impossible = rejected.find(({ reason }) => reason === 'limit');
  if (impossible) throw new Error(`Timestream can never take ${told(impossible)}`);
}

function told({ entity, message }: RejectedRow): string {
  return `${entity} (${message})`;
}
