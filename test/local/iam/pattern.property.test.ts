/** Patterns against an independent reading of what their wildcards mean. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileArnPattern, compilePattern } from '../../../local/iam/pattern.ts';

const numRuns = process.env.HEADROOM_LONG ? 100_000 : 2_000;
const none = () => undefined;
/** Few letters, so that matches are frequent. */
const letters = (alphabet: string) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 10 });

/** The textbook definition, by recursion. */
function fits(pattern: string, text: string): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text === '';
  const remaining = rest.join('');
  if (first === '*') return fits(remaining, text) || (text !== '' && fits(pattern, text.slice(1)));
  return text !== '' && (first === '?' || first === text[0]) && fits(remaining, text.slice(1));
}

test('a pattern fits exactly what its wildcards mean', () => {
  fc.assert(
    fc.property(letters('ab*?'), letters('ab'), (pattern, text) => {
      const compiled = compilePattern(pattern, { wildcards: true, variables: true });
      expect(compiled.matches(text, none)).toBe(fits(pattern, text));
    }),
    { numRuns },
  );
});

test('a pattern with a variable fits what the pattern with its value, wildcards taken literally, fits', () => {
  fc.assert(
    fc.property(letters('ab*?'), letters('ab*?'), letters('ab*?'), (before, value, text) => {
      const compiled = compilePattern(`${before}\${key}`, { wildcards: true, variables: true });
      const cut = text.length - value.length;
      const expected = cut >= 0 && text.slice(cut) === value && fits(before, text.slice(0, cut));
      expect(compiled.matches(text, (name) => (name === 'key' ? value : undefined))).toBe(expected);
      expect(compiled.matches(text, none)).toBe(false);
    }),
    { numRuns },
  );
});

test('an ARN pattern never fits more than the pattern over the whole text', () => {
  fc.assert(
    fc.property(
      fc.array(letters('ab*'), { minLength: 6, maxLength: 6 }),
      fc.array(letters('ab'), { minLength: 6, maxLength: 8 }),
      (pattern, text) => {
        const narrow = compileArnPattern(pattern.join(':'), true).matches(text.join(':'), none);
        const parts = [...text.slice(0, 5), text.slice(5).join(':')];
        expect(narrow).toBe(pattern.every((part, i) => fits(part, parts[i] ?? '')));
        if (narrow)
          expect(
            compilePattern(pattern.join(':'), { wildcards: true, variables: true }).matches(text.join(':'), none),
          ).toBe(true);
      },
    ),
    { numRuns },
  );
});

test('hostile patterns are matched in bounded time', () => {
  const compiled = compilePattern(`${'*a'.repeat(50)}b`, { wildcards: true, variables: false });
  const startedAt = performance.now();
  expect(compiled.matches('a'.repeat(20_000), none)).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
