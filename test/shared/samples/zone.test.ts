import { describe, expect, test } from 'vitest';
import {
  dayOf,
  dayStart,
  daysOfMonth,
  expectedSlots,
  isZone,
  monthOf,
  nextDay,
  previousDay,
} from '../../../shared/samples/zone.ts';

describe('a day starts at the first instant with its date', () => {
  test.each([
    ['UTC', '2026-10-01', '2026-10-01T00:00:00Z', 288],
    ['Africa/Nairobi', '2026-10-01', '2026-09-30T21:00:00Z', 288],
    ['Asia/Dhaka', '2026-10-01', '2026-09-30T18:00:00Z', 288],
    ['Asia/Kathmandu', '2026-10-01', '2026-09-30T18:15:00Z', 288],
    ['Pacific/Kiritimati', '2026-10-01', '2026-09-30T10:00:00Z', 288],
    ['Pacific/Pago_Pago', '2026-10-01', '2026-10-01T11:00:00Z', 288],
    ['Europe/London', '2026-03-29', '2026-03-29T00:00:00Z', 276],
    ['Europe/London', '2026-10-25', '2026-10-24T23:00:00Z', 300],
    ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T13:30:00Z', 282],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00Z', 294],
    // Midnight does not exist: the day starts at 01:00.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z', 276],
    ['America/Sao_Paulo', '2018-02-17', '2018-02-17T02:00:00Z', 300],
    ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00Z', 276],
    ['Asia/Beirut', '2022-03-27', '2022-03-26T22:00:00Z', 276],
    // At 00:01 the clocks went back to 23:01: the day had begun.
    ['America/St_Johns', '2010-11-07', '2010-11-07T02:30:00Z', 300],
    // Samoa moved across the date line and had no such day.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00Z', 0],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z', 288],
  ])('%s %s at %s, with %d slots of five minutes', (zone, day, start, slots) => {
    expect(new Date(dayStart(day, zone)).toISOString()).toBe(start.replace('Z', '.000Z'));
    expect(expectedSlots(day, zone, 300)).toBe(slots);
  });
});

describe('an instant belongs to the last day that had begun', () => {
  test.each([
    ['Africa/Nairobi', '2026-09-30T20:59:59.999Z', '2026-09-30'],
    ['Africa/Nairobi', '2026-09-30T21:00:00.000Z', '2026-10-01'],
    ['America/St_Johns', '2010-11-07T02:29:59.999Z', '2010-11-06'],
    ['America/St_Johns', '2010-11-07T03:00:00.000Z', '2010-11-07'],
    ['America/Sao_Paulo', '2018-11-04T02:59:59.999Z', '2018-11-03'],
    ['Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29'],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31'],
    ['UTC', '1969-12-31T23:59:59.999Z', '1969-12-31'],
  ])('%s %s: %s', (zone, at, day) => {
    expect(dayOf(Date.parse(at), zone)).toBe(day);
  });
});

describe('expected slots', () => {
  test.each([
    ['Asia/Kathmandu', 3600, 24],
    ['Asia/Kathmandu', 86_400, 1],
    ['UTC', 60, 1440],
    ['UTC', 900, 96],
    ['UTC', 7000, 12],
  ])('in %s at a period of %d s are %d', (zone, period, slots) => {
    expect(expectedSlots('2026-10-01', zone, period)).toBe(slots);
  });
  test('of a period of nothing are a bug', () => {
    expect(() => expectedSlots('2026-10-01', 'UTC', 0)).toThrow(/a period of 0/);
  });
});

test.each([
  ['2026-12-31', '2027-01-01'],
  ['2028-02-28', '2028-02-29'],
  ['2026-02-28', '2026-03-01'],
])('the day after %s is %s, and back', (day, next) => {
  expect(nextDay(day)).toBe(next);
  expect(previousDay(next)).toBe(day);
});

test('the days of a month are its own, in order', () => {
  expect(daysOfMonth('2026-02')).toHaveLength(28);
  expect(daysOfMonth('2028-02').at(-1)).toBe('2028-02-29');
  expect(daysOfMonth('2026-12').map(monthOf)).toEqual(Array.from({ length: 31 }, () => '2026-12'));
});

test.each(['2026-02-30', '2026-13-01', '2026-1-1', '', '2026-10-01T00:00'])('%j is not a day', (day) => {
  expect(() => dayStart(day, 'UTC')).toThrow(/not a day/);
});

test.each([
  ['Africa/Nairobi', true],
  ['UTC', true],
  ['America/Argentina/Buenos_Aires', true],
  ['Mars/Olympus', false],
  ['+05:30', false],
  ['', false],
  ['__proto__', false],
])('%j is the name of a zone: %s', (text, expected) => {
  expect(isZone(text)).toBe(expected);
});
