/** Reads CSV as RFC 4180 and common exporters write it; a record that is broken is told with its line. Pure. */

export interface CsvRecord {
  /** Line its first character stands in, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvProblem {
  readonly line: number;
  readonly message: string;
}

/** A record, or what is wrong with it; reading goes on with the next line. */
export type CsvEntry = CsvRecord | CsvProblem;

export function isProblem(entry: CsvEntry): entry is CsvProblem {
  return 'message' in entry;
}

/** Records of comma-separated text, empty lines left out; quoted cells may hold commas, quotes (doubled) and newlines. */
export function* readCsv(text: string): Generator<CsvEntry, undefined, undefined> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const record = readRecord(text, at);
    const entry: CsvEntry =
      record.message === undefined ? { line, cells: record.cells } : { line, message: record.message };
    if (isProblem(entry) || entry.cells.length > 1 || entry.cells[0] !== '') yield entry;
    line += newlinesIn(text, at, record.end);
    at = record.end;
  }
  return undefined;
}

interface ReadRecord {
  readonly cells: string[];
  /** Index after the record's line end. */
  readonly end: number;
  readonly message?: string;
}

function readRecord(text: string, start: number): ReadRecord {
  const cells: string[] = [];
  for (let at = start; ; ) {
    const cell = text[at] === '"' ? readQuoted(text, at) : readBare(text, at);
    if (cell.message !== undefined) return { cells, end: cell.end, message: cell.message };
    cells.push(cell.value);
    if (text[cell.end] !== ',') return { cells, end: afterLineEnd(text, cell.end) };
    at = cell.end + 1;
  }
}

interface ReadCell {
  readonly value: string;
  /** Index of the comma or line end behind it; after the broken record when there is a message. */
  readonly end: number;
  readonly message?: string;
}

function readBare(text: string, start: number): ReadCell {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++;
  const value = text.slice(start, end);
  if (!value.includes('"')) return { value, end };
  return broken(text, end, 'a quote inside a cell that does not begin with one: quote the whole cell');
}

function readQuoted(text: string, start: number): ReadCell {
  let value = '';
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from);
    // Where the quote is forgotten, the rest of the file is inside the cell.
    if (quote < 0) return { value, end: text.length, message: 'a quoted cell that never ends' };
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') return closed(text, quote + 1, value);
    value += '"';
    from = quote + 2;
  }
}

function closed(text: string, end: number, value: string): ReadCell {
  const next = text[end];
  if (next === undefined || next === ',' || next === '\n' || next === '\r') return { value, end };
  return broken(text, end, 'text after the closing quote of a cell: a quote inside a cell is written twice');
}

function broken(text: string, at: number, message: string): ReadCell {
  const newline = text.indexOf('\n', at);
  return { value: '', end: newline < 0 ? text.length : newline + 1, message };
}

function afterLineEnd(text: string, at: number): number {
  if (text[at] === '\r') return text[at + 1] === '\n' ? at + 2 : at + 1;
  return at + 1;
}

function newlinesIn(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
