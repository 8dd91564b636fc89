import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { issuesOf, pathText, unknownNames } from '../../../shared/platform/issues.ts';

const schema = z.strictObject({
  id: z.string().check(z.minLength(3)),
  size: z.int().check(z.minimum(1), z.maximum(9)),
  kind: z.enum(['a', 'b']),
  own: z.string().check(z.regex(/^x/, 'must begin with x')),
  list: z.optional(z.array(z.object({ name: z.string() })).check(z.maxLength(2))),
  exact: z.optional(z.literal('only')),
});
const good = { id: 'abc', size: 5, kind: 'a', own: 'x' };
const of = (over: Record<string, unknown>) => issuesOf(schema, { ...good, ...over });

test('a value that fits has no issues', () => expect(of({})).toEqual([]));

test.each([
  [{ id: 5 }, 'id', 'must be of type string'],
  [{ id: undefined }, 'id', 'must be of type string'],
  [{ id: 'a' }, 'id', 'must be at least 3 characters long'],
  [{ size: 1.5 }, 'size', 'must be a whole number'],
  [{ size: '5' }, 'size', 'must be of type number'],
  [{ size: 0 }, 'size', 'must be at least 1'],
  [{ size: 10 }, 'size', 'must be at most 9'],
  [{ kind: 'c' }, 'kind', 'must be one of a, b'],
  [{ exact: 'other' }, 'exact', 'must be only'],
  [{ own: 'y' }, 'own', 'must begin with x'],
  [{ list: [{ name: 'n' }, { name: 7 }] }, 'list[1].name', 'must be of type string'],
  [{ list: [{ name: 'n' }, { name: 'n' }, { name: 'n' }] }, 'list', 'must be at most 2 entries'],
  [{ extra: 1 }, 'extra', 'is not a field here: remove it'],
])('%j is told at %s: %s', (over, path, message) => {
  expect(of(over)).toEqual([{ path, message }]);
});

test('everything is told at once, and no value is repeated', () => {
  const issues = of({ id: 'planted'.slice(0, 2), size: 'planted', kind: 'planted', own: 'planted', one: 1, two: 2 });
  expect(issues.map((i) => i.path).sort()).toEqual(['id', 'kind', 'one', 'own', 'size', 'two']);
  expect(JSON.stringify(issues)).not.toContain('planted');
});

test('a choice by a field that holds none of its values is told at that field', () => {
  const choice = z.discriminatedUnion('type', [z.object({ type: z.literal('a') }), z.object({ type: z.literal('b') })]);
  expect(issuesOf(choice, { type: 'c' })).toEqual([{ path: 'type', message: 'must be one of a, b' }]);
});

test.each([
  ['', ['a', 0, 'b'], 'a[0].b'],
  ['query', ['limit'], 'query.limit'],
  ['', [], ''],
  ['body', [2], 'body[2]'],
] as const)('the path of %j and %j is %s', (start, path, text) => expect(pathText(start, path)).toBe(text));

test('names that are not known are told with those that are', () => {
  expect(unknownNames(['host', 'port'], { host: 1, prot: 2 })).toEqual([
    { path: 'prot', message: 'is not known; known are host, port' },
  ]);
  expect(unknownNames(['host'], {})).toEqual([]);
});
