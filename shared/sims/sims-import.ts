/** Reads labels, tags, groups and thresholds of SIMs from CSV or XLSX: all of the file is right, or every bad row is told. Pure. */
import { decodeText, type SheetEntry, unneutralised } from '../platform/spreadsheet-text.ts';
import { MAX_CELL_CHARACTERS, MAX_FILE_BYTES, MAX_SHEET_ROWS, readXlsx } from '../platform/xlsx-read.ts';
import { isProblem, readCsv } from '../samples/csv.ts';
import { EXPORT_COLUMNS } from './sims-export.ts';
import { type ImportField, readField, readIccid, type SimImportRow } from './sims-import-row.ts';

/** More are counted and not listed: nobody reads them. */
export const MAX_LISTED_ISSUES = 100;

export interface ImportIssue {
  /** From 1; 0 for the file as a whole. */
  readonly line: number;
  /** As the header names it; '' for the whole row. */
  readonly column: string;
  readonly message: string;
}

export interface SimImport {
  /** Rows whose ICCID could be read. To be used only when nothing is wrong with any. */
  readonly rows: readonly SimImportRow[];
  /** Those of an export that say what nobody can change. */
  readonly ignoredColumns: readonly string[];
  /** The first 100 by line. */
  readonly issues: readonly ImportIssue[];
  readonly issueCount: number;
}

type Tell = (line: number, column: string, message: string) => void;

interface Header {
  readonly names: readonly string[];
  /** What stands in each column; undefined is ignored. */
  readonly fields: readonly (ImportField | 'iccid' | undefined)[];
}

/** By name without case, spaces and underscores. */
const FIELDS: Readonly<Record<string, ImportField | 'iccid'>> = {
  iccid: 'iccid',
  label: 'label',
  tags: 'tags',
  group: 'group',
  threshold: 'thresholdPercent',
  thresholdpercent: 'thresholdPercent',
};
const KNOWN = 'iccid, label, tags, group, threshold percent';
const EXPORTED = new Set(EXPORT_COLUMNS.map(plainName));

/** Rows of CSV octets; cells that an export made harmless are as they were. */
export function* csvRows(bytes: Uint8Array): Generator<SheetEntry, undefined, undefined> {
  if (bytes.length > MAX_FILE_BYTES) {
    yield { line: 0, message: `the file is larger than ${MAX_FILE_BYTES / 1_000_000} MB: split it` };
    return undefined;
  }
  const decoded = decodeText(bytes);
  if ('message' in decoded) {
    yield { line: 0, message: decoded.message };
    return undefined;
  }
  let count = 0;
  for (const entry of readCsv(decoded.text)) {
    if (++count > MAX_SHEET_ROWS) {
      yield { line: 0, message: `more than ${MAX_SHEET_ROWS} rows: split the file` };
      return undefined;
    }
    yield isProblem(entry) ? entry : { line: entry.line, cells: entry.cells.map(unneutralised) };
  }
  return undefined;
}

/** A file of either kind; `isXlsx` as its sender said. */
export function parseSimImport(bytes: Uint8Array, isXlsx: boolean): SimImport {
  return parseSimRows(isXlsx ? readXlsx(bytes) : csvRows(bytes));
}

/** The first row is the header. */
export function parseSimRows(entries: Iterator<SheetEntry> & Iterable<SheetEntry>): SimImport {
  const told = createIssues();
  const first = entries.next();
  const entry = first.done
    ? { line: 0, message: 'the file is empty: its first line must name the columns' }
    : first.value;
  if ('message' in entry) {
    told.tell(entry.line, '', entry.message);
    return told.result([], []);
  }
  const header = readHeader(entry.cells, (column, message) => told.tell(entry.line, column, message));
  const ignored = header.names.filter((name, at) => name !== '' && header.fields[at] === undefined);
  if (told.count() > 0) return told.result([], []);
  const rows: SimImportRow[] = [];
  let filled = 0;
  for (const row of entries) {
    if ('message' in row) {
      // The file as a whole is refused: what is wrong with its rows is of no interest any more.
      if (row.line === 0) return createIssues({ column: '', ...row }).result([], []);
      told.tell(row.line, '', row.message);
    } else if (row.problems || row.cells.some((cell) => cell.trim() !== '')) {
      filled++;
      for (const { index, message } of row.problems ?? []) told.tell(row.line, header.names[index] ?? '', message);
      const read = readRow(row.line, row.cells, header, told.tell);
      if (read) rows.push(read);
    }
  }
  if (filled === 0 && told.count() === 0) told.tell(0, '', 'has a header and no rows');
  return told.result(rows, ignored);
}

/** Rows by the fleet's own ICCIDs, and what is wrong with the file: also SIMs that nobody has, and those named twice. */
export function withFleet(read: SimImport, ownIccid: (given: string) => string | undefined): SimImport {
  const told = createIssues(...read.issues);
  const lines = new Map<string, number>();
  const rows = read.rows.map((row) => {
    const iccid = ownIccid(row.iccid) ?? row.iccid;
    const before = lines.get(iccid);
    if (before !== undefined)
      told.tell(row.line, 'iccid', `${iccid} stands in line ${before} already: keep one of them`);
    else lines.set(iccid, row.line);
    if (before === undefined && ownIccid(row.iccid) === undefined) {
      const hint = /0{4}$/.test(iccid) ? '; perhaps a spreadsheet rounded it, and its end was not zeros' : '';
      told.tell(row.line, 'iccid', `${iccid} is no SIM of this tenant: look it up in GET /v1/sims${hint}`);
    }
    return { ...row, iccid };
  });
  const unlisted = read.issueCount - read.issues.length;
  const result = told.result(rows, read.ignoredColumns);
  return { ...result, issueCount: result.issueCount + unlisted };
}

function createIssues(...before: readonly ImportIssue[]) {
  const issues: ImportIssue[] = [...before];
  return {
    tell(line: number, column: string, message: string): void {
      issues.push({ line, column, message });
    },
    count: () => issues.length,
    result: (rows: readonly SimImportRow[], ignoredColumns: readonly string[]): SimImport => ({
      rows,
      ignoredColumns,
      issues: [...issues].sort((a, b) => a.line - b.line).slice(0, MAX_LISTED_ISSUES),
      issueCount: issues.length,
    }),
  };
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

function readHeader(cells: readonly string[], tell: (column: string, message: string) => void): Header {
  const names = cells.map((cell) => cell.trim());
  while (names.at(-1) === '') names.pop();
  const fields = names.map((name) => (Object.hasOwn(FIELDS, plainName(name)) ? FIELDS[plainName(name)] : undefined));
  if (names.length === 1 && names[0]?.includes(';')) {
    tell('', 'the cells are separated by semicolons: save as .xlsx, or as CSV with commas');
    return { names, fields };
  }
  for (const [at, name] of names.entries()) {
    const field = fields[at];
    const column = name.slice(0, MAX_CELL_CHARACTERS);
    if (name === '') tell('', `column ${at + 1} has no name; known are ${KNOWN}`);
    else if (field === undefined && !EXPORTED.has(plainName(name))) tell(column, `is not known; known are ${KNOWN}`);
    else if (field !== undefined && fields.indexOf(field) < at) tell(column, 'the header names this column twice');
  }
  if (!fields.includes('iccid')) tell('iccid', 'is missing: it says whose row it is');
  else if (!fields.some((f) => f !== undefined && f !== 'iccid')) {
    tell('', `nothing to change: the file needs at least one of label, tags, group, threshold percent`);
  }
  return { names, fields };
}

function readRow(line: number, cells: readonly string[], header: Header, tell: Tell): SimImportRow | undefined {
  const { names, fields } = header;
  if (cells.length < names.length || cells.slice(names.length).some((cell) => cell.trim() !== '')) {
    tell(line, '', `${cells.length} cells where the header names ${names.length}`);
    return undefined;
  }
  const values: Record<string, unknown> = {};
  let iccid: string | undefined;
  for (const [at, field] of fields.entries()) {
    if (field === undefined) continue;
    const cell = cells[at] ?? '';
    const long = cell.length > MAX_CELL_CHARACTERS && { message: `has more than ${MAX_CELL_CHARACTERS} characters` };
    const read = long || (field === 'iccid' ? readIccid(cell) : readField(field, cell));
    if (read === undefined) continue;
    if ('message' in read) tell(line, names[at] ?? '', read.message);
    else if (field === 'iccid') iccid = read.value as string;
    else values[field] = read.value;
  }
  return iccid === undefined ? undefined : ({ line, iccid, ...values } as SimImportRow);
}
