import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayOf, dayStart, expectedSlots, nextDay } from '../../../shared/samples/zone.ts';
import { runs } from './runs.ts';

const ZONES = [
  'UTC',
  'Africa/Nairobi',
  'Asia/Dhaka',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Europe/London',
  'America/Sao_Paulo',
  'Africa/Cairo',
  'Asia/Beirut',
  'America/Asuncion',
  'America/Havana',
  'Africa/Casablanca',
  'Antarctica/Troll',
  'Pacific/Apia',
  'Pacific/Kiritimati',
];
const zone = fc.constantFrom(...ZONES);
const instant = fc.integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2035, 0, 1) });

test('every instant belongs to exactly one day: the day has begun, and the next has not', () => {
  fc.assert(
    fc.property(zone, instant, (name, at) => {
      const day = dayOf(at, name);
      expect(dayStart(day, name)).toBeLessThanOrEqual(at);
      expect(dayStart(nextDay(day), name)).toBeGreaterThan(at);
    }),
    runs(1500),
  );
});

test('the start of a day shows its date and the millisecond before does not (but for a day that a zone skipped)', () => {
  fc.assert(
    fc.property(zone, instant, (name, at) => {
      const local = new Intl.DateTimeFormat('en-CA', { timeZone: name, dateStyle: 'short' });
      const day = dayOf(at, name);
      const start = dayStart(day, name);
      expect(local.format(start)).toBe(day);
      expect(local.format(start - 1) < day).toBe(true);
    }),
    runs(300),
  );
});

test('days follow one another without holes, and their slots add up to all the slots there are', () => {
  fc.assert(
    fc.property(zone, instant, fc.constantFrom(60, 300, 900, 3600), (name, at, period) => {
      const first = dayOf(at, name);
      let [day, slots] = [first, 0];
      for (let i = 0; i < 40; i++) {
        slots += expectedSlots(day, name, period);
        const next = nextDay(day);
        const length = dayStart(next, name) - dayStart(day, name);
        expect(length === 0 || (length >= 22 * 3_600_000 && length <= 26 * 3_600_000)).toBe(true);
        day = next;
      }
      const onGrid = (from: string) => Math.ceil(dayStart(from, name) / (period * 1000));
      expect(slots).toBe(onGrid(day) - onGrid(first));
    }),
    runs(60),
  );
});
