/** What a SIM used over a span of days, in the form of the API; days of which nothing is known are counted, not filled. Pure. */
import type * as z from 'zod/mini';
import type { Instant } from '../platform/clock.ts';
import { AppError, type Issue } from '../platform/errors.ts';
import { dayName, dayNumber, dayOf } from '../samples/zone.ts';
import { PROVIDER_ZONE, type ShownSim } from './shown-sim.ts';
import type { DayUsage } from './sim.ts';
import { volumeTexts } from './sims-view.ts';
import type { usageView } from './sims-views.contract.ts';
import { averagePerDay, byMonth, byWeek, sumUsage, type UsageSum } from './usage.ts';

export type UsageAnswer = z.infer<typeof usageView>;

export interface UsageQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly by?: UsageAnswer['by'] | undefined;
}

/** Both days included. */
export interface UsageRange {
  readonly from: string;
  readonly to: string;
  readonly by: UsageAnswer['by'];
}

const DEFAULT_DAYS = 30;
const MAX_DAYS = 400;

/** Days to come are not asked for: they could only be unknown. Throws REQUEST_INVALID with all that is wrong. */
export function usageRange({ from, to, by = 'day' }: UsageQuery, now: Instant): UsageRange {
  const today = dayOf(now, PROVIDER_ZONE);
  const end = to === undefined || to > today ? today : to;
  const start = from ?? dayName(dayNumber(end) - DEFAULT_DAYS + 1);
  const issues: Issue[] = [];
  if (start > end) issues.push({ path: 'query.from', message: `must not lie after ${to === end ? '"to"' : today}` });
  if (dayNumber(end) - dayNumber(start) >= MAX_DAYS)
    issues.push({ path: 'query.from', message: `must leave at most ${MAX_DAYS} days until "to"` });
  if (issues.length > 0)
    throw new AppError('REQUEST_INVALID', issues.map((i) => `${i.path}: ${i.message}`).join('; '), {
      context: { issues },
    });
  return { from: start, to: end, by };
}

export function usageAnswer(sim: ShownSim, known: readonly DayUsage[], { from, to, by }: UsageRange): UsageAnswer {
  const { account } = sim;
  const days = everyDay(known, from, to);
  const average = volumeTexts(averagePerDay(days), account.octetsPerMegabyte);
  return {
    iccid: sim.iccid,
    account: account.id,
    from,
    to,
    by,
    items: periodsOf(days, by).map((period) => {
      // A week or month that begins or ends outside counts the days that were asked for.
      const first = later(period.from, from);
      const last = earlier(period.to, to);
      return { from: first, to: last, ...sumsOf(period, daysBetween(first, last), account.octetsPerMegabyte) };
    }),
    totals: sumsOf(sumUsage(days), days.length, account.octetsPerMegabyte),
    averagePerDay: { dataMegabytes: average.megabytes, dataOctets: average.octets },
  };
}

function everyDay(known: readonly DayUsage[], from: string, to: string): DayUsage[] {
  const byDay = new Map(known.map((usage) => [usage.day, usage]));
  return Array.from({ length: daysBetween(from, to) }, (_, i) => {
    const day = dayName(dayNumber(from) + i);
    return byDay.get(day) ?? { day };
  });
}

function periodsOf(days: readonly DayUsage[], by: UsageAnswer['by']) {
  if (by === 'week') return byWeek(days);
  if (by === 'month') return byMonth(days);
  return days.map((usage) => ({ ...sumUsage([usage]), from: usage.day, to: usage.day }));
}

/** Both included. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from) + 1;
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

function sumsOf(sum: UsageSum, expectedDays: number, octetsPerMegabyte: number) {
  const total = volumeTexts(sum.total, octetsPerMegabyte);
  const rx = volumeTexts(sum.rx, octetsPerMegabyte);
  const tx = volumeTexts(sum.tx, octetsPerMegabyte);
  return {
    dataMegabytes: total.megabytes,
    dataOctets: total.octets,
    dataRxMegabytes: rx.megabytes,
    dataRxOctets: rx.octets,
    dataTxMegabytes: tx.megabytes,
    dataTxOctets: tx.octets,
    smsMessages: sum.smsTotal?.toString() ?? null,
    smsMoMessages: sum.smsMo?.toString() ?? null,
    smsMtMessages: sum.smsMt?.toString() ?? null,
    complete: { knownDays: sum.knownDays, expectedDays },
  };
}
