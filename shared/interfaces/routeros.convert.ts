/** Answers of RouterOS REST made into readings and entities; what cannot be used is rejected as it came. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import { rawTextOf } from '../collect/rejected.ts';
import type { EntityDraft } from '../entities/entities.port.ts';
import type { Instant } from '../platform/clock.ts';
import type { CounterLife, Reading } from '../samples/sample.ts';
import { type Interface, interfaceDraft, interfaceIds, limitSpeed } from './interface.ts';
import { inOctets, operStatus, outOctets } from './metrics.ts';
import { type RouterosField, routerosInterface, routerosRate, routerosResource } from './routeros.wire.ts';
import { durationMs, ifIndexOf, ifTypeOf, rateBitsPerSecond } from './routeros-words.ts';
import type { Converted, Router } from './snmp.convert.ts';
import { displayText } from './text.ts';

export interface Received {
  /** Parsed JSON, not looked at yet. */
  readonly value: unknown;
  readonly receivedAt: Instant;
}

export interface RouterosAnswers {
  readonly interfaces: { readonly rows: readonly unknown[]; readonly receivedAt: Instant };
  /** Undefined where the router does not tell. */
  readonly resource: Received | undefined;
  readonly rates: Received | undefined;
}

export type ConvertedRouteros = Converted & {
  /** False when a row could be no interface's for sure: what is missing then is not gone. */
  readonly complete: boolean;
};

/** Names become keys; RouterOS allows fewer characters. */
const NAME_LIMIT = 128;
const UINT64_END = 2n ** 64n;
const UP = 1n;
const DOWN = 2n;
/**
 * Uptime has whole seconds, so as a clock it is worse than ours: a second in five minutes is three per mille. Only while
 * the tolerance of the boot instant could hide a second restart it goes along.
 */
const YOUNG_MS = 120_000;

/** A row whose place in the life of counters and among its namesakes is known. */
interface Row {
  readonly fields: RowReader;
  /** Undefined when absent, malformed, or another row's as well. */
  readonly ifIndex: number | undefined;
  readonly port: Interface;
}

export function fromWireInterfaces(answers: RouterosAnswers, router: Router): ConvertedRouteros {
  const { rows: given, receivedAt } = answers.interfaces;
  const rejected: Rejected[] = [];
  const boot = bootOf(answers.resource, rejected);
  const rates = ratesOf(answers.rates, rejected);
  const readers = given.flatMap((row, position) => readerOf(row, position, rejected));
  const rows = rowsOf(readers, rates, router);
  const ids = interfaceIds(
    router.id,
    rows.map(({ port }) => port),
  );
  const entities: EntityDraft[] = [];
  const readings: Reading[] = [];
  for (const row of rows) {
    const id = ids.get(row.port.ifIndex) ?? '';
    if (row.ifIndex === undefined && id.endsWith(`#${row.port.ifIndex}`)) {
      row.fields.reject('', 'has neither a name nor an .id of its own');
      continue;
    }
    entities.push(draftOf(router, id, row));
    const values = valuesOf(row);
    if (Object.keys(values).length === 0) continue;
    readings.push({ entity: id, receivedAt, values, lives: livesOf(row, values, boot, receivedAt) });
  }
  return { readings, entities, rejected, complete: entities.length === given.length };
}

/** Ids of the ports whose rate is worth asking for: Ethernet, with a link. */
export function portsWithRate(rows: readonly unknown[]): string[] {
  return rows.flatMap((row, position) => {
    const fields = readerOf(row, position, [])[0];
    const id = fields?.text('.id');
    const hasLink = fields?.text('type') === 'ether' && fields.flag('running') === true;
    return hasLink && id !== undefined ? [id] : [];
  });
}

/** Takes fields of one row, and writes down each that is not what RouterOS says. */
class RowReader {
  readonly #row: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #rejected: Rejected[];

  constructor(row: Readonly<Record<string, unknown>>, path: string, rejected: Rejected[]) {
    this.#row = row;
    this.#path = path;
    this.#rejected = rejected;
  }

  text(field: '.id' | 'name' | 'type' | 'comment'): string | undefined {
    return this.#parsed(field, 'is not what RouterOS sends here') as string | undefined;
  }

  flag(field: 'running' | 'disabled'): boolean | undefined {
    const value = this.#parsed(field, 'is neither true nor false');
    return value === undefined ? undefined : value === true || value === 'true';
  }

  counter(field: 'rx-byte' | 'tx-byte'): bigint | undefined {
    const value = this.#parsed(field, 'is not a whole number of octets');
    if (value === undefined) return undefined;
    const octets = BigInt(value as string | number);
    return octets < UINT64_END ? octets : this.reject(field, 'has more than 64 bits');
  }

  reject(field: string, message: string): undefined {
    const raw = field === '' ? this.#row : this.#row[field];
    this.#rejected.push({
      path: field === '' ? this.#path : `${this.#path}.${field}`,
      message,
      rawText: rawTextOf(raw),
    });
    return undefined;
  }

  #parsed(field: RouterosField, message: string): unknown {
    if (!Object.hasOwn(this.#row, field)) return undefined;
    const parsed = routerosInterface.shape[field].safeParse(this.#row[field]);
    return parsed.success ? parsed.data : this.reject(field, message);
  }
}

function readerOf(row: unknown, position: number, rejected: Rejected[]): RowReader[] {
  const path = `interface[${position}]`;
  if (isObject(row)) return [new RowReader(row, path, rejected)];
  rejected.push({ path, message: 'is not an object', rawText: rawTextOf(row) });
  return [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An .id that stands twice says nothing of either row; below zero are numbers that stand in for none. */
function rowsOf(readers: readonly RowReader[], rates: ReadonlyMap<string, number>, router: Router): Row[] {
  const indexes = readers.map((fields) => {
    const id = fields.text('.id');
    return id === undefined ? undefined : ifIndexOf(id);
  });
  const bearers = new Map<number | undefined, number>();
  for (const index of indexes) bearers.set(index, (bearers.get(index) ?? 0) + 1);
  return readers.map((fields, position) => {
    const index = indexes[position];
    const isShared = (bearers.get(index) ?? 0) > 1;
    if (index !== undefined && isShared) fields.reject('.id', 'stands twice');
    const ifIndex = isShared ? undefined : index;
    return { fields, ifIndex, port: portOf(fields, ifIndex ?? -1 - position, rates, router) };
  });
}

function portOf(fields: RowReader, ifIndex: number, rates: ReadonlyMap<string, number>, router: Router): Interface {
  const name = fields.text('name') ?? '';
  const type = fields.text('type');
  const ifName = displayText(name, NAME_LIMIT);
  const ifAlias = displayText(fields.text('comment') ?? '', NAME_LIMIT);
  const ifType = type === undefined ? undefined : ifTypeOf(type);
  const speed = type === 'ether' ? rates.get(name) : undefined;
  const configured = router.configuredSpeed(ifName);
  return {
    ifIndex,
    ifName,
    ...(ifAlias === '' ? {} : { ifAlias }),
    ...(ifType === undefined ? {} : { ifType }),
    ...(speed === undefined ? {} : { speedBitsPerSecond: speed }),
    ...(configured === undefined ? {} : { configuredSpeedBitsPerSecond: configured }),
  };
}

function draftOf(router: Router, id: string, { port, ifIndex }: Row): EntityDraft {
  const draft = interfaceDraft(router, id, port);
  if (ifIndex !== undefined) return draft;
  const { ifIndex: _standIn, ...attributes } = draft.attributes;
  return { ...draft, attributes };
}

/** What the router did not give is not there. */
function valuesOf({ fields }: Row): Record<string, bigint> {
  const received = fields.counter('rx-byte');
  const sent = fields.counter('tx-byte');
  const status = statusOf(fields.flag('disabled'), fields.flag('running'));
  return {
    ...(received === undefined ? {} : { [inOctets.id]: received }),
    ...(sent === undefined ? {} : { [outOctets.id]: sent }),
    ...(status === undefined ? {} : { [operStatus.id]: status }),
  };
}

/** RFC 2863: whatever is administratively down is down. Why a port is not running, RouterOS does not say. */
function statusOf(isDisabled: boolean | undefined, isRunning: boolean | undefined): bigint | undefined {
  if (isDisabled === true) return DOWN;
  return isRunning === undefined ? undefined : isRunning ? UP : DOWN;
}

const COLUMNS: readonly (readonly [metric: string, column: string])[] = [
  [inOctets.id, 'routeros:rx-byte'],
  [outOctets.id, 'routeros:tx-byte'],
];

function livesOf(
  { port, ifIndex }: Row,
  values: Readonly<Record<string, bigint>>,
  bootAt: Instant | undefined,
  receivedAt: Instant,
): Record<string, CounterLife> {
  const speed = limitSpeed(port);
  const isYoung = bootAt !== undefined && receivedAt - bootAt < YOUNG_MS && receivedAt >= bootAt;
  const shared: Omit<CounterLife, 'column'> = {
    // Without an uptime only the other parts tell lives apart; 0 is the same for ever.
    bootAt: bootAt ?? 0,
    ...(isYoung ? { uptimeMs: receivedAt - bootAt } : {}),
    ...(ifIndex === undefined ? {} : { ifIndex }),
    ...(speed === undefined ? {} : { speedBitsPerSecond: speed }),
    bits: 64,
  };
  const counters = COLUMNS.filter(([metric]) => values[metric] !== undefined);
  return Object.fromEntries(counters.map(([metric, column]) => [metric, { ...shared, column }]));
}

/** Receipt of the uptime minus the uptime; undefined, and rejected, where it is none. */
function bootOf(resource: Received | undefined, rejected: Rejected[]): Instant | undefined {
  if (resource === undefined) return undefined;
  const { value } = resource;
  const parsed = routerosResource.safeParse(Array.isArray(value) && value.length === 1 ? value[0] : value);
  const uptimeMs = parsed.success ? durationMs(parsed.data.uptime) : undefined;
  if (uptimeMs !== undefined) return resource.receivedAt - uptimeMs;
  const message = 'is no time since the start: a restart shows only by counters that fall';
  rejected.push({ path: 'resource.uptime', message, rawText: rawTextOf(value) });
  return undefined;
}

/** Bits per second by the name as it came; two ports of one name have none. */
function ratesOf(rates: Received | undefined, rejected: Rejected[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const seen = new Set<string>();
  for (const [position, row] of (Array.isArray(rates?.value) ? (rates.value as unknown[]) : []).entries()) {
    const parsed = routerosRate.safeParse(row);
    const { name, rate } = parsed.success ? parsed.data : { name: undefined, rate: undefined };
    const speed = rate === undefined ? undefined : rateBitsPerSecond(rate);
    if (name === undefined || (rate !== undefined && rate !== '' && speed === undefined)) {
      rejected.push({ path: `rates[${position}]`, message: 'is no rate of a port', rawText: rawTextOf(row) });
    }
    if (name === undefined) continue;
    if (seen.has(name)) found.delete(name);
    else if (speed !== undefined) found.set(name, speed);
    seen.add(name);
  }
  return found;
}
