/** Reads from DynamoDB what is copied elsewhere: a slot with all its parts, or all that is known of one entity. */
import type { Clock, Instant } from '../platform/clock.ts';
import type { Table } from '../platform/table.dynamodb.ts';
import { createBatchStore } from './batches.dynamodb.ts';
import { createChunkStore, pointsOf } from './chunks.dynamodb.ts';
import type { SampleSource } from './copies.port.ts';
import { mergePoints, stretchesOf, within } from './fold.ts';
import { pointOf } from './head.ts';
import { createHeadStore } from './heads.dynamodb.ts';
import type { Batch, RawPoint } from './sample.ts';
import type { SampleRow } from './timestream-rows.ts';

export function createSampleSource(table: Table, clock: Clock): SampleSource {
  const heads = createHeadStore(table);
  const batches = createBatchStore(table, clock);
  const chunks = createChunkStore(table, batches, clock);
  return {
    partsOf: (ref, slot) => batches.range(ref, slot, slot + 1, { whole: true }),
    async rowsOf(ref, entity, from, to) {
      // The head first: a fold that ends in between has stored its chunks by then, and batches outlive it.
      const head = await heads.read(ref);
      const stretches = stretchesOf(head?.unfolded ?? []).flatMap(
        (stretch) => within(stretch, Math.max(from, head?.unfoldedFrom ?? from), to) ?? [],
      );
      const [folded, ...unfolded] = await Promise.all([
        chunks.range({ tenant: ref.tenant, kind: ref.kind, entity }, from, to, { consistent: true }),
        ...stretches.map((stretch) => batches.range(ref, stretch.from, stretch.to, { whole: false })),
      ]);
      const fresh = unfolded.flat();
      const metrics = new Set([
        ...folded.flatMap((chunk) => Object.keys(chunk.series)),
        ...readingsOf(fresh, entity).flatMap(({ reading }) => Object.keys(reading.values)),
      ]);
      const series = [...metrics].map((metric) => {
        const latest = readingsOf(fresh, entity).flatMap(({ reading, batch }) => pointOf(reading, metric, batch) ?? []);
        const points = mergePoints(pointsOf(folded, metric), latest);
        return [metric, points.filter(({ slot }) => slot >= from && slot < to)] as const;
      });
      return rowsOfSeries(entity, series);
    },
  };
}

function readingsOf(batches: readonly Batch[], entity: string) {
  return batches.flatMap((batch) =>
    batch.readings.filter((reading) => reading.entity === entity).map((reading) => ({ reading, batch })),
  );
}

function rowsOfSeries(entity: string, series: readonly (readonly [string, readonly RawPoint[]])[]): SampleRow[] {
  const rows = new Map<Instant, SampleRow>();
  for (const [metric, points] of series) {
    for (const { slot, receivedAt, boundary, value } of points) {
      const row = rows.get(slot);
      const newest = row === undefined || receivedAt >= row.receivedAt ? { receivedAt, boundary } : row;
      const { receivedAt: at, boundary: on } = newest;
      rows.set(slot, { entity, slot, receivedAt: at, boundary: on, values: { ...row?.values, [metric]: value } });
    }
  }
  return [...rows.values()].sort((a, b) => a.slot - b.slot);
}
