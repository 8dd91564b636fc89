import { describe, expect, test } from 'vitest';
import type { Metric, MetricKind } from '../../../shared/samples/metric.ts';
import { daysTouched, packRollup, rollUp, sumOver, unpackRollup } from '../../../shared/samples/rollup.ts';
import type { RawPoint } from '../../../shared/samples/sample.ts';
import type { DayRollup } from '../../../shared/samples/samples.port.ts';
import { dayStart, daysOfMonth } from '../../../shared/samples/zone.ts';

const HOUR = 3600;
const metric = (kind: MetricKind): Metric => ({ id: 'm', kind, unit: 'octets', title: 'M' });
const counter = metric('counter');

function point(at: number, value: bigint, rest: Partial<RawPoint> = {}): RawPoint {
  return { slot: at, receivedAt: at + 2000, value, boundary: true, ...rest };
}

/** A reading every five minutes in [from, to), each `step` more than the one before. */
function steady(from: number, to: number, step = 1000n, start = 0n): RawPoint[] {
  const count = Math.max(0, Math.ceil((to - from) / 300_000));
  return Array.from({ length: count }, (_, i) => point(from + i * 300_000, start + BigInt(i) * step));
}

describe('a day of a counter', () => {
  test.each([
    ['Africa/Nairobi', '2026-10-05', 288],
    ['Asia/Kathmandu', '2026-10-05', 288],
    ['Australia/Lord_Howe', '2026-10-04', 282],
    ['Australia/Lord_Howe', '2026-04-05', 294],
    ['Europe/London', '2026-10-25', 300],
    ['Europe/London', '2026-03-29', 276],
  ])('of %s holds the increases of its own slots: %s has %d', (zone, day, slots) => {
    const start = dayStart(day, zone);
    const points = steady(start - HOUR * 1000, start + 27 * HOUR * 1000);
    expect(rollUp(counter, { points, periodSeconds: 300 }, zone, [day])).toEqual([
      {
        day,
        total: BigInt(slots) * 1000n,
        peak: 3n,
        min: undefined,
        last: undefined,
        validSlots: slots,
        expectedSlots: slots,
        largestGapSeconds: 0,
      },
    ]);
  });

  const zone = 'Africa/Nairobi';
  const [one, two, three] = ['2026-10-01', '2026-10-02', '2026-10-03'] as const;
  const start = dayStart(one, zone);
  const hours = (count: number) => start + count * HOUR * 1000;
  const days = (points: RawPoint[], rest = {}) =>
    rollUp(counter, { points, periodSeconds: 300, ...rest }, zone, [one, two, three]);

  test('gets the increase of an interval over midnight when the later reading is its own', () => {
    const points = [point(hours(24) - 300_000, 0n), point(hours(24), 70n)];
    expect(days(points).map(({ total }) => total)).toEqual([undefined, 70n, undefined]);
  });

  test('keeps an increase whose slot is its own though it was read after midnight', () => {
    const points = [
      point(hours(24) - 600_000, 0n),
      point(hours(24) - 300_000, 70n, { receivedAt: hours(24) + 60_000 }),
    ];
    expect(days(points).map(({ total }) => total)).toEqual([70n, undefined, undefined]);
  });

  test('shares the amount of a gap evenly over time with the days the gap covers, to the last octet', () => {
    const points = [
      point(hours(18), 0n, { receivedAt: hours(18) }),
      point(hours(54), 1001n, { receivedAt: hours(54) }),
    ];
    const result = days(points);
    expect(result.map(({ total }) => total)).toEqual([166n, 668n, 167n]);
    expect(result.map(({ validSlots }) => validSlots)).toEqual([0, 0, 0]);
    expect(result.map(({ largestGapSeconds }) => largestGapSeconds)).toEqual([54 * HOUR, 54 * HOUR, 54 * HOUR]);
  });

  test('keeps the amount of a gap within it', () => {
    const points = [...steady(start, hours(6)), point(hours(9), 10n ** 6n), point(hours(9) + 300_000, 10n ** 6n + 5n)];
    const [first] = days(points, { until: hours(24) });
    expect(first).toMatchObject({ total: 10n ** 6n + 5n, peak: 3n, validSlots: 72, expectedSlots: 288 });
  });

  test('shows the longest time without a valid reading in full, on every day it touches', () => {
    const points = [...steady(start, hours(20)), ...steady(hours(30), hours(60), 1000n, 10n ** 6n)];
    expect(days(points).map(({ largestGapSeconds }) => largestGapSeconds)).toEqual([
      10 * HOUR + 300,
      10 * HOUR + 300,
      0,
    ]);
  });

  test('has no part in a hole that ends with its first slot', () => {
    const points = [...steady(start, hours(20)), ...steady(hours(24), hours(30), 1000n, 10n ** 6n)];
    expect(days(points).map(({ largestGapSeconds }) => largestGapSeconds)).toEqual([4 * HOUR + 300, 0, 0]);
  });

  test('counts what was unknown as a hole too: readings of a column too narrow are no values', () => {
    const life = { bootAt: 0, column: 'c', bits: 32 as const, speedBitsPerSecond: 1e9 };
    const points = steady(start, hours(24)).map((p) => ({ ...p, life }));
    const [first] = days(points, { until: hours(24) });
    expect(first).toMatchObject({ total: undefined, peak: undefined, validSlots: 0, largestGapSeconds: 24 * HOUR });
  });

  test('begins its first hole at its own start and ends its last where nothing more is known', () => {
    const points = steady(hours(7), hours(8));
    expect(days(points).map(({ largestGapSeconds }) => largestGapSeconds)).toEqual([7 * HOUR + 300, 0, 0]);
    expect(days(points, { until: hours(30) }).map(({ largestGapSeconds }) => largestGapSeconds)).toEqual([
      22 * HOUR + 300,
      22 * HOUR + 300,
      0,
    ]);
  });

  test('takes readings by hand into the total and not into the slots or the peak', () => {
    const byHand = point(start + 310_000, 5000n, { boundary: false });
    const points = [...steady(start, start + 600_000), byHand, point(start + 600_000, 5001n)];
    expect(days(points)[0]).toMatchObject({ total: 5001n, peak: 3n, validSlots: 1 });
  });

  test('goes on from the baseline before it', () => {
    const previous = point(start - 300_000, 500n);
    expect(days([point(start, 800n)], { previous })[0]).toMatchObject({ total: 300n, validSlots: 1, peak: 1n });
  });

  test('without a reading knows nothing, and that is not 0', () => {
    expect(days([])[1]).toEqual({
      day: two,
      total: undefined,
      peak: undefined,
      min: undefined,
      last: undefined,
      validSlots: 0,
      expectedSlots: 288,
      largestGapSeconds: 0,
    });
  });
});

describe('a day of another kind', () => {
  const start = dayStart('2026-10-01', 'UTC');
  const points = [40n, 10n, 90n, 20n].map((value, i) => point(start + i * 300_000, value));
  const day = (kind: MetricKind) => rollUp(metric(kind), { points, periodSeconds: 300 }, 'UTC', ['2026-10-01'])[0];
  test.each([
    ['gauge', { total: undefined, peak: 90n, min: 10n, last: 20n, validSlots: 4 }],
    ['state', { total: undefined, peak: 90n, min: 10n, last: 20n, validSlots: 4 }],
    ['balance', { total: 100n, peak: 90n, min: 10n, last: 20n, validSlots: 4 }],
    ['periodTotal', { total: 20n, peak: 90n, min: 10n, last: 20n, validSlots: 4 }],
    ['highWater', { total: 90n, peak: 0n, min: undefined, last: undefined, validSlots: 4 }],
  ] as const)('of a %s', (kind, expected) => {
    expect(day(kind)).toMatchObject(expected);
  });
});

describe('the days that a fold changes', () => {
  const zone = 'Africa/Nairobi';
  const start = dayStart('2026-10-03', zone);
  test('are those of its readings', () => {
    const points = [point(start + 300_000, 1n), point(start + 30 * HOUR * 1000, 1n)];
    const previous = point(start, 0n);
    expect(daysTouched({ points: points.slice(0, 1), previous, periodSeconds: 300 }, zone)).toEqual(['2026-10-03']);
    expect(daysTouched({ points, periodSeconds: 300 }, zone)).toEqual(['2026-10-03', '2026-10-04']);
  });
  test('do not include the day before for an ordinary step over midnight', () => {
    const previous = point(start - 300_000, 0n);
    expect(daysTouched({ points: [point(start, 1n)], previous, periodSeconds: 300 }, zone)).toEqual(['2026-10-03']);
  });
  test('include the day in whose last slot a gap began, though that was read after midnight', () => {
    const previous = point(start - 300_000, 0n, { receivedAt: start + 120_000 });
    const series = { points: [point(start + 10 * HOUR * 1000, 1n)], previous, periodSeconds: 300 };
    expect(daysTouched(series, zone)).toEqual(['2026-10-02', '2026-10-03']);
  });
  test('include the days that a gap reaches back over', () => {
    const previous = point(start - 50 * HOUR * 1000, 0n);
    expect(daysTouched({ points: [point(start, 1n)], previous, periodSeconds: 300 }, zone)).toEqual([
      '2026-09-30',
      '2026-10-01',
      '2026-10-02',
      '2026-10-03',
    ]);
  });
});

describe('several days in one line', () => {
  const day = (rest: Partial<DayRollup>): DayRollup => ({
    day: '2026-10-01',
    total: undefined,
    peak: undefined,
    min: undefined,
    last: undefined,
    validSlots: 0,
    expectedSlots: 288,
    largestGapSeconds: 0,
    ...rest,
  });
  test('sum the known, and tell how much was seen and the worst hole', () => {
    const days = [
      day({ total: 5n, peak: 9n, validSlots: 288 }),
      day({ largestGapSeconds: 86_700 }),
      day({ total: 7n, peak: 4n, validSlots: 100, largestGapSeconds: 600 }),
    ];
    expect(sumOver(days)).toEqual({
      total: 12n,
      peak: 9n,
      min: undefined,
      last: undefined,
      validSlots: 388,
      expectedSlots: 864,
      largestGapSeconds: 86_700,
    });
  });
  test('have no sum when no day is known', () => {
    expect(sumOver([day({}), day({})])).toMatchObject({ total: undefined, validSlots: 0, expectedSlots: 576 });
  });
  test('end with the newest known level, and keep the lowest', () => {
    const days = [day({ min: 3n, last: 8n }), day({ min: 5n, last: 6n }), day({})];
    expect(sumOver(days)).toMatchObject({ min: 3n, last: 6n });
  });
});

describe('a packed month', () => {
  const month = (make: (i: number) => Partial<DayRollup>) =>
    daysOfMonth('2026-10').map(
      (day, i): DayRollup => ({
        day,
        total: undefined,
        peak: undefined,
        min: undefined,
        last: undefined,
        validSlots: 280 + (i % 9),
        expectedSlots: i === 24 ? 300 : 288,
        largestGapSeconds: i % 3 === 0 ? 900 + i : 0,
        ...make(i),
      }),
    );
  test.each([
    [
      'a counter at 400 Gb/s',
      (i: number) => ({ total: 4n * 10n ** 15n + BigInt(i) * 7n ** 14n, peak: 5n * 10n ** 10n }),
    ],
    [
      'a balance of 1 TB',
      (i: number) => ({
        total: 30n * 10n ** 9n + 7n ** BigInt(i % 11),
        peak: 10n ** 12n - BigInt(i) * 30_123_456_789n,
        min: 10n ** 12n - BigInt(i + 1) * 30_123_456_789n,
        last: 10n ** 12n - BigInt(i + 1) * 30_123_456_789n,
      }),
    ],
  ])('of %s takes at most 900 bytes', (_, make) => {
    const days = month(make);
    const bytes = packRollup(days, 'America/Argentina/Buenos_Aires');
    expect(bytes.length).toBeLessThanOrEqual(900);
    expect(unpackRollup(bytes)).toEqual({ zone: 'America/Argentina/Buenos_Aires', days });
  });
  test('of a later format, or cut at any byte, is refused', () => {
    const bytes = packRollup(
      month(() => ({ total: 5n })),
      'UTC',
    );
    expect(() => unpackRollup(Uint8Array.of(3, ...bytes.subarray(1)))).toThrow(/format 3/);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => unpackRollup(bytes.subarray(0, length))).toThrow(/assertion failed/);
    }
  });
});
