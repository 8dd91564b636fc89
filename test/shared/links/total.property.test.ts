import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type InterfaceAt, type Rate, rateAt } from '../../../shared/interfaces/rates.ts';
import { totalOf } from '../../../shared/links/total.ts';

const rate: fc.Arbitrary<Rate> = fc.oneof(
  fc.integer({ min: 0, max: 400_000_000_000 }).map((value) => ({ value })),
  fc.constant({ value: undefined, reason: 'the counter began anew' }),
);
const member = (id: number): fc.Arbitrary<InterfaceAt> =>
  fc.record({
    interface: fc.constant(`core1/vlan${id}`),
    in: rate,
    out: rate,
    operStatus: fc.constantFrom(undefined, 1n, 2n, 4n, 6n, 7n),
    receivedAt: fc.constantFrom(undefined, 1000),
  });
const members = fc
  .integer({ min: 1, max: 12 })
  .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => member(i))));

test('a rate of the link is the exact sum of all parts, or unknown when one of them is', () => {
  fc.assert(
    fc.property(members, (all) => {
      const { values } = totalOf(all);
      for (const direction of ['in', 'out'] as const) {
        const parts = all.map((one) => one[direction].value);
        const known = parts.every((value) => value !== undefined);
        const sum = parts.reduce<bigint>((total, value) => total + BigInt(value ?? 0), 0n);
        expect(values[`${direction}BitsPerSecond`]).toBe(known ? sum : undefined);
      }
      const { inBitsPerSecond: i, outBitsPerSecond: o } = values;
      const both = i !== undefined && o !== undefined;
      const larger = i !== undefined && o !== undefined && i < o ? o : i;
      expect(values.maxBitsPerSecond).toBe(both ? larger : undefined);
      expect(values.sumBitsPerSecond).toBe(both ? i + o : undefined);
    }),
  );
});

test('every part that makes a rate unknown is named with its reason, and no other', () => {
  fc.assert(
    fc.property(members, (all) => {
      const { values, unknown } = totalOf(all);
      const missing = all.filter((one) => one.in.value === undefined || one.out.value === undefined);
      expect(unknown.map((one) => one.interface)).toEqual(missing.map((one) => one.interface));
      expect(unknown.every(({ reason }) => reason === 'the counter began anew')).toBe(true);
      expect(values.members).toBe(BigInt(all.length));
      expect(values.membersKnown).toBe(BigInt(all.length - missing.length));
      // What its router says nothing of is neither up nor down.
      const told = all.filter(({ operStatus }) => operStatus !== undefined && operStatus !== 4n).length;
      expect((values.membersUp ?? 0n) + (values.membersDown ?? 0n)).toBe(BigInt(told));
      const nobody = all.every(({ operStatus }) => operStatus === undefined);
      expect(values.membersDown === undefined).toBe(nobody);
    }),
  );
});

test('a slot is answered by its own value only, and of several parts by the one that knows', () => {
  const values = [
    { slot: 1000, value: 5 },
    { slot: 2000, value: undefined, reason: 'gap' },
    { slot: 2000, value: 7 },
    { slot: 3000, value: undefined, reason: 'reset' },
  ];
  const observation = { entity: 'core1/vlan10', metric: 'inBitsPerSecond', unit: 'bit/s', values };
  expect(rateAt(observation, 2000)).toEqual({ value: 7 });
  expect(rateAt(observation, 3000)).toEqual({ value: undefined, reason: 'reset' });
  expect(rateAt(observation, 4000)).toMatchObject({ value: undefined, reason: expect.stringContaining('not read') });
  expect(rateAt(undefined, 1000).value).toBeUndefined();
});
