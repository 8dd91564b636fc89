/** Which days a window of raw points changes, and what they and their tops become. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { EntityWindow, SeriesWindow, Stretch } from './fold.ts';
import { baselineAfter, hasIncreases, increases } from './increase.ts';
import type { Metric } from './metric.ts';
import { mergeTops, type SlotValue, slotRates, tops } from './percentile.ts';
import { daysTouched, type RollUpSeries, rollUp } from './rollup.ts';
import type { RawPoint } from './sample.ts';
import type { DayRollup } from './samples.port.ts';
import { dayOf, dayStart, daysOfMonth, nextDay } from './zone.ts';

/** The stretch widened to whole days of the zone. */
export function wholeDays(stretch: Stretch, zone: string): Stretch {
  return {
    from: dayStart(dayOf(stretch.from, zone), zone),
    to: dayStart(nextDay(dayOf(stretch.to - 1, zone)), zone),
  };
}

export function wholeMonth(month: string, zone: string): Stretch {
  const days = daysOfMonth(month);
  return { from: dayStart(`${month}-01`, zone), to: dayStart(nextDay(days.at(-1) ?? `${month}-01`), zone) };
}

export function union(a: Stretch, b: Stretch): Stretch {
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

export function covers(outer: Stretch, inner: Stretch): boolean {
  return outer.from <= inner.from && inner.to <= outer.to;
}

export function daysOf(stretch: Stretch, zone: string): string[] {
  const days: string[] = [];
  const last = dayOf(stretch.to - 1, zone);
  for (let day = dayOf(stretch.from, zone); day <= last; day = nextDay(day)) days.push(day);
  return days;
}

/**
 * By metric id, the days that change when the points of the stretch are new: their own, those that a gap before them
 * reaches back over, and that of the first point after them, whose increase now starts elsewhere.
 */
export function touchedDays(window: EntityWindow, touched: Stretch, zone: string): Map<string, string[]> {
  const byMetric = new Map<string, string[]>();
  for (const [metric, series] of window.series) {
    const { before, points, after } = series;
    const all = [...before, ...points, ...(after ? [after] : [])];
    const first = all.findIndex(({ slot }) => slot >= touched.from);
    if (first < 0 || (all[first]?.slot ?? 0) >= touched.to) continue;
    const end = all.findIndex(({ slot }) => slot >= touched.to);
    const previous = all[first - 1];
    const days = daysTouched(
      {
        points: all.slice(first, end < 0 ? all.length : end + 1),
        periodSeconds: window.periodSeconds,
        ...(previous ? { previous } : {}),
      },
      zone,
    );
    byMetric.set(metric, days);
  }
  return byMetric;
}

export interface FoldedSeries {
  readonly rollups: DayRollup[];
  /** Rates of the slots in the window; only for counters. */
  readonly rates: readonly SlotValue[];
}

/** The wanted days of one series of the window. `until`: up to here no reading of the target is missing. */
export function foldSeries(
  metric: Metric,
  window: EntityWindow,
  days: readonly string[],
  zone: string,
  until: Instant | undefined,
): FoldedSeries {
  const own = window.series.get(metric.id);
  if (!own) return { rollups: [], rates: [] };
  const series = seriesOf(metric, own, window.periodSeconds);
  const rollups = rollUp(metric, { ...series, ...(until === undefined ? {} : { until }) }, zone, days);
  const rates = metric.kind === 'counter' ? slotRates(increases(metric, series.points, series)) : [];
  return { rollups, rates };
}

function seriesOf(metric: Metric, own: SeriesWindow, periodSeconds: number): RollUpSeries {
  const previous = startOf(metric, own.before, periodSeconds);
  const points = own.after ? [...own.points, own.after] : own.points;
  return { points, periodSeconds, ...(previous ? { previous } : {}) };
}

/** Where the first increase after these points starts: not always from the last of them. */
export function startOf(metric: Metric, before: readonly RawPoint[], periodSeconds: number): RawPoint | undefined {
  return hasIncreases(metric) ? baselineAfter(metric, before, { periodSeconds }) : before.at(-1);
}

/** The stored month with these days in place of its own; with `fresh`, these days alone. */
export function mergeDays(stored: readonly DayRollup[], days: readonly DayRollup[], fresh: boolean): DayRollup[] {
  const byDay = new Map((fresh ? [] : stored).map((day) => [day.day, day]));
  for (const day of days) byDay.set(day.day, day);
  return [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** The month's largest rates when these days are new; undefined when only the whole month's points can tell. */
export function topsAfter(
  stored: readonly SlotValue[],
  days: readonly string[],
  rates: readonly SlotValue[],
  zone: string,
): SlotValue[] | undefined {
  let list = [...stored];
  for (const day of days) {
    const { from, to } = wholeDay(day, zone);
    const values = rates.filter(({ slot }) => slot >= from && slot < to);
    const merged = mergeTops(list, { from, to, values });
    if (!merged.exact) return undefined;
    list = merged.tops;
  }
  return list;
}

/** From a window that covers the whole month; days that are not over are left out until they are. */
export function topsOfMonth(rates: readonly SlotValue[], month: string, today: string, zone: string): SlotValue[] {
  const { from, to } = wholeMonth(month, zone);
  const end = Math.min(to, dayStart(today, zone));
  return tops(rates.filter(({ slot }) => slot >= from && slot < end));
}

export function wholeDay(day: string, zone: string): Stretch {
  return { from: dayStart(day, zone), to: dayStart(nextDay(day), zone) };
}
