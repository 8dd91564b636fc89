/** Rows for Timestream, for any parts: what is merged, how versions order, and that no value is bent on the way. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch } from '../../../shared/samples/sample.ts';
import { measuresOf, metricIn, rowsOf, versionOf } from '../../../shared/samples/timestream-rows.ts';
import { REF } from './router.ts';

const numRuns = process.env.HEADROOM_LONG ? 5000 : 300;
const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }));
const parts: fc.Arbitrary<Batch[]> = fc
  .array(fc.array(fc.record({ entity: fc.constantFrom('x', 'y', 'z'), values })))
  .map((all) =>
    all.map((readings, part) => ({
      ...{ ...REF, slot: 1000, part, receivedAt: part, periodSeconds: 300, boundary: part % 2 === 0 },
      readings: readings.map((reading) => ({ ...reading, receivedAt: part })),
    })),
  );

test('a row holds, metric by metric, what the last part says that names it', () => {
  fc.assert(
    fc.property(parts, (given) => {
      const rows = rowsOf(given);
      for (const entity of ['x', 'y', 'z']) {
        const readings = given.flatMap((part) => part.readings.filter((r) => r.entity === entity));
        const expected = Object.assign({}, ...readings.map((r) => r.values));
        const row = rows.find((r) => r.entity === entity);
        expect(row?.values ?? {}).toEqual(expected);
        if (row) expect(row.receivedAt).toBe(readings.at(-1)?.receivedAt);
      }
    }),
    { numRuns },
  );
});

test('every whole number is read back as it was written', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (value) => {
      const row = { entity: 'x', slot: 0, receivedAt: 0, boundary: true, values: { a: value } };
      const columns = new Map(measuresOf(row).map(({ Name, Value }) => [Name, Value]));
      expect(metricIn(columns, 'a')).toBe(value);
      expect(metricIn(columns, 'b')).toBeUndefined();
      const first = measuresOf(row)[0];
      if (first?.Type === 'BIGINT') expect(BigInt.asIntN(64, value)).toBe(value);
    }),
    { numRuns },
  );
});

test('any number of parts of a generation stands below the next generation', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(999_998), (generation, n) => {
      expect(versionOf(generation, n)).toBeLessThan(versionOf(generation, n + 1));
      expect(versionOf(generation, n + 1)).toBeLessThan(versionOf(generation + 1, 0));
    }),
  );
});

test.each(['receivedAt', 'boundary', 'a_b'])('a metric named %s is a bug', (metric) => {
  expect(() => measuresOf({ entity: 'x', slot: 0, receivedAt: 0, boundary: true, values: { [metric]: 1n } })).toThrow(
    'assertion failed',
  );
});
