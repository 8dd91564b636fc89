/** Rollups and tops of one entity, recomputed from its chunks and stored on DynamoDB. */
import type { Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { ChunkStore } from './chunks.dynamodb.ts';
import type { EntityWindow, Stretch } from './fold.ts';
import {
  covers,
  daysOf,
  type FoldedSeries,
  foldSeries,
  mergeDays,
  topsAfter,
  topsOfMonth,
  touchedDays,
  union,
  wholeDay,
  wholeDays,
  wholeMonth,
} from './fold-days.ts';
import { type EntityRef, rollupKey, topKey } from './keys.ts';
import type { Metric } from './metric.ts';
import type { MonthItem, MonthStore } from './months.dynamodb.ts';
import { inParallel } from './parallel.ts';
import { packTops, unpackTops } from './percentile.ts';
import { packRollup, unpackRollup } from './rollup.ts';
import type { DayRollup } from './samples.port.ts';
import { monthOf } from './zone.ts';

export interface DaysJob {
  readonly ref: EntityRef;
  readonly metrics: readonly Metric[];
  readonly zone: string;
  /** Running: it is handed back and not stored with the entity. A later day is left to the fold that brought it. */
  readonly today: string;
  readonly generation: number;
  /** Newest slot of the target: up to here no reading is missing. */
  readonly until?: Instant;
}

/** By metric id, today's rollup. */
export type RunningOfEntity = Map<string, DayRollup>;

/** Each round widens the window once: to the days a gap reaches, then to months whose zone or tops are out of date. */
const ROUNDS = 12;
const ATTEMPTS = 5;
const WIDTH = 8;

/** Recomputes whatever the points of the stretch change. Items are read before points, so a later write knows more. */
export async function foldDays(
  months: MonthStore,
  chunks: ChunkStore,
  job: DaysJob,
  touched: Stretch,
): Promise<RunningOfEntity> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const plan = await widen(months, chunks, job, touched);
    if (await store(months, job, plan)) return plan.running;
  }
  throw new AppError('STORE_CONFLICT', `the days of ${job.ref.entity} were written by others at every attempt`);
}

interface StoredMonth {
  readonly metric: Metric;
  readonly month: string;
  readonly rollup: MonthItem;
  /** Only of counters. */
  readonly top?: MonthItem;
}

interface MonthResult extends StoredMonth {
  readonly rollupBytes: Uint8Array;
  readonly topBytes?: Uint8Array;
}

interface Plan {
  readonly results: MonthResult[];
  readonly running: RunningOfEntity;
  /** Months whose tops only all of their points can tell; nothing may be stored while there are any. */
  readonly rebuild: string[];
}

async function widen(months: MonthStore, chunks: ChunkStore, job: DaysJob, stretch: Stretch): Promise<Plan> {
  let touched = stretch;
  let reach = wholeDays(stretch, job.zone);
  for (let round = 0; round < ROUNDS; round++) {
    const stored = await readMonths(months, job, reach);
    const outdated = stored.filter((own) => isOutdated(own, job)).map(({ month }) => wholeMonth(month, job.zone));
    if (outdated.some((month) => !covers(touched, month))) {
      touched = outdated.reduce(union, touched);
      reach = union(reach, wholeDays(touched, job.zone));
      continue;
    }
    const window = await chunks.window(job.ref, reach.from, reach.to);
    const days = touchedDays(window, touched, job.zone);
    const wanted = reachOf([...days.values()].flat(), job.zone);
    if (wanted && !covers(reach, wanted)) {
      reach = union(reach, wanted);
      continue;
    }
    const plan = compute(job, stored, window, days, reach);
    if (plan.rebuild.length === 0) return plan;
    reach = plan.rebuild.map((month) => wholeMonth(month, job.zone)).reduce(union, reach);
  }
  throw new Error(`assertion failed: the days of ${job.ref.entity} kept reaching further`);
}

function reachOf(days: readonly string[], zone: string): Stretch | undefined {
  const sorted = [...days].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  return first === undefined || last === undefined ? undefined : union(wholeDay(first, zone), wholeDay(last, zone));
}

async function readMonths(months: MonthStore, job: DaysJob, reach: Stretch): Promise<StoredMonth[]> {
  const { tenant, entity } = job.ref;
  const closed = daysOf(reach, job.zone).filter((day) => day < job.today);
  const names = [...new Set(closed.map(monthOf))];
  const pairs = job.metrics.flatMap((metric) => names.map((month) => ({ metric, month })));
  return inParallel(pairs, WIDTH, async ({ metric, month }) => ({
    metric,
    month,
    rollup: await months.read(rollupKey(tenant, metric.id, month, entity)),
    ...(metric.kind === 'counter' ? { top: await months.read(topKey(tenant, metric.id, month, entity)) } : {}),
  }));
}

function isOutdated({ rollup, top }: StoredMonth, job: DaysJob): boolean {
  return [rollup, top].some((item) => item !== undefined && isOutdatedItem(item, job));
}

function isOutdatedItem(item: MonthItem, job: DaysJob): boolean {
  return item.rev > 0 && (item.zone !== job.zone || item.generation < job.generation);
}

function compute(
  job: DaysJob,
  stored: readonly StoredMonth[],
  window: EntityWindow,
  days: ReadonlyMap<string, readonly string[]>,
  reach: Stretch,
): Plan {
  const plan: Plan = { results: [], running: new Map(), rebuild: [] };
  for (const metric of job.metrics) {
    const wanted = days.get(metric.id);
    if (!wanted) continue;
    const folded = foldSeries(metric, window, wanted, job.zone, job.until);
    const today = folded.rollups.find(({ day }) => day === job.today);
    if (today) plan.running.set(metric.id, today);
    for (const own of stored) if (own.metric.id === metric.id) addMonth(plan, job, own, folded, reach);
  }
  return plan;
}

function addMonth(plan: Plan, job: DaysJob, own: StoredMonth, folded: FoldedSeries, reach: Stretch): void {
  const closed = folded.rollups.filter(({ day }) => monthOf(day) === own.month && day < job.today);
  if (closed.length === 0) return;
  const before = own.rollup.bytes ? unpackRollup(own.rollup.bytes).days : [];
  const rollupBytes = packRollup(mergeDays(before, closed, isOutdatedItem(own.rollup, job)), job.zone);
  if (!own.top) {
    plan.results.push({ ...own, rollupBytes });
    return;
  }
  const list = covers(reach, wholeMonth(own.month, job.zone))
    ? topsOfMonth(folded.rates, own.month, job.today, job.zone)
    : topsAfter(
        own.top.bytes ? unpackTops(own.top.bytes) : [],
        closed.map(({ day }) => day),
        folded.rates,
        job.zone,
      );
  if (list) plan.results.push({ ...own, rollupBytes, topBytes: packTops(list) });
  else plan.rebuild.push(own.month);
}

/** False as soon as one item was written by others since it was read; what is stored by then is right all the same. */
async function store(months: MonthStore, job: DaysJob, plan: Plan): Promise<boolean> {
  const { zone, generation } = job;
  for (const { rollup, rollupBytes, top, topBytes } of plan.results) {
    if (!(await months.write(rollup, { bytes: rollupBytes, zone, generation }))) return false;
    if (top && topBytes && !(await months.write(top, { bytes: topBytes, zone, generation }))) return false;
  }
  return true;
}
