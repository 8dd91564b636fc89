/** Answers of RouterOS REST made into readings and entities; what cannot be used is rejected as it came. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import { rawTextOf } from '../collect/rejected.ts';
import type { Instant } from '../platform/clock.ts';
import { type Interface, interfaceOf } from './interface.ts';
import { DOWN, inOctets, operStatus, outOctets, UP } from './metrics.ts';
import {
  type ConvertedRows,
  convertedRows,
  lifeOf,
  type PlacedRow,
  placedRows,
  type Received,
  type RowReader,
  type RowReading,
  readersOf,
} from './rest-rows.ts';
import { routerosInterface, routerosRate, routerosResource } from './routeros.wire.ts';
import { durationMs, ifIndexOf, ifTypeOf, rateBitsPerSecond } from './routeros-words.ts';
import type { Router } from './snmp.convert.ts';

export interface RouterosAnswers {
  readonly interfaces: { readonly rows: readonly unknown[]; readonly receivedAt: Instant };
  /** Undefined where the router does not tell. */
  readonly resource: Received | undefined;
  readonly rates: Received | undefined;
}

export function fromWireInterfaces(answers: RouterosAnswers, router: Router): ConvertedRows {
  const { rows: given, receivedAt } = answers.interfaces;
  const rejected: Rejected[] = [];
  const boot = bootOf(answers.resource, rejected);
  const rates = ratesOf(answers.rates, rejected);
  const rows = placedRows(readersOf(given, 'interface', rejected), '.id', indexOf, (fields, ifIndex) =>
    portOf(fields, ifIndex, rates, router),
  );
  const readingOf = (row: PlacedRow) => rowReading(row, boot, receivedAt);
  return { ...convertedRows(rows, given.length, router, { number: '.id', readingOf }), rejected };
}

/** Ids of the ports whose rate is worth asking for: Ethernet, with a link. */
export function portsWithRate(rows: readonly unknown[]): string[] {
  return readersOf(rows, 'interface', []).flatMap((fields) => {
    const id = textOf(fields, '.id');
    const hasLink = textOf(fields, 'type') === 'ether' && flagOf(fields, 'running') === true;
    return hasLink && id !== undefined ? [id] : [];
  });
}

const WIRE = routerosInterface.shape;

function textOf(fields: RowReader, field: '.id' | 'name' | 'type' | 'comment'): string | undefined {
  return fields.take(field, WIRE[field], 'is not what RouterOS sends here');
}

function flagOf(fields: RowReader, field: 'running' | 'disabled'): boolean | undefined {
  const value = fields.take(field, WIRE[field], 'is neither true nor false');
  return value === undefined ? undefined : value === true || value === 'true';
}

function indexOf(fields: RowReader): number | undefined {
  const id = textOf(fields, '.id');
  return id === undefined ? undefined : ifIndexOf(id);
}

function portOf(
  fields: RowReader,
  ifIndex: number,
  rates: ReadonlyMap<string, number>,
  { configuredSpeed }: Router,
): Interface {
  const name = textOf(fields, 'name');
  const type = textOf(fields, 'type');
  const told = {
    ifIndex,
    ifName: name,
    ifAlias: textOf(fields, 'comment'),
    ifType: type === undefined ? undefined : ifTypeOf(type),
    speedBitsPerSecond: type === 'ether' ? rates.get(name ?? '') : undefined,
  };
  return interfaceOf(told, configuredSpeed);
}

/** What the router did not give is not there. */
function rowReading(row: PlacedRow, bootAt: Instant | undefined, receivedAt: Instant): RowReading {
  const { fields } = row;
  const life = lifeOf(row, bootAt, receivedAt);
  const status = statusOf(flagOf(fields, 'disabled'), flagOf(fields, 'running'));
  const counted = COLUMNS.flatMap(([metric, column]) => {
    const octets = fields.counter(column, WIRE[column]);
    return octets === undefined ? [] : [{ metric, octets, column }];
  });
  return {
    receivedAt,
    values: {
      ...Object.fromEntries(counted.map(({ metric, octets }) => [metric, octets])),
      ...(status === undefined ? {} : { [operStatus.id]: status }),
    },
    lives: Object.fromEntries(
      counted.map(({ metric, column }) => [metric, { ...life, bits: 64, column: `routeros:${column}` }]),
    ),
  };
}

/** RFC 2863: whatever is administratively down is down. Why a port is not running, RouterOS does not say. */
function statusOf(isDisabled: boolean | undefined, isRunning: boolean | undefined): bigint | undefined {
  if (isDisabled === true) return DOWN;
  return isRunning === undefined ? undefined : isRunning ? UP : DOWN;
}

const COLUMNS = [
  [inOctets.id, 'rx-byte'],
  [outOctets.id, 'tx-byte'],
] as const;

/** Receipt of the uptime minus the uptime; undefined, and rejected, where it is none. */
export function bootOf(resource: Received | undefined, rejected: Rejected[]): Instant | undefined {
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
