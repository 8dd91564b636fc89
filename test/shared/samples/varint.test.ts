import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter, bitLength, unzigzag, zigzag } from '../../../shared/samples/varint.ts';
import { runs } from './runs.ts';

const extreme = fc.oneof(
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.constantFrom(0n, -1n, 1n, 63n, 64n, 2n ** 53n, -(2n ** 53n), 2n ** 64n - 1n, -(2n ** 63n), 2n ** 200n),
);

test('any whole number comes back from zigzag as it went in, and the result is never negative', () => {
  fc.assert(
    fc.property(extreme, (value) => {
      expect(zigzag(value)).toBeGreaterThanOrEqual(0n);
      expect(unzigzag(zigzag(value))).toBe(value);
    }),
    runs(300),
  );
});

test('the bit length is that of the binary text', () => {
  fc.assert(
    fc.property(extreme, (value) => {
      const size = value < 0n ? -value : value;
      expect(bitLength(size)).toBe(size === 0n ? 0 : size.toString(2).length);
    }),
    runs(300),
  );
});

test('a mixture of fields comes back in order and nothing is left over', () => {
  const field = fc.oneof(
    extreme.map((value) => ({ kind: 'signed' as const, value })),
    extreme.map((value) => ({ kind: 'unsigned' as const, value: value < 0n ? -value : value })),
    fc.maxSafeInteger().map((value) => ({ kind: 'integer' as const, value })),
    fc.maxSafeNat().map((value) => ({ kind: 'count' as const, value })),
    fc.string({ unit: 'grapheme', maxLength: 300 }).map((value) => ({ kind: 'text' as const, value })),
    fc.integer({ min: 0, max: 255 }).map((value) => ({ kind: 'byte' as const, value })),
  );
  fc.assert(
    fc.property(fc.array(field, { maxLength: 60 }), (fields) => {
      const writer = new ByteWriter();
      for (const { kind, value } of fields) {
        if (kind === 'signed' || kind === 'integer') writer.signed(value);
        else if (kind === 'unsigned' || kind === 'count') writer.unsigned(value);
        else if (kind === 'text') writer.text(value);
        else writer.byte(value);
      }
      const reader = new ByteReader(writer.finish());
      expect(fields.map(({ kind }) => reader[kind]())).toEqual(fields.map(({ value }) => value));
      reader.end();
    }),
    runs(200),
  );
});

test('a number and the same bigint are written alike', () => {
  const [a, b] = [new ByteWriter(), new ByteWriter()];
  for (const value of [0, 127, 128, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    a.unsigned(value);
    b.unsigned(BigInt(value));
  }
  expect(a.finish()).toEqual(b.finish());
});

describe('what is not a whole number in range is refused when written', () => {
  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, -1n, 1n << 70_000n])('unsigned %s', (value) => {
    expect(() => new ByteWriter().unsigned(value)).toThrow(/assertion failed/);
  });
  test.each([0.5, Number.NaN, 2 ** 60])('signed %s', (value) => {
    expect(() => new ByteWriter().signed(value)).toThrow(/assertion failed/);
  });
  test.each([-1, 256, 1.5])('byte %s', (value) => {
    expect(() => new ByteWriter().byte(value)).toThrow(/assertion failed/);
  });
});

describe('bytes that are cut or forged are refused when read', () => {
  const read = (bytes: number[]) => new ByteReader(new Uint8Array(bytes));
  test('a number that ends in the middle', () => {
    expect(() => read([0x80]).unsigned()).toThrow(/packed bytes end at 1/);
  });
  test('a number without end', () => {
    expect(() => read(Array.from({ length: 20_000 }, () => 0xff)).unsigned()).toThrow(/without end/);
  });
  test('a text longer than the bytes', () => {
    expect(() => read([5, 65, 66]).text()).toThrow(/packed bytes end at 3/);
  });
  test('a length that asks for the memory of the machine', () => {
    expect(() => read([0xff, 0xff, 0xff, 0xff, 0x7f]).blob()).toThrow(/a packed list of/);
  });
  test('a count beyond what a number holds', () => {
    expect(() => read([...Array.from({ length: 9 }, () => 0xff), 0x01]).count()).toThrow(/a packed count of/);
  });
  test('bytes that nobody read', () => {
    expect(() => read([1]).end()).toThrow(/1 packed bytes too many/);
  });
});
