/** The one table in memory, in order of its keys: for measurements that fill it with a million items. */
import type { Item, Key, Table } from '../shared/platform/table.dynamodb.ts';
import { holds, type Names, updated } from '../test/shared/fake-expressions.ts';

/** One partition. */
interface Shelf {
  readonly items: Map<string, Item>;
  /** Sorted. */
  readonly keys: string[];
}

type Query = Parameters<Table['query']>[0];

/** Without its index, which nothing that is measured asks. */
export function createOrderedTable(): Table {
  const shelves = new Map<string, Shelf>();
  const find = ({ pk, sk }: Key): Item | undefined => shelves.get(pk)?.items.get(sk);
  const store = (item: Item & Key): void => {
    const shelf = shelves.get(item.pk) ?? { items: new Map(), keys: [] };
    shelves.set(item.pk, shelf);
    if (!shelf.items.has(item.sk)) shelf.keys.splice(placeOf(shelf.keys, item.sk), 0, item.sk);
    shelf.items.set(item.sk, item);
  };
  const query = (input: Query): { items: Item[]; next?: Item } => {
    if (input.IndexName !== undefined) throw new Error('this table has no index');
    const given = namesOf(input);
    const pk = String(given.values[':pk']);
    const hits = itemsOf(shelves.get(pk), input, given);
    const start = input.ExclusiveStartKey?.sk;
    const rest = start === undefined ? hits : hits.slice(hits.findIndex(({ sk }) => sk === start) + 1);
    const page = rest.slice(0, input.Limit ?? rest.length);
    const last = page.at(-1);
    const next = last && rest.length > page.length ? { next: { pk: last.pk, sk: last.sk } } : {};
    return { items: page.filter((item) => holds(input.FilterExpression, item, given)), ...next };
  };
  return {
    get: async (key) => find(key),
    async put(item, condition = {}) {
      if (!holds(condition.ConditionExpression, find(item), namesOf(condition))) return false;
      store(item);
      return true;
    },
    async update(key, input) {
      const stored = find(key);
      const given = namesOf(input);
      if (!holds(input.ConditionExpression, stored, given)) return false;
      const next = updated(input.UpdateExpression ?? '', stored ?? { ...key }, given) as Item & Key;
      store(next);
      return input.ReturnValues === 'ALL_NEW' ? next : {};
    },
    async delete(key, condition = {}) {
      if (!holds(condition.ConditionExpression, find(key), namesOf(condition))) return false;
      const shelf = shelves.get(key.pk);
      if (shelf?.items.delete(key.sk)) shelf.keys.splice(placeOf(shelf.keys, key.sk), 1);
      return true;
    },
    query: async (input) => query(input),
    queryAll: async (input) => query(input).items,
  };
}

/** A prefix is looked up; any other condition is asked of every item of the partition. */
function itemsOf(shelf: Shelf | undefined, input: Query, given: Names): Item[] {
  if (!shelf) return [];
  const condition = input.KeyConditionExpression ?? '';
  const prefixName = /begins_with\(sk, (:\w+)\)$/.exec(condition)?.[1];
  let keys: readonly string[] = shelf.keys;
  if (prefixName !== undefined) {
    const prefix = String(given.values[prefixName]);
    const from = placeOf(shelf.keys, prefix);
    let end = from;
    while (shelf.keys[end]?.startsWith(prefix)) end++;
    keys = shelf.keys.slice(from, end);
  }
  const items = keys.map((sk) => shelf.items.get(sk) as Item);
  const isWhole = prefixName !== undefined || condition === 'pk = :pk';
  const hits = isWhole ? items : items.filter((item) => holds(condition, item, given));
  return input.ScanIndexForward === false ? hits.reverse() : hits;
}

/** Where it stands, or would. */
function placeOf(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function namesOf(input: {
  ExpressionAttributeNames?: object | undefined;
  ExpressionAttributeValues?: object | undefined;
}): Names {
  return {
    names: (input.ExpressionAttributeNames ?? {}) as Names['names'],
    values: (input.ExpressionAttributeValues ?? {}) as Names['values'],
  };
}
