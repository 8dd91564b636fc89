/** The fold of a whole target on DynamoDB: chunks, then closed days and tops, then running days, then the mark. */
import type { Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { lateMonths } from './archive-months.ts';
import type { ChunkStore } from './chunks.dynamodb.ts';
import { type DaysJob, foldDays, type RunningOfEntity } from './days.dynamodb.ts';
import { CHUNK_MS, type Stretch, stretchesOf } from './fold.ts';
import { wholeDay } from './fold-days.ts';
import type { HeadStore, StoredHead } from './heads.dynamodb.ts';
import { runningDayKey } from './keys.ts';
import type { LateChunks } from './late-chunks.dynamodb.ts';
import type { Metric } from './metric.ts';
import type { MonthItem, MonthStore } from './months.dynamodb.ts';
import { chunkStart } from './packing.ts';
import { inParallel } from './parallel.ts';
import { packRunning, type RunningDays, unpackRunning } from './running.ts';
import type { TargetRef } from './sample.ts';
import { dayOf, monthOf, previousDay } from './zone.ts';

/** Of the formulas that make days and tops of points: raise it with a fix of one, then `recompute`. */
export const GENERATION = 1;

export interface TargetFold {
  /** Whatever waits in chunks that begin before `until`. */
  fold(ref: TargetRef, zone: string, until: Instant): Promise<{ series: number; folded: number }>;
  /** All days of the stretch from the stored chunks, under at least this generation. */
  recompute(ref: TargetRef, zone: string, generation: number, stretch: Stretch, now: Instant): Promise<void>;
}

export interface TargetStores {
  readonly heads: HeadStore;
  readonly chunks: ChunkStore;
  readonly months: MonthStore;
  readonly late: Pick<LateChunks, 'note'>;
  readonly metricsOf: (kind: string) => readonly Metric[];
}

/** Entities under way at once. */
const WIDTH = 8;
const ATTEMPTS = 5;
const DAY_MS = 86_400_000;
/** A longer stretch is taken in pieces, so that a year of history needs no more memory than a month. */
const PIECE_MS = 31 * DAY_MS;

/** By entity: the starts of chunks that are new. */
type Touched = Map<string, Set<Instant>>;

export function createTargetFold(stores: TargetStores): TargetFold {
  const { heads, chunks } = stores;
  return {
    async fold(ref, zone, until) {
      const stored = await heads.read(ref);
      const { seq = 0, folded = 0 } = stored?.head ?? {};
      const today = dayOf(until, zone);
      const dayOver = stored?.runningDay !== undefined && stored.runningDay < today;
      const ready = (stored?.unfolded ?? []).filter((start) => start < until);
      if (!stored || (ready.length === 0 && !dayOver)) return { series: 0, folded };
      const touched: Touched = new Map();
      let series = 0;
      let newest = until;
      for (const start of ready) {
        const done = await chunks.fold(ref, start, until);
        series += done.series;
        newest = Math.max(newest, done.newestSlot ?? newest);
        for (const entity of done.entities) touch(touched, entity, start);
      }
      // After the chunks stand, and before anybody forgets that they are new.
      for (const month of lateMonths(ready, until)) await stores.late.note(ref, month);
      // Around midnight a batch of the new day may be here before our own clock is.
      const setting = { zone, today: dayOf(newest, zone), generation: GENERATION };
      const fresh = { touched, until: lastReady(stored, until) };
      const runningDay = await foldAllDays(stores, ref, stored, setting, fresh);
      await heads.markFolded(ref, { seq, runningDay, ...waitingAfter(stored, until) });
      return { series, folded: Math.max(seq, folded) };
    },
    async recompute(ref, zone, generation, stretch, now) {
      await heads.raiseGeneration(ref, generation);
      const stored = await heads.read(ref);
      if (!stored) throw new AppError('NOT_FOUND', `${ref.target} has no head`);
      const touched: Touched = new Map();
      for (let start = chunkStart(stretch.from); start < Math.min(stretch.to, now); start += CHUNK_MS) {
        for (const { entity } of stored.head.entities) touch(touched, entity, start);
      }
      const setting = { zone, today: dayOf(now, zone), generation };
      await foldAllDays(stores, ref, stored, setting, { touched, until: stored.head.newestSlot });
    },
  };
}

function touch(touched: Touched, entity: string, start: Instant): void {
  const starts = touched.get(entity) ?? new Set();
  touched.set(entity, starts.add(start));
}

/** What a fold up to `until` leaves for the next one: chunks that were still running. */
function waitingAfter({ unfolded, unfoldedFrom, unfoldedSince }: StoredHead, until: Instant) {
  const waiting = unfolded.filter((start) => start >= until);
  const first = waiting[0] ?? until;
  // Nothing of a chunk comes before its start, so neither waits longer than it says.
  return { waiting, from: Math.max(unfoldedFrom ?? first, first), since: Math.max(unfoldedSince ?? first, first) };
}

function lastReady({ head, unfolded }: StoredHead, until: Instant): Instant | undefined {
  const leaves = unfolded.some((start) => start >= until);
  return leaves && head.newestSlot !== undefined ? Math.min(head.newestSlot, until) : head.newestSlot;
}

interface Setting {
  readonly zone: string;
  readonly today: string;
  readonly generation: number;
}

interface NewPoints {
  readonly touched: Touched;
  /** Up to here no reading is missing from the chunks; undefined before the first run. */
  readonly until: Instant | undefined;
}

/** Returns the day that counted as running. */
async function foldAllDays(
  stores: TargetStores,
  ref: TargetRef,
  stored: StoredHead,
  asked: Setting,
  { touched, until }: NewPoints,
): Promise<string> {
  const generation = Math.max(asked.generation, stored.generation);
  const metrics = stores.metricsOf(ref.kind).filter(({ daily }) => daily !== false);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const running = await readRunning(stores.months, ref, stored, asked, metrics);
    const setting = { ...asked, generation, today: latestDay(running, asked) };
    const all: Touched = new Map([...touched].map(([entity, starts]) => [entity, new Set(starts)]));
    for (const own of running) touchEnded(all, own, setting);
    const results = await inParallel([...all], WIDTH, async ([entity, starts]) => {
      const job: DaysJob = {
        ...setting,
        ref: { tenant: ref.tenant, kind: ref.kind, entity },
        metrics,
        ...(until === undefined ? {} : { until }),
      };
      return [entity, await foldEntity(stores, job, [...starts])] as const;
    });
    if (await writeRunning(stores.months, running, results, setting)) return setting.today;
  }
  throw new AppError('STORE_CONFLICT', `the running days of ${ref.target} were written by others at every attempt`);
}

async function foldEntity(stores: TargetStores, job: DaysJob, starts: readonly Instant[]): Promise<RunningOfEntity> {
  const running: RunningOfEntity = new Map();
  for (const stretch of stretchesOf(starts, DAY_MS).flatMap(pieces)) {
    const days = await foldDays(stores.months, stores.chunks, job, stretch);
    for (const [metric, rollup] of days) running.set(metric, rollup);
  }
  return running;
}

function pieces(stretch: Stretch): Stretch[] {
  const list: Stretch[] = [];
  for (let from = stretch.from; from < stretch.to; from += PIECE_MS) {
    list.push({ from, to: Math.min(from + PIECE_MS, stretch.to) });
  }
  return list;
}

interface Running {
  readonly metric: string;
  readonly month: string;
  readonly item: MonthItem;
  readonly content: RunningDays;
}

/** This month's, and that of the day before: it may have to be closed, and must learn that it is over. */
async function readRunning(
  months: MonthStore,
  ref: TargetRef,
  stored: StoredHead,
  setting: Setting,
  metrics: readonly Metric[],
): Promise<Running[]> {
  const days = [setting.today, previousDay(setting.today), stored.runningDay ?? setting.today];
  const names = [...new Set(days.map(monthOf))];
  const pairs = metrics.flatMap(({ id }) => names.map((month) => ({ metric: id, month })));
  return inParallel(pairs, WIDTH, async ({ metric, month }) => {
    const item = await months.read(runningDayKey(ref, metric, month));
    const content = item.bytes ? unpackRunning(item.bytes) : { zone: setting.zone, today: '', days: new Map() };
    return { metric, month, item, content };
  });
}

/** A fold that began before midnight must not open the day again that one after midnight has closed. */
function latestDay(running: readonly Running[], { today, zone }: Setting): string {
  const days = running.filter(({ content }) => content.zone === zone).map(({ content }) => content.today);
  return [today, ...days].sort().at(-1) ?? today;
}

function isOutdated({ item, content }: Running, setting: Setting): boolean {
  return item.rev > 0 && (content.zone !== setting.zone || item.generation < setting.generation);
}

/** A running day that is over, or was cut in another zone or by older formulas, is folded again from its points. */
function touchEnded(touched: Touched, running: Running, setting: Setting): void {
  const outdated = isOutdated(running, setting);
  for (const [entity, { day }] of running.content.days) {
    if (day === setting.today && !outdated) continue;
    const { from, to } = wholeDay(day, running.content.zone);
    for (let start = chunkStart(from); start < to; start += CHUNK_MS) touch(touched, entity, start);
  }
}

/** Only after the days that ended are stored with their entities. An empty item counts too: it tells what day it is. */
async function writeRunning(
  months: MonthStore,
  running: readonly Running[],
  results: readonly (readonly [string, RunningOfEntity])[],
  setting: Setting,
): Promise<boolean> {
  const { zone, today, generation } = setting;
  const written = await inParallel(running, WIDTH, async (own) => {
    const { metric, month, item, content } = own;
    const kept = isOutdated(own, setting) ? [] : [...content.days].filter(([, { day }]) => day === today);
    const days = new Map(kept);
    for (const [entity, byMetric] of month === monthOf(today) ? results : []) {
      const rollup = byMetric.get(metric);
      if (rollup) days.set(entity, rollup);
    }
    return months.write(item, { bytes: packRunning({ zone, today, days }), zone, generation });
  });
  return written.every((done) => done);
}
