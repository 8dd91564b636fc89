/** Reads a history of readings from CSV and makes batches of it; all of it is right, or every bad row is told. Pure. */
import type { Instant } from '../platform/clock.ts';
import { isProblem, readCsv } from './csv.ts';
import type { Metric } from './metric.ts';
import type { Batch, Reading, TargetRef } from './sample.ts';

/** Two bundles, a reading every 15 minutes, the portal's whole answer beside each: a quarter of a year. */
export const MAX_IMPORT_CHARACTERS = 40_000_000;
/** Two years of one reading every five minutes. */
export const MAX_IMPORT_ROWS = 250_000;
/** More are counted and not listed: nobody reads them, and they may be as large as the file. */
export const MAX_LISTED_ERRORS = 1000;
/** Rollups live no longer. */
const OLDEST_MS = 5 * 366 * 86_400_000;
/** Imported parts of a slot stand behind whatever a collector stored for it. */
export const IMPORT_PART = 9000;
/** No counter or balance is wider. */
const MOST = 2n ** 64n;

/** Columns that may say whose reading it is, in order of preference. */
export const KEY_COLUMNS = ['entity', 'plan_id', 'plan_name'] as const;
export type KeyColumn = (typeof KEY_COLUMNS)[number];

export interface ImportRow {
  readonly line: number;
  readonly at: Instant;
  /** As the file names the entity, and by which column; whoever imports knows what id that is. */
  readonly entityKey: string;
  readonly keyedBy: KeyColumn;
  /** By metric id; what is absent is unknown. */
  readonly values: Readonly<Record<string, bigint>>;
}

export interface ImportError {
  /** From 1; 0 for the file as a whole. */
  readonly line: number;
  /** '' for the whole row. */
  readonly column: string;
  readonly message: string;
}

export interface ImportResult {
  readonly rows: readonly ImportRow[];
  /** The first 1000. Rows may only be used when there is none. */
  readonly errors: readonly ImportError[];
  readonly errorCount: number;
}

/** One row by column name; what it returns is checked no further. */
export type RowReader = (
  cells: ReadonlyMap<string, string>,
  tell: (column: string, message: string) => void,
) => Omit<ImportRow, 'line'> | undefined;

/**
 * CSV with a header: `at` (or `timestamp`: ISO 8601, UTC unless it says otherwise), `entity` (or `plan_id`, `plan_name`),
 * and one column per metric id holding whole numbers in the metric's unit; an empty cell is an unknown value.
 */
export function parseImport(text: string, options: { metrics: readonly Metric[]; now: Instant }): ImportResult {
  const names = options.metrics.map(({ id }) => id);
  return readRows(text, options.now, (header) => ({
    problems: headerProblems(header, names),
    read: (cells, tell) => readRow(cells, names, tell),
  }));
}

/** The frame of every import: bounds, header, every row read and checked for time and repetition. */
export function readRows(
  text: string,
  now: Instant,
  open: (header: readonly string[]) => { problems: readonly Omit<ImportError, 'line'>[]; read: RowReader },
): ImportResult {
  const told = createErrors();
  if (text.length > MAX_IMPORT_CHARACTERS) {
    return told.refuse(`more than ${MAX_IMPORT_CHARACTERS} characters: split the file by time`);
  }
  if (text.includes('\0')) return told.refuse('the file holds NUL characters: save it as CSV in UTF-8');
  const entries = readCsv(text);
  const first = entries.next().value;
  if (!first) return told.refuse('the file is empty: its first line must name the columns');
  if (isProblem(first)) return told.refuse(first.message);
  const header = first.cells.map((name) => name.trim());
  const { problems, read } = open(header);
  for (const { column, message } of [...repeated(header), ...problems]) told.tell(1, column, message);
  if (told.result([]).errorCount > 0) return told.result([]);
  const rows: ImportRow[] = [];
  let count = 0;
  for (const entry of entries) {
    if (++count > MAX_IMPORT_ROWS) return told.refuse(`more than ${MAX_IMPORT_ROWS} rows: split the file by time`);
    if (isProblem(entry)) told.tell(entry.line, '', entry.message);
    else if (entry.cells.length !== header.length) {
      told.tell(entry.line, '', `${entry.cells.length} cells where the header names ${header.length}`);
    } else {
      const cells = new Map(header.map((name, at) => [name, entry.cells[at]?.trim() ?? '']));
      const row = read(cells, (column, message) => told.tell(entry.line, column, message));
      if (row) rows.push({ line: entry.line, ...row });
    }
  }
  checkTimes(rows, now, told.tell);
  return told.result(rows);
}

function createErrors() {
  const errors: ImportError[] = [];
  let errorCount = 0;
  const tell = (line: number, column: string, message: string): void => {
    errorCount++;
    if (errors.length < MAX_LISTED_ERRORS) errors.push({ line, column, message });
  };
  const result = (rows: readonly ImportRow[]): ImportResult => ({
    rows: errorCount === 0 ? rows : [],
    errors: [...errors].sort((a, b) => a.line - b.line),
    errorCount,
  });
  const refuse = (message: string): ImportResult => {
    tell(0, '', message);
    return result([]);
  };
  return { tell, result, refuse };
}

function repeated(header: readonly string[]): Omit<ImportError, 'line'>[] {
  const twice = header.filter((name, at) => header.indexOf(name) !== at);
  return [...new Set(twice)].map((column) => ({ column, message: 'the header names this column twice' }));
}

function headerProblems(header: readonly string[], metrics: readonly string[]): Omit<ImportError, 'line'>[] {
  const problems: Omit<ImportError, 'line'>[] = [];
  const has = (name: string) => header.includes(name);
  if (!has('at') && !has('timestamp'))
    problems.push({ column: 'at', message: 'a column `at` or `timestamp` is needed' });
  if (!KEY_COLUMNS.some(has))
    problems.push({ column: 'entity', message: `one of ${KEY_COLUMNS.join(', ')} is needed` });
  if (!metrics.some(has))
    problems.push({ column: '', message: `no column of a metric: known are ${metrics.join(', ')}` });
  const known = new Set<string>(['at', 'timestamp', ...KEY_COLUMNS, ...metrics]);
  for (const column of header.filter((name) => !known.has(name))) {
    problems.push({ column, message: `not a metric of this kind: known are ${metrics.join(', ')}` });
  }
  return problems;
}

function readRow(
  cells: ReadonlyMap<string, string>,
  metrics: readonly string[],
  tell: (column: string, message: string) => void,
): Omit<ImportRow, 'line'> | undefined {
  const at = readAt(cells, tell);
  const key = readKey(cells, tell);
  const values = new Map<string, bigint>();
  let bad = false;
  for (const metric of metrics) {
    const text = cells.get(metric) ?? '';
    if (text === '') continue;
    const value = wholeNumber(text);
    if (value === undefined) tell(metric, `${shown(text)} is not a whole number below 2^64`);
    else values.set(metric, value);
    bad ||= value === undefined;
  }
  if (!bad && values.size === 0) tell('', 'no value at all');
  if (at === undefined || !key || bad || values.size === 0) return undefined;
  return { at, ...key, values: Object.fromEntries(values) };
}

export function readAt(
  cells: ReadonlyMap<string, string>,
  tell: (column: string, message: string) => void,
): Instant | undefined {
  const column = cells.has('at') ? 'at' : 'timestamp';
  const text = cells.get(column) ?? '';
  const at = instantOf(text);
  if (at === undefined) tell(column, `${shown(text)} is not an instant such as 2026-11-20T10:15:00Z`);
  return at;
}

/** The first key column that is filled. */
export function readKey(
  cells: ReadonlyMap<string, string>,
  tell: (column: string, message: string) => void,
): Pick<ImportRow, 'entityKey' | 'keyedBy'> | undefined {
  const keyedBy = KEY_COLUMNS.find((column) => (cells.get(column) ?? '') !== '');
  const entityKey = keyedBy && cells.get(keyedBy);
  if (keyedBy && entityKey) return { entityKey, keyedBy };
  tell(KEY_COLUMNS.find((column) => cells.has(column)) ?? 'entity', 'empty: whose reading is this?');
  return undefined;
}

/** ISO 8601 with `T` or a space, fractions of any length, UTC when it names no zone; undefined for anything else. */
export function instantOf(text: string): Instant | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/.exec(text);
  if (!match) return undefined;
  const [, day = '', minute = '', second = '00', fraction = '', zone = 'Z'] = match;
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const local = Date.parse(`${day}T${minute}:${second}Z`);
  // Date.parse takes 31 February for 3 March; a date that does not come back as it went in does not exist.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(`${day}T${minute}`)) return undefined;
  const at = Date.parse(`${day}T${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`);
  return Number.isNaN(at) ? undefined : at;
}

function wholeNumber(text: string): bigint | undefined {
  if (!/^-?\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < MOST && value > -MOST ? value : undefined;
}

/** Text of a stranger in a message: short, and quoted. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function checkTimes(
  rows: readonly ImportRow[],
  now: Instant,
  tell: (line: number, column: string, message: string) => void,
): void {
  const seen = new Map<string, ImportRow>();
  for (const row of rows) {
    if (row.at > now) tell(row.line, 'at', 'lies in the future');
    else if (row.at < now - OLDEST_MS) tell(row.line, 'at', 'is more than five years ago: nothing so old is kept');
    const key = `${row.at} ${row.keyedBy} ${row.entityKey}`;
    const before = seen.get(key);
    if (before && !sameValues(before, row)) {
      tell(row.line, '', `line ${before.line} has other values for the same instant`);
    }
    seen.set(key, row);
  }
}

function sameValues(a: ImportRow, b: ImportRow): boolean {
  const keys = new Set([...Object.keys(a.values), ...Object.keys(b.values)]);
  return [...keys].every((key) => a.values[key] === b.values[key]);
}

export interface ImportTarget {
  readonly ref: TargetRef;
  readonly periodSeconds: number;
  /** Now: from here the batches' life counts. */
  readonly receivedAt: Instant;
  /** Entity id of a row. */
  readonly entityOf: (row: ImportRow) => string;
}

/**
 * Batches of the rows, by slot of the period's grid, so that a source that was read at odd minutes has valid slots. A
 * second reading of an entity within a slot keeps its own instant. The same rows always make the same batches.
 */
export function toBatches(rows: readonly ImportRow[], target: ImportTarget): Batch[] {
  const periodMs = target.periodSeconds * 1000;
  const bySlot = new Map<Instant, Map<string, Reading>>();
  for (const row of [...rows].sort((a, b) => a.at - b.at)) {
    const entity = target.entityOf(row);
    const grid = Math.floor(row.at / periodMs) * periodMs;
    const taken = bySlot.get(grid)?.get(entity);
    const slot = taken && taken.receivedAt !== row.at ? row.at : grid;
    const readings = bySlot.get(slot) ?? new Map<string, Reading>();
    bySlot.set(slot, readings.set(entity, { entity, receivedAt: row.at, values: row.values }));
  }
  return [...bySlot]
    .sort(([a], [b]) => a - b)
    .map(([slot, readings]) => ({
      ...target.ref,
      slot,
      part: IMPORT_PART,
      receivedAt: target.receivedAt,
      periodSeconds: target.periodSeconds,
      boundary: slot % periodMs === 0,
      readings: [...readings.values()],
    }));
}
