/** What a fold makes of batches: chunks of raw points per entity, and windows of them for days. Pure. */
import type { Instant } from '../platform/clock.ts';
import { pointOf } from './head.ts';
import { packChunk, unpackChunk } from './packing.ts';
import type { Batch, RawPoint } from './sample.ts';

export const CHUNK_MS = 6 * 3_600_000;

/** All metrics of one entity in one chunk: they share an item, for an item is what a write costs. */
export interface StoredChunk {
  /** Batches folded into it. */
  readonly n: number;
  readonly periodSeconds: number;
  /** Packed points by metric id. */
  readonly series: Readonly<Record<string, Uint8Array>>;
}

/** What the batches of one chunk say about one entity. */
export interface EntityBatches {
  n: number;
  periodSeconds: number;
  /** By metric id, then slot; a later part of the same slot restates an earlier one. */
  readonly points: Map<string, Map<Instant, RawPoint>>;
}

/** Readings by entity; `batches` in order of slot, then part. */
export function byEntity(batches: readonly Batch[]): Map<string, EntityBatches> {
  const entities = new Map<string, EntityBatches>();
  for (const batch of batches) {
    const seen = new Set<string>();
    for (const reading of batch.readings) {
      const own = entities.get(reading.entity) ?? { n: 0, periodSeconds: 0, points: new Map() };
      entities.set(reading.entity, own);
      if (!seen.has(reading.entity)) own.n++;
      seen.add(reading.entity);
      own.periodSeconds = batch.periodSeconds;
      for (const metric of Object.keys(reading.values)) {
        const point = pointOf(reading, metric, batch);
        if (!point) continue;
        const series = own.points.get(metric) ?? new Map<Instant, RawPoint>();
        own.points.set(metric, series.set(point.slot, point));
      }
    }
  }
  return entities;
}

/**
 * The chunk anew from all its batches, or undefined when that changes nothing. While every batch still exists, what is
 * stored is a part of what they say and adds nothing. Later it does: a chunk of 72 batches that have expired gets one
 * late batch; from batches alone it would shrink to one point (or, with n = 1 < 72, refuse the late one for ever).
 * `n` counts the batches that exist or, then, goes on from what is stored: it rises with every change.
 */
export function foldChunk(stored: StoredChunk | undefined, fresh: EntityBatches): StoredChunk | undefined {
  const series: Record<string, Uint8Array> = { ...stored?.series };
  let changed = stored === undefined;
  for (const [metric, points] of fresh.points) {
    const before = series[metric];
    const after = packChunk(mergePoints(before ? unpackChunk(before) : [], points.values()));
    if (!before || !sameBytes(before, after)) changed = true;
    series[metric] = after;
  }
  if (!changed && fresh.n <= (stored?.n ?? 0)) return undefined;
  const n = changed ? Math.max(fresh.n, (stored?.n ?? 0) + 1) : fresh.n;
  return { n, periodSeconds: fresh.periodSeconds, series };
}

/** Points of one series by slot, oldest first; of two with one slot the one from `winners` stays. */
export function mergePoints<P extends RawPoint>(points: Iterable<P>, winners: Iterable<P>): P[] {
  const all = [...points, ...winners];
  // Chunks are nearly always followed by what no fold has taken: then there is nothing to merge.
  if (all.every(({ slot }, i) => slot > (all[i - 1]?.slot ?? Number.NEGATIVE_INFINITY))) return all;
  const bySlot = new Map(all.map((point) => [point.slot, point]));
  return [...bySlot.values()].sort((a, b) => a.slot - b.slot);
}

/** One series around a stretch of time. */
export interface SeriesWindow {
  /** Points before the stretch, oldest first: the whole chunk that ends with the nearest one. */
  readonly before: readonly RawPoint[];
  readonly points: readonly RawPoint[];
  /** The first point after the stretch. */
  readonly after?: RawPoint;
}

export interface EntityWindow {
  readonly periodSeconds: number;
  readonly series: ReadonlyMap<string, SeriesWindow>;
}

/** A stretch of time, the end not included. */
export interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
}

/** Chunks that touch (or lie within `joinMs` of each other) as one stretch, so that one query reads them. */
export function stretchesOf(starts: readonly Instant[], joinMs = 0): Stretch[] {
  const stretches: { from: Instant; to: Instant }[] = [];
  for (const start of [...starts].sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last && start <= last.to + joinMs) last.to = Math.max(last.to, start + CHUNK_MS);
    else stretches.push({ from: start, to: start + CHUNK_MS });
  }
  return stretches;
}

/** The part of the stretch within [from, to), or undefined. */
export function within(stretch: Stretch, from: Instant, to: Instant): Stretch | undefined {
  const cut = { from: Math.max(stretch.from, from), to: Math.min(stretch.to, to) };
  return cut.from < cut.to ? cut : undefined;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
