/** A tenant with readings of long ago in a table in memory, an archive in memory, and a clock that tests move. */
import { createEntityStore } from '../../../shared/entities/entities.dynamodb.ts';
import { createEntityWalk } from '../../../shared/entities/entity-walk.dynamodb.ts';
import type { ObjectStore } from '../../../shared/platform/objects.port.ts';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import { createArchivePlan } from '../../../shared/samples/archive-plan.ts';
import { createArchiveReader } from '../../../shared/samples/archive-reader.ts';
import { createArchive } from '../../../shared/samples/archive-store.ts';
import { type ArchiveStep, createArchiver } from '../../../shared/samples/archive-writer.ts';
import { createBatchStore } from '../../../shared/samples/batches.dynamodb.ts';
import { createChunkStore } from '../../../shared/samples/chunks.dynamodb.ts';
import { createLateChunks } from '../../../shared/samples/late-chunks.dynamodb.ts';
import type { Metric } from '../../../shared/samples/metric.ts';
import type { Batch, TargetRef } from '../../../shared/samples/sample.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { createFakeTable } from '../fake-table.ts';
import { memoryObjects } from '../memory-objects.ts';
import { REF, METRICS as ROUTER_METRICS } from './router.ts';

export const DAY_MS = 86_400_000;

export interface ArchiveWorldOptions {
  readonly table?: Table;
  readonly objects?: ObjectStore;
  readonly metrics?: readonly Metric[];
  readonly entitiesPerStep?: number;
}

export function archiveWorld(options: ArchiveWorldOptions = {}) {
  const time = { now: 0 };
  const clock = { now: () => time.now };
  const table = options.table ?? createFakeTable();
  const memory = memoryObjects();
  const objects = options.objects ?? memory;
  const metricsOf = () => options.metrics ?? ROUTER_METRICS;
  const archive = createArchive(objects);
  const entities = createEntityStore(table);
  const walk = createEntityWalk(table);
  const late = createLateChunks(table, clock);
  const chunks = createChunkStore(table, createBatchStore(table, clock), clock);
  const step = createArchiver({
    archive,
    chunks,
    entities: walk,
    metricsOf,
    clock,
    ...(options.entitiesPerStep ? { entitiesPerStep: options.entitiesPerStep } : {}),
  });
  return {
    time,
    table,
    memory,
    archive,
    late,
    step,
    plan: createArchivePlan({ archive, late, entities: walk, kinds: ['interface'], clock }),
    /** As the table alone knows it. */
    store: createSampleStore(table, metricsOf, clock),
    /** With the archive behind it. */
    reader: createSampleStore(table, metricsOf, clock, createArchiveReader(archive, clock)),
    /** Entities stand beside readings, as a collector leaves them; then all of it is folded. */
    async bring(batches: readonly Batch[], ref: TargetRef = REF): Promise<void> {
      const own = createSampleStore(table, metricsOf, clock);
      const ids = [...new Set(batches.flatMap(({ readings }) => readings.map(({ entity }) => entity)))];
      const drafts = ids.map((id) => ({
        id,
        target: ref.target,
        name: id,
        attributes: {},
        labels: {},
        simulated: true,
      }));
      await entities.record(ref.tenant, ref.kind, ref.target, drafts, { now: time.now, complete: false });
      await own.importPoints(ref, batches);
      await own.fold(ref, 'UTC', time.now);
    },
    /** All steps of a target's month; returns what each did. */
    async archiveAll(month: string, ref: TargetRef = REF, notBefore = 0): Promise<ArchiveStep[]> {
      const steps: ArchiveStep[] = [];
      do steps.push(await step({ ...ref, month }, notBefore));
      while (steps.at(-1)?.state === 'part');
      return steps;
    },
  };
}
