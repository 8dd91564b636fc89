import { expect, test } from 'vitest';
import { pageOf } from '../../../functions/api/page.ts';

const ids = Array.from({ length: 120 }, (_, i) => `id${String(i).padStart(3, '0')}`);
const page = (query: object, items: readonly string[] = ids, list = 'things') =>
  pageOf('demo', list, query, items, (i) => i);

test('50 items unless told, and a cursor while there are more', () => {
  expect(page({})).toMatchObject({ items: ids.slice(0, 50), nextCursor: expect.any(String) });
  expect(page({ limit: 120 })).toEqual({ items: ids });
  expect(page({ limit: 500 })).toEqual({ items: ids });
  expect(page({}, [])).toEqual({ items: [] });
});

test.each([1, 7, 60, 119])('pages of %i give every item once, in order', (limit) => {
  const all: string[] = [];
  let cursor: string | undefined;
  do {
    const one = page({ limit, cursor });
    all.push(...one.items);
    cursor = one.nextCursor;
  } while (cursor);
  expect(all).toEqual(ids);
});

test('what came or went between two pages moves nothing else', () => {
  const { nextCursor } = page({ limit: 10 });
  const changed = ['id0005', ...ids.filter((i) => i !== 'id009' && i !== 'id010')].sort();
  expect(page({ limit: 2, cursor: nextCursor }, changed).items).toEqual(['id011', 'id012']);
});

test('a cursor of another list is refused', () => {
  const { nextCursor } = page({ limit: 10 });
  expect(() => page({ cursor: nextCursor }, ids, 'others')).toThrow('the cursor cannot be used');
});
