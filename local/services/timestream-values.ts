/** Answers of the engine in the words of Timestream's Query: typed columns, rows of texts. Pure. */
import type { DuckDBValue } from '@duckdb/node-api';
import type { EngineAnswer } from './timestream-engine.ts';
import { invalid, unsupported } from './timestream-failure.ts';

export interface ColumnInfo {
  readonly Name: string;
  readonly Type: { readonly ScalarType: string };
}

export interface QueryRow {
  readonly Data: readonly ({ readonly ScalarValue: string } | { readonly NullValue: true })[];
}

/** By DuckDB's name of the type. */
const SCALARS: Readonly<Record<string, { readonly type: string; write(value: DuckDBValue): string }>> = {
  BIGINT: { type: 'BIGINT', write: String },
  // Sums of whole numbers; Timestream sums in 64 bits.
  HUGEINT: { type: 'BIGINT', write: (value) => whole(BigInt(value as bigint)) },
  INTEGER: { type: 'INTEGER', write: String },
  DOUBLE: { type: 'DOUBLE', write: (value) => doubleText(Number(value)) },
  BOOLEAN: { type: 'BOOLEAN', write: String },
  VARCHAR: { type: 'VARCHAR', write: String },
  TIMESTAMP: { type: 'TIMESTAMP', write: (value) => timestampText((value as { micros: bigint }).micros) },
  DATE: { type: 'DATE', write: (value) => dateText((value as { days: number }).days) },
  INTERVAL: { type: 'INTERVAL_DAY_TO_SECOND', write: (value) => intervalText(value as Interval) },
  // NULL alone.
  '"NULL"': { type: 'UNKNOWN', write: String },
};

interface Interval {
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

export function columnsOf({ names, types }: EngineAnswer): ColumnInfo[] {
  return names.map((name, at) => ({ Name: name, Type: { ScalarType: scalarOf(types[at]).type } }));
}

export function rowsOf({ types, rows }: EngineAnswer): QueryRow[] {
  const scalars = types.map(scalarOf);
  return rows.map((row) => ({
    Data: row.map((value, at) => {
      const scalar = scalars[at];
      return value === null || scalar === undefined ? { NullValue: true } : { ScalarValue: scalar.write(value) };
    }),
  }));
}

function scalarOf(type = '') {
  const scalar = Object.hasOwn(SCALARS, type) ? SCALARS[type] : undefined;
  if (scalar === undefined) throw unsupported(`results of the type ${type}`);
  return scalar;
}

function whole(value: bigint): string {
  if (BigInt.asIntN(64, value) !== value) throw invalid(`bigint addition overflow: ${value}`);
  return String(value);
}

/** As Java writes a double: `5.0`, `1.0E7`. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value) || Object.is(value, 0)) return Number.isFinite(value) ? '0.0' : String(value);
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** `2026-01-01 00:00:00.000000000`, from epoch microseconds. */
export function timestampText(micros: bigint): string {
  const below = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const text = new Date(Number((micros - below) / 1000n)).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)}.${String(below).padStart(6, '0')}000`;
}

function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

/** `1 00:00:00.000000000`: days, then hours to nanoseconds. */
function intervalText({ months, days, micros }: Interval): string {
  if (months !== 0) throw unsupported('intervals of months');
  const total = BigInt(days) * 86_400_000_000n + micros;
  const size = total < 0n ? -total : total;
  const two = (value: bigint) => String(value).padStart(2, '0');
  const clock = [(size / 3_600_000_000n) % 24n, (size / 60_000_000n) % 60n, (size / 1_000_000n) % 60n]
    .map(two)
    .join(':');
  return `${total < 0n ? '-' : ''}${size / 86_400_000_000n} ${clock}.${String(size % 1_000_000n).padStart(6, '0')}000`;
}
