/** Reads the raw points of a series on DynamoDB: chunks, and the batches that no fold has taken yet. */
import type { Clock, Instant } from '../platform/clock.ts';
import type { ArchiveReader } from './archive.port.ts';
import { plainPoint } from './archive-store.ts';
import type { BatchStore } from './batches.dynamodb.ts';
import { type ChunkStore, pointsOf } from './chunks.dynamodb.ts';
import { CHUNK_MS, mergePoints, stretchesOf, within } from './fold.ts';
import { pointOf } from './head.ts';
import type { HeadStore } from './heads.dynamodb.ts';
import { CHUNK_LIFE_SECONDS } from './life.dynamodb.ts';
import { chunkStart } from './packing.ts';
import type { Batch, RawPoint } from './sample.ts';
import type { SeriesRef } from './samples.port.ts';

export interface SeriesPoints {
  /** The nearest points before the stretch, oldest first. */
  readonly before: RawPoint[];
  readonly points: RawPoint[];
  readonly periodSeconds: number;
}

export type SeriesReader = (
  series: SeriesRef,
  from: Instant,
  to: Instant,
  withBefore: boolean,
) => Promise<SeriesPoints>;

export interface SeriesStores {
  readonly heads: HeadStore;
  readonly batches: BatchStore;
  readonly chunks: ChunkStore;
  readonly clock: Clock;
  readonly archive?: ArchiveReader;
}

export function createSeriesReader(stores: SeriesStores): SeriesReader {
  const { chunks, archive, clock } = stores;
  const readEntity = gathered((ref, span) => readOnce(stores, ref, span));
  return async (series, from, to, withBefore) => {
    if (from >= to) return { before: [], points: [], periodSeconds: 0 };
    const { metric, ...ref } = series;
    const begin = withBefore ? startWithBefore(from) : from;
    // Of slots before this one no chunk lives any more, but for late ones, which know better.
    const living = chunkStart(clock.now() - CHUNK_LIFE_SECONDS * 1000);
    const old = archive && begin < living ? await archive.points(series, begin, Math.min(to, living)) : [];
    const { start, seriesOf, ...read } = await readEntity(ref, { from, to, withBefore });
    const all = mergePoints<RawPoint>(old.map(plainPoint), seriesOf(metric));
    let before = withBefore ? all.filter(({ slot }) => slot < from) : [];
    if (withBefore && before.length === 0) before = pointsOf([await chunks.before(ref, metric, start)], metric);
    if (withBefore && before.length === 0 && archive && start <= living) before = await archive.before(series, from);
    const periodSeconds = read.measuredSeconds ?? old.at(-1)?.periodSeconds ?? read.usualSeconds;
    return { before, points: all.filter(({ slot }) => slot >= from && slot < to), periodSeconds };
  };
}

function startWithBefore(from: Instant): Instant {
  return chunkStart(from) - CHUNK_MS;
}

type EntityOfTarget = Omit<SeriesRef, 'metric'>;

interface Span {
  readonly from: Instant;
  readonly to: Instant;
  /** Also what lies before `from`: the chunk that it is in, and the one before that. */
  readonly withBefore: boolean;
}

/** One entity over a span, from `start` on. */
interface EntityPoints {
  readonly start: Instant;
  /** Of what was read; undefined where nothing was. */
  readonly measuredSeconds: number | undefined;
  /** Of the target now, 0 for one that is gone. */
  readonly usualSeconds: number;
  /** Oldest first. */
  seriesOf(metric: string): readonly RawPoint[];
}

type EntityReader = (ref: EntityOfTarget, span: Span) => Promise<EntityPoints>;

/**
 * A chart wants readings and increases, a summary two metrics: what is asked of one entity and span without waiting in
 * between is answered by one reading of the table, which begins after all of it was asked.
 */
function gathered(read: EntityReader): EntityReader {
  const asked = new Map<string, { withBefore: boolean; readonly answer: Promise<EntityPoints> }>();
  return (ref, { from, to, withBefore }) => {
    const key = JSON.stringify([ref.tenant, ref.kind, ref.target, ref.entity, from, to]);
    const known = asked.get(key);
    if (known) {
      known.withBefore ||= withBefore;
      return known.answer;
    }
    const begin = (): Promise<EntityPoints> => {
      asked.delete(key);
      return read(ref, { from, to, withBefore: question.withBefore });
    };
    const question = { withBefore, answer: Promise.resolve().then(begin) };
    asked.set(key, question);
    return question.answer;
  };
}

/**
 * Chunks, and the batches that the head names as not folded yet. The head is read first: a fold that ends in between
 * has stored its chunks by then, and batches outlive it.
 */
async function readOnce(
  { heads, batches, chunks }: SeriesStores,
  ref: EntityOfTarget,
  { from, to, withBefore }: Span,
): Promise<EntityPoints> {
  const { entity, ...target } = ref;
  const start = withBefore ? startWithBefore(from) : from;
  const head = await heads.read(target);
  const stretches = stretchesOf(head?.unfolded ?? []).flatMap(
    (stretch) => within(stretch, Math.max(start, head?.unfoldedFrom ?? start), to) ?? [],
  );
  const [folded, ...unfolded] = await Promise.all([
    chunks.range(ref, start, to, { consistent: false }),
    ...stretches.map((stretch) => batches.range(target, stretch.from, stretch.to, { whole: false, entity })),
  ]);
  const fresh = unfolded.flat();
  return {
    start,
    measuredSeconds: fresh.at(-1)?.periodSeconds ?? folded.at(-1)?.periodSeconds,
    usualSeconds: head?.head.periodSeconds ?? 0,
    seriesOf: oncePerMetric((metric) => mergePoints(pointsOf(folded, metric), freshPoints(fresh, metric))),
  };
}

function oncePerMetric(unpack: (metric: string) => RawPoint[]): EntityPoints['seriesOf'] {
  const known = new Map<string, RawPoint[]>();
  return (metric) => {
    const points = known.get(metric) ?? unpack(metric);
    known.set(metric, points);
    return points;
  };
}

function freshPoints(batches: readonly Batch[], metric: string): RawPoint[] {
  return batches.flatMap((batch) => batch.readings.flatMap((reading) => pointOf(reading, metric, batch) ?? []));
}
