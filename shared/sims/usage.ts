/** Usage by day: which statement of a day counts, and sums, averages and medians over days. Pure. */
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';
import { dayName, dayNumber, daysOfMonth, monthOf } from '../samples/zone.ts';
import type { DayUsage, MicroMegabytes } from './sim.ts';
import { USAGE_FIELDS } from './sim.ts';
import type { Correction } from './usage.port.ts';

/** A day as the provider stated it last. */
export interface StatedDay {
  readonly usage: DayUsage;
  readonly statedAt: Instant;
  /** It was over when it was stated: a later change is a correction. */
  readonly closed: boolean;
}

/** What the provider answered at one instant; days before `closedBefore` (`YYYY-MM-DD`) were over by then. */
export interface Statement {
  readonly days: readonly DayUsage[];
  readonly at: Instant;
  readonly closedBefore: string;
}

export interface Merged {
  /** Oldest first; the very array that was given when the statement changes nothing. */
  readonly days: readonly StatedDay[];
  readonly corrections: readonly Omit<Correction, 'iccid'>[];
}

/**
 * The newest statement of a day wins whole, whatever the order of arrival; of one instant, the first to arrive. A day
 * without a single value states nothing. A repetition alone changes nothing, not even when the day was last stated: a
 * late answer could replace it only if the provider had changed a value and then changed it back in between.
 */
export function mergeUsage(known: readonly StatedDay[], { days, at, closedBefore }: Statement): Merged {
  const merged = new Map(known.map((stated) => [stated.usage.day, stated]));
  const corrections: Omit<Correction, 'iccid'>[] = [];
  let changed = false;
  for (const usage of days.filter(isKnown)) {
    const before = merged.get(usage.day);
    if (before !== undefined && before.statedAt >= at) continue;
    const closed = usage.day < closedBefore;
    merged.set(usage.day, { usage, statedAt: at, closed: closed || before?.closed === true });
    const same = before !== undefined && isSame(before.usage, usage);
    if (same && (before.closed || !closed)) continue;
    changed = true;
    if (before?.closed && closed) corrections.push({ day: usage.day, before: before.usage, after: usage });
  }
  if (!changed) return { days: known, corrections: [] };
  return { days: [...merged.values()].sort((a, b) => byText(a.usage.day, b.usage.day)), corrections };
}

/** Sums of what is known of several days: undefined where nothing is known, never 0. Data in millionths of MB. */
export interface UsageSum {
  readonly total: MicroMegabytes | undefined;
  readonly rx: MicroMegabytes | undefined;
  readonly tx: MicroMegabytes | undefined;
  readonly smsTotal: bigint | undefined;
  readonly smsMo: bigint | undefined;
  readonly smsMt: bigint | undefined;
  /** Days whose data total is known. */
  readonly knownDays: number;
  /** Days of the calendar in [from, to]. */
  readonly days: number;
  /** First and last day, both included; undefined for no days at all. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface UsagePeriod extends UsageSum {
  readonly from: string;
  readonly to: string;
}

/** Over the days given, in any order, each at most once. */
export function sumUsage(days: readonly DayUsage[]): UsageSum {
  const names = days.map(({ day }) => day).sort();
  const [from, to] = [names[0], names.at(-1)];
  const span = from === undefined || to === undefined ? 0 : dayNumber(to) - dayNumber(from) + 1;
  return { ...sums(days), days: span, from, to };
}

/** One for each ISO week (Monday to Sunday) that has a day in the list, oldest first. */
export function byWeek(days: readonly DayUsage[]): UsagePeriod[] {
  return byPeriod(days, (day) => {
    const monday = mondayOf(day);
    return { from: dayName(monday), to: dayName(monday + 6) };
  });
}

/** One for each month that has a day in the list, oldest first. */
export function byMonth(days: readonly DayUsage[]): UsagePeriod[] {
  return byPeriod(days, (day) => {
    const month = daysOfMonth(monthOf(day));
    return { from: month[0] ?? day, to: month.at(-1) ?? day };
  });
}

/** Of one value over the days on which it is known, rounded to the nearest; undefined when it is known of none. */
export function averagePerDay(
  days: readonly DayUsage[],
  field: (typeof USAGE_FIELDS)[number] = 'dataTotal',
): bigint | undefined {
  const values = valuesOf(days, field);
  const sum = total(values);
  if (sum === undefined) return undefined;
  const count = BigInt(values.length);
  return (2n * sum + count) / (2n * count);
}

/** A median of fewer days would call any first busy day unusual. */
export const MEDIAN_LEAST_DAYS = 7;
export const MEDIAN_WINDOW_DAYS = 30;

/**
 * Usual data of a day: the median of the known among the `n` days that end with the newest one given; of two middle ones
 * their mean, rounded down. Undefined unless seven are known. Hand it closed days: today is not over.
 */
export function median(days: readonly DayUsage[], n: number = MEDIAN_WINDOW_DAYS): MicroMegabytes | undefined {
  const newest = days
    .map(({ day }) => day)
    .sort()
    .at(-1);
  if (newest === undefined) return undefined;
  const recent = days.filter(({ day }) => dayNumber(day) > dayNumber(newest) - n);
  const values = valuesOf(recent, 'dataTotal').sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (values.length < MEDIAN_LEAST_DAYS) return undefined;
  const high = values[Math.floor(values.length / 2)];
  const low = values[Math.floor((values.length - 1) / 2)];
  assert(low !== undefined && high !== undefined, 'a list of seven has a middle');
  return (low + high) / 2n;
}

export interface Consumer {
  /** As in the map that was given. */
  readonly id: string;
  readonly total: MicroMegabytes;
  readonly usage: UsageSum;
}

/** The `n` with the most data, most first, equal ones by id; who has no known data is not among them. */
export function topConsumers(usageOf: ReadonlyMap<string, readonly DayUsage[]>, n: number): Consumer[] {
  const known = [...usageOf].flatMap(([id, days]) => {
    const usage = sumUsage(days);
    return usage.total === undefined ? [] : [{ id, total: usage.total, usage }];
  });
  known.sort((a, b) => (a.total > b.total ? -1 : a.total < b.total ? 1 : byText(a.id, b.id)));
  return known.slice(0, Math.max(0, n));
}

function byPeriod(days: readonly DayUsage[], periodOf: (day: string) => { from: string; to: string }): UsagePeriod[] {
  const periods = new Map<string, { to: string; days: DayUsage[] }>();
  for (const usage of days) {
    const { from, to } = periodOf(usage.day);
    const period = periods.get(from) ?? { to, days: [] };
    period.days.push(usage);
    periods.set(from, period);
  }
  return [...periods]
    .sort(([a], [b]) => byText(a, b))
    .map(([from, period]) => ({
      ...sums(period.days),
      days: dayNumber(period.to) - dayNumber(from) + 1,
      from,
      to: period.to,
    }));
}

function sums(days: readonly DayUsage[]) {
  return {
    total: total(valuesOf(days, 'dataTotal')),
    rx: total(valuesOf(days, 'dataRx')),
    tx: total(valuesOf(days, 'dataTx')),
    smsTotal: total(valuesOf(days, 'smsTotal')),
    smsMo: total(valuesOf(days, 'smsMo')),
    smsMt: total(valuesOf(days, 'smsMt')),
    knownDays: valuesOf(days, 'dataTotal').length,
  };
}

function valuesOf(days: readonly DayUsage[], field: (typeof USAGE_FIELDS)[number]): bigint[] {
  return days.map((day) => day[field]).filter((value) => value !== undefined);
}

function total(values: readonly bigint[]): bigint | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0n);
}

/** Days since 1970-01-01, which was a Thursday. */
function mondayOf(day: string): number {
  const number = dayNumber(day);
  return number - ((((number + 3) % 7) + 7) % 7);
}

function isKnown(usage: DayUsage): boolean {
  return USAGE_FIELDS.some((field) => usage[field] !== undefined);
}

function isSame(a: DayUsage, b: DayUsage): boolean {
  return USAGE_FIELDS.every((field) => a[field] === b[field]);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
