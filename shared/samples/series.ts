/** From readings and increases to the points of a chart: one row a step, gaps left as gaps. Pure. */
import type { Instant } from '../platform/clock.ts';
import { AppError, type Issue } from '../platform/errors.ts';
import { hasIncreases } from './increase.ts';
import type { Metric } from './metric.ts';
import type { Increase, RawPoint } from './sample.ts';
import { dayOf, dayStart, nextDay } from './zone.ts';

export interface SeriesPoint {
  readonly at: Instant;
  readonly value: bigint | undefined;
  readonly increase: bigint | undefined;
  /** Units a second. */
  readonly rate: number | undefined;
  readonly reason?: string;
}

export type Step = number | 'raw' | 'day';

/** More points than a screen or a spreadsheet can use; a coarser step answers the same question. */
export const MAX_POINTS = 10_000;
/** Chunks live this long, and a year and a month is what people compare. */
const MAX_SPAN_MS = 400 * 86_400_000;
const DEFAULT_SPAN_MS = 7 * 86_400_000;

/** Throws REQUEST_INVALID with all that is wrong with the range. */
export function readRange(
  from: Instant | undefined,
  to: Instant | undefined,
  step: Step,
  now: Instant,
): { from: Instant; to: Instant } {
  const end = to ?? now;
  const start = from ?? end - DEFAULT_SPAN_MS;
  const issues: Issue[] = [];
  if (start >= end) issues.push({ path: 'query.from', message: 'must lie before "to"' });
  if (end - start > MAX_SPAN_MS) issues.push({ path: 'query.from', message: 'must lie at most 400 days before "to"' });
  const width = typeof step === 'number' ? step * 1000 : step === 'day' ? 86_400_000 : 0;
  if (width > 0 && (end - start) / width > MAX_POINTS) {
    issues.push({ path: 'query.step', message: `gives more than ${MAX_POINTS} points: take a wider step` });
  }
  if (issues.length > 0)
    throw new AppError('REQUEST_INVALID', issues.map((i) => `${i.path}: ${i.message}`).join('; '), {
      context: { issues },
    });
  return { from: start, to: end };
}

/** A reading's slot places it; an increase belongs to the step of its later reading. */
export function seriesPoints(
  metric: Metric,
  readings: readonly RawPoint[],
  increases: readonly Increase[],
  options: { from: Instant; to: Instant; step: Step; zone: string },
): SeriesPoint[] {
  const increaseAt = new Map(increases.map((i) => [i.slot, i]));
  if (options.step === 'raw') {
    return readings.slice(-MAX_POINTS).map((r) => rawPoint(metric, r, increaseAt.get(r.slot)));
  }
  const groups = new Map<Instant, { readings: RawPoint[]; increases: Increase[] }>();
  for (const at of stepStarts(options)) groups.set(at, { readings: [], increases: [] });
  for (const r of readings) groups.get(stepOf(r.slot, options))?.readings.push(r);
  for (const i of increases) groups.get(stepOf(i.slot, options))?.increases.push(i);
  return [...groups].map(([at, group]) => stepPoint(metric, at, group.readings, group.increases));
}

function rawPoint(metric: Metric, reading: RawPoint, increase: Increase | undefined): SeriesPoint {
  const known = hasIncreases(metric) ? increase?.amount : undefined;
  const rate = known !== undefined && increase?.rateable ? (Number(known) * 1000) / increase.elapsedMs : undefined;
  return {
    at: reading.receivedAt,
    value: reading.value,
    increase: known,
    rate,
    ...(increase?.reason ? { reason: increase.reason } : {}),
  };
}

function stepPoint(
  metric: Metric,
  at: Instant,
  readings: readonly RawPoint[],
  increases: readonly Increase[],
): SeriesPoint {
  const known = hasIncreases(metric) ? increases.filter((i) => i.amount !== undefined) : [];
  const sum = known.reduce((total, i) => total + (i.amount ?? 0n), 0n);
  const elapsedMs = known.reduce((total, i) => total + i.elapsedMs, 0);
  const reasons = new Set(increases.flatMap((i) => (i.reason ? [i.reason] : [])));
  return {
    at,
    value: readings.at(-1)?.value,
    increase: known.length > 0 ? sum : undefined,
    rate: known.length > 0 && elapsedMs > 0 ? (Number(sum) * 1000) / elapsedMs : undefined,
    ...(reasons.size > 0 ? { reason: [...reasons].sort().join(', ') } : {}),
  };
}

function stepOf(at: Instant, options: { step: Step; zone: string; from: Instant }): Instant {
  if (options.step === 'day') return dayStart(dayOf(at, options.zone), options.zone);
  const width = Number(options.step) * 1000;
  return Math.floor(at / width) * width;
}

function stepStarts(options: { from: Instant; to: Instant; step: Step; zone: string }): Instant[] {
  const starts: Instant[] = [];
  if (options.step === 'day') {
    for (let day = dayOf(options.from, options.zone); ; day = nextDay(day)) {
      const at = dayStart(day, options.zone);
      if (at >= options.to) return starts;
      starts.push(at);
    }
  }
  const width = Number(options.step) * 1000;
  for (let at = stepOf(options.from, options); at < options.to; at += width) starts.push(at);
  return starts;
}
