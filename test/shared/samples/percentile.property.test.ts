import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  combine,
  mergeTops,
  packTops,
  percentile95,
  type SlotValue,
  tops,
  unpackTops,
} from '../../../shared/samples/percentile.ts';
import { runs } from './runs.ts';

const T0 = Date.UTC(2026, 9, 1);
const PERIOD_MS = 300_000;
const DAY_MS = 86_400_000;

/** Values of a month, some slots missing; small ranges make many equals. */
const month = fc
  .tuple(fc.constantFrom(3n, 1000n, 2n ** 40n), fc.infiniteStream(fc.bigInt({ min: 0n, max: 2n ** 40n })), fc.nat(9000))
  .map(([range, stream, size]) => {
    const kept = Math.min(size, 8952);
    const values: SlotValue[] = [];
    for (let i = 0; i < 8952 && values.length < kept; i++) {
      const value = stream.next().value ?? 0n;
      if (value % 20n !== 0n) values.push({ slot: T0 + i * PERIOD_MS, value: value % range });
    }
    return values;
  });

function naive(values: readonly SlotValue[]): bigint | undefined {
  const sorted = values.map(({ value }) => value).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  return sorted[Math.floor(sorted.length / 20)];
}

test('the percentile from the kept values is that of sorting the whole month', () => {
  fc.assert(
    fc.property(month, (values) => {
      const result = percentile95({ tops: tops(values), validSlots: values.length, expectedSlots: 8952 });
      expect(result.value).toBe(naive(values));
    }),
    runs(40),
  );
});

test('tops built day by day, in any order and more than once, are those of the whole month', () => {
  fc.assert(
    fc.property(month, fc.array(fc.nat(31), { maxLength: 10 }), (values, again) => {
      let merged: SlotValue[] = [];
      for (const day of [...Array.from({ length: 32 }, (_, i) => 31 - i), ...again]) {
        const [from, to] = [T0 + day * DAY_MS, T0 + (day + 1) * DAY_MS];
        const next = mergeTops(merged, { from, to, values: values.filter((v) => v.slot >= from && v.slot < to) });
        expect(next.exact).toBe(true);
        merged = next.tops;
      }
      expect(merged.map(({ value }) => value)).toEqual(tops(values).map(({ value }) => value));
    }),
    runs(15),
  );
});

test('a merge that calls itself exact is, whatever was corrected', () => {
  const few = fc.uniqueArray(
    fc.record({ slot: fc.integer({ min: 0, max: 40 }), value: fc.bigInt({ min: 0n, max: 12n }) }),
    { selector: ({ slot }) => slot, maxLength: 30 },
  );
  fc.assert(
    fc.property(few, few, fc.nat(40), fc.nat(20), (before, after, from, length) => {
      const to = from + length;
      const inside = ({ slot }: SlotValue) => slot >= from && slot < to;
      const rebuilt = after.filter(inside);
      const truth = tops([...before.filter((v) => !inside(v)), ...rebuilt], 8);
      const { tops: merged, exact } = mergeTops(tops(before, 8), { from, to, values: rebuilt }, 8);
      if (exact) expect(merged.map(({ value }) => value)).toEqual(truth.map(({ value }) => value));
      // It may only ask for the month when something was dropped before.
      else expect(before.length).toBeGreaterThanOrEqual(8);
    }),
    runs(1000),
  );
});

test('tops come back from their bytes', () => {
  const any = fc.array(fc.record({ slot: fc.maxSafeInteger(), value: fc.bigInt() }), { maxLength: 60 });
  fc.assert(
    fc.property(any, (values) => {
      expect(unpackTops(packTops(tops(values)))).toEqual(tops(values));
    }),
    runs(200),
  );
});

test('the larger and the sum know exactly the slots that both directions know', () => {
  const side = fc.uniqueArray(fc.record({ slot: fc.nat(20), value: fc.bigInt({ min: 0n, max: 99n }) }), {
    selector: ({ slot }) => slot,
  });
  fc.assert(
    fc.property(side, side, (inputs, outputs) => {
      const both = inputs.filter(({ slot }) => outputs.some((one) => one.slot === slot)).map(({ slot }) => slot);
      const [larger, sum] = [combine('max', inputs, outputs), combine('sum', inputs, outputs)];
      expect(larger.map(({ slot }) => slot)).toEqual(both);
      expect(sum.map(({ slot }) => slot)).toEqual(both);
      for (const [i, { value }] of sum.entries()) expect(value).toBeGreaterThanOrEqual(larger[i]?.value ?? 0n);
    }),
    runs(200),
  );
});
