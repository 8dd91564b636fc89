import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readColumn, readNumbers, writeColumn } from '../../../shared/samples/column.ts';
import { packBatch, packChunk, roundPoint, unpackBatch, unpackChunk } from '../../../shared/samples/packing.ts';
import type { Batch, CounterLife, RawPoint, Reading } from '../../../shared/samples/sample.ts';
import { ByteReader, ByteWriter } from '../../../shared/samples/varint.ts';
import { runs } from './runs.ts';

const T0 = Date.UTC(2026, 9, 1);
const value = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 50n }) },
  fc.bigInt(),
  fc.constantFrom(0n, -1n, 2n ** 32n - 1n, 2n ** 64n - 1n, -(2n ** 63n), 10n ** 40n),
);
const instant = fc.oneof(fc.integer({ min: T0, max: T0 + 6 * 3600 * 1000 }), fc.integer({ min: -1e13, max: 1e13 }));
const word = fc.string({ unit: 'grapheme', maxLength: 8 });

const life: fc.Arbitrary<CounterLife> = fc.record(
  {
    bootAt: instant,
    uptimeMs: fc.nat({ max: 2 ** 40 }),
    discontinuity: fc.oneof(word, fc.nat().map(String), fc.constantFrom('', '0', '00', '9'.repeat(60))),
    ifIndex: fc.nat({ max: 40 }),
    speedBitsPerSecond: fc.constantFrom(0, 1e7, 1e9, 4e11),
    column: fc.constantFrom('snmp:ifHCInOctets', 'snmp:ifInOctets', ''),
    bits: fc.constantFrom(32 as const, 64 as const),
  },
  { requiredKeys: ['bootAt', 'column', 'bits'] },
);
const metric = fc.constantFrom('ifHCInOctets', 'ifHCOutOctets', 'ifOperStatus', 'remainingOctets');

const reading: fc.Arbitrary<Reading> = fc.record(
  {
    entity: fc.oneof(fc.constantFrom('a', 'b', 'c'), word),
    receivedAt: instant,
    values: fc.dictionary(metric, value),
    lives: fc.dictionary(metric, life),
  },
  { requiredKeys: ['entity', 'receivedAt', 'values'] },
);

const batch: fc.Arbitrary<Batch> = fc.record({
  tenant: fc.constant('demo'),
  kind: fc.constant('interface'),
  target: word,
  slot: instant,
  part: fc.nat(),
  receivedAt: instant,
  periodSeconds: fc.integer({ min: 60, max: 86_400 }),
  boundary: fc.boolean(),
  readings: fc.array(reading, { maxLength: 12 }),
});

test('any run of batches comes back from its bytes and the last dictionary as it went in', () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 4 }), (batches) => {
      let dictionary: readonly string[] = [];
      const packed = batches.map((one) => {
        const result = packBatch(one, dictionary);
        expect(result.dictionary.slice(0, dictionary.length)).toEqual(dictionary);
        dictionary = result.dictionary;
        return result.bytes;
      });
      expect(packed.map((bytes, i) => unpackBatch(bytes, batches[i] as Batch, dictionary))).toEqual(batches);
    }),
    runs(200),
  );
});

test('one entity of a batch is what all of it says of that entity', () => {
  fc.assert(
    fc.property(
      fc.array(batch, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('a', 'b', 'ifHCInOctets', ''),
      (all, entity) => {
        let dictionary: readonly string[] = [];
        for (const one of all) {
          const { bytes, dictionary: after } = packBatch(one, dictionary);
          dictionary = after;
          const readings = one.readings.filter((own) => own.entity === entity);
          expect(unpackBatch(bytes, one, dictionary, entity)).toEqual({ ...one, readings });
        }
      },
    ),
    runs(300),
  );
});

const point: fc.Arbitrary<RawPoint> = fc.record(
  { slot: instant, receivedAt: instant, value, boundary: fc.boolean(), life },
  { requiredKeys: ['slot', 'receivedAt', 'value', 'boundary'] },
);

test('any points come back from a chunk as they went in, but for the grid of 100 ms', () => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 30 }), (points) => {
      expect(unpackChunk(packChunk(points))).toEqual(points.map(roundPoint));
    }),
    runs(300),
  );
});

test('rounding twice is rounding once, and moves no instant by more than 50 ms', () => {
  fc.assert(
    fc.property(point, (one) => {
      const once = roundPoint(one);
      expect(roundPoint(once)).toEqual(once);
      expect(Math.abs(once.receivedAt - one.receivedAt)).toBeLessThanOrEqual(50);
      expect(Math.abs((once.life?.uptimeMs ?? 0) - (one.life?.uptimeMs ?? 0))).toBeLessThanOrEqual(50);
      expect(Math.abs((once.life?.bootAt ?? 0) - (one.life?.bootAt ?? 0))).toBeLessThanOrEqual(100);
    }),
    runs(300),
  );
});

test('any column comes back, however wild its numbers, and the bytes behind it are untouched', () => {
  const column = fc.oneof(
    fc.array(value, { maxLength: 80 }),
    fc.array(fc.bigInt({ min: -5n, max: 5n }), { maxLength: 80 }),
    fc
      .tuple(value, fc.bigInt(-1000n, 1000n), fc.nat(80))
      .map(([start, step, count]) => Array.from({ length: count }, (_, i) => start + BigInt(i) * step)),
  );
  fc.assert(
    fc.property(column, (values) => {
      const writer = new ByteWriter();
      writeColumn(writer, values);
      writer.byte(77);
      const reader = new ByteReader(writer.finish());
      expect(readColumn(reader, values.length)).toEqual(values);
      expect(reader.byte()).toBe(77);
      reader.end();
    }),
    runs(400),
  );
});

test('a column around the end of exact numbers comes back to the last unit, and as numbers where it fits them', () => {
  const edge = fc.constantFrom(2n ** 53n, 2n ** 52n, 2n ** 49n, 2n ** 48n, 2n ** 47n, 2n ** 62n);
  const near = fc
    .tuple(edge, fc.bigInt(-3n, 3n), fc.boolean())
    .map(([at, off, minus]) => (minus ? -at + off : at + off));
  const column = fc.oneof(
    fc.array(near, { maxLength: 20 }),
    fc.array(fc.bigInt(2n ** 53n - 4n, 2n ** 53n + 4n), { maxLength: 20 }),
    fc.array(fc.oneof(near, fc.bigInt(-9n, 9n)), { maxLength: 20 }),
    // Differences that are small themselves, and whose sum is not.
    fc
      .tuple(near, near, fc.nat(20))
      .map(([start, step, count]) => Array.from({ length: count }, (_, i) => start + BigInt(i * i) * step)),
  );
  fc.assert(
    fc.property(column, (values) => {
      const writer = new ByteWriter();
      writeColumn(writer, values);
      writer.byte(77);
      const bytes = writer.finish();
      const [exact, near] = [new ByteReader(bytes), new ByteReader(bytes)];
      expect(readColumn(exact, values.length)).toEqual(values);
      expect(readNumbers(near, values.length)).toEqual(values.map(Number));
      expect([exact.byte(), near.byte()]).toEqual([77, 77]);
    }),
    runs(600),
  );
});

test('one wild value in a calm column costs bytes of its own and not of its neighbours', () => {
  fc.assert(
    fc.property(fc.nat(71), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), (at, wild) => {
      const calm = Array.from({ length: 72 }, (_, i) => BigInt((i * 7) % 5));
      const size = (values: bigint[]) => {
        const writer = new ByteWriter();
        writeColumn(writer, values);
        return writer.finish().length;
      };
      expect(size(calm.with(at, wild))).toBeLessThanOrEqual(size(calm) + 32);
    }),
    runs(200),
  );
});
