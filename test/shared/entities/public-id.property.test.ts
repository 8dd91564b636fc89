import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromPublicId, publicId } from '../../../shared/entities/public-id.ts';

const numRuns = process.env.HEADROOM_LONG ? 20_000 : 1000;

test('every id comes back from the form it has in URLs, which no path changes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
      const shown = publicId(id);
      expect(shown).toMatch(/^[A-Za-z0-9._:~=-]+$/);
      expect(encodeURIComponent(shown).replace(/%3A/g, ':').replace(/%3D/g, '=')).toBe(shown);
      expect(fromPublicId(shown)).toBe(id);
    }),
    { numRuns },
  );
});

test('no two texts of URLs name one id', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '~', '=', '2', 'F', '7', 'E', '.', '/', '%') }), (text) => {
      const id = fromPublicId(text);
      if (id !== undefined) expect(publicId(id)).toBe(text);
    }),
    { numRuns },
  );
});

describe('examples', () => {
  test.each([
    ['home/0a1', 'home~0a1'],
    ['core1/ether1', 'core1~ether1'],
    ['core1/<pppoe-é>', 'core1~=3Cpppoe-=C3=A9=3E'],
    ['a/b~c=d', 'a~b=7Ec=3Dd'],
    ['a/b c#1', 'a~b=20c=231'],
  ])('%s is %s', (id, shown) => {
    expect(publicId(id)).toBe(shown);
    expect(fromPublicId(shown)).toBe(id);
  });

  test.each(['', 'a/b', 'a b', '=2', '=zz', '=2f', '=41', '=FF', '=C3', 'a%2Fb', 'é', '=ED=A0=80', 'a\n'])(
    '%j was never given out',
    (text) => expect(fromPublicId(text)).toBeUndefined(),
  );
});
