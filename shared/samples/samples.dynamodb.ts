/** The store of samples on DynamoDB: batches, heads, chunks, rollups and tops of the one table. */
import { type Clock, type Instant, systemClock } from '../platform/clock.ts';
import type { Table } from '../platform/table.dynamodb.ts';
import type { ArchiveReader } from './archive.port.ts';
import { createBatchStore } from './batches.dynamodb.ts';
import { createChunkStore } from './chunks.dynamodb.ts';
import { startOf } from './fold-days.ts';
import { createHeadStore } from './heads.dynamodb.ts';
import { hasIncreases, increases } from './increase.ts';
import { createLateChunks } from './late-chunks.dynamodb.ts';
import { awaitLease, leaseAwaitedAt } from './leases.dynamodb.ts';
import type { Metric } from './metric.ts';
import { createMonthStore } from './months.dynamodb.ts';
import { inParallel } from './parallel.ts';
import type { SlotValue } from './percentile.ts';
import type { Batch, TargetRef } from './sample.ts';
import type { SampleStore } from './samples.port.ts';
import { createSeriesReader } from './series-reader.dynamodb.ts';
import { createTargetFold } from './targets.dynamodb.ts';

/** What DynamoDB offers beyond the port. */
export interface DynamoSampleStore extends SampleStore {
  /** Per entity, the largest rates of the month's closed days, largest first; one paged query. */
  readTops(tenant: string, metric: string, month: string): Promise<Map<string, SlotValue[]>>;
  /** Days and tops of [from, to) anew from chunks, after a fix of a formula or a change of zone. */
  recompute(ref: TargetRef, zone: string, generation: number, from: Instant, to: Instant): Promise<void>;
  /** Receipt of the first batch that waits to be folded; undefined when none does. */
  readUnfoldedSince(ref: TargetRef): Promise<Instant | undefined>;
  /** Readings of the past, of one target; they go the way of all batches. Twice the same has one effect. */
  importPoints(ref: TargetRef, batches: readonly Batch[]): Promise<{ stored: number; existed: number }>;
}

/** Batches of an import under way at once. */
const IMPORT_WIDTH = 8;

/** Series older than chunks live come from the archive, for those who are given one. */
export function createSampleStore(
  table: Table,
  metricsOf: (kind: string) => readonly Metric[],
  clock: Clock = systemClock,
  archive?: ArchiveReader,
): DynamoSampleStore {
  const heads = createHeadStore(table);
  const batches = createBatchStore(table, clock);
  const chunks = createChunkStore(table, batches, clock);
  const months = createMonthStore(table, clock);
  const late = createLateChunks(table, clock);
  const targets = createTargetFold({ heads, chunks, months, late, metricsOf });
  const read = createSeriesReader({ heads, batches, chunks, clock, ...(archive ? { archive } : {}) });
  return {
    readHead: async (ref) => (await heads.read(ref))?.head,
    readHeads: heads.list,
    acquireLease: heads.acquire,
    releaseLease: heads.release,
    awaitLease: (ref, at) => awaitLease(table, ref, at),
    leaseAwaitedAt: (ref) => leaseAwaitedAt(table, ref),
    putBatch: batches.put,
    advanceHead: (lease, batch, run) => heads.advance(lease, batch, run, metricsOf(batch.kind)),
    recordFailure: heads.recordFailure,
    newestBatches: batches.newest,
    removeHead: heads.remove,
    async readSeries(series, from, to) {
      const { points } = await read(series, from, to, false);
      return points;
    },
    async readIncreases(series, from, to) {
      const metric = metricsOf(series.kind).find(({ id }) => id === series.metric);
      if (!metric || !hasIncreases(metric)) return [];
      const { before, points, periodSeconds } = await read(series, from, to, true);
      const previous = startOf(metric, before, periodSeconds);
      return increases(metric, points, { periodSeconds, ...(previous ? { previous } : {}) });
    },
    readRollups: months.rollups,
    readTops: months.tops,
    readUnfoldedSince: async (ref) => (await heads.read(ref))?.unfoldedSince,
    fold: targets.fold,
    recompute: (ref, zone, generation, from, to) => targets.recompute(ref, zone, generation, { from, to }, clock.now()),
    async importPoints(ref, history) {
      const results = await inParallel(history, IMPORT_WIDTH, batches.put);
      await heads.markUnfolded(ref, history, metricsOf(ref.kind));
      const existed = results.filter((result) => result.existed).length;
      return { stored: results.length - existed, existed };
    },
  };
}
