import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { rawTextOf, rejectIssues, rejectText } from '../../../shared/collect/rejected.ts';

const LIMIT = 4000;

test('what is kept is the beginning of the JSON, and all of it where it is short', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const expected = typeof value === 'string' ? value : JSON.stringify(value);
      expect(rawTextOf(value)).toBe(expected.slice(0, LIMIT));
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['many members', Array.from({ length: 5000 }, (_, i) => i)],
  ['a long text', { text: 'x'.repeat(10_000) }],
  ['a long name', { ['x'.repeat(10_000)]: 1 }],
  ['many texts', Array.from({ length: 500 }, () => 'y\n'.repeat(10))],
])('of %s the beginning is kept', (_, value) => {
  expect(rawTextOf(value)).toBe(JSON.stringify(value).slice(0, LIMIT));
});

test.each([
  ['lists', '[', ']'],
  ['objects', '{"a":', '}'],
])('of %s that nest too deeply to be written as JSON the outer ones are kept', (_, open, close) => {
  const deep: unknown = JSON.parse(`${open.repeat(100_000)}1${close.repeat(100_000)}`);
  expect(() => JSON.stringify(deep)).toThrow(RangeError);
  expect(rawTextOf(deep)).toBe(`${open.repeat(100)}…${close.repeat(100)}`);
});

test('what is no text of JSON at all is told too', () => {
  expect([rawTextOf(undefined), rawTextOf(null), rawTextOf('null'), rawTextOf(7n)]).toEqual(['', 'null', 'null', '7']);
});

test('a rejection says where, what, and the text as it came', () => {
  expect(rejectText('a.b', 'is no day', 'noon')).toEqual({ path: 'a.b', message: 'is no day', rawText: 'noon' });
  expect(rejectText('a.b', 'is not told', undefined)).toEqual({ path: 'a.b', message: 'is not told (absent)' });
  expect(rejectText('a', 'b', 'x'.repeat(9000)).rawText).toHaveLength(LIMIT);
});

test('every issue of a record is a rejection of its own', () => {
  const raw = { a: 'x', b: { c: 1 } };
  const parsed = z.object({ a: z.number(), b: z.object({ c: z.string() }) }).safeParse(raw);
  expect(rejectIssues('list[3]', parsed.error?.issues ?? [], raw)).toEqual([
    { path: 'list[3].a', message: 'must be of type number', rawText: JSON.stringify(raw) },
    { path: 'list[3].b.c', message: 'must be of type string', rawText: JSON.stringify(raw) },
  ]);
});
