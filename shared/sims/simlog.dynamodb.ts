/** The log of a SIM on the one table: its events, each once, and the cells it was seen in; 400 days of both. */
import { createHash } from 'node:crypto';
import type { Clock, Instant } from '../platform/clock.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';
import { AppError } from '../platform/errors.ts';
import { type Item, type Table, TTL } from '../platform/table.dynamodb.ts';
import { expiry, isAlive } from '../samples/life.dynamodb.ts';
import type { CellSeen, LogPage, SimLog } from './log.port.ts';
import type { CellReading, SimEvent } from './sim.ts';
import { cellKey, eventKey, eventRange, isSimLogSk, type SimLogKind, simLogPk, simLogPrefix } from './simlog-keys.ts';
import type { SimRef } from './usage.port.ts';
import { simName } from './usage-keys.ts';

/** From the instant of the event or the answer, so that a row is never born again when the provider repeats it. */
const LIFE_SECONDS = 400 * 86_400;
/** A device that stays where it is leaves four rows a day. */
const SAME_CELL_MS = 6 * 3_600_000;
/** So many writes at once as one connection pool takes without queueing. */
const AT_ONCE = 20;

export function createSimLog(deps: { table: Table; clock: Clock }): SimLog {
  return new SimLogTable(deps.table, deps.clock);
}

class SimLogTable implements SimLog {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  /** A query first: the provider repeats its list each time, and a refused write costs as much as one that is done. */
  async recordEvents(ref: SimRef, events: readonly SimEvent[], at: Instant): Promise<number> {
    const items = events
      .map((event) => ({ ...eventKey(ref, event.at, hashOf(event)), ...event, [TTL]: expiry(event.at, LIFE_SECONDS) }))
      .filter((item) => isAlive(item, at));
    const known = await this.#knownEvents(ref, items);
    const fresh = new Map(items.filter(({ sk }) => !known.has(sk)).map((item) => [item.sk, item]));
    const rows = [...fresh.values()];
    let stored = 0;
    for (let i = 0; i < rows.length; i += AT_ONCE) {
      const done = await Promise.all(
        rows
          .slice(i, i + AT_ONCE)
          .map((row) => this.#table.put(row, { ConditionExpression: 'attribute_not_exists(pk)' })),
      );
      stored += done.filter(Boolean).length;
    }
    return stored;
  }

  async #knownEvents(ref: SimRef, events: readonly { readonly at: Instant }[]): Promise<ReadonlySet<string>> {
    if (events.length === 0) return new Set();
    const instants = events.map(({ at }) => at);
    const range = eventRange(Math.min(...instants), Math.max(...instants));
    const items = await this.#table.queryAll({
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: { ':pk': simLogPk(ref), ':first': range.first, ':last': range.last },
      ConsistentRead: true,
    });
    return new Set(items.map(({ sk }) => String(sk)));
  }

  /** An answer that names no cell is not kept. */
  async recordCell(ref: SimRef, cell: CellReading, at: Instant): Promise<void> {
    if (placeOf(cell).every((part) => part === undefined)) return;
    const { items } = await this.#newest(ref, 'cell', 1, undefined, true);
    const newest = items[0] as (Item & CellSeen) | undefined;
    const same = newest !== undefined && String(placeOf(newest)) === String(placeOf(cell));
    if (same && at - newest.at < SAME_CELL_MS) return;
    await this.#table.put({ ...cellKey(ref, at), ...cell, at, [TTL]: expiry(at, LIFE_SECONDS) });
  }

  listEvents(ref: SimRef, limit: number, before?: string): Promise<LogPage<SimEvent>> {
    return this.#list(ref, 'event', limit, before, (item) => withoutKey(item) as unknown as SimEvent);
  }

  listCells(ref: SimRef, limit: number, before?: string): Promise<LogPage<CellSeen>> {
    return this.#list(ref, 'cell', limit, before, (item) => withoutKey(item) as unknown as CellSeen);
  }

  async #list<T>(
    ref: SimRef,
    kind: SimLogKind,
    limit: number,
    before: string | undefined,
    convert: (item: Item) => T,
  ): Promise<LogPage<T>> {
    const start = before === undefined ? undefined : positionOf(ref, kind, before);
    // One more than asked for tells whether there is a next page.
    const page = await this.#newest(ref, kind, limit + 1, start, false);
    const items = page.items.slice(0, limit);
    const live = items.filter((item) => isAlive(item, this.#clock.now()));
    const last = live.at(-1);
    // Rows die in the order of their keys, so behind an expired one there are only others.
    const isEnd = live.length < items.length || (page.items.length <= limit && page.next === undefined);
    return {
      items: live.map(convert),
      ...(isEnd || last === undefined
        ? {}
        : { before: encodeCursor(ref.tenant, listName(ref, kind), String(last.sk)) }),
    };
  }

  #newest(ref: SimRef, kind: SimLogKind, limit: number, before: string | undefined, consistent: boolean) {
    const pk = simLogPk(ref);
    return this.#table.query({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': pk, ':prefix': simLogPrefix(kind) },
      ScanIndexForward: false,
      ConsistentRead: consistent,
      Limit: limit,
      ...(before === undefined ? {} : { ExclusiveStartKey: { pk, sk: before } }),
    });
  }
}

function listName(ref: SimRef, kind: SimLogKind): string {
  return `${kind}#${simName(ref)}`;
}

/** Throws REQUEST_INVALID for a place that this list did not give out. */
function positionOf(ref: SimRef, kind: SimLogKind, before: string): string {
  const sk = decodeCursor(ref.tenant, listName(ref, kind), before);
  if (isSimLogSk(kind, sk)) return sk;
  const issue = { path: 'cursor', message: 'is not a cursor of this list: leave it out to start at the beginning' };
  throw new AppError('REQUEST_INVALID', 'the cursor cannot be used', { context: { issues: [issue] } });
}

function placeOf({ mcc, mnc, lac, cellId }: CellReading) {
  return [mcc, mnc, lac, cellId];
}

/** Equal for equal content, whatever the order of its fields. */
function hashOf(event: SimEvent): string {
  const fields = Object.entries(event)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 32);
}

function withoutKey(item: Item): Item {
  const { pk: _pk, sk: _sk, [TTL]: _ttl, ...rest } = item;
  return rest;
}
