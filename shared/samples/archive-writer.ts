/** Archives one target's month from its chunks, a part at a time; what stands in the archive already stays there. */
import type { Clock, Instant } from '../platform/clock.ts';
import type { Archive, ArchiveDraft, ArchivedSeriesPlace, ArchivedTarget, ArchivePart } from './archive.port.ts';
import { type ArchivedPoint, archiveRows } from './archive-csv.ts';
import { type ArchiveFile, type ArchivePiece, archiveFile, MAX_PIECE_ROWS } from './archive-file.ts';
import { type ArchiveTarget, monthSpan } from './archive-months.ts';
import { compareEntities } from './archive-order.ts';
import { plainPoint } from './archive-store.ts';
import { type ChunkStore, type LoadedChunk, pointsOf } from './chunks.dynamodb.ts';
import { CHUNK_MS, mergePoints } from './fold.ts';
import { startOf } from './fold-days.ts';
import { hasIncreases } from './increase.ts';
import type { EntityRef } from './keys.ts';
import type { Metric } from './metric.ts';
import type { RawPoint } from './sample.ts';

export interface ArchiverDeps {
  readonly archive: Archive;
  readonly chunks: Pick<ChunkStore, 'range' | 'before'>;
  /** In order of keys, from `from` on (itself included). */
  readonly entities: {
    idsOfTarget(
      tenant: string,
      kind: string,
      target: string,
      from: string | undefined,
      limit: number,
    ): Promise<string[]>;
  };
  readonly metricsOf: (kind: string) => readonly Metric[];
  readonly clock: Clock;
  /** 100 unless told. */
  readonly entitiesPerStep?: number;
}

export interface ArchiveStep {
  /** `part`: there is more to do; `done` with this step; `there` before it. */
  readonly state: 'part' | 'done' | 'there';
  readonly rows: number;
  readonly bytes: number;
}

/** An entity takes a query and some milliseconds: so many stay far below a function's time. */
const ENTITIES_PER_STEP = 100;
const PAGE = 25;

/**
 * One step of one target's month. An archive that began at `notBefore` or later is as good as a new one. Throws
 * STORE_UNAVAILABLE; the same step again goes on from where the last whole one ended.
 */
export function createArchiver(deps: ArchiverDeps): (ref: ArchiveTarget, notBefore: Instant) => Promise<ArchiveStep> {
  const { archive, clock } = deps;
  return async (ref, notBefore) => {
    const there = await archive.readTarget(ref);
    if (there && there.startedAt >= notBefore) return { state: 'there', rows: 0, bytes: 0 };
    const startedAt = Math.max(clock.now(), notBefore);
    const begun = await archive.readDraft(ref);
    const draft = begun && begun.startedAt >= notBefore ? begun : { startedAt, parts: [], next: { from: '', skip: 0 } };
    const file = archiveFile();
    const old = await placesOf(archive, there);
    const next = await fill(deps, ref, draft.next, old, file);
    const { bytes, places } = file.finish();
    const rows = places.reduce((total, place) => total + place.rows, 0);
    const [first, last] = [places[0]?.entity, places.at(-1)?.entity];
    const parts = [...draft.parts];
    if (first !== undefined && last !== undefined) {
      const name = await archive.writePart(ref, parts.length + 1, bytes, places);
      parts.push({ name, first, last, bytes: bytes.length, rows });
    }
    if (next) await archive.writeDraft(ref, { startedAt: draft.startedAt, parts, next });
    else await archive.writeTarget(ref, { startedAt: draft.startedAt, parts });
    return { state: next ? 'part' : 'done', rows, bytes: rows === 0 ? 0 : bytes.length };
  };
}

type OldPlaces = ReadonlyMap<string, readonly { part: ArchivePart; place: ArchivedSeriesPlace }[]>;

async function placesOf(archive: Archive, there: ArchivedTarget | undefined): Promise<OldPlaces> {
  const byEntity = new Map<string, { part: ArchivePart; place: ArchivedSeriesPlace }[]>();
  for (const part of there?.parts ?? []) {
    for (const place of await archive.readPlaces(part)) {
      byEntity.set(place.entity, [...(byEntity.get(place.entity) ?? []), { part, place }]);
    }
  }
  return byEntity;
}

/** Returns where the next step begins, undefined when nothing is left. The cut follows from the content alone. */
async function fill(
  deps: ArchiverDeps,
  ref: ArchiveTarget,
  begin: ArchiveDraft['next'],
  old: OldPlaces,
  file: ArchiveFile,
): Promise<ArchiveDraft['next'] | undefined> {
  const limit = deps.entitiesPerStep ?? ENTITIES_PER_STEP;
  let seen = 0;
  for await (const entity of entityIds(deps, ref, begin.from, old)) {
    const skip = entity === begin.from ? begin.skip : 0;
    const pieces = await piecesOf(deps, ref, entity, old.get(entity) ?? []);
    for (const [at, piece] of pieces.entries()) {
      if (at < skip) continue;
      file.add(piece);
      if (file.isFull()) return { from: entity, skip: at + 1 };
    }
    // Where the step began, the one before it ended: that one was counted there.
    if (entity !== begin.from && ++seen === limit) return { from: entity, skip: pieces.length };
  }
  return undefined;
}

/** Of the table and of what is archived, each once, in order. */
async function* entityIds(
  { entities }: ArchiverDeps,
  { tenant, kind, target }: ArchiveTarget,
  begin: string,
  old: OldPlaces,
): AsyncGenerator<string, undefined, undefined> {
  const archived = [...old.keys()].filter((id) => compareEntities(id, begin) >= 0).sort(compareEntities);
  for (let from: string | undefined = begin || undefined; ; ) {
    const page: string[] = await entities.idsOfTarget(tenant, kind, target, from, PAGE);
    const isLast = page.length < PAGE;
    for (const id of page) {
      if (id === from && id !== begin) continue;
      while (archived[0] !== undefined && compareEntities(archived[0], id) < 0) yield archived.shift() as string;
      if (archived[0] === id) archived.shift();
      yield id;
    }
    if (isLast) break;
    from = page.at(-1);
  }
  yield* archived;
  return undefined;
}

/** All of one entity, in an order that does not change. */
async function piecesOf(
  { archive, chunks, metricsOf }: ArchiverDeps,
  ref: ArchiveTarget,
  entity: string,
  old: readonly { part: ArchivePart; place: ArchivedSeriesPlace }[],
): Promise<ArchivePiece[]> {
  const { from, to } = monthSpan(ref.month);
  const whose = { tenant: ref.tenant, kind: ref.kind, entity };
  const loaded = await chunks.range(whose, from - CHUNK_MS, to, { consistent: true });
  const inside = loaded.filter(({ start }) => start >= from);
  const names = [...inside.flatMap(({ series }) => Object.keys(series)), ...old.map(({ place }) => place.metric)];
  const pieces: ArchivePiece[] = [];
  for (const metric of [...new Set(names)].sort()) {
    const places = old.filter(({ place }) => place.metric === metric);
    const archived: ArchivedPoint[] = [];
    for (const { part, place } of places) archived.push(...(await archive.readRows(part, place)));
    const points = mergePoints(
      archived,
      inside.flatMap((chunk) => withPeriod(chunk, metric)),
    );
    const known = metricsOf(ref.kind).find(({ id }) => id === metric);
    const earlier = loaded.filter(({ start }) => start < from);
    const period = points.at(-1)?.periodSeconds ?? 0;
    const previous = known && (await previousOf(chunks, whose, known, { earlier, from, period }));
    const series = { entity, metric, unit: known?.unit ?? '' };
    pieces.push(...cut(series, points, previous ?? places[0]?.place.previous));
  }
  return pieces;
}

function withPeriod(chunk: LoadedChunk, metric: string): ArchivedPoint[] {
  return pointsOf([chunk], metric).map((point) => ({ ...point, periodSeconds: chunk.periodSeconds }));
}

/** What a reader of chunks would start the month's first increase from. */
async function previousOf(
  chunks: ArchiverDeps['chunks'],
  whose: EntityRef,
  metric: Metric,
  { earlier, from, period }: { earlier: readonly LoadedChunk[]; from: Instant; period: number },
): Promise<RawPoint | undefined> {
  if (!hasIncreases(metric)) return undefined;
  let before = pointsOf(earlier, metric.id);
  if (before.length === 0) before = pointsOf([await chunks.before(whose, metric.id, from - CHUNK_MS)], metric.id);
  const start = startOf(metric, before, period);
  return start && plainPoint(start);
}

function cut(
  series: { readonly entity: string; readonly metric: string; readonly unit: string },
  points: readonly ArchivedPoint[],
  previous: RawPoint | undefined,
): ArchivePiece[] {
  const pieces: ArchivePiece[] = [];
  for (let at = 0; at < points.length; at += MAX_PIECE_ROWS) {
    const some = points.slice(at, at + MAX_PIECE_ROWS);
    const { entity, metric } = series;
    const lead = at === 0 && previous ? { previous } : {};
    pieces.push({ entity, metric, text: archiveRows(series, some), rows: some.length, ...lead });
  }
  return pieces;
}
