/** Heads on DynamoDB: the one small item that knows a target's present, written by the holder of its lease. */
import type { Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { splitKey } from '../platform/key.ts';
import type { Item, Table } from '../platform/table.dynamodb.ts';
import { CHUNK_MS } from './fold.ts';
import { advanceState, EMPTY_HEAD, type HeadState, publicEntity } from './head.ts';
import { packHead } from './head-packing.ts';
import { unpackHead } from './head-unpacking.ts';
import { headKey, headsPk, leaseKey } from './keys.ts';
import { acquireLease, releaseLease, revokeLease } from './leases.dynamodb.ts';
import type { Metric } from './metric.ts';
import { chunkStart } from './packing.ts';
import type { Batch, Head, LastRun, TargetRef } from './sample.ts';
import type { Lease, LeaseClaim } from './samples.port.ts';

/** The head with what only the store needs. */
export interface StoredHead {
  readonly head: Head;
  readonly state: HeadState;
  /** Chunks that hold batches not folded yet, by their start. */
  readonly unfolded: readonly Instant[];
  /** Earliest slot not folded yet. */
  readonly unfoldedFrom?: Instant;
  /** Receipt of the first batch that waits to be folded. */
  readonly unfoldedSince?: Instant;
  /** The day that was running at the last fold: once it is over, its items have to be closed. */
  readonly runningDay?: string;
  /** Of the formulas that rollups and tops are computed with. */
  readonly generation: number;
}

export interface FoldedMark {
  /** `seq` as it was read before the fold read anything else. */
  readonly seq: number;
  readonly runningDay: string;
  /** Chunks that the fold left alone, the earliest slot there can be in them, and the earliest receipt. */
  readonly waiting: readonly Instant[];
  readonly from: Instant;
  readonly since: Instant;
}

export interface HeadStore {
  read(ref: TargetRef): Promise<StoredHead | undefined>;
  list(tenant: string, kind: string): Promise<Head[]>;
  acquire(ref: TargetRef, now: Instant, durationMs: number, claim?: LeaseClaim): Promise<Lease | undefined>;
  release(lease: Lease): Promise<void>;
  /** Moves on the head of the batch's own target. Throws STORE_CONFLICT when the lease is no longer ours. */
  advance(lease: Lease, batch: Batch, run: LastRun, metrics: readonly Metric[]): Promise<Head>;
  /** Raises `seq` for batches that came beside the schedule; they count as no run, so `newestSlot` stays. */
  markUnfolded(ref: TargetRef, batches: readonly Batch[], metrics: readonly Metric[]): Promise<void>;
  markFolded(ref: TargetRef, mark: FoldedMark): Promise<void>;
  raiseGeneration(ref: TargetRef, generation: number): Promise<void>;
  recordFailure(ref: TargetRef, run: LastRun): Promise<void>;
  remove(ref: TargetRef): Promise<void>;
}

/** Only a fold, an import and the holder of the lease write a head: more meetings in a row than this are a fault. */
const ATTEMPTS = 10;

export function createHeadStore(table: Table): HeadStore {
  const read = async (ref: TargetRef) => decodeHead(ref, await table.get(headKey(ref), { consistent: true }));
  return {
    read,
    async list(tenant, kind) {
      const items = await table.queryAll({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': headsPk(tenant, kind) },
      });
      return items.flatMap((item) => {
        const [target = ''] = splitKey(String(item.sk));
        return decodeHead({ tenant, kind, target }, item)?.head ?? [];
      });
    },
    acquire: (ref, now, durationMs, claim) => acquireLease(table, ref, { now, durationMs, claim }),
    release: (lease) => releaseLease(table, lease),
    async advance(lease, batch, run, metrics) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const [held, stored] = await Promise.all([table.get(leaseKey(lease.ref), { consistent: true }), read(batch)]);
        if (held?.fence !== lease.version) break;
        const next = advanceState(stored?.state ?? EMPTY_HEAD, batch, metrics);
        if (await writeAdvance(table, lease, stored, next, batch, run)) {
          return headOf(batch, next, {
            seq: (stored?.head.seq ?? 0) + 1,
            folded: stored?.head.folded ?? 0,
            periodSeconds: batch.periodSeconds,
            lastRun: run,
          });
        }
      }
      throw new AppError('STORE_CONFLICT', `the lease on ${lease.ref.target} passed to another run`);
    },
    markUnfolded: (ref, batches, metrics) => markUnfolded(table, ref, batches, metrics, read),
    markFolded: (ref, mark) => markFolded(table, ref, mark),
    async raiseGeneration(ref, generation) {
      await table.update(headKey(ref), {
        UpdateExpression: 'SET generation = :generation',
        ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(generation) OR generation < :generation)',
        ExpressionAttributeValues: { ':generation': generation },
      });
    },
    async recordFailure(ref, run) {
      await table.update(headKey(ref), {
        UpdateExpression: 'SET lastRun = :run',
        ConditionExpression: 'attribute_not_exists(lastRun) OR lastRun.#at <= :at',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':run': { ...run }, ':at': run.at },
      });
    },
    async remove(ref) {
      // First the fence: a run under way is refused from here on and cannot bring the head back.
      await revokeLease(table, ref);
      await table.delete(headKey(ref));
    },
  };
}

/** One conditional write; false when the head changed since it was read or a younger holder has written it. */
async function writeAdvance(
  table: Table,
  lease: Lease,
  stored: StoredHead | undefined,
  next: HeadState,
  batch: Batch,
  run: LastRun,
): Promise<boolean> {
  const written = await table.update(headKey(batch), {
    UpdateExpression:
      'SET seq = :next, fence = :fence, entities = :entities, periodSeconds = :period, lastRun = :run, ' +
      'unfolded = :unfolded, unfoldedFrom = :from, unfoldedSince = :since',
    ConditionExpression: `${unchanged(stored)} AND (attribute_not_exists(fence) OR fence <= :fence)`,
    ExpressionAttributeValues: {
      ...marks(stored, [batch]),
      ':fence': lease.version,
      ':entities': packHead(next),
      ':period': batch.periodSeconds,
      ':run': { ...run },
    },
  });
  return written !== false;
}

function unchanged(stored: StoredHead | undefined): string {
  return stored === undefined || stored.head.seq === 0 ? 'attribute_not_exists(seq)' : 'seq = :seq';
}

/** Values for `seq`, `unfolded` and `unfoldedFrom` after these batches. */
function marks(stored: StoredHead | undefined, batches: readonly Batch[]): Record<string, unknown> {
  const seq = stored?.head.seq ?? 0;
  const starts = new Set([...(stored?.unfolded ?? []), ...batches.map(({ slot }) => chunkStart(slot))]);
  const from = batches.reduce(
    (least, { slot }) => Math.min(least, slot),
    stored?.unfoldedFrom ?? Number.MAX_SAFE_INTEGER,
  );
  return {
    ...(seq === 0 ? {} : { ':seq': seq }),
    ':next': seq + batches.length,
    // Numbers of chunks take half the room of their instants.
    ':unfolded': [...starts].sort((a, b) => a - b).map((start) => start / CHUNK_MS),
    ':from': from,
    ':since': stored?.unfoldedSince ?? batches[0]?.receivedAt,
  };
}

async function markUnfolded(
  table: Table,
  ref: TargetRef,
  batches: readonly Batch[],
  metrics: readonly Metric[],
  read: (ref: TargetRef) => Promise<StoredHead | undefined>,
): Promise<void> {
  const inOrder = [...batches].sort((a, b) => a.slot - b.slot);
  const first = inOrder[0];
  if (!first) return;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await read(ref);
    const { entities } = inOrder.reduce(
      (state, batch) => advanceState(state, batch, metrics),
      stored?.state ?? EMPTY_HEAD,
    );
    const newestSlot = stored?.state.newestSlot;
    const state: HeadState = { entities, ...(newestSlot === undefined ? {} : { newestSlot }) };
    const written = await table.update(headKey(ref), {
      UpdateExpression:
        'SET seq = :next, entities = :entities, unfolded = :unfolded, unfoldedFrom = :from, unfoldedSince = :since, periodSeconds = if_not_exists(periodSeconds, :period)',
      ConditionExpression: unchanged(stored),
      ExpressionAttributeValues: {
        ...marks(stored, batches),
        ':entities': packHead(state),
        ':period': first.periodSeconds,
      },
    });
    if (written !== false) return;
  }
  throw new AppError('STORE_UNAVAILABLE', `the head of ${ref.target} changed too often to be marked`);
}

/**
 * What was unfolded is cleared, but for what the fold left, only when nothing came since; otherwise it stays and is looked at once more, because
 * a batch that arrived during the fold may lie in any of its chunks.
 */
async function markFolded(table: Table, ref: TargetRef, mark: FoldedMark): Promise<void> {
  const values = { ':seq': mark.seq, ':day': mark.runningDay };
  const rest = {
    ':waiting': mark.waiting.map((start) => start / CHUNK_MS),
    ...{ ':from': mark.from, ':since': mark.since },
  };
  const leaves = mark.waiting.length > 0;
  const cleared = await table.update(headKey(ref), {
    UpdateExpression: leaves
      ? 'SET folded = :seq, runningDay = :day, unfolded = :waiting, unfoldedFrom = :from, unfoldedSince = :since'
      : 'SET folded = :seq, runningDay = :day REMOVE unfolded, unfoldedFrom, unfoldedSince',
    ConditionExpression: 'seq = :seq',
    ExpressionAttributeValues: leaves ? { ...values, ...rest } : values,
  });
  if (cleared !== false) return;
  await table.update(headKey(ref), {
    UpdateExpression: 'SET folded = :seq, runningDay = :day',
    ConditionExpression: 'seq > :seq AND (attribute_not_exists(folded) OR folded < :seq)',
    ExpressionAttributeValues: values,
  });
}

function decodeHead(ref: TargetRef, item: Item | undefined): StoredHead | undefined {
  if (!item) return undefined;
  const { entities, unfoldedFrom, unfoldedSince, runningDay, lastRun } = item as {
    entities?: Uint8Array;
    unfoldedFrom?: number;
    unfoldedSince?: number;
    runningDay?: string;
    lastRun?: LastRun;
  };
  const state = entities ? unpackHead(entities) : EMPTY_HEAD;
  return {
    head: headOf(ref, state, {
      seq: Number(item.seq ?? 0),
      folded: Number(item.folded ?? 0),
      periodSeconds: Number(item.periodSeconds ?? 0),
      ...(lastRun === undefined ? {} : { lastRun }),
    }),
    state,
    unfolded: ((item.unfolded ?? []) as number[]).map((number) => number * CHUNK_MS),
    ...(unfoldedFrom === undefined ? {} : { unfoldedFrom }),
    ...(unfoldedSince === undefined ? {} : { unfoldedSince }),
    ...(runningDay === undefined ? {} : { runningDay }),
    generation: Number(item.generation ?? 0),
  };
}

function headOf(
  ref: TargetRef,
  state: HeadState,
  rest: Pick<Head, 'seq' | 'folded' | 'periodSeconds' | 'lastRun'>,
): Head {
  const { newestSlot } = state;
  const { tenant, kind, target } = ref;
  return {
    tenant,
    kind,
    target,
    ...rest,
    entities: state.entities.map(publicEntity),
    ...(newestSlot === undefined ? {} : { newestSlot }),
  };
}
