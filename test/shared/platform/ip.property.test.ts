/** Addresses survive writing and reading, whatever way they are written. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refusalOf } from '../../../shared/platform/address.ts';
import {
  type Family,
  formatAddress,
  networkContains,
  parseAddress,
  parseNetwork,
} from '../../../shared/platform/ip.ts';

const numRuns = process.env.HEADROOM_LONG ? 50_000 : 1_000;
const ipv4 = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value) => ({ family: 4 as Family, value }));
const ipv6 = fc
  .oneof(
    fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
    fc.bigInt({ min: 0n, max: 2n ** 48n }),
    fc.bigInt({ min: 0n, max: 2n ** 16n - 1n }).map((n) => n << 112n),
  )
  .map((value) => ({ family: 6 as Family, value }));

test('what is written is read as the same', () => {
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6), (ip) => {
      expect(parseAddress(formatAddress(ip))).toEqual(ip);
    }),
    { numRuns },
  );
});

test('every spelling of an IPv4 address is the same address', () => {
  const spell = fc.constantFrom(
    (n: bigint) => String(n),
    (n: bigint) => `0x${n.toString(16)}`,
    (n: bigint) => `0${n.toString(8)}`,
  );
  fc.assert(
    fc.property(
      ipv4,
      fc.array(spell, { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 4 }),
      (ip, spells, parts) => {
        const rest = BigInt(8 * (5 - parts));
        const numbers = Array.from({ length: parts - 1 }, (_, i) => (ip.value >> BigInt(24 - 8 * i)) & 255n);
        const text = [...numbers, ip.value & (2n ** rest - 1n)].map((n, i) => spells[i]?.(n) ?? String(n)).join('.');
        expect(parseAddress(text)).toEqual(ip);
      },
    ),
    { numRuns },
  );
});

test('a network holds exactly the addresses that share its prefix', () => {
  fc.assert(
    fc.property(ipv4, ipv4, fc.integer({ min: 0, max: 32 }), (a, b, prefix) => {
      const network = parseNetwork(`${formatAddress(a)}/${prefix}`);
      const hostBits = BigInt(32 - prefix);
      expect(network && networkContains(network, b)).toBe(a.value >> hostBits === b.value >> hostBits);
    }),
    { numRuns },
  );
});

test('an IPv6 address that carries a refused IPv4 one is refused, in every way of carrying', () => {
  const refused = fc
    .constantFrom(
      '127.0.0.1',
      '10.0.0.1',
      '169.254.169.254',
      '192.168.88.1',
      '0.0.0.0',
      '255.255.255.255',
      '100.64.0.1',
    )
    .map((text) => parseAddress(text)?.value ?? 0n);
  const carry = fc.constantFrom(
    (v4: bigint) => (0xffffn << 32n) | v4,
    (v4: bigint) => (0xffffn << 48n) | v4,
    (v4: bigint) => (0x64_ff9bn << 96n) | v4,
    (v4: bigint) => (0x2002n << 112n) | (v4 << 80n) | 1n,
    (v4: bigint) => (0x2001_0000n << 96n) | (v4 ^ 0xffff_ffffn),
  );
  fc.assert(
    fc.property(refused, carry, (v4, wrap) => {
      expect(refusalOf({ family: 6, value: wrap(v4) }, [])).toBeTypeOf('string');
    }),
    { numRuns },
  );
});
