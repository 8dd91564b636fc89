/** Rows of a router's answer, JSON or XML made into objects: fields taken one by one, each that is wrong written down, and made into entities and readings. Pure. */
import type * as z from 'zod/mini';
import type { Rejected } from '../collect/collector.port.ts';
import { rawTextOf } from '../collect/rejected.ts';
import type { EntityDraft } from '../entities/entities.port.ts';
import type { Instant } from '../platform/clock.ts';
import type { CounterLife, Reading } from '../samples/sample.ts';
import { type Interface, interfaceDraft, interfaceIds, limitSpeed } from './interface.ts';
import type { Converted, Router } from './snmp.convert.ts';

/** What a router answered to one question. */
export interface Received {
  /** Parsed JSON, not looked at yet. */
  readonly value: unknown;
  readonly receivedAt: Instant;
}

export type ConvertedRows = Converted & {
  /** False when a row could be no interface's for sure: what is missing then is not gone. */
  readonly complete: boolean;
};

/** A row whose place among its namesakes is known. */
export interface PlacedRow {
  readonly fields: RowReader;
  /** Undefined when absent, malformed, or another row's as well; then `port.ifIndex` is a stand-in below zero. */
  readonly ifIndex: number | undefined;
  readonly port: Interface;
}

const UINT64_END = 2n ** 64n;
/**
 * Uptime has whole seconds, so as a clock it is worse than ours: a second in five minutes is three per mille. Only while
 * the tolerance of the boot instant could hide a second restart it goes along.
 */
export const YOUNG_MS = 120_000;

/** Takes fields of one row, and writes down each that is not what the router should send. */
export class RowReader {
  readonly #row: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #rejected: Rejected[];

  constructor(row: Readonly<Record<string, unknown>>, path: string, rejected: Rejected[]) {
    this.#row = row;
    this.#path = path;
    this.#rejected = rejected;
  }

  has(field: string): boolean {
    return Object.hasOwn(this.#row, field);
  }

  /** Undefined when absent; rejected with the message when it does not fit. */
  take<S extends z.ZodMiniType>(field: string, schema: S, message: string): z.infer<S> | undefined {
    if (!this.has(field)) return undefined;
    const parsed = schema.safeParse(this.#row[field]);
    return parsed.success ? parsed.data : this.reject(field, message);
  }

  /** As `take`, for a value that was taken before: what is wrong with it is written down already. */
  peek<S extends z.ZodMiniType>(field: string, schema: S): z.infer<S> | undefined {
    const parsed = schema.safeParse(this.has(field) ? this.#row[field] : undefined);
    return parsed.success ? parsed.data : undefined;
  }

  /** Octets below `end`, which is where the counter wraps. */
  counter(field: string, schema: z.ZodMiniType<string | number>, end: bigint = UINT64_END): bigint | undefined {
    const value = this.take(field, schema, 'is not a whole number of octets');
    if (value === undefined) return undefined;
    const octets = BigInt(value);
    return octets < end ? octets : this.reject(field, `has more than ${end === UINT64_END ? 64 : 32} bits`);
  }

  /** The object in a field; undefined when absent, rejected when it is none. */
  object(field: string): RowReader | undefined {
    if (!this.has(field)) return undefined;
    const value = this.#row[field];
    if (isObject(value)) return new RowReader(value, `${this.#path}.${field}`, this.#rejected);
    return this.reject(field, 'is not an object');
  }

  reject(field: string, message: string): undefined {
    const raw = field === '' ? this.#row : this.#row[field];
    const path = field === '' ? this.#path : `${this.#path}.${field}`;
    this.#rejected.push({ path, message, rawText: rawTextOf(raw) });
    return undefined;
  }
}

/** One reader per row, `what[position]` in paths; a row that is no object is rejected. */
export function readersOf(rows: readonly unknown[], what: string, rejected: Rejected[]): RowReader[] {
  return rows.flatMap((row, position) => {
    const path = `${what}[${position}]`;
    if (isObject(row)) return [new RowReader(row, path, rejected)];
    rejected.push({ path, message: 'is not an object', rawText: rawTextOf(row) });
    return [];
  });
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number (`field`) that stands twice says nothing of either row; below zero are numbers that stand in for none. */
export function placedRows(
  readers: readonly RowReader[],
  field: string,
  indexOf: (fields: RowReader) => number | undefined,
  portOf: (fields: RowReader, ifIndex: number) => Interface,
): PlacedRow[] {
  const indexes = readers.map(indexOf);
  const bearers = new Map<number | undefined, number>();
  for (const index of indexes) bearers.set(index, (bearers.get(index) ?? 0) + 1);
  return readers.map((fields, position) => {
    const index = indexes[position];
    const isShared = (bearers.get(index) ?? 0) > 1;
    if (index !== undefined && isShared) fields.reject(field, 'stands twice');
    const ifIndex = isShared ? undefined : index;
    return { fields, ifIndex, port: portOf(fields, ifIndex ?? -1 - position) };
  });
}

/** Readings without an entity: what a driver makes of a row. */
export type RowReading = Omit<Reading, 'entity'>;

/** `given`: rows that the router sent. A row of which nothing is known is listed and has no reading. */
export function convertedRows<R extends PlacedRow>(
  rows: readonly R[],
  given: number,
  router: Router,
  read: { readonly number: string; readingOf(row: R): RowReading },
): Omit<ConvertedRows, 'rejected'> {
  const ids = interfaceIds(
    router.id,
    rows.map(({ port }) => port),
  );
  const entities: EntityDraft[] = [];
  const readings: Reading[] = [];
  for (const row of rows) {
    const id = ids.get(row.port.ifIndex) ?? '';
    if (row.ifIndex === undefined && id.endsWith(`#${row.port.ifIndex}`)) {
      row.fields.reject('', `has neither a name nor an ${read.number} of its own`);
      continue;
    }
    entities.push(draftOf(router, id, row));
    const reading = read.readingOf(row);
    if (Object.keys(reading.values).length > 0) readings.push({ entity: id, ...reading });
  }
  return { readings, entities, complete: entities.length === given };
}

function draftOf(router: Router, id: string, { port, ifIndex }: PlacedRow): EntityDraft {
  const draft = interfaceDraft(router, id, port);
  if (ifIndex !== undefined) return draft;
  const { ifIndex: _standIn, ...attributes } = draft.attributes;
  return { ...draft, attributes };
}

/** The life of a row's counters that began at `bootAt`; undefined = unknown. The column and its bits are the driver's to add. */
export function lifeOf(
  { port, ifIndex }: PlacedRow,
  bootAt: Instant | undefined,
  receivedAt: Instant,
): Omit<CounterLife, 'column' | 'bits'> {
  const speed = limitSpeed(port);
  return {
    ...agedLife(bootAt, receivedAt),
    ...(ifIndex === undefined ? {} : { ifIndex }),
    ...(speed === undefined ? {} : { speedBitsPerSecond: speed }),
  };
}

/** What the router's uptime says of every life on it. */
export function agedLife(bootAt: Instant | undefined, receivedAt: Instant): Pick<CounterLife, 'bootAt' | 'uptimeMs'> {
  const isYoung = bootAt !== undefined && receivedAt - bootAt < YOUNG_MS && receivedAt >= bootAt;
  // Without an uptime only the other parts tell lives apart; 0 is the same for ever.
  return { bootAt: bootAt ?? 0, ...(isYoung ? { uptimeMs: receivedAt - bootAt } : {}) };
}
