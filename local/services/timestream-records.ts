/** Reads the input of WriteRecords: common attributes merged, types parsed, documented limits kept. Pure. */
import { invalid, type RejectedRecord, unsupported } from './timestream-failure.ts';

export type MeasureType = 'BIGINT' | 'DOUBLE' | 'VARCHAR' | 'BOOLEAN' | 'TIMESTAMP';

/** A TIMESTAMP is epoch microseconds. */
export interface Measure {
  readonly type: MeasureType;
  readonly value: bigint | number | string | boolean;
}
export type Measures = ReadonlyMap<string, Measure>;

export interface ParsedRecord {
  readonly index: number;
  readonly dimensions: ReadonlyMap<string, string>;
  readonly measureName: string;
  /** Dimensions and measure name: equal for all records of one series. */
  readonly series: string;
  readonly timeUs: number;
  readonly version: number;
  readonly measures: Measures;
}

type Input = Readonly<Record<string, unknown>>;

/** Documented quotas; those that the API states as constraints of its fields refuse the call, the others the record. */
const MAX_RECORDS = 100;
const MAX_DIMENSIONS = 128;
const MAX_DIMENSION_NAME_BYTES = 60;
const MAX_SERIES_BYTES = 2048;
const MAX_MEASURE_NAME_BYTES = 256;
const MAX_MEASURES = 256;
const MAX_VALUE_LENGTH = 2048;
const MAX_RECORD_BYTES = 2048;

const UNITS_PER_SECOND: Readonly<Record<string, bigint>> = {
  SECONDS: 1n,
  MILLISECONDS: 1000n,
  MICROSECONDS: 1_000_000n,
  NANOSECONDS: 1_000_000_000n,
};
const TYPES: ReadonlySet<string> = new Set(['BIGINT', 'DOUBLE', 'VARCHAR', 'BOOLEAN', 'TIMESTAMP']);
const [MIN_BIGINT, MAX_BIGINT] = [-(2n ** 63n), 2n ** 63n - 1n];

/** Throws ValidationException where AWS refuses the whole call. */
export function parseRecords(input: Input): { records: ParsedRecord[]; rejected: RejectedRecord[] } {
  const given = list(input.Records, 'Records');
  if (given.length < 1 || given.length > MAX_RECORDS) {
    throw invalid(`'records' must have length between 1 and ${MAX_RECORDS}, and has ${given.length}`);
  }
  const shared = input.CommonAttributes === undefined ? {} : object(input.CommonAttributes, 'CommonAttributes');
  const records: ParsedRecord[] = [];
  const rejected: RejectedRecord[] = [];
  given.forEach((one, index) => {
    const record = parseRecord(object(one, `Records[${index}]`), shared, index);
    const reason = typeof record === 'string' ? record : limitOf(record);
    if (typeof record === 'string' || reason !== undefined) rejected.push({ RecordIndex: index, Reason: reason ?? '' });
    else records.push(record);
  });
  return { records, rejected };
}

/** A text is the reason why this record alone is refused. */
function parseRecord(own: Input, shared: Input, index: number): ParsedRecord | string {
  const { Dimensions: _own, MeasureValues: _ownValues, ...plain } = own;
  const all: Input = { ...shared, ...plain };
  const dimensions = parseDimensions([...optionalList(shared.Dimensions), ...optionalList(own.Dimensions)], index);
  const measureName = text(all.MeasureName, `Records[${index}].MeasureName`);
  checkName(measureName, 'measure name');
  if (all.MeasureValueType !== 'MULTI') throw unsupported(`records of the type ${all.MeasureValueType ?? 'DOUBLE'}`);
  if (all.MeasureValue !== undefined) throw invalid('a record of the type MULTI has no MeasureValue');
  const unit = unitOf(all.TimeUnit);
  const timeUs = microseconds(text(all.Time, `Records[${index}].Time`), unit);
  const version = all.Version ?? 1;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    throw invalid(`Records[${index}].Version must be a whole number of 1 or more`);
  }
  const values = [...optionalList(shared.MeasureValues), ...optionalList(own.MeasureValues)];
  const measures = parseMeasures(values, unit, index);
  if (typeof measures === 'string') return measures;
  const series = JSON.stringify([measureName, ...[...dimensions].sort(([a], [b]) => (a < b ? -1 : 1))]);
  return { index, dimensions, measureName, series, timeUs, version, measures };
}

function parseDimensions(given: readonly unknown[], index: number): Map<string, string> {
  if (given.length > MAX_DIMENSIONS) throw invalid(`a record has at most ${MAX_DIMENSIONS} dimensions`);
  const dimensions = new Map<string, string>();
  for (const one of given) {
    const dimension = object(one, `Records[${index}].Dimensions`);
    const name = text(dimension.Name, 'a dimension name');
    checkName(name, 'dimension name');
    if (bytes(name) > MAX_DIMENSION_NAME_BYTES) {
      throw invalid(`the dimension name "${name}" has more than ${MAX_DIMENSION_NAME_BYTES} bytes`);
    }
    if ((dimension.DimensionValueType ?? 'VARCHAR') !== 'VARCHAR') throw invalid('dimensions are of the type VARCHAR');
    if (dimensions.has(name)) throw invalid(`duplicate dimension name "${name}" in Records[${index}]`);
    dimensions.set(name, text(dimension.Value, `the value of the dimension "${name}"`));
  }
  return dimensions;
}

function parseMeasures(given: readonly unknown[], unit: bigint, index: number): Map<string, Measure> | string {
  if (given.length === 0) throw invalid(`Records[${index}] of the type MULTI has no MeasureValues`);
  const measures = new Map<string, Measure>();
  for (const one of given) {
    const { Name, Type, Value } = object(one, `Records[${index}].MeasureValues`);
    const name = text(Name, 'the name of a measure value');
    checkName(name, 'measure value name');
    const value = text(Value, `the value of "${name}"`);
    if (value.length > MAX_VALUE_LENGTH) throw invalid(`the value of "${name}" is longer than ${MAX_VALUE_LENGTH}`);
    if (typeof Type !== 'string' || !TYPES.has(Type))
      throw invalid(`"${name}" has no type of a measure value: ${Type}`);
    if (measures.has(name)) throw invalid(`duplicate measure value "${name}" in Records[${index}]`);
    const parsed = parseValue(Type as MeasureType, value, unit);
    if (parsed === undefined) return `The value of the measure ${name} is not of the type ${Type}.`;
    measures.set(name, { type: Type as MeasureType, value: parsed });
  }
  return measures;
}

function parseValue(type: MeasureType, value: string, unit: bigint): Measure['value'] | undefined {
  switch (type) {
    case 'VARCHAR':
      return value;
    case 'BOOLEAN':
      return /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : undefined;
    case 'DOUBLE':
      return /^(NaN|-?Infinity|[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)$/.test(value) ? Number(value) : undefined;
    default: {
      if (!/^[-+]?\d+$/.test(value)) return undefined;
      const whole = BigInt(value.replace(/^\+/, ''));
      if (whole < MIN_BIGINT || whole > MAX_BIGINT) return undefined;
      return type === 'BIGINT' ? whole : microseconds(value, unit);
    }
  }
}

/** The quotas of a record as a whole. */
function limitOf({ dimensions, measureName, measures }: ParsedRecord): string | undefined {
  const pairs = [...dimensions].reduce((sum, [name, value]) => sum + bytes(name) + bytes(value), 0);
  if (pairs > MAX_SERIES_BYTES) return `The dimensions of the record exceed ${MAX_SERIES_BYTES} bytes.`;
  if (bytes(measureName) > MAX_MEASURE_NAME_BYTES) return `The measure name exceeds ${MAX_MEASURE_NAME_BYTES} bytes.`;
  if (measures.size > MAX_MEASURES) return `The record has more than ${MAX_MEASURES} measure values.`;
  const long = [...measures.keys()].find((name) => bytes(name) > MAX_MEASURE_NAME_BYTES);
  if (long !== undefined) return `The measure value name ${long.slice(0, 40)} exceeds ${MAX_MEASURE_NAME_BYTES} bytes.`;
  const values = [...measures].reduce((sum, [name, { value }]) => sum + bytes(name) + sizeOf(value), 0);
  const size = 8 + pairs + bytes(measureName) + values;
  return size > MAX_RECORD_BYTES ? `The record size of ${size} bytes exceeds ${MAX_RECORD_BYTES} bytes.` : undefined;
}

function sizeOf(value: Measure['value']): number {
  if (typeof value === 'string') return bytes(value);
  return typeof value === 'boolean' ? 1 : 8;
}

function checkName(name: string, what: string): void {
  if (/^(time|measure_name)$/i.test(name) || /^(ts_|measure_value)/i.test(name) || name.includes(':')) {
    throw invalid(`"${name}" cannot be a ${what}: it is reserved or holds a colon`);
  }
}

function unitOf(unit: unknown = 'MILLISECONDS'): bigint {
  const known = typeof unit === 'string' ? UNITS_PER_SECOND[unit] : undefined;
  if (known === undefined) throw invalid(`not a TimeUnit: ${String(unit)}`);
  return known;
}

/** The engine keeps microseconds; a finer instant would be stored as another one. */
function microseconds(value: string, unit: bigint): number {
  if (!/^-?\d{1,19}$/.test(value)) throw invalid(`not a time: "${value.slice(0, 40)}"`);
  const scaled = BigInt(value) * 1_000_000n;
  if (scaled % unit !== 0n) throw unsupported('instants finer than a microsecond');
  const us = scaled / unit;
  if (us > BigInt(Number.MAX_SAFE_INTEGER) || us < 0n)
    throw invalid(`the time ${value} lies outside what can be stored`);
  return Number(us);
}

function bytes(value: string): number {
  return Buffer.byteLength(value, 'utf8');
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(`${what} must be a text of at least one character`);
  return value;
}

function object(value: unknown, what: string): Input {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${what} must be a structure`);
  return value as Input;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${what} must be a list`);
  return value;
}

function optionalList(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : list(value, 'Dimensions or MeasureValues');
}
