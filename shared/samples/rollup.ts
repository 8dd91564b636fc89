/** Folds the readings of one series into days, packs a month of them, and sums over days. Pure. */
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';
import { hasIncreases, increases, ratePerSecond } from './increase.ts';
import type { Metric } from './metric.ts';
import type { Increase, RawPoint } from './sample.ts';
import type { DayRollup } from './samples.port.ts';
import { ByteReader, ByteWriter } from './varint.ts';
import { dayName, dayNumber, dayOf, dayStart, expectedSlots, nextDay } from './zone.ts';

const MONTH_FORMAT = 1;

/** The readings that days are folded from. */
export interface RollUpSeries {
  /** Oldest first; they must cover the wanted days whole, and reach the reading that ends a gap begun in them. */
  readonly points: readonly RawPoint[];
  /** Baseline before the first point; absent when the series begins with it. */
  readonly previous?: RawPoint;
  readonly periodSeconds: number;
  /** Up to here nothing is missing from `points`; the last point's slot unless told. */
  readonly until?: Instant;
}

/** A month of one entity and metric as it is stored. */
export interface PackedMonth {
  readonly zone: string;
  readonly days: DayRollup[];
}

/** Several days in one line: the sum of the known, how much of it was seen, and the worst hole. */
export type Across = Omit<DayRollup, 'day'>;

/** The days that a fold of these readings changes, in order: also those that a gap reaches back over. */
export function daysTouched(series: RollUpSeries, zone: string): string[] {
  const days = new Set<string>();
  let before = series.previous;
  for (const point of series.points) {
    const last = dayOf(point.slot, zone);
    const from = before === undefined ? point.slot : Math.min(before.slot, before.receivedAt);
    // A little before 1.5 periods: the gap itself may be told by the device's clock, which may differ by a tenth.
    const long = point.receivedAt - from > 1300 * series.periodSeconds;
    for (let day = long ? dayOf(from, zone) : last; day < last; day = nextDay(day)) days.add(day);
    days.add(last);
    before = point;
  }
  return [...days].sort();
}

/**
 * One rollup per wanted day, in the order asked. An increase belongs to the day of its later reading; the amount of a
 * gap is spread evenly over the time it covers, to the last unit. Days without a reading are there too, with nothing known.
 */
export function rollUp(metric: Metric, series: RollUpSeries, zone: string, days: readonly string[]): DayRollup[] {
  const list = hasIncreases(metric) ? increases(metric, series.points, series) : [];
  const totals = totalsOf(list, zone);
  const increasesOf = groupByDay(list, zone);
  const pointsOf = groupByDay(series.points, zone);
  const holes = holesOf(metric, series, list, zone, days);
  return days.map((day) => {
    const [from, to] = [dayStart(day, zone), dayStart(nextDay(day), zone)];
    const points = pointsOf.get(day) ?? [];
    const gaps = holes.filter((hole) => hole.from < to && hole.to > from).map((hole) => hole.to - hole.from);
    return {
      day,
      total: metric.kind === 'periodTotal' ? points.at(-1)?.value : totals.get(day),
      ...extremes(metric, points, increasesOf.get(day) ?? []),
      validSlots: validSlots(metric, points, increasesOf.get(day) ?? []),
      expectedSlots: expectedSlots(day, zone, series.periodSeconds),
      largestGapSeconds: Math.round(Math.max(0, ...gaps) / 1000),
    };
  });
}

/** Sum of what is known over the days; `last` is the newest day's that has one. */
export function sumOver(days: readonly DayRollup[]): Across {
  let [total, peak, min, last]: (bigint | undefined)[] = [];
  let [validSlots, expectedSlots, largestGapSeconds] = [0, 0, 0];
  for (const day of days) {
    if (day.total !== undefined) total = (total ?? 0n) + day.total;
    if (day.peak !== undefined && (peak === undefined || day.peak > peak)) peak = day.peak;
    if (day.min !== undefined && (min === undefined || day.min < min)) min = day.min;
    last = day.last ?? last;
    validSlots += day.validSlots;
    expectedSlots += day.expectedSlots;
    largestGapSeconds = Math.max(largestGapSeconds, day.largestGapSeconds);
  }
  return { total, peak, min, last, validSlots, expectedSlots, largestGapSeconds };
}

const NEXT_DAY = 1;
const TOTAL = 2;
const PEAK = 4;
const MIN = 8;
const LAST = 16;
const ALL_VALID = 32;
const NO_GAP = 64;
const SAME_EXPECTED = 128;

/** Days in order; at most 900 bytes for a month of realistic amounts, so that a thousand entities fit one page. */
export function packRollup(days: readonly DayRollup[], zone: string): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(MONTH_FORMAT);
  writer.text(zone);
  writer.unsigned(days.length);
  let before = { number: 0, expected: 0, last: 0n };
  for (const { day, total, peak, min, last, validSlots: valid, expectedSlots: expected, largestGapSeconds } of days) {
    const number = dayNumber(day);
    const has = (value: bigint | undefined, flag: number) => (value === undefined ? 0 : flag);
    writer.byte(
      (number === before.number + 1 ? NEXT_DAY : 0) |
        (has(total, TOTAL) | has(peak, PEAK) | has(min, MIN) | has(last, LAST)) |
        (valid === expected ? ALL_VALID : 0) |
        (largestGapSeconds === 0 ? NO_GAP : 0) |
        (expected === before.expected ? SAME_EXPECTED : 0),
    );
    if (number !== before.number + 1) writer.signed(number - before.number);
    if (total !== undefined) writer.signed(total);
    // A level moves little from day to day, and its extremes lie near where it ended.
    if (last !== undefined) writer.signed(last - before.last);
    if (peak !== undefined) writer.signed(peak - (last ?? 0n));
    if (min !== undefined) writer.signed(min - (last ?? 0n));
    if (expected !== before.expected) writer.unsigned(expected);
    if (valid !== expected) writer.unsigned(valid);
    if (largestGapSeconds !== 0) writer.unsigned(largestGapSeconds);
    before = { number, expected, last: last ?? before.last };
  }
  return writer.finish();
}

export function unpackRollup(bytes: Uint8Array): PackedMonth {
  const reader = new ByteReader(bytes);
  const format = reader.byte();
  assert(format === MONTH_FORMAT, `a month of format ${format}`);
  const zone = reader.text();
  let [number, expected, lastBefore] = [0, 0, 0n];
  const days = Array.from({ length: reader.length() }, (): DayRollup => {
    const flags = reader.byte();
    number += flags & NEXT_DAY ? 1 : reader.integer();
    const total = flags & TOTAL ? reader.signed() : undefined;
    const last = flags & LAST ? lastBefore + reader.signed() : undefined;
    const peak = flags & PEAK ? reader.signed() + (last ?? 0n) : undefined;
    const min = flags & MIN ? reader.signed() + (last ?? 0n) : undefined;
    if (!(flags & SAME_EXPECTED)) expected = reader.count();
    const validSlots = flags & ALL_VALID ? expected : reader.count();
    const largestGapSeconds = flags & NO_GAP ? 0 : reader.count();
    lastBefore = last ?? lastBefore;
    return { day: dayName(number), total, peak, min, last, validSlots, expectedSlots: expected, largestGapSeconds };
  });
  reader.end();
  return { zone, days };
}

/** A gap's amount goes to the days it covers in proportion to time; the parts add up exactly. */
function totalsOf(list: readonly Increase[], zone: string): Map<string, bigint> {
  const totals = new Map<string, bigint>();
  const add = (day: string, amount: bigint) => totals.set(day, (totals.get(day) ?? 0n) + amount);
  for (const increase of list) {
    const { amount, reason, slot, from, to } = increase;
    if (amount === undefined) continue;
    const last = dayOf(slot, zone);
    const first = reason === 'gap' ? dayOf(from, zone) : last;
    let given = 0n;
    for (let day = first; day < last; day = nextDay(day)) {
      const upTo = Math.min(to, dayStart(nextDay(day), zone));
      const share = (amount * BigInt(upTo - from)) / BigInt(to - from) - given;
      given += share;
      add(day, share);
    }
    add(last, amount - given);
  }
  return totals;
}

function extremes(metric: Metric, points: readonly RawPoint[], list: readonly Increase[]) {
  if (metric.kind === 'counter' || metric.kind === 'highWater') {
    const rates = list.map(ratePerSecond).filter((rate) => rate !== undefined);
    return { peak: largest(rates), min: undefined, last: undefined };
  }
  const values = points.map(({ value }) => value);
  return { peak: largest(values), min: least(values), last: values.at(-1) };
}

/** Distinct slots of the period's grid with a known value; for a counter that is a rate, for the others a reading. */
function validSlots(metric: Metric, points: readonly RawPoint[], list: readonly Increase[]): number {
  const valid = metric.kind === 'counter' ? list.filter(({ rateable }) => rateable) : points.filter((p) => p.boundary);
  return new Set(valid.map(({ slot }) => slot)).size;
}

interface Hole {
  readonly from: Instant;
  readonly to: Instant;
}

/** Stretches of more than 1.5 periods between two valid readings, the beginning and the end of what was asked included. */
function holesOf(
  metric: Metric,
  series: RollUpSeries,
  list: readonly Increase[],
  zone: string,
  days: readonly string[],
): Hole[] {
  const valid = metric.kind === 'counter' ? list.filter(({ amount }) => amount !== undefined) : series.points;
  const firstDay = [...days].sort()[0];
  const begin = series.previous?.slot ?? (firstDay === undefined ? undefined : dayStart(firstDay, zone));
  const end = series.until ?? series.points.at(-1)?.slot;
  const marks = [begin, ...valid.map(({ slot }) => slot), end].filter((at) => at !== undefined).sort((a, b) => a - b);
  return marks
    .map((to, i) => ({ from: marks[i - 1] ?? to, to }))
    .filter((hole) => hole.to - hole.from > 1500 * series.periodSeconds);
}

function groupByDay<T extends { readonly slot: Instant }>(items: readonly T[], zone: string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const day = dayOf(item.slot, zone);
    const group = groups.get(day);
    if (group === undefined) groups.set(day, [item]);
    else group.push(item);
  }
  return groups;
}

function largest(values: readonly bigint[]): bigint | undefined {
  return values.reduce<bigint | undefined>(
    (best, value) => (best === undefined || value > best ? value : best),
    undefined,
  );
}

function least(values: readonly bigint[]): bigint | undefined {
  return values.reduce<bigint | undefined>(
    (best, value) => (best === undefined || value < best ? value : best),
    undefined,
  );
}
