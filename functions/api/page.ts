/** One page of a list that is already in order of its key; the cursor names the last key given. */
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts';
import { DEFAULT_LIMIT } from '../../shared/platform/route.ts';

export interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export function pageOf<T>(
  tenant: string,
  list: string,
  query: PageQuery,
  items: readonly T[],
  keyOf: (item: T) => string,
): { items: T[]; nextCursor?: string } {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const after = query.cursor === undefined ? undefined : decodeCursor(tenant, list, query.cursor);
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page,
    ...(rest.length > limit && last ? { nextCursor: encodeCursor(tenant, list, keyOf(last)) } : {}),
  };
}
