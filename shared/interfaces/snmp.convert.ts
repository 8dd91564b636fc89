/** A walk of IF-MIB made into readings and entities; what cannot be used is rejected with its raw form. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import type { EntityDraft } from '../entities/entities.port.ts';
import type { CounterLife, Reading } from '../samples/sample.ts';
import {
  type Interface,
  interfaceDraft,
  interfaceIds,
  interfaceOf,
  limitSpeed,
  NAME_LIMIT,
  OPER_STATUS,
} from './interface.ts';
import { inOctets, operStatus, outOctets } from './metrics.ts';
import {
  type Cell,
  type ColumnName,
  type Stamp,
  TYPES,
  UPTIME_WRAP_TICKS,
  uptimeWrapped,
  type Walk,
} from './snmp.wire.ts';
import { displayText } from './text.ts';

export interface Router {
  readonly id: string;
  readonly name: string;
  readonly simulated: boolean;
  /** What the tenant says of a port's speed, bits per second. */
  readonly configuredSpeed: (ifName: string) => number | undefined;
}

export interface Converted {
  readonly readings: readonly Reading[];
  readonly entities: readonly EntityDraft[];
  readonly rejected: readonly Rejected[];
}

const RAW_LIMIT = 100;
const TICK_MS = 10;
const WRAP_SECONDS = UPTIME_WRAP_TICKS / 100;
/** How far the two clocks of a router may differ when one tells how often the other has wrapped. */
const CLOCKS_AGREE_SECONDS = 3600;
/** ifSpeed at its end means "more than this". */
const IF_SPEED_FULL = 2 ** 32 - 1;

/** A counter with the column it stood in and the response that brought it. */
interface Counted {
  readonly value: bigint;
  readonly column: ColumnName;
  readonly stamp: Stamp;
}

/** Rows are all ifIndexes that any column gave, in their order. */
export function fromWireWalk(walk: Walk, router: Router): Converted {
  const reader = new CellReader(walk);
  const uptimeMs = uptimeIn(walk);
  const ports = reader.indexes().map((ifIndex) => portOf(reader, ifIndex, router));
  const ids = interfaceIds(router.id, ports);
  const entities: EntityDraft[] = [];
  const readings: Reading[] = [];
  for (const port of ports) {
    const id = ids.get(port.ifIndex) ?? '';
    entities.push(interfaceDraft(router, id, port));
    const reading = readingOf(reader, port, id, uptimeMs);
    if (reading !== undefined) readings.push(reading);
  }
  return { readings, entities, rejected: reader.rejected };
}

/** Columns to ask for after the first walk: what stands in for cells that some row lacks. Empty for most routers. */
export function columnsToAskNext({ cells }: Walk): ColumnName[] {
  const indexes = [...new Set([...cells.values()].flatMap((column) => [...column.keys()]))];
  const lacks = (column: ColumnName, usable: (cell: Cell | undefined) => boolean) =>
    indexes.some((index) => !usable(cells.get(column)?.get(index)));
  const isCounter64 = (cell: Cell | undefined) => cell?.type === TYPES.counter64;
  const isText = (cell: Cell | undefined) => cell?.value instanceof Uint8Array && cell.value.length > 0;
  const next: ColumnName[] = [];
  if (lacks('ifHCInOctets', isCounter64)) next.push('ifInOctets');
  if (lacks('ifHCOutOctets', isCounter64)) next.push('ifOutOctets');
  if (lacks('ifName', isText)) next.push('ifDescr');
  if (lacks('ifHighSpeed', (cell) => cell !== undefined)) next.push('ifSpeed');
  return next;
}

/** Takes cells by column and row, and writes down each that is not what the MIB says. */
class CellReader {
  readonly rejected: Rejected[] = [];
  readonly #walk: Walk;

  constructor(walk: Walk) {
    this.#walk = walk;
  }

  indexes(): number[] {
    const all = new Set<number>();
    for (const column of this.#walk.cells.values()) for (const index of column.keys()) all.add(index);
    return [...all].sort((a, b) => a - b);
  }

  cell(column: ColumnName, index: number): Cell | undefined {
    return this.#walk.cells.get(column)?.get(index);
  }

  /** Undefined when absent; rejected when of another type or out of range. */
  number(column: ColumnName, index: number, types: readonly number[], maximum = 2 ** 32 - 1): number | undefined {
    const cell = this.cell(column, index);
    if (cell === undefined) return undefined;
    const { type, value } = cell;
    const usable = types.includes(type) && typeof value === 'number' && Number.isInteger(value);
    if (usable && value >= 0 && value <= maximum) return value;
    return this.#reject(column, index, cell, `is not a whole number from 0 to ${maximum}`);
  }

  /** Counter64: the client hands over the shortest octets, big-endian, with a zero in front of a set sign bit. */
  counter64(column: ColumnName, index: number): bigint | undefined {
    const cell = this.cell(column, index);
    if (cell === undefined) return undefined;
    const { type, value } = cell;
    if (type === TYPES.counter64 && value instanceof Uint8Array && value.length > 0 && value.length <= 9) {
      const number = value.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
      if (number >> 64n === 0n) return number;
    }
    return this.#reject(column, index, cell, 'is not a Counter64');
  }

  text(column: ColumnName, index: number): string | undefined {
    const cell = this.cell(column, index);
    if (cell === undefined) return undefined;
    const { type, value } = cell;
    if (type === TYPES.octetString && (value instanceof Uint8Array || typeof value === 'string')) {
      return displayText(value, NAME_LIMIT);
    }
    return this.#reject(column, index, cell, 'is not a string');
  }

  #reject(column: ColumnName, index: number, { type, value }: Cell, what: string): undefined {
    const raw = value instanceof Uint8Array ? `0x${toHex(value)}` : String(value);
    this.rejected.push({
      path: `${column}.${index}`,
      message: what,
      rawText: `type ${type}: ${raw.slice(0, RAW_LIMIT)}`,
    });
    return undefined;
  }
}

function toHex(octets: Uint8Array): string {
  return Array.from(octets.subarray(0, RAW_LIMIT), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

function portOf(reader: CellReader, ifIndex: number, { configuredSpeed }: Router): Interface {
  const told = {
    ifIndex,
    ifName: reader.text('ifName', ifIndex) || reader.text('ifDescr', ifIndex),
    ifAlias: reader.text('ifAlias', ifIndex),
    ifType: reader.number('ifType', ifIndex, [TYPES.integer]),
    speedBitsPerSecond: speedOf(reader, ifIndex),
  };
  return interfaceOf(told, configuredSpeed);
}

function speedOf(reader: CellReader, ifIndex: number): number | undefined {
  const gauges = [TYPES.gauge32];
  const mbps = reader.number('ifHighSpeed', ifIndex, gauges);
  if (mbps !== undefined) return mbps * 1_000_000;
  const bitsPerSecond = reader.number('ifSpeed', ifIndex, gauges);
  return bitsPerSecond === IF_SPEED_FULL ? undefined : bitsPerSecond;
}

/** What both counters of a port share. */
type SharedLife = Pick<CounterLife, 'discontinuity' | 'ifIndex' | 'speedBitsPerSecond'>;

/** Undefined when the router gave no usable value of it: then it is listed, and unknown. */
function readingOf(reader: CellReader, port: Interface, id: string, uptimeMs: UptimeOf): Reading | undefined {
  const shared = sharedLifeOf(reader, port);
  const received = counterOf(reader, port.ifIndex, 'ifHCInOctets', 'ifInOctets');
  const sent = counterOf(reader, port.ifIndex, 'ifHCOutOctets', 'ifOutOctets');
  const status = reader.number('ifOperStatus', port.ifIndex, [TYPES.integer], OPER_STATUS.size);
  const stamp = received?.stamp ?? sent?.stamp ?? reader.cell('ifOperStatus', port.ifIndex)?.stamp;
  if (stamp === undefined || (received === undefined && sent === undefined && status === undefined)) return undefined;
  const values: Record<string, bigint> = {};
  const lives: Record<string, CounterLife> = {};
  for (const [metric, counter] of [
    [inOctets.id, received],
    [outOctets.id, sent],
  ] as const) {
    if (counter === undefined) continue;
    values[metric] = counter.value;
    lives[metric] = { ...shared, ...lifeOf(counter, uptimeMs(counter.stamp)) };
  }
  if (status !== undefined) values[operStatus.id] = BigInt(status);
  return { entity: id, receivedAt: stamp.receivedAt, values, lives };
}

function sharedLifeOf(reader: CellReader, port: Interface): SharedLife {
  const discontinuity = reader.number('ifCounterDiscontinuityTime', port.ifIndex, [TYPES.timeTicks]);
  const speed = limitSpeed(port);
  return {
    ...(discontinuity === undefined ? {} : { discontinuity: String(discontinuity) }),
    ifIndex: port.ifIndex,
    ...(speed === undefined ? {} : { speedBitsPerSecond: speed }),
  };
}

function lifeOf({ column, stamp }: Counted, uptimeMs: number | undefined): Omit<CounterLife, keyof SharedLife> {
  return {
    // Without an uptime only the other parts tell lives apart; 0 is the same for ever.
    bootAt: uptimeMs === undefined ? 0 : stamp.receivedAt - uptimeMs,
    ...(uptimeMs === undefined ? {} : { uptimeMs }),
    column: `snmp:${column}`,
    bits: column === 'ifInOctets' || column === 'ifOutOctets' ? 32 : 64,
  };
}

function counterOf(reader: CellReader, index: number, wide: ColumnName, narrow: ColumnName): Counted | undefined {
  const octets = reader.counter64(wide, index);
  const column = octets === undefined ? narrow : wide;
  const stamp = reader.cell(column, index)?.stamp;
  const value = octets ?? reader.number(narrow, index, [TYPES.counter32]);
  return value === undefined || stamp === undefined ? undefined : { value: BigInt(value), column, stamp };
}

type UptimeOf = (stamp: Stamp) => number | undefined;

/** Uptimes of a walk's responses in ms, with the wraps of sysUpTime that snmpEngineTime (68 years long) gives away. */
function uptimeIn({ engineTimeSeconds, firstUptimeTicks }: Walk): UptimeOf {
  const firstTicks = firstUptimeTicks ?? 0;
  const ahead = (engineTimeSeconds ?? 0) - firstTicks / 100;
  const count = Math.max(0, Math.round(ahead / WRAP_SECONDS));
  // An engine that began later or was set anew tells nothing about the other clock.
  const wraps = Math.abs(ahead - count * WRAP_SECONDS) <= CLOCKS_AGREE_SECONDS ? count : 0;
  return ({ uptimeTicks }) => {
    if (uptimeTicks === undefined) return undefined;
    const sinceFirst = uptimeWrapped(firstTicks, uptimeTicks) ? 1 : 0;
    return (uptimeTicks + (wraps + sinceFirst) * UPTIME_WRAP_TICKS) * TICK_MS;
  };
}
