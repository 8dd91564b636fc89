import { describe, expect, test } from 'vitest';
import {
  combine,
  mergeTops,
  packTops,
  percentile95,
  type SlotValue,
  slotRates,
  TOPS_KEPT,
  tops,
  unpackTops,
} from '../../../shared/samples/percentile.ts';
import type { Increase } from '../../../shared/samples/sample.ts';
import { chance } from './runs.ts';

const T0 = Date.UTC(2026, 9, 1);
const slotAt = (index: number) => T0 + index * 300_000;
const series = (...values: (number | undefined)[]): SlotValue[] =>
  values.flatMap((value, i) => (value === undefined ? [] : [{ slot: slotAt(i), value: BigInt(value) }]));

describe('two directions', () => {
  const inputs = series(5, 7, undefined, 3);
  const outputs = series(6, 2, 9, undefined);
  test.each([
    ['in', inputs],
    ['out', outputs],
    ['max', series(6, 7)],
    ['sum', series(11, 9)],
  ] as const)('are joined sample by sample as %s; a slot with an unknown part is no value', (mode, expected) => {
    expect(combine(mode, inputs, outputs)).toEqual(expected);
  });
});

describe('rates that may be percentile slots', () => {
  const increase = (index: number, amount: bigint | undefined, rateable = true): Increase => ({
    slot: slotAt(index),
    from: slotAt(index - 1),
    to: slotAt(index),
    elapsedMs: 300_000,
    amount,
    rateable,
  });
  test('are those of regular, known intervals, one per slot', () => {
    const list = [increase(1, 3000n), increase(2, undefined), increase(3, 9000n, false), increase(1, 6000n)];
    expect(slotRates(list)).toEqual([{ slot: slotAt(1), value: 20n }]);
  });
});

describe('the rank', () => {
  const month = (slots: number) =>
    tops(Array.from({ length: slots }, (_, i) => ({ slot: slotAt(i), value: BigInt(i + 1) })));
  test.each([
    [1, 1, 1n],
    [19, 1, 19n],
    [20, 2, 19n],
    [39, 2, 38n],
    [40, 3, 38n],
    [8640, 433, 8208n],
    [8928, 447, 8482n],
    [8940, 448, 8493n],
    [8952, 448, 8505n],
  ])('of %d valid slots is %d', (slots, rank, value) => {
    expect(percentile95({ tops: month(slots), validSlots: slots, expectedSlots: slots })).toMatchObject({
      rank,
      value,
    });
  });
  test('leaves one twentieth of the slots free, rounded down', () => {
    const bursts = tops(series(...Array.from({ length: 100 }, (_, i) => (i < 5 ? 1000 : 10))));
    expect(percentile95({ tops: bursts, validSlots: 100, expectedSlots: 100 }).value).toBe(10n);
  });
  test('without a valid slot has no value, which is not 0', () => {
    expect(percentile95({ tops: [], validSlots: 0, expectedSlots: 8928 })).toEqual({
      value: undefined,
      rank: 1,
      validSlots: 0,
      expectedSlots: 8928,
      coveragePercent: 0,
      flagged: true,
    });
  });
  test('beyond the values that are kept has no value', () => {
    const minutes = { tops: month(43_200), validSlots: 43_200, expectedSlots: 43_200 };
    expect(percentile95(minutes)).toMatchObject({ rank: 2161, value: undefined });
  });
});

describe('coverage', () => {
  test.each([
    [8928, 8928, 100, false],
    [8927, 8928, 99.9, false],
    [8482, 8928, 95, false],
    [8481, 8928, 94.9, true],
    [95, 100, 95, false],
    [94, 100, 94, true],
    [300, 288, 100, false],
    [0, 0, 0, true],
  ])('of %d of %d slots is %d %%, flagged: %s', (validSlots, expectedSlots, coveragePercent, flagged) => {
    const result = percentile95({ tops: [], validSlots, expectedSlots });
    expect(result).toMatchObject({ coveragePercent, flagged });
  });
});

describe('slots left before the commitment is passed', () => {
  const list = tops(series(100, 200, 300, 400));
  test.each([
    [1000n, 2],
    [400n, 2],
    [399n, 1],
    [100n, -1],
  ])('at %d are %d', (commitment, slotsLeft) => {
    expect(percentile95({ tops: list, validSlots: 4, expectedSlots: 40, commitment }).slotsLeft).toBe(slotsLeft);
  });
  test('are not told without a commitment', () => {
    expect(percentile95({ tops: list, validSlots: 4, expectedSlots: 40 })).not.toHaveProperty('slotsLeft');
  });
});

describe('tops', () => {
  test('are the largest, the earlier slot first among equals', () => {
    expect(tops(series(1, 5, 3, 5), 3)).toEqual([
      { slot: slotAt(1), value: 5n },
      { slot: slotAt(3), value: 5n },
      { slot: slotAt(2), value: 3n },
    ]);
  });

  test('take a rebuilt day over and stay exact while nothing shrank', () => {
    const before = tops(series(10, 20, 30, 40), 3);
    const day = { from: slotAt(4), to: slotAt(6), values: [{ slot: slotAt(4), value: 25n }] };
    const { tops: after, exact } = mergeTops(before, day, 3);
    expect(after.map(({ value }) => value)).toEqual([40n, 30n, 25n]);
    expect(exact).toBe(true);
  });

  test('ask for the month when a rebuilt day shrank below what had been dropped', () => {
    const before = tops(series(10, 20, 30, 40), 3);
    const day = { from: slotAt(3), to: slotAt(4), values: [{ slot: slotAt(3), value: 5n }] };
    expect(mergeTops(before, day, 3).exact).toBe(false);
    expect(mergeTops(before, { ...day, values: [] }, 3).exact).toBe(false);
  });

  test('stay exact when a value shrank but is still above all that was dropped', () => {
    const before = tops(series(10, 20, 30, 40), 3);
    const day = { from: slotAt(3), to: slotAt(4), values: [{ slot: slotAt(3), value: 21n }] };
    expect(mergeTops(before, day, 3)).toEqual({ tops: tops(series(undefined, 20, 30, 21), 3), exact: true });
  });

  test('that were never full have dropped nothing', () => {
    expect(mergeTops(tops(series(10, 20), 3), { from: T0, to: slotAt(9), values: [] }, 3)).toEqual({
      tops: [],
      exact: true,
    });
  });

  test('of a month of busy five-minute slots take about 4 bytes each', () => {
    const random = chance(7);
    const month = Array.from({ length: 8928 }, (_, i) => ({
      slot: slotAt(i),
      value: BigInt(Math.floor(1e7 * (0.5 + random()))),
    }));
    const bytes = packTops(tops(month));
    expect(unpackTops(bytes)).toEqual(tops(month));
    expect(bytes.length / TOPS_KEPT).toBeLessThan(4);
  });

  test('of a later format are refused', () => {
    expect(() => unpackTops(Uint8Array.of(7, 0))).toThrow(/format 7/);
  });
});
