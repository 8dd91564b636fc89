/** The functions of Timestream's SQL that the emulator knows, each as DuckDB says it. Pure. */
import { invalid } from './timestream-failure.ts';

export interface SqlFunction {
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number];
  /** True when it is used with OVER only. */
  readonly window?: true;
  write(args: readonly string[], now: number): string;
}

const EPOCH = "TIMESTAMP '1970-01-01'";

function same(name: string, fewest: number, most = fewest): SqlFunction {
  return { arity: [fewest, most], write: (args) => `${name}(${args.join(', ')})` };
}

function windowed(name: string, fewest: number, most: number): SqlFunction {
  return { ...same(name, fewest, most), window: true };
}

/** `now` is the clock's, epoch ms: the engine's own clock is another one in tests. */
const ago: SqlFunction = {
  arity: [1, 1],
  write: ([interval = ''], now) => `(${nowSql(now)} - ${interval})`,
};

export const FUNCTIONS: Readonly<Record<string, SqlFunction>> = {
  ago,
  now: { arity: [0, 0], write: (_, now) => nowSql(now) },
  bin: {
    arity: [2, 2],
    write: ([time = '', width = '']) => `time_bucket(${width}, ${time}, ${EPOCH})`,
  },
  date_trunc: same('date_trunc', 2),
  from_milliseconds: { arity: [1, 1], write: ([ms]) => `epoch_ms(CAST(${ms} AS BIGINT))` },
  to_milliseconds: same('epoch_ms', 1),
  count: { arity: [0, 1], write: ([what = '*']) => `count(${what})` },
  sum: same('sum', 1),
  avg: same('avg', 1),
  min: same('min', 1),
  max: same('max', 1),
  stddev: same('stddev', 1),
  approx_percentile: { arity: [2, 2], write: ([what, part]) => `approx_quantile(${what}, CAST(${part} AS FLOAT))` },
  approx_distinct: same('approx_count_distinct', 1),
  max_by: same('max_by', 2),
  min_by: same('min_by', 2),
  abs: same('abs', 1),
  ceil: same('ceil', 1),
  floor: same('floor', 1),
  round: same('round', 1, 2),
  coalesce: same('coalesce', 2, 20),
  greatest: same('greatest', 2, 20),
  least: same('least', 2, 20),
  nullif: same('nullif', 2),
  lower: same('lower', 1),
  upper: same('upper', 1),
  length: same('length', 1),
  lag: windowed('lag', 1, 3),
  lead: windowed('lead', 1, 3),
  row_number: windowed('row_number', 0, 0),
};

/** What CAST may name, by DuckDB's word for it. */
export const CAST_TYPES: Readonly<Record<string, string>> = {
  bigint: 'BIGINT',
  integer: 'INTEGER',
  double: 'DOUBLE',
  varchar: 'VARCHAR',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
};

export function nowSql(now: number): string {
  return `make_timestamp(${Math.round(now * 1000)})`;
}

const MICROSECONDS: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

/** `5m`, `7d` … as an interval of DuckDB. */
export function intervalSql(text: string): string {
  const [, count = '', unit = ''] = /^(\d+)([a-z]+)$/.exec(text) ?? [];
  const size = MICROSECONDS[unit];
  if (size === undefined) throw invalid(`the local cloud's Timestream does not know intervals in ${unit} (${text})`);
  return `to_microseconds(${Number(count) * size})`;
}

/** A literal of TIMESTAMP: date, or date and time with up to nine digits of a second, in UTC. */
export function timestampSql(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?)?$/.exec(text);
  const at = match ? Date.parse(`${match[1]}T${match[2] ?? '00:00:00'}Z`) : Number.NaN;
  if (Number.isNaN(at)) throw invalid(`'${text.slice(0, 40)}' is not a valid timestamp literal`);
  const us = (match?.[3] ?? '.0').slice(1).padEnd(9, '0').slice(0, 6);
  return `make_timestamp(${at * 1000 + Number(us)})`;
}
