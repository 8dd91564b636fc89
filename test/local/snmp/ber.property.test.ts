/** What the responder writes is what it reads back, and no bytes make it throw. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  integerOctets,
  oidOctets,
  readChildren,
  readInteger,
  readOid,
  readTlv,
  TAG,
  tlv,
} from '../../../local/snmp/ber.ts';

const numRuns = process.env.HEADROOM_LONG ? 20_000 : 500;

test('an object name survives writing and reading', () => {
  const arcs = fc
    .tuple(
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 39 }),
      fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 20 }),
    )
    .map(([first, second, rest]) => [first, second, ...rest]);
  fc.assert(
    fc.property(arcs, (oid) => {
      expect(readOid(oidOctets(oid))).toEqual(oid);
    }),
    { numRuns },
  );
});

test('an integer takes the fewest octets that keep its sign', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 47n), max: 2n ** 47n - 1n }), (value) => {
      const octets = integerOctets(value);
      expect(readInteger(octets)).toBe(Number(value));
      if (octets.length > 1) expect([0x000, 0x1ff]).not.toContain((octets[0] ?? 0) * 2 + ((octets[1] ?? 0) >> 7));
    }),
    { numRuns },
  );
});

test('elements of any length survive, side by side', () => {
  const contents = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 5 });
  fc.assert(
    fc.property(contents, (parts) => {
      const list = tlv(TAG.sequence, ...parts.map((part) => tlv(TAG.octets, Buffer.from(part))));
      const children = readChildren(readTlv(list, 0)?.content ?? Buffer.alloc(0)) ?? [];
      expect(children.map(({ content }) => [...content])).toEqual(parts.map((part) => [...part]));
    }),
    { numRuns },
  );
});

test('any bytes are read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      const element = readTlv(buffer, 0);
      readChildren(element?.content ?? buffer);
      readOid(buffer);
      readInteger(buffer);
      expect(element === undefined || element.end <= buffer.length).toBe(true);
    }),
    { numRuns },
  );
});
