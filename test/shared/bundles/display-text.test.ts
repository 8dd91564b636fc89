import fc from 'fast-check';
import { expect, test } from 'vitest';
import { octetsText } from '../../../shared/bundles/bundle.ts';
import { parseBalance, parseExpiry, roundsTo } from '../../../shared/bundles/display-text.ts';

const runs = process.env.HEADROOM_LONG ? 100_000 : 1000;

test.each([
  ['900.5 GB', 900_500_000_000n, 100_000_000n],
  ['1.2 TB', 1_200_000_000_000n, 100_000_000_000n],
  ['500.0 MB', 500_000_000n, 100_000n],
  ['0 KB', 0n, 1000n],
  ['0.3 GB', 300_000_000n, 100_000_000n],
  ['12 GB', 12_000_000_000n, 1_000_000_000n],
  ['1.001 KB', 1001n, 1n],
  ['123456789.9 TB', 123_456_789_900_000_000_000n, 100_000_000_000n],
])('%s is %d octets, shown in steps of %d', (text, octets, stepOctets) => {
  expect(parseBalance(text)).toEqual({ kind: 'limited', octets, stepOctets });
});

test('"Unlimited" is without limit, not a number', () => {
  expect(parseBalance('Unlimited')).toEqual({ kind: 'unlimited' });
});

test.each([
  '',
  ' ',
  '0',
  'GB',
  '900.5',
  '900.5GB',
  '900.5  GB',
  ' 900.5 GB',
  '900.5 GB ',
  '900,5 GB',
  '1,024.5 GB',
  '-1.0 GB',
  '+1 GB',
  '.5 GB',
  '5. GB',
  '1e3 GB',
  'NaN GB',
  'Infinity GB',
  '900.5 GiB',
  '900.5 gb',
  '900.5 B',
  '1.0 PB',
  '0.0001 KB',
  'unlimited',
  'Expired',
  '٣ GB',
  '1234567890 GB',
  '28 days',
  'null',
])('%j is not an amount, and never 0', (text) => {
  expect(parseBalance(text)).toBeUndefined();
});

test.each([
  ['28 days', 28n * 86_400n],
  ['1 day', 86_400n],
  ['5 hours', 18_000n],
  ['1 hour', 3600n],
  ['30 minutes', 1800n],
  ['1 minute', 60n],
  ['0 days', 0n],
  ['Expired', 0n],
])('%s is %d seconds', (text, seconds) => {
  expect(parseExpiry(text)).toBe(seconds);
});

test.each([
  '',
  '28',
  'days',
  '28days',
  '28  days',
  ' 28 days',
  '28 Days',
  '-1 days',
  '1.5 days',
  '1 month',
  '2 weeks',
  '1 day 5 hours',
  'expired',
  'Unlimited',
  'tomorrow',
  '123456 days',
  '900.5 GB',
])('%j is not a time, and never 0', (text) => {
  expect(parseExpiry(text)).toBeUndefined();
});

test('what is written as the portal writes it is read back to the last digit shown', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (octets) => {
      const parsed = parseBalance(octetsText(octets));
      // A few octets are less than the smallest step and show as nothing.
      if (parsed?.kind !== 'limited') throw new Error(`${octetsText(octets)} was not read`);
      expect(roundsTo(octets, parsed)).toBe(true);
      expect(roundsTo(octets + parsed.stepOctets * 2n, parsed)).toBe(false);
    }),
    { numRuns: runs },
  );
});

test('no text of the two alphabets makes a parser throw', () => {
  const unit = fc.constantFrom(...'0123456789.,- KMGTBdayshournimetuUlExp'.split(''));
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 24 }), (text) => {
      const balance = parseBalance(text);
      if (balance?.kind === 'limited') expect(balance.octets >= 0n && balance.stepOctets > 0n).toBe(true);
      expect(parseExpiry(text) ?? 0n).toBeGreaterThanOrEqual(0n);
    }),
    { numRuns: runs },
  );
});
