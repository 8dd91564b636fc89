/** One suite for both places where raw samples can be read. */
import { afterAll, beforeAll, vi } from 'vitest';
import type { Batch } from '../../../shared/samples/sample.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { createTimestreamReader, createTimestreamWriter } from '../../../shared/samples/samples.timestream.ts';
import { rowsOf, versionOf } from '../../../shared/samples/timestream-rows.ts';
import { START, sampleReaderContract } from '../../contract/sample-reader.ts';
import { DATABASE, HOUR, startWorld, TABLE, type TimestreamWorld } from '../../local/services/timestream-world.ts';
import { startDynalite } from '../dynalite.ts';
import { metricsOf } from './router.ts';

const NOW = START + HOUR;
const clock = { now: () => NOW };
const names = { database: DATABASE, table: TABLE };
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

function byTarget(batches: readonly Batch[]): Batch[][] {
  const groups = new Map<string, Batch[]>();
  for (const batch of batches) {
    const key = `${batch.tenant} ${batch.kind} ${batch.target}`;
    groups.set(key, [...(groups.get(key) ?? []), batch]);
  }
  return [...groups.values()];
}

for (const folded of [false, true]) {
  sampleReaderContract(`DynamoDB, ${folded ? 'folded' : 'not folded yet'}`, async () => {
    const database = await startDynalite();
    closers.push(database.close);
    const store = createSampleStore(database.table, metricsOf, clock);
    return {
      reader: store,
      async bring(...batches) {
        for (const [first, ...rest] of byTarget(batches)) {
          if (!first) continue;
          await store.importPoints(first, [first, ...rest]);
          if (folded) await store.fold(first, 'UTC', NOW);
        }
      },
    };
  });
}

let world: TimestreamWorld;
beforeAll(async () => {
  world = await startWorld();
  world.clock.moveTo(NOW);
  closers.push(() => world.close());
});

sampleReaderContract('Timestream', async () => {
  // A fresh one for each case: what was never written must be told from what is empty.
  await world.close();
  vi.unstubAllEnvs();
  world = await startWorld();
  world.clock.moveTo(NOW);
  const copy = createTimestreamWriter({ client: world.writer, ...names, clock });
  return {
    reader: createTimestreamReader({ client: world.querier, ...names, clock }),
    async bring(...batches) {
      const stored: Batch[] = [];
      for (const batch of batches) {
        stored.push(batch);
        const parts = stored.filter(
          (b) => b.slot === batch.slot && b.target === batch.target && b.tenant === batch.tenant,
        );
        await copy.writeRows(batch, rowsOf(parts), versionOf(1, parts.length), NOW + 10_000);
      }
    },
  };
});
