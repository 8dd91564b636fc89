import fc from 'fast-check';
import { expect, test } from 'vitest';
import { increases } from '../../../shared/samples/increase.ts';
import type { Metric } from '../../../shared/samples/metric.ts';
import { daysTouched, packRollup, rollUp, sumOver, unpackRollup } from '../../../shared/samples/rollup.ts';
import type { RawPoint } from '../../../shared/samples/sample.ts';
import type { DayRollup } from '../../../shared/samples/samples.port.ts';
import { dayName, dayOf, dayStart, nextDay } from '../../../shared/samples/zone.ts';
import { runs } from './runs.ts';

const ZONES = ['UTC', 'Africa/Nairobi', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/London', 'America/Sao_Paulo'];
const HOUR_MS = 3_600_000;
const counter: Metric = { id: 'c', kind: 'counter', unit: 'octets', title: 'C' };

/** Steps of an hour with gaps of up to three days in between; now and then the counter begins again. */
const story = fc
  .tuple(
    fc.integer({ min: Date.UTC(2017, 0, 1) / HOUR_MS, max: Date.UTC(2027, 0, 1) / HOUR_MS }),
    fc.array(
      fc.record({
        hours: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 72 })),
        gained: fc.bigInt({ min: 0n, max: 10n ** 12n }),
        restarted: fc.nat(9).map((n) => n === 0),
        lateMs: fc.nat(1_200_000),
      }),
      { minLength: 1, maxLength: 40 },
    ),
  )
  .map(([start, steps]) => {
    let [hour, value] = [start, 0n];
    return steps.map(({ hours, gained, restarted, lateMs }): RawPoint => {
      hour += hours;
      value = restarted ? 0n : value + gained;
      const slot = hour * HOUR_MS;
      return { slot, receivedAt: slot + lateMs, value, boundary: true };
    });
  });

function allDays(points: readonly RawPoint[], zone: string): string[] {
  const last = dayOf(points.at(-1)?.slot ?? 0, zone);
  const days: string[] = [];
  for (let day = dayOf(points[0]?.slot ?? 0, zone); day <= last; day = nextDay(day)) days.push(day);
  return days;
}

test('the days of a series sum up to its known increases, gaps included', () => {
  fc.assert(
    fc.property(story, fc.constantFrom(...ZONES), (points, zone) => {
      const list = increases(counter, points, { periodSeconds: 3600 });
      const known = list.reduce((sum, { amount }) => sum + (amount ?? 0n), 0n);
      const days = rollUp(counter, { points, periodSeconds: 3600 }, zone, allDays(points, zone));
      expect(sumOver(days).total ?? 0n).toBe(known);
      for (const { total, validSlots, expectedSlots } of days) {
        expect(total ?? 0n).toBeGreaterThanOrEqual(0n);
        expect(validSlots).toBeLessThanOrEqual(expectedSlots);
      }
    }),
    runs(200),
  );
});

test('a new reading changes no day but those that are named as touched', () => {
  fc.assert(
    fc.property(story, fc.constantFrom(...ZONES), fc.nat(40), (points, zone, n) => {
      fc.pre(points.length > 1);
      const cut = 1 + (n % (points.length - 1));
      const days = allDays(points, zone);
      const until = points.at(-1)?.slot ?? 0;
      const known = (list: readonly RawPoint[]) =>
        rollUp(counter, { points: list, periodSeconds: 3600, until }, zone, days).map((day) => ({
          ...day,
          largestGapSeconds: 0,
        }));
      const [before, after] = [known(points.slice(0, cut)), known(points)];
      const previous = points[cut - 1];
      const touched = daysTouched(
        { points: points.slice(cut), periodSeconds: 3600, ...(previous ? { previous } : {}) },
        zone,
      );
      const changed = days.filter((_, i) => JSON.stringify(text(before[i])) !== JSON.stringify(text(after[i])));
      expect(changed.filter((day) => !touched.includes(day))).toEqual([]);
    }),
    runs(200),
  );
});

function text(day: DayRollup | undefined): string[] {
  return Object.values(day ?? {}).map(String);
}

test('any month comes back from its bytes', () => {
  const amount = fc.option(fc.bigInt(), { nil: undefined });
  const day = fc.record({
    day: fc.integer({ min: 0, max: 40_000 }).map(dayName),
    total: amount,
    peak: amount,
    min: amount,
    last: amount,
    validSlots: fc.nat(1500),
    expectedSlots: fc.nat(1500),
    largestGapSeconds: fc.nat(10 ** 7),
  });
  fc.assert(
    fc.property(fc.array(day, { maxLength: 31 }), fc.constantFrom(...ZONES), (days, zone) => {
      expect(unpackRollup(packRollup(days, zone))).toEqual({ zone, days });
    }),
    runs(200),
  );
});

test('a step over the start of a day counts in the day that begins', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.integer({ min: 17_200, max: 20_700 }), (zone, number) => {
      const day = dayName(number);
      const at = dayStart(day, zone);
      const points = [at - 300_000, at].map((slot, i): RawPoint => {
        return { slot, receivedAt: slot, value: BigInt(i), boundary: true };
      });
      expect(rollUp(counter, { points, periodSeconds: 300 }, zone, [day])[0]?.total).toBe(1n);
    }),
    runs(100),
  );
});
