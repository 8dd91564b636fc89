/** IF-MIB as routers speak it (RFC 2863, RFC 3418, RFC 3411): object names, types, and the shape of a walk. */
import type { Instant } from '../platform/clock.ts';

/** Asked by get-next, which answers with instance `.0`. */
export const SCALARS = {
  /** Hundredths of a second in 32 bits: begins again after 497 days. */
  sysUpTime: '1.3.6.1.2.1.1.3',
  /** Seconds; where present it tells how often sysUpTime has begun again. */
  snmpEngineTime: '1.3.6.1.6.3.10.2.1.3',
} as const;

const IF_TABLE = '1.3.6.1.2.1.2.2.1';
const IF_X_TABLE = '1.3.6.1.2.1.31.1.1.1';

/** sysUpTime falls by almost its whole range when it begins again, and by less when the router restarted. */
export const UPTIME_WRAP_TICKS = 2 ** 32;

export function uptimeWrapped(before: number, now: number): boolean {
  return before - now > UPTIME_WRAP_TICKS / 2;
}

/** Columns of ifTable and ifXTable, both indexed by ifIndex alone. */
export const COLUMNS = {
  ifDescr: `${IF_TABLE}.2`,
  ifType: `${IF_TABLE}.3`,
  ifSpeed: `${IF_TABLE}.5`,
  ifOperStatus: `${IF_TABLE}.8`,
  ifInOctets: `${IF_TABLE}.10`,
  ifOutOctets: `${IF_TABLE}.16`,
  ifName: `${IF_X_TABLE}.1`,
  ifHCInOctets: `${IF_X_TABLE}.6`,
  ifHCOutOctets: `${IF_X_TABLE}.10`,
  ifHighSpeed: `${IF_X_TABLE}.15`,
  ifAlias: `${IF_X_TABLE}.18`,
  ifCounterDiscontinuityTime: `${IF_X_TABLE}.19`,
} as const;
export type ColumnName = keyof typeof COLUMNS;

/** Asked of every router; counters first, so that they stand together whatever is cut off behind them. */
export const FIRST_COLUMNS: readonly ColumnName[] = [
  'ifHCInOctets',
  'ifHCOutOctets',
  'ifOperStatus',
  'ifName',
  'ifHighSpeed',
  'ifCounterDiscontinuityTime',
  'ifAlias',
  'ifType',
];

/** Tags of SMIv2 values as they stand on the wire. */
export const TYPES = {
  integer: 2,
  octetString: 4,
  counter32: 65,
  gauge32: 66,
  timeTicks: 67,
  counter64: 70,
  noSuchObject: 128,
  noSuchInstance: 129,
  endOfMibView: 130,
} as const;

/** One variable as the client decodes it: Counter64 and strings are octets, other numbers are numbers. */
export interface Binding {
  readonly oid: string;
  readonly type: number;
  readonly value: unknown;
}

/** What every value of one response shares. */
export interface Stamp {
  /** When it arrived here. */
  readonly receivedAt: Instant;
  /** sysUpTime that came in the same response. */
  readonly uptimeTicks: number | undefined;
}

export interface Cell {
  readonly type: number;
  readonly value: unknown;
  readonly stamp: Stamp;
}

/** By column, by ifIndex. A column or a row that the router did not give is absent. */
export type Cells = ReadonlyMap<ColumnName, ReadonlyMap<number, Cell>>;

export interface Walk {
  readonly cells: Cells;
  /** snmpEngineTime in the walk's first response. */
  readonly engineTimeSeconds: number | undefined;
  /** sysUpTime in its first and in its last response; undefined when the router gives none. */
  readonly firstUptimeTicks: number | undefined;
  readonly lastUptimeTicks: number | undefined;
}
