import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { idParams, instantQuery, listOf, listQuery, MAX_LIMIT } from '../../../shared/platform/route.ts';

const list = z.strictObject(listQuery);

test.each([
  ['1', 1],
  ['50', 50],
  ['500', MAX_LIMIT],
  ['007', 7],
])('the limit %s is %i', (text, limit) => expect(list.parse({ limit: text })).toEqual({ limit }));

test.each(['0', '501', '-1', '1.5', '1e2', '0x10', '', ' 5', '5 ', 'NaN', '9999999999', '٣'])(
  'the limit %j is refused with what it may be',
  (limit) => {
    const parsed = list.safeParse({ limit });
    expect(parsed.error?.issues.map((i) => [i.path.join(), i.message])).toEqual([
      ['limit', `must be a whole number from 1 to ${MAX_LIMIT}`],
    ]);
  },
);

test('a misspelt parameter and a cursor that is too long are refused', () => {
  expect(list.safeParse({ limt: '5' }).success).toBe(false);
  expect(list.safeParse({ cursor: 'x'.repeat(2001) }).success).toBe(false);
  expect(list.safeParse({ cursor: 'x' }).success).toBe(true);
});

test.each([
  ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000Z'],
  ['2026-11-20T10:00Z', '2026-11-20T10:00:00.000Z'],
  ['2026-11-20T13:00:00+03:00', '2026-11-20T10:00:00.000Z'],
  ['2026-11-20T10:00:00.5Z', '2026-11-20T10:00:00.500Z'],
  ['2026-11-20', '2026-11-20T00:00:00.000Z'],
  ['2028-02-29T23:59:59Z', '2028-02-29T23:59:59.000Z'],
  ['1970-01-01', '1970-01-01T00:00:00.000Z'],
])('%s is the instant %s', (text, instant) => {
  expect(new Date(instantQuery.parse(text)).toISOString()).toBe(instant);
});

test.each([
  '',
  'now',
  '1700000000',
  '2026-11-20T10:00:00',
  '2026-02-30',
  '2027-02-29T00:00:00Z',
  '2026-13-01',
  '2026-11-20T25:00:00Z',
  '2026-11-20 10:00:00Z',
  '20-11-2026',
  '1969-12-31',
  '3000-01-01',
  '+022026-11-20',
])('%j is no instant', (text) =>
  expect(instantQuery.safeParse(text).error?.issues[0]?.message).toContain('2026-11-20T10:00:00Z'),
);

test('an id is as long as a key can bear', () => {
  expect(idParams.safeParse({ id: 'x'.repeat(900) }).success).toBe(true);
  expect(idParams.safeParse({ id: 'x'.repeat(901) }).success).toBe(false);
});

test('a page of a list has its items and perhaps a cursor', () => {
  const page = listOf(z.int());
  expect(page.parse({ items: [1], nextCursor: 'x' })).toEqual({ items: [1], nextCursor: 'x' });
  expect(page.safeParse({ nextCursor: 'x' }).success).toBe(false);
});
