import { expect, test } from 'vitest';
import {
  gigabytes,
  localTimestamp,
  offsetMinutes,
  offsetText,
  olderReadings,
  olderTimestamp,
  shortZoneName,
} from '../../../shared/bundles/older.ts';
import type { RawPoint } from '../../../shared/samples/sample.ts';

const NOW = Date.parse('2026-11-20T09:00:00.750Z');
const point = (slot: number, value: bigint): RawPoint => ({ slot, receivedAt: slot + 5, value, boundary: true });

test('readings of a plan in use, each with what was read with it', () => {
  const remaining = [point(100, 9n), point(200, 8n), point(300, 7n), point(400, 6n)];
  const active = [point(100, 1n), point(200, 0n), point(400, 1n)];
  const expiry = [point(100, 172_799n), point(400, 172_800n)];
  expect(olderReadings('Plan', remaining, active, expiry)).toEqual([
    { planName: 'Plan', receivedAt: 105, remainingOctets: 9n, expiresInDays: 1 },
    { planName: 'Plan', receivedAt: 305, remainingOctets: 7n, expiresInDays: null },
    { planName: 'Plan', receivedAt: 405, remainingOctets: 6n, expiresInDays: 2 },
  ]);
});

test.each([
  [900_500_000_000n, 900.5],
  [0n, 0],
  [1n, 0],
  [1_234_567_890n, 1.234567],
  [900_719_925_474_099_000n, 900_719_925.474099],
])('%s octets are %s GB', (octets, gb) => expect(gigabytes(octets)).toBe(gb));

test('time stamps are in UTC without a zone, or local with their offset', () => {
  expect(olderTimestamp(NOW)).toBe('2026-11-20T09:00:00');
  expect(localTimestamp(NOW, 'Africa/Nairobi')).toBe('2026-11-20T12:00:00+03:00');
  expect(localTimestamp(NOW, 'America/St_Johns')).toBe('2026-11-20T05:30:00-03:30');
  expect(localTimestamp(NOW, 'UTC')).toBe('2026-11-20T09:00:00+00:00');
});

test.each([
  ['Africa/Nairobi', 180, '+03:00'],
  ['UTC', 0, '+00:00'],
  ['Asia/Kathmandu', 345, '+05:45'],
  ['America/New_York', -300, '-05:00'],
  ['Pacific/Marquesas', -570, '-09:30'],
])('%s is %i minutes off, %s', (zone, minutes, text) => {
  expect(offsetMinutes(NOW, zone)).toBe(minutes);
  expect(offsetText(minutes)).toBe(text);
});

test('the offset is that of the instant, summer or winter', () => {
  expect(offsetMinutes(Date.parse('2026-07-01T00:00:00Z'), 'Europe/Berlin')).toBe(120);
  expect(offsetMinutes(Date.parse('2026-12-01T00:00:00Z'), 'Europe/Berlin')).toBe(60);
  expect(shortZoneName(NOW, 'UTC')).toBe('UTC');
});
