/** The one table in memory: conditional semantics of DynamoDB without its server, for tests of many interleavings. */
import type { Item, Key, Table } from '../../shared/platform/table.dynamodb.ts';
import { holds, type Names, updated } from './fake-expressions.ts';

export interface FakeStep {
  readonly verb: 'get' | 'put' | 'update' | 'delete' | 'query';
  readonly pk: string;
  readonly sk?: string;
  readonly write: boolean;
}

export interface FakeOptions {
  /** Runs before every call takes effect; a test may hold the call back here, or throw to play a crash. */
  readonly before?: (step: FakeStep) => Promise<void> | void;
  /** Items a page may hold, so that paging is met with few items; unlimited unless told. */
  readonly pageItems?: number;
}

export interface FakeTable extends Table {
  /** The same items as another process sees them, with its own way to be held up or to crash. */
  view(before: FakeOptions['before']): Table;
  /** Everything stored, in order of keys. */
  dump(): Item[];
}

const KEY_OF: Readonly<Record<string, readonly [string, string]>> = { byIndex: ['ipk', 'isk'] };

export function createFakeTable(options: FakeOptions = {}): FakeTable {
  return tableOver(new Map(), options);
}

function tableOver(items: Map<string, Item>, options: FakeOptions): FakeTable {
  const idOf = (key: Key): string => `${key.pk}\u0000${key.sk}`;
  const before = async (verb: FakeStep['verb'], pk: string, sk?: string) =>
    options.before?.({ verb, pk, ...(sk === undefined ? {} : { sk }), write: verb !== 'get' && verb !== 'query' });
  const table: FakeTable = {
    async get(key) {
      await before('get', key.pk, key.sk);
      return copy(items.get(idOf(key)));
    },
    async put(item, condition = {}) {
      await before('put', item.pk, item.sk);
      if (!holds(condition.ConditionExpression, items.get(idOf(item)), namesOf(condition))) return false;
      items.set(idOf(item), copy(item));
      return true;
    },
    async update(key, input) {
      await before('update', key.pk, key.sk);
      const stored = items.get(idOf(key));
      const given = namesOf(input);
      if (!holds(input.ConditionExpression, stored, given)) return false;
      const next = copy(updated(input.UpdateExpression ?? '', stored ?? { ...key }, given));
      items.set(idOf(key), next);
      return input.ReturnValues === 'ALL_NEW' ? copy(next) : {};
    },
    async delete(key, condition = {}) {
      await before('delete', key.pk, key.sk);
      if (!holds(condition.ConditionExpression, items.get(idOf(key)), namesOf(condition))) return false;
      items.delete(idOf(key));
      return true;
    },
    async query(input) {
      const given = namesOf(input);
      await before('query', String(given.values[':pk'] ?? ''));
      const [pk, sk] = KEY_OF[input.IndexName ?? ''] ?? ['pk', 'sk'];
      const sorted = [...items.values()].filter((i) => i[pk] !== undefined && i[sk] !== undefined).sort(byKeys(pk, sk));
      if (input.ScanIndexForward === false) sorted.reverse();
      const hits = sorted.filter((i) => holds(input.KeyConditionExpression, i, given));
      const start = input.ExclusiveStartKey;
      const rest = start ? hits.slice(hits.findIndex((i) => i.pk === start.pk && i.sk === start.sk) + 1) : hits;
      const size = Math.min(input.Limit ?? Number.POSITIVE_INFINITY, options.pageItems ?? Number.POSITIVE_INFINITY);
      const page = rest.slice(0, size);
      const last = page.at(-1);
      const next = last && rest.length > page.length ? { pk: last.pk, sk: last.sk } : undefined;
      const kept = page.filter((i) => holds(input.FilterExpression, i, given));
      return { items: kept.map((i) => copy(i)), ...(next ? { next } : {}) };
    },
    async queryAll(input, maxItems = 200_000) {
      const all: Item[] = [];
      let next: Item | undefined;
      do {
        const page = await table.query({ ...input, ...(next ? { ExclusiveStartKey: next } : {}) });
        all.push(...page.items);
        next = page.next;
      } while (next && all.length < maxItems);
      return all;
    },
    view: (before) => tableOver(items, { ...options, ...(before ? { before } : {}) }),
    dump: () => [...items.values()].sort(byKeys('pk', 'sk')).map((i) => copy(i)),
  };
  return table;
}

function byKeys(pk: string, sk: string): (a: Item, b: Item) => number {
  return (a, b) => compare(String(a[pk]), String(b[pk])) || compare(String(a[sk]), String(b[sk]));
}

/** By octets of UTF-8, as DynamoDB sorts; UTF-16 order differs only beyond the basic plane. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
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

/** A deep copy without undefined members, as the document client sends them. */
function copy<T>(value: T): T {
  if (value instanceof Uint8Array) return new Uint8Array(value) as T;
  if (Array.isArray(value)) return value.map((v) => copy(v)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries.map(([k, v]) => [k, copy(v)])) as T;
}
