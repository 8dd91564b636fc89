/** Answers of Junos made into readings and entities: ports, and their units, which are the VLANs. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import { rawTextOf } from '../collect/rejected.ts';
import type { Instant } from '../platform/clock.ts';
import type { CounterLife } from '../samples/sample.ts';
import { type Interface, interfaceOf, NAME_LIMIT } from './interface.ts';
import { JUNOS_FIELDS, junosUptime } from './junos.wire.ts';
import { ifTypeOf, operStatusOf, speedBitsPerSecond, withoutAge } from './junos-words.ts';
import { inOctets, operStatus, outOctets } from './metrics.ts';
import {
  type ConvertedRows,
  convertedRows,
  isObject,
  lifeOf,
  type PlacedRow,
  placedRows,
  type Received,
  RowReader,
  type RowReading,
} from './rest-rows.ts';
import type { Router } from './snmp.convert.ts';
import { displayText } from './text.ts';
import { decoded } from './xml.ts';

export interface JunosAnswers {
  /** The `rpc-reply` of get-interface-information, parsed. */
  readonly interfaces: Received;
  /** Undefined where the router does not tell. */
  readonly uptime: Received | undefined;
}

type Row = Readonly<Record<string, unknown>>;

/** A `physical-interface`, or a `logical-interface` with the one it stands in. */
interface Listed {
  readonly row: Row;
  readonly fields: RowReader;
  readonly carrier: Listed | undefined;
  /** When somebody cleared its counters: those of a port are cleared with its units'. */
  readonly cleared: string | undefined;
}

const UP = 1n;
const DOWN = 2n;
const LOWER_LAYER_DOWN = 7n;
/** Where octets may stand: each for itself, as their direct children (those of IPv6 alone stand deeper), the whole first. */
const STATISTICS: readonly (readonly string[])[] = [
  ['traffic-statistics'],
  ['transit-traffic-statistics'],
  ['transit-statistics'],
  // A unit of an aggregated port: all its links together.
  ['lag-traffic-statistics', 'lag-bundle'],
];
/** Flags of a unit that cannot carry anything. */
const DOWN_FLAGS = ['iff-down', 'iff-hardware-down', 'iff-device-down'];

export function fromWireJunos(answers: JunosAnswers, router: Router): ConvertedRows {
  const { value, receivedAt } = answers.interfaces;
  const rejected: Rejected[] = [];
  const bootAt = bootOf(answers.uptime, rejected);
  const { listed, given } = listedIn(value, rejected);
  const byFields = new Map(listed.map((one) => [one.fields, one]));
  const listedOf = ({ fields }: PlacedRow) => byFields.get(fields) as Listed;
  const rows = placedRows(
    listed.map(({ fields }) => fields),
    'snmp-index',
    indexOf,
    (fields, ifIndex) => portOf(byFields.get(fields) as Listed, ifIndex, router),
  );
  const converted = convertedRows(rows, given, router, {
    number: 'snmp-index',
    readingOf: (row) => readingOf(row, listedOf(row), bootAt, receivedAt),
  });
  if (listed.length > 0 && !converted.readings.some(({ lives }) => Object.keys(lives ?? {}).length > 0)) {
    rejected.push({ path: 'interface', message: 'no interface has octets: the router answered in its brief form' });
  }
  return { ...converted, rejected };
}

/** How many ports and units an answer has. */
export function countInterfaces(reply: unknown): number {
  return engines(reply, 'interface-information').reduce((sum, list) => {
    const ports = listOf(list['physical-interface']);
    return sum + ports.length + ports.reduce<number>((units, port) => units + unitsOf(port).length, 0);
  }, 0);
}

/** What each routing engine said, in their order; most routers answer with one voice. */
function engines(reply: unknown, element: string): Row[] {
  if (!isObject(reply)) return [];
  const wrapper = reply['multi-routing-engine-results'];
  const items = isObject(wrapper) ? listOf(wrapper['multi-routing-engine-item']) : [reply];
  return items.flatMap((item) => (isObject(item) && isObject(item[element]) ? [item[element]] : []));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function unitsOf(port: unknown): readonly unknown[] {
  return isObject(port) ? listOf(port['logical-interface']) : [];
}

/** Ports and units in their order. What two routing engines list under one name counts as the first one tells it. */
function listedIn(reply: unknown, rejected: Rejected[]): { listed: Listed[]; given: number } {
  const listed: Listed[] = [];
  let given = 0;
  const add = (row: unknown, path: string, carrier: Listed | undefined): Listed | undefined => {
    given++;
    if (!isObject(row)) {
      rejected.push({ path, message: 'is empty', rawText: rawTextOf(row) });
      return undefined;
    }
    const fields = new RowReader(row, path, rejected);
    const one = { row, fields, carrier, cleared: carrier === undefined ? clearedOf(fields) : carrier.cleared };
    listed.push(one);
    return one;
  };
  const seen = new Set<string>();
  for (const [engine, list] of engines(reply, 'interface-information').entries()) {
    for (const [i, port] of listOf(list['physical-interface']).entries()) {
      const name = isObject(port) ? rawTextOf(port.name) : '';
      const path = `interface[${i}]`;
      if (engine > 0 && seen.has(name)) {
        rejected.push({ path, message: 'is listed by another routing engine already', rawText: name });
        continue;
      }
      seen.add(name);
      const carrier = add(port, path, undefined);
      for (const [j, unit] of unitsOf(port).entries()) add(unit, `${path}.unit[${j}]`, carrier);
    }
  }
  return { listed, given };
}

function indexOf(fields: RowReader): number | undefined {
  const text = fields.take('snmp-index', JUNOS_FIELDS['snmp-index'], 'is no ifIndex');
  // Internal interfaces have none, and say 0.
  return text === undefined || Number(text) === 0 ? undefined : Number(text);
}

type TextField = 'name' | 'description' | 'admin-status' | 'oper-status' | 'speed' | 'statistics-cleared';

function textOf(fields: RowReader, field: TextField): string | undefined {
  const text = fields.take(field, JUNOS_FIELDS[field], 'is no text');
  return text === undefined ? undefined : decoded(text).trim();
}

function portOf({ fields, carrier }: Listed, ifIndex: number, { configuredSpeed }: Router): Interface {
  const name = textOf(fields, 'name');
  const told = {
    ifIndex,
    ifName: name,
    ifAlias: textOf(fields, 'description'),
    ifType: ifTypeOf(displayText(name ?? '', NAME_LIMIT), carrier !== undefined),
    // A unit rides on its port's line, and has no speed unless the tenant gives it one.
    speedBitsPerSecond: carrier === undefined ? speedBitsPerSecond(textOf(fields, 'speed') ?? '') : undefined,
  };
  return interfaceOf(told, configuredSpeed);
}

/** What the router did not give is not there. */
function readingOf(row: PlacedRow, listed: Listed, bootAt: Instant | undefined, receivedAt: Instant): RowReading {
  const life = junosLife(row, listed, bootAt, receivedAt);
  const status = listed.carrier === undefined ? portStatus(listed.fields) : unitStatus(listed, listed.carrier);
  const counted = octetsOf(listed);
  return {
    receivedAt,
    values: {
      ...Object.fromEntries(counted.map(({ metric, octets }) => [metric, octets])),
      ...(status === undefined ? {} : { [operStatus.id]: status }),
    },
    lives: Object.fromEntries(counted.map(({ metric, column }) => [metric, { ...life, bits: 64, column }])),
  };
}

const COLUMNS = [
  [inOctets.id, 'input-bytes'],
  [outOctets.id, 'output-bytes'],
] as const;

interface Counted {
  readonly metric: string;
  readonly octets: bigint;
  readonly column: string;
}

/** Both directions of one element: the elements count different things. */
function octetsOf({ row, fields }: Listed): Counted[] {
  const place = STATISTICS.find((names) => {
    const statistics = names.reduce<unknown>((outer, name) => (isObject(outer) ? outer[name] : undefined), row);
    return isObject(statistics) && COLUMNS.some(([, column]) => Object.hasOwn(statistics, column));
  });
  const statistics = place?.reduce<RowReader | undefined>((outer, name) => outer?.object(name), fields);
  if (place === undefined || statistics === undefined) return [];
  return COLUMNS.flatMap(([metric, column]) => {
    const octets = statistics.counter(column, JUNOS_FIELDS[column]);
    return octets === undefined ? [] : [{ metric, octets, column: `junos:${[...place, column].join('/')}` }];
  });
}

/**
 * Counters are cleared with their port's, and bounded by its line. A flap is no part of it: counters go on over it, and
 * those of a card that was restarted fall.
 */
function junosLife(
  row: PlacedRow,
  { fields, carrier, cleared }: Listed,
  bootAt: Instant | undefined,
  receivedAt: Instant,
): Omit<CounterLife, 'column' | 'bits'> {
  const port = carrier?.fields ?? fields;
  const speed = speedBitsPerSecond(quietText(port, 'speed') ?? '');
  const bounded = speed === undefined ? row : { ...row, port: { ...row.port, speedBitsPerSecond: speed } };
  return {
    ...lifeOf(bounded, bootAt, receivedAt),
    ...(cleared === undefined ? {} : { discontinuity: cleared }),
  };
}

/** Short before it is looked into: a router's text may be as long as its answer. */
function clearedOf(fields: RowReader): string | undefined {
  const text = textOf(fields, 'statistics-cleared');
  return text === undefined ? undefined : withoutAge(displayText(text, NAME_LIMIT));
}

/** Of a port, asked for again: what is wrong with it is rejected once. */
function quietText(fields: RowReader, field: TextField): string | undefined {
  return fields.peek(field, JUNOS_FIELDS[field]);
}

/** RFC 2863: whatever is administratively down is down. */
function portStatus(fields: RowReader): bigint | undefined {
  const admin = textOf(fields, 'admin-status');
  if (admin !== undefined && operStatusOf(admin) === DOWN) return DOWN;
  const oper = textOf(fields, 'oper-status');
  if (oper === undefined) return undefined;
  return operStatusOf(oper) ?? fields.reject('oper-status', 'is no state that is known here');
}

/** Units tell their state by flags, and old releases not at all; below a port that is down they are down. */
function unitStatus({ row, fields }: Listed, carrier: Listed): bigint | undefined {
  const own = portStatus(fields);
  if (own !== undefined) return own;
  const [admin, oper] = [quietText(carrier.fields, 'admin-status'), quietText(carrier.fields, 'oper-status')];
  if ([admin, oper].some((word) => word !== undefined && operStatusOf(word) === DOWN)) return LOWER_LAYER_DOWN;
  const flags = row['if-config-flags'];
  if (!isObject(flags)) return undefined;
  if (DOWN_FLAGS.some((flag) => Object.hasOwn(flags, flag))) return DOWN;
  return Object.hasOwn(flags, 'iff-up') ? UP : undefined;
}

/** Receipt of the uptime minus the uptime, of the first routing engine; undefined, and rejected, where it is none. */
function bootOf(uptime: Received | undefined, rejected: Rejected[]): Instant | undefined {
  if (uptime === undefined) return undefined;
  const [first] = engines(uptime.value, 'system-uptime-information');
  const parsed = junosUptime.safeParse(first);
  const seconds = parsed.success ? uptimeSeconds(parsed.data) : undefined;
  if (seconds !== undefined) return uptime.receivedAt - seconds * 1000;
  const message = 'is no time since the start: a restart shows only by counters that fall';
  rejected.push({ path: 'system-uptime-information', message, rawText: rawTextOf(uptime.value) });
  return undefined;
}

function uptimeSeconds(uptime: ReturnType<typeof junosUptime.parse>): number | undefined {
  const { 'current-time': now, 'system-booted-time': boot } = uptime;
  const length = boot['time-length']?.['@seconds'];
  if (length !== undefined) return Number(length);
  const [at, booted] = [now?.['date-time']['@seconds'], boot['date-time']?.['@seconds']];
  // By the router's own clock, whatever it shows.
  const seconds = at === undefined || booted === undefined ? -1 : Number(at) - Number(booted);
  return seconds >= 0 ? seconds : undefined;
}
