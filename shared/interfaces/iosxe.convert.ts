/** Answers of IOS-XE RESTCONF made into readings and entities; what cannot be used is rejected as it came. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import { rawTextOf } from '../collect/rejected.ts';
import type { Instant } from '../platform/clock.ts';
import type { CounterLife, Reading } from '../samples/sample.ts';
import { type Interface, interfaceOf, NAME_LIMIT } from './interface.ts';
import { iosxeInterface, iosxeStatistics, iosxeSystem, OPER_STATES } from './iosxe.wire.ts';
import { ifTypeOf, instantOf } from './iosxe-words.ts';
import { inOctets, operStatus, outOctets } from './metrics.ts';
import {
  type ConvertedRows,
  convertedRows,
  isObject,
  lifeOf,
  type PlacedRow,
  placedRows,
  type Received,
  type RowReader,
  type RowReading,
  readersOf,
} from './rest-rows.ts';
import type { Router } from './snmp.convert.ts';
import { displayText } from './text.ts';

export interface ReceivedRows {
  readonly rows: readonly unknown[];
  readonly receivedAt: Instant;
}

export interface IosxeAnswers {
  /** Cisco's tree; undefined or empty where the release has none. */
  readonly interfaces: ReceivedRows | undefined;
  /** The IETF's tree, asked for only where the other lacks something. */
  readonly olderInterfaces: ReceivedRows | undefined;
  /** Undefined where the router does not tell. */
  readonly system: Received | undefined;
}

const UINT32_END = 2n ** 32n;
/** Longer than there are such routers. */
const MAX_AGE_MS = 50 * 366 * 86_400_000;

export function fromWireInterfaces(answers: IosxeAnswers, router: Router): ConvertedRows {
  const rejected: Rejected[] = [];
  const clock = clockOf(answers.system, rejected);
  const { rows: given, receivedAt } = listOf(answers);
  const rows = placedRows(readersOf(given, 'interface', rejected), 'if-index', indexOf, (fields, ifIndex) =>
    portOf(fields, ifIndex, router),
  );
  const older = given === answers.interfaces?.rows ? olderCounters(answers.olderInterfaces, rejected) : undefined;
  const readingOf = (row: PlacedRow) => {
    const counters = countersOf(row, receivedAt, older);
    return readingWith(row, counters, lifeBegun(row, counters, clock));
  };
  const converted = convertedRows(rows, given.length, router, { number: 'if-index', readingOf });
  if (converted.readings.some(isBlind)) rejected.push({ path: 'system', message: BLIND });
  return { ...converted, rejected };
}

const BLIND = 'is without any time since the start: a restart shows only by counters that fall';

/** True for counters of which nothing says when they began. */
function isBlind({ lives = {} }: Reading): boolean {
  return Object.values(lives).some(({ bootAt, discontinuity }) => bootAt === 0 && discontinuity === undefined);
}

function listOf({ interfaces, olderInterfaces }: IosxeAnswers): ReceivedRows {
  if (interfaces !== undefined && interfaces.rows.length > 0) return interfaces;
  return olderInterfaces ?? { rows: [], receivedAt: 0 };
}

/** The list in an answer, in any of the shapes that RESTCONF gives it; undefined where there is none. */
export function rowsIn(value: unknown): readonly unknown[] | undefined {
  if (!isObject(value)) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const word = name.slice(name.indexOf(':') + 1);
    if (word === 'interface') return Array.isArray(member) ? member : isObject(member) ? [member] : undefined;
    if (!['interfaces', 'interfaces-state'].includes(word) || !isObject(member)) continue;
    return Object.keys(member).length === 0 ? [] : rowsIn(member);
  }
  return undefined;
}

/** True when some row counts what it sends in 32 bits only, as releases before 17.2 do. */
export function lacksWideCounters(rows: readonly unknown[]): boolean {
  return readersOf(rows, 'interface', []).some((fields) => {
    const statistics = fields.object('statistics');
    return statistics?.has('out-octets') === true && !statistics.has('out-octets-64');
  });
}

const WIRE = iosxeInterface.shape;
const COUNTED = iosxeStatistics.shape;

function textOf(fields: RowReader, field: 'name' | 'description' | 'interface-type' | 'type'): string | undefined {
  return fields.take(field, WIRE[field], 'is not a string');
}

function indexOf(fields: RowReader): number | undefined {
  const index = fields.take('if-index', WIRE['if-index'], 'is not a whole number');
  // What is no port shares the number 0.
  return index === undefined || Number(index) === 0 ? undefined : Number(index);
}

function portOf(fields: RowReader, ifIndex: number, { configuredSpeed }: Router): Interface {
  const type = textOf(fields, 'interface-type') ?? textOf(fields, 'type');
  const told = {
    ifIndex,
    ifName: textOf(fields, 'name'),
    ifAlias: textOf(fields, 'description'),
    ifType: type === undefined ? undefined : ifTypeOf(type),
    speedBitsPerSecond: speedOf(fields),
  };
  return interfaceOf(told, configuredSpeed);
}

/** Bits per second; 0 means that there is none. */
function speedOf(fields: RowReader): number | undefined {
  const told = fields.take('speed', WIRE.speed, 'is not a whole number of bits per second');
  const speed = Number(told ?? 0);
  if (!Number.isSafeInteger(speed)) return fields.reject('speed', 'is faster than any line');
  return speed === 0 ? undefined : speed;
}

/** Counters of one row that were read together, and from where. */
interface Counters {
  readonly receivedAt: Instant;
  readonly discontinuityAt: Instant | undefined;
  readonly taken: readonly Counted[];
}

interface Counted extends Pick<CounterLife, 'column' | 'bits'> {
  readonly metric: string;
  readonly octets: bigint;
}

/** Both directions come out of one answer, so that they stand for one instant. `older` undefined: the rows are its own. */
function countersOf(
  { fields, port }: PlacedRow,
  receivedAt: Instant,
  older: ReadonlyMap<string, Counters> | undefined,
): Counters {
  const statistics = fields.object('statistics');
  if (statistics === undefined) return { receivedAt, discontinuityAt: undefined, taken: [] };
  if (older === undefined) return takenFrom(statistics, receivedAt, 'ietf', 'out-octets');
  if (statistics.has('out-octets-64')) return takenFrom(statistics, receivedAt, 'iosxe', 'out-octets-64');
  return older.get(port.ifName) ?? takenFrom(statistics, receivedAt, 'iosxe', 'out-octets');
}

function takenFrom(
  statistics: RowReader,
  receivedAt: Instant,
  tree: 'iosxe' | 'ietf',
  sentField: 'out-octets' | 'out-octets-64',
): Counters {
  const isNarrow = tree === 'iosxe' && sentField === 'out-octets';
  const received = statistics.counter('in-octets', COUNTED['in-octets']);
  const sent = statistics.counter(sentField, COUNTED[sentField], isNarrow ? UINT32_END : undefined);
  const taken: Counted[] = [];
  if (received !== undefined) {
    taken.push({ metric: inOctets.id, octets: received, column: `${tree}:in-octets`, bits: 64 });
  }
  if (sent !== undefined) {
    taken.push({ metric: outOctets.id, octets: sent, column: `${tree}:${sentField}`, bits: isNarrow ? 32 : 64 });
  }
  return { receivedAt, discontinuityAt: discontinuityOf(statistics), taken };
}

function discontinuityOf(statistics: RowReader): Instant | undefined {
  const text = statistics.take('discontinuity-time', COUNTED['discontinuity-time'], 'is not a string');
  const at = text === undefined ? undefined : instantOf(text);
  if (text !== undefined && at === undefined) statistics.reject('discontinuity-time', 'is no instant');
  return at;
}

/** Rows of the IETF's tree with both counters, by name; of a name that stands twice there is none. */
function olderCounters(answer: ReceivedRows | undefined, rejected: Rejected[]): ReadonlyMap<string, Counters> {
  const found = new Map<string, Counters>();
  const seen = new Set<string>();
  for (const fields of readersOf(answer?.rows ?? [], 'older-interface', rejected)) {
    const name = displayText(textOf(fields, 'name') ?? '', NAME_LIMIT);
    const statistics = fields.object('statistics');
    const counters = statistics && takenFrom(statistics, answer?.receivedAt ?? 0, 'ietf', 'out-octets');
    if (seen.has(name)) found.delete(name);
    else if (counters?.taken.length === 2) found.set(name, counters);
    seen.add(name);
  }
  return found;
}

function readingWith(
  { fields }: PlacedRow,
  counters: Counters,
  life: Omit<CounterLife, 'column' | 'bits'>,
): RowReading {
  const state = fields.take('oper-status', WIRE['oper-status'], 'is no state of an interface');
  return {
    receivedAt: counters.receivedAt,
    values: {
      ...Object.fromEntries(counters.taken.map(({ metric, octets }) => [metric, octets])),
      ...(state === undefined ? {} : { [operStatus.id]: BigInt(OPER_STATES[state]) }),
    },
    lives: Object.fromEntries(counters.taken.map(({ metric, column, bits }) => [metric, { ...life, column, bits }])),
  };
}

/** The router's clock as it stood when an answer came; a router whose clock is wrong still tells ages rightly. */
interface RouterClock {
  readonly bootAt: Instant;
  readonly now: Instant;
  readonly receivedAt: Instant;
}

function clockOf(system: Received | undefined, rejected: Rejected[]): RouterClock | undefined {
  const value = isObject(system?.value) ? Object.values(system.value)[0] : undefined;
  if (system === undefined || system.value === undefined) return undefined;
  const parsed = iosxeSystem.safeParse(value);
  const bootAt = parsed.success ? instantOf(parsed.data['boot-time']) : undefined;
  const now = parsed.success ? instantOf(parsed.data['current-time']) : undefined;
  if (bootAt !== undefined && now !== undefined && now >= bootAt && now - bootAt <= MAX_AGE_MS) {
    return { bootAt, now, receivedAt: system.receivedAt };
  }
  rejected.push({ path: 'system', message: 'holds no boot-time and current-time', rawText: rawTextOf(system.value) });
  return undefined;
}

/**
 * A life begins when the router starts, or later when its counters begin again. As an age it may jitter by seconds (the
 * boot-time of IOS-XE does); only where the router tells no time of its own must the instant itself stand for it.
 */
function lifeBegun(
  row: PlacedRow,
  { receivedAt, discontinuityAt }: Counters,
  clock: RouterClock | undefined,
): Omit<CounterLife, 'column' | 'bits'> {
  if (clock === undefined) {
    const life = lifeOf(row, undefined, receivedAt);
    return discontinuityAt === undefined ? life : { ...life, discontinuity: new Date(discontinuityAt).toISOString() };
  }
  const isLater = discontinuityAt !== undefined && discontinuityAt > clock.bootAt && discontinuityAt <= clock.now;
  const beganAt = isLater ? discontinuityAt : clock.bootAt;
  return lifeOf(row, clock.receivedAt - (clock.now - beganAt), receivedAt);
}
