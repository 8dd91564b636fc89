/** Counts what DynamoDB would charge for the calls to a table: write units of 1 KB, read units of 4 KB. */
import type { Item, Key, Table } from '../../shared/platform/table.dynamodb.ts';

export interface Meter {
  readonly table: Table;
  /** Write units by shelf letter; the lease and the names count apart from the batches they stand beside. */
  readonly writes: Map<string, number>;
  reads: number;
  calls: number;
  reset(): void;
}

export function meter(inner: Table): Meter {
  const write = (key: Key, before: Item | undefined, after: Item | undefined) => {
    const size = Math.max(before ? itemBytes(before) : 0, after ? itemBytes(after) : 0);
    own.writes.set(shelfOf(key), (own.writes.get(shelfOf(key)) ?? 0) + Math.max(1, Math.ceil(size / 1024)));
  };
  const read = (bytes: number, consistent: boolean | undefined) => {
    own.calls++;
    own.reads += Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);
  };
  const own: Meter = {
    writes: new Map(),
    reads: 0,
    calls: 0,
    reset: () => {
      own.writes.clear();
      own.reads = 0;
      own.calls = 0;
    },
    table: {
      async get(key, options) {
        const item = await inner.get(key, options);
        read(item ? itemBytes(item) : 0, options?.consistent);
        return item;
      },
      async put(item, condition) {
        const before = await inner.get(item);
        const done = await inner.put(item, condition);
        write(item, before, done ? item : undefined);
        return done;
      },
      async update(key, input) {
        const before = await inner.get(key);
        const done = await inner.update(key, input);
        write(key, before, await inner.get(key));
        return done;
      },
      async delete(key, condition) {
        write(key, await inner.get(key), undefined);
        return inner.delete(key, condition);
      },
      async query(input) {
        const page = await inner.query(input);
        read(
          page.items.reduce((sum, item) => sum + itemBytes(item), 0),
          input.ConsistentRead,
        );
        return page;
      },
      async queryAll(input, most) {
        const items = await inner.queryAll(input, most);
        read(
          items.reduce((sum, item) => sum + itemBytes(item), 0),
          input.ConsistentRead,
        );
        return items;
      },
    },
  };
  return own;
}

function shelfOf({ pk, sk }: Key): string {
  if (sk.startsWith('!')) return sk.startsWith('!lease') ? 'lease' : 'names';
  return pk.split('#')[1] ?? '';
}

/** As the developer guide counts: names in UTF-8, numbers two digits a byte and one more, 3 bytes and 1 a member for lists. */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(Math.abs(value)).replace(/^0+|\.|0+$/g, '').length / 2) + 1;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return 3 + value.reduce((sum: number, v) => sum + 1 + valueBytes(v), 0);
  if (typeof value === 'object' && value !== null) return 3 + Object.keys(value).length + itemBytes(value as Item);
  return 1;
}
