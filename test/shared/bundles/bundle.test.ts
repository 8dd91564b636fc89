import fc from 'fast-check';
import { expect, test } from 'vitest';
import { averagePerDay, bundleOf, forecast, isTopUp, octetsText, percentOf } from '../../../shared/bundles/bundle.ts';
import { entityOf, NOW, newestOf } from './fixtures.ts';

const GB = 1_000_000_000n;
const HOUR_MS = 3_600_000;

test('a bundle is what its entity says and what was read last, its expiry counted down from the reading', () => {
  const base = entityOf();
  const entity = entityOf({
    attributes: {
      ...base.attributes,
      isHomePlan: true,
      allocationOctets: '1000000000000',
      allocationOrigin: 'configured',
    },
  });
  const newest = newestOf({ remaining: 120n * GB, expiresIn: 86_400n }, { receivedAt: NOW - HOUR_MS });
  expect(bundleOf(entity, newest, NOW)).toEqual({
    id: 'home/0000000000000000000000a1',
    account: 'home',
    planId: '0000000000000000000000a1',
    planName: '1 Month Unlimited',
    remainingOctets: 120n * GB,
    remainingText: '120.0 GB',
    unlimited: false,
    expiresAt: NOW + 23 * HOUR_MS,
    expiresInSeconds: 23 * 3600,
    isActive: true,
    isHomePlan: true,
    allocationOctets: 1000n * GB,
    allocationOrigin: 'configured',
    remainingPercent: 12,
    simulated: false,
    receivedAt: NOW - HOUR_MS,
  });
});

test('a bundle that was never read is unknown, not empty', () => {
  expect(bundleOf(entityOf(), undefined, NOW)).toMatchObject({
    remainingOctets: undefined,
    remainingText: undefined,
    expiresAt: undefined,
    expiresInSeconds: undefined,
    remainingPercent: undefined,
    allocationOctets: undefined,
    allocationOrigin: undefined,
    receivedAt: undefined,
  });
});

test('a bundle without limit says so', () => {
  const entity = entityOf({ attributes: { ...entityOf().attributes, unlimited: true } });
  expect(bundleOf(entity, newestOf({ expiresIn: 60n }), NOW)).toMatchObject({
    remainingText: 'Unlimited',
    remainingOctets: undefined,
  });
});

test('a time that has run out stays at 0', () => {
  expect(bundleOf(entityOf(), newestOf({ expiresIn: 60n }, { receivedAt: NOW - HOUR_MS }), NOW).expiresInSeconds).toBe(
    0,
  );
});

test.each([
  [200n * GB, 1000n * GB, 20],
  [200n * GB - 1n, 1000n * GB, 19.9999],
  [0n, 1000n * GB, 0],
  [1500n * GB, 1000n * GB, 150],
  [undefined, 1000n * GB, undefined],
  [1n, undefined, undefined],
  [1n, 0n, undefined],
])('%s of %s is %s %%', (part, whole, expected) => {
  expect(percentOf(part, whole)).toBe(expected);
});

test.each([
  [0n, '0 KB'],
  [1n, '0.0 KB'],
  [500_000_000n, '500.0 MB'],
  [900_500_000_123n, '900.5 GB'],
  [999_999n, '1000.0 KB'],
  [1_250_000_000_000n, '1.3 TB'],
])('%d octets are written %s', (octets, text) => {
  expect(octetsText(octets)).toBe(text);
});

test.each([
  [900_500_000_000n, 900_549_999_999n, false],
  [900_500_000_000n, 901_000_000_000n, true],
  [200n * GB, 700n * GB, true],
  [700n * GB, 200n * GB, false],
  [0n, 500_000_000n, true],
  [5n, 5n, false],
])('from %d to %d a top-up is %s', (before, after, expected) => {
  expect(isTopUp(before, after)).toBe(expected);
});

test('the average is per day, not per sample, and leaves out intervals in which the use is unknown', () => {
  const quarter = { amount: GB / 4n, elapsedMs: 15 * 60_000 };
  expect(averagePerDay(Array.from({ length: 96 }, () => quarter))).toBe(24n * GB);
  expect(averagePerDay([quarter, { amount: undefined, elapsedMs: 7 * 86_400_000 }])).toBe(24n * GB);
  expect(averagePerDay([{ amount: 24n * GB, elapsedMs: 2 * 86_400_000 }])).toBe(12n * GB);
  expect(averagePerDay([{ amount: 0n, elapsedMs: 86_400_000 }])).toBe(0n);
  expect(averagePerDay([])).toBeUndefined();
  expect(averagePerDay([{ amount: undefined, elapsedMs: 1000 }])).toBeUndefined();
});

test('however a stretch of time is cut into intervals, its average is the same', () => {
  const interval = fc.record({
    amount: fc.bigInt({ min: 0n, max: 10n ** 13n }),
    elapsedMs: fc.integer({ min: 1, max: 10 ** 9 }),
  });
  fc.assert(
    fc.property(fc.array(interval, { minLength: 1, maxLength: 50 }), (intervals) => {
      const amount = intervals.reduce((sum, one) => sum + one.amount, 0n);
      const elapsedMs = intervals.reduce((sum, one) => sum + one.elapsedMs, 0);
      expect(averagePerDay(intervals)).toBe(averagePerDay([{ amount, elapsedMs }]));
    }),
  );
});

test.each([
  ['use ends before expiry', 120n * GB, 9 * 86_400, 40n * GB, { daysRemaining: 3, limitedBy: 'use' }],
  ['expiry comes before use', 900n * GB, 9 * 86_400, 40n * GB, { daysRemaining: 9, limitedBy: 'expiry' }],
  ['no use at all', 900n * GB, 9 * 86_400, 0n, { daysRemaining: 9, limitedBy: 'expiry' }],
  ['use unknown', 900n * GB, 86_400, undefined, { daysRemaining: 1, limitedBy: 'expiry' }],
  ['expiry unknown', 120n * GB, undefined, 40n * GB, { daysRemaining: 3, limitedBy: 'use' }],
  ['nothing left', 0n, 86_400, undefined, { daysRemaining: 1, limitedBy: 'expiry' }],
  ['nothing left of a plan that was used', 0n, 86_400, 40n * GB, { daysRemaining: 0, limitedBy: 'use' }],
  ['remainder unknown', undefined, 86_400, 40n * GB, { daysRemaining: 1, limitedBy: 'expiry' }],
  ['all unknown', undefined, undefined, undefined, { daysRemaining: undefined, limitedBy: undefined }],
] as const)('forecast: %s', (_, remainingOctets, expiresInSeconds, perDay, expected) => {
  expect(forecast({ remainingOctets, expiresInSeconds }, perDay)).toEqual(expected);
});
