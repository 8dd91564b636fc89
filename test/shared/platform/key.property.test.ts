import fc from 'fast-check';
import { expect, test } from 'vitest';
import { directoryKey, joinKey, splitKey, tenantKey } from '../../../shared/platform/key.ts';

const part = fc.string({
  minLength: 0,
  maxLength: 12,
  unit: fc.constantFrom('#', '%', '@', 'a', '2', '3', '5', '/', ' ', 'é'),
});

test('any parts come back from a key as they went in', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      expect(splitKey(joinKey(...parts))).toEqual(parts);
    }),
  );
});

test('two different lists of parts never make the same key', () => {
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 4 }),
      fc.array(part, { minLength: 1, maxLength: 4 }),
      (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(joinKey(...a)).not.toBe(joinKey(...b));
      },
    ),
  );
});

test('every key of a tenant starts with the tenant, whatever the parts hold', () => {
  fc.assert(
    fc.property(part, (p) => {
      expect(tenantKey('demo', 'H', p).startsWith('demo#H#')).toBe(true);
      expect(directoryKey('member', p).startsWith('@member#')).toBe(true);
    }),
  );
});

test.each(['', 'A', 'a#b', '@a', 'a'.repeat(33), 'x y', '1a'])('%j is not a tenant name', (name) => {
  expect(() => tenantKey(name, 'H', 'x')).toThrow(/not a tenant name/);
});
