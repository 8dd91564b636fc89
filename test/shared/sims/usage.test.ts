import { describe, expect, test } from 'vitest';
import { fleetMetrics, simMetrics } from '../../../shared/sims/metrics.ts';
import type { DayUsage } from '../../../shared/sims/sim.ts';
import {
  averagePerDay,
  byMonth,
  byWeek,
  median,
  mergeUsage,
  type StatedDay,
  sumUsage,
  topConsumers,
} from '../../../shared/sims/usage.ts';
import { USAGE_NAME } from '../../../shared/sims/usage-keys.ts';

const day = (name: string, dataTotal?: bigint, more: Partial<DayUsage> = {}): DayUsage => ({
  day: name,
  ...(dataTotal === undefined ? {} : { dataTotal }),
  ...more,
});
const november = (n: number): string => `2026-11-${String(n).padStart(2, '0')}`;
const stated = (usage: DayUsage, statedAt: number, closed = true): StatedDay => ({ usage, statedAt, closed });

describe('merging statements', () => {
  const CLOSED = '2026-11-20';

  test('a first statement is kept, oldest day first, and what is not over is open', () => {
    const { days, corrections } = mergeUsage([], {
      days: [day('2026-11-20', 5n), day('2026-11-18', 7n)],
      at: 100,
      closedBefore: CLOSED,
    });
    expect(days).toEqual([stated(day('2026-11-18', 7n), 100), stated(day('2026-11-20', 5n), 100, false)]);
    expect(corrections).toEqual([]);
  });

  test('an older statement never replaces a newer one, and one of the same instant does not either', () => {
    const known = [stated(day('2026-11-18', 7n), 100)];
    for (const at of [99, 100]) {
      const merged = mergeUsage(known, { days: [day('2026-11-18', 8n)], at, closedBefore: CLOSED });
      expect(merged.days).toBe(known);
      expect(merged.corrections).toEqual([]);
    }
  });

  test('a repetition gives the very same days', () => {
    const known = [stated(day('2026-11-18', 7n, { smsMo: 0n }), 100)];
    const again = { days: [day('2026-11-18', 7n, { smsMo: 0n })], at: 200, closedBefore: CLOSED };
    expect(mergeUsage(known, again).days).toBe(known);
  });

  test('the first repetition after the end of a day is remembered: what changes later is a correction', () => {
    const open = [stated(day('2026-11-18', 7n), 100, false)];
    const closed = mergeUsage(open, { days: [day('2026-11-18', 7n)], at: 200, closedBefore: CLOSED });
    expect(closed.corrections).toEqual([]);
    expect(closed.days).toEqual([stated(day('2026-11-18', 7n), 200)]);
    const late = mergeUsage(closed.days, { days: [day('2026-11-18', 9n)], at: 300, closedBefore: CLOSED });
    expect(late.corrections).toEqual([
      { day: '2026-11-18', before: day('2026-11-18', 7n), after: day('2026-11-18', 9n) },
    ]);
  });

  test.each([
    ['grows while it runs', '2026-11-20', false],
    ['is stated for the first time after its end', '2026-11-19', false],
  ])('a day that %s is no correction', (_, name, wasClosed) => {
    const known = [stated(day(name, 7n), 100, wasClosed)];
    const merged = mergeUsage(known, { days: [day(name, 9n)], at: 200, closedBefore: CLOSED });
    expect(merged.corrections).toEqual([]);
    expect(merged.days[0]?.usage.dataTotal).toBe(9n);
  });

  test('a newer statement wins whole: what it no longer tells is unknown again', () => {
    const known = [stated(day('2026-11-18', 7n, { smsMo: 3n }), 100)];
    const merged = mergeUsage(known, { days: [day('2026-11-18', 7n)], at: 200, closedBefore: CLOSED });
    expect(merged.days[0]?.usage).toEqual(day('2026-11-18', 7n));
    expect(merged.corrections).toHaveLength(1);
  });

  test('a day without a single value states nothing', () => {
    const known = [stated(day('2026-11-18', 7n), 100)];
    const empty = [day('2026-11-18'), day('2026-11-19')];
    expect(mergeUsage(known, { days: empty, at: 200, closedBefore: CLOSED }).days).toBe(known);
  });

  test('a zero is a value', () => {
    const merged = mergeUsage([], { days: [day('2026-11-18', 0n)], at: 1, closedBefore: CLOSED });
    expect(merged.days[0]?.usage.dataTotal).toBe(0n);
  });
});

describe('sums', () => {
  test('of nothing are unknown, not 0', () => {
    expect(sumUsage([])).toEqual({
      total: undefined,
      rx: undefined,
      tx: undefined,
      smsTotal: undefined,
      smsMo: undefined,
      smsMt: undefined,
      knownDays: 0,
      days: 0,
      from: undefined,
      to: undefined,
    });
    expect(sumUsage([day('2026-11-01')])).toMatchObject({ total: undefined, knownDays: 0, days: 1 });
    expect([byWeek([]), byMonth([])]).toEqual([[], []]);
  });

  test('add the known of each value apart, and count the days of the calendar', () => {
    const days = [
      day('2026-11-05', 30n, { dataRx: 20n, dataTx: 10n }),
      day('2026-11-01', undefined, { smsTotal: 2n, smsMo: 2n }),
      day('2026-11-02', 12n, { smsMt: 0n }),
    ];
    expect(sumUsage(days)).toEqual({
      total: 42n,
      rx: 20n,
      tx: 10n,
      smsTotal: 2n,
      smsMo: 2n,
      smsMt: 0n,
      knownDays: 2,
      days: 5,
      from: '2026-11-01',
      to: '2026-11-05',
    });
  });

  test.each([
    ['a Monday begins its week', '2026-11-16', '2026-11-16', '2026-11-22'],
    ['a Sunday ends it', '2026-11-15', '2026-11-09', '2026-11-15'],
    ['a week goes over the end of a month', '2026-12-01', '2026-11-30', '2026-12-06'],
    ['and over the end of a year', '2027-01-01', '2026-12-28', '2027-01-03'],
    ['and over a leap day', '2028-02-29', '2028-02-28', '2028-03-05'],
  ])('%s', (_, name, from, to) => {
    expect(byWeek([day(name, 1n)])).toEqual([expect.objectContaining({ from, to, total: 1n, days: 7, knownDays: 1 })]);
  });

  test('weeks and months come oldest first, without those that have no day', () => {
    const days = [day('2026-11-30', 4n), day('2026-09-01', 1n), day('2026-11-16', 3n), day('2026-11-15', 2n)];
    expect(byWeek(days).map(({ from, total }) => [from, total])).toEqual([
      ['2026-08-31', 1n],
      ['2026-11-09', 2n],
      ['2026-11-16', 3n],
      ['2026-11-30', 4n],
    ]);
    expect(byMonth(days).map(({ from, to, total, days: n, knownDays }) => [from, to, total, n, knownDays])).toEqual([
      ['2026-09-01', '2026-09-30', 1n, 30, 1],
      ['2026-11-01', '2026-11-30', 9n, 30, 3],
    ]);
  });
});

describe('averages and medians', () => {
  test('an average is over the days on which the value is known, rounded to the nearest', () => {
    const days = [
      day('2026-11-01', 10n),
      day('2026-11-02'),
      day('2026-11-03', 11n, { smsMo: 3n }),
      day('2026-11-04', 0n),
    ];
    expect(averagePerDay(days)).toBe(7n);
    expect(averagePerDay([day('2026-11-01', 1n), day('2026-11-02', 2n)])).toBe(2n);
    expect(averagePerDay(days, 'smsMo')).toBe(3n);
    expect(averagePerDay(days, 'smsMt')).toBeUndefined();
    expect(averagePerDay([])).toBeUndefined();
  });

  const week = [9n, 1n, 8n, 2n, 7n, 3n, 5n].map((total, i) => day(november(i + 1), total));

  test('a median needs seven known days', () => {
    expect(median(week)).toBe(5n);
    expect(median(week.slice(1))).toBeUndefined();
    expect(median([...week.slice(1), day('2026-11-09')])).toBeUndefined();
    expect(median([])).toBeUndefined();
  });

  test('of an even count it is the mean of the middle two', () => {
    expect(median([...week, day('2026-11-08', 6n)])).toBe(5n);
    expect(median([...week, day('2026-11-08', 70n)])).toBe(6n);
  });

  test('only the last days count', () => {
    const old = day('2026-10-01', 1_000_000n);
    expect(median([old, ...week])).toBe(5n);
    expect(median([old, ...week.slice(1)])).toBeUndefined();
    expect(median([...week, day('2026-11-08', 6n)], 7)).toBe(5n);
    // The 30 days that end with November 7th begin with October 9th.
    expect(median([day('2026-10-09', 4n), ...week.slice(1)])).toBe(4n);
    expect(median([day('2026-10-08', 4n), ...week.slice(1)])).toBeUndefined();
  });
});

test('top consumers come most first, equal ones by id, and without those of whom nothing is known', () => {
  const usageOf = new Map([
    ['a/1', [day('2026-11-01', 5n), day('2026-11-02', 5n)]],
    ['a/4', [day('2026-11-01', undefined, { smsMo: 9n })]],
    ['a/3', [day('2026-11-01', 10n)]],
    ['a/2', [day('2026-11-01', 11n)]],
    ['a/5', [day('2026-11-01', 0n)]],
  ]);
  expect(topConsumers(usageOf, 10).map(({ id, total }) => [id, total])).toEqual([
    ['a/2', 11n],
    ['a/1', 10n],
    ['a/3', 10n],
    ['a/5', 0n],
  ]);
  expect(topConsumers(usageOf, 2).map(({ id }) => id)).toEqual(['a/2', 'a/1']);
  expect(topConsumers(usageOf, 0)).toEqual([]);
  expect(topConsumers(usageOf, 1)[0]?.usage).toEqual(sumUsage([day('2026-11-01', 11n)]));
});

test('no metric is called as the months of usage are, so rollups never share their partition', () => {
  const names: string[] = [...simMetrics, ...fleetMetrics].map(({ id }) => id);
  expect(names).not.toContain(USAGE_NAME);
});
