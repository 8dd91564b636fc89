/** Chunks on DynamoDB: six hours of one entity's raw points in one item, and windows of them. */
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { type Item, type Table, TTL } from '../platform/table.dynamodb.ts';
import { type BatchStore, between } from './batches.dynamodb.ts';
import { byEntity, CHUNK_MS, type EntityWindow, foldChunk, type StoredChunk } from './fold.ts';
import { chunkKey, chunksPk, decodeChunkSk, type EntityRef } from './keys.ts';
import { CHUNK_LIFE_SECONDS, expiry, isAlive } from './life.dynamodb.ts';
import { chunkStart, unpackChunk } from './packing.ts';
import { inParallel } from './parallel.ts';
import type { RawPoint, TargetRef } from './sample.ts';

export interface LoadedChunk extends StoredChunk {
  readonly start: Instant;
}

export interface FoldedChunk {
  /** Everything that its batches name. */
  readonly entities: readonly string[];
  /** How many series changed. */
  readonly series: number;
  readonly newestSlot?: Instant;
}

export interface ChunkStore {
  /** Folds all batches of the chunk. */
  fold(ref: TargetRef, start: Instant, now: Instant): Promise<FoldedChunk>;
  /** Every metric of the entity in [from, to) with its neighbours; consistent. */
  window(ref: EntityRef, from: Instant, to: Instant): Promise<EntityWindow>;
  /** Chunks that touch [from, to), oldest first. */
  range(ref: EntityRef, from: Instant, to: Instant, options: { consistent: boolean }): Promise<LoadedChunk[]>;
  /** The nearest chunk before `at` that holds the metric; undefined when none within a month does. */
  before(ref: EntityRef, metric: string, at: Instant): Promise<LoadedChunk | undefined>;
}

const WIDTH = 16;
/** Two folds of one target meet rarely; the third in a row is a fault. */
const ATTEMPTS = 5;
/** A hole longer than a month of chunks is a new beginning. */
const SEARCH_CHUNKS = 124;

export function createChunkStore(table: Table, batches: BatchStore, clock: Clock): ChunkStore {
  const range: ChunkStore['range'] = async (ref, from, to, { consistent }) => {
    if (from >= to) return [];
    const span = { first: chunkKey(ref, chunkStart(from)).sk, last: chunkKey(ref, chunkStart(to - 1)).sk };
    const items = await table.queryAll({ ...between(chunksPk(ref), span), ConsistentRead: consistent });
    return items.filter((item) => isAlive(item, clock.now())).map(decodeChunk);
  };
  const near = async (ref: EntityRef, metric: string, at: Instant, direction: 'before' | 'after') => {
    const operator = direction === 'before' ? '<' : '>';
    let next: Item | undefined;
    for (let seen = 0, size = 1; seen < SEARCH_CHUNKS; seen += size, size = Math.min(32, size * 4)) {
      const page = await table.query({
        KeyConditionExpression: `pk = :pk AND sk ${operator} :at`,
        ExpressionAttributeValues: { ':pk': chunksPk(ref), ':at': chunkKey(ref, at).sk },
        ScanIndexForward: direction === 'after',
        Limit: size,
        ConsistentRead: true,
        ...(next ? { ExclusiveStartKey: next } : {}),
      });
      const alive = page.items.filter((item) => isAlive(item, clock.now())).map(decodeChunk);
      const found = alive.find(({ series }) => series[metric] !== undefined);
      if (found || !page.next) return found;
      next = page.next;
    }
    return undefined;
  };
  return {
    range,
    before: (ref, metric, at) => near(ref, metric, chunkStart(at), 'before'),
    fold: (ref, start, now) => foldAll(table, batches, ref, start, now),
    async window(ref, from, to) {
      // One chunk more at either end: it nearly always holds the neighbours.
      const chunks = await range(ref, from - CHUNK_MS, to + CHUNK_MS, { consistent: true });
      const [oldest, newest] = [chunkStart(from - CHUNK_MS), chunkStart(to + CHUNK_MS - 1)];
      const names = new Set(chunks.flatMap((chunk) => Object.keys(chunk.series)));
      const windows = await inParallel([...names], WIDTH, async (metric) => {
        const points = pointsOf(chunks, metric);
        const inside = points.filter(({ slot }) => slot >= from && slot < to);
        let before = points.filter(({ slot }) => slot < from);
        let after = points.find(({ slot }) => slot >= to);
        if (before.length === 0) before = pointsOf([await near(ref, metric, oldest, 'before')], metric);
        if (!after && to <= clock.now()) after = pointsOf([await near(ref, metric, newest, 'after')], metric)[0];
        return [metric, { before, points: inside, ...(after ? { after } : {}) }] as const;
      });
      return { periodSeconds: chunks.at(-1)?.periodSeconds ?? 0, series: new Map(windows) };
    },
  };
}

/** Points of one series in these chunks, oldest first. */
export function pointsOf(chunks: readonly (LoadedChunk | undefined)[], metric: string): RawPoint[] {
  return chunks.flatMap((chunk) => {
    const bytes = chunk?.series[metric];
    return bytes ? unpackChunk(bytes) : [];
  });
}

/**
 * What is stored is read before the batches, and written over only as it was read: so whoever writes later has read
 * the batches later, and knows at least as much.
 */
async function foldAll(
  table: Table,
  batches: BatchStore,
  ref: TargetRef,
  start: Instant,
  now: Instant,
): Promise<FoldedChunk> {
  const wrote = new Set<string>();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const readAll = () => batches.range(ref, start, start + CHUNK_MS, { whole: true });
    let all = await readAll();
    let fresh = byEntity(all);
    const entities = [...fresh.keys()];
    const keyOf = (entity: string) => chunkKey({ tenant: ref.tenant, kind: ref.kind, entity }, start);
    const stored = await inParallel(entities, WIDTH, (entity) => table.get(keyOf(entity), { consistent: true }));
    // Where nothing is stored nobody has written, and the first reading of the batches is as good as a second.
    if (stored.some((item) => item !== undefined)) {
      all = await readAll();
      fresh = byEntity(all);
    }
    const written = await inParallel(entities, WIDTH, async (entity, at) => {
      const own = fresh.get(entity);
      const before = stored[at];
      const chunk = own && foldChunk(before && decodeChunk(before), own);
      if (!chunk) return true;
      const done = await table.put(encodeChunk(keyOf(entity), chunk, start, now), unchangedSince(before));
      if (done) for (const metric of own.points.keys()) wrote.add(`${metric}#${entity}`);
      return done;
    });
    const newestSlot = all.at(-1)?.slot;
    if (written.every((done) => done)) {
      return { entities, series: wrote.size, ...(newestSlot === undefined ? {} : { newestSlot }) };
    }
  }
  throw new AppError('STORE_CONFLICT', `a chunk of ${ref.target} was written by others at every attempt`);
}

function unchangedSince(stored: Item | undefined) {
  return stored === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : { ConditionExpression: 'n = :n', ExpressionAttributeValues: { ':n': stored.n } };
}

function encodeChunk(key: { pk: string; sk: string }, chunk: StoredChunk, start: Instant, now: Instant) {
  const { n, periodSeconds: p, series: s } = chunk;
  // An import of last year's readings lives as long as one of today's.
  return { ...key, n, p, s, [TTL]: expiry(Math.max(start + CHUNK_MS, now), CHUNK_LIFE_SECONDS) };
}

function decodeChunk(item: Item): LoadedChunk {
  const { n, p, s, sk } = item as { n: number; p: number; s: Record<string, Uint8Array>; sk: string };
  return { start: decodeChunkSk(sk), n, periodSeconds: p, series: s };
}
