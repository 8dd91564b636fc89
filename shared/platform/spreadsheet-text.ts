/** What cells of spreadsheets hold, CSV in which no cell can start a formula, and the encodings CSV is saved in. Pure. */

/** A number as exact decimal text, such as "479.123456". */
export interface Decimal {
  readonly decimal: string;
}

/** Undefined is an empty cell. Text stays text: an ICCID is never a number. */
export type Cell = string | number | bigint | Decimal | undefined;

/** One row of a sheet or of CSV. `line` counts from 1; what is wrong with single cells stands beside them. */
export interface SheetRow {
  readonly line: number;
  readonly cells: readonly string[];
  readonly problems?: readonly { readonly index: number; readonly message: string }[];
}

/** A row that could not be read; line 0: the file as a whole, and reading ends there. */
export interface SheetProblem {
  readonly line: number;
  readonly message: string;
}

export type SheetEntry = SheetRow | SheetProblem;

/** What spreadsheets take for the start of a formula, full-width forms too (OWASP, CSV injection). */
const STARTS_FORMULA = /^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
/** Whoever writes in pieces has few of them, and none is large. */
const PIECE_CHARACTERS = 64 * 1024;

/** Text that a spreadsheet opening CSV shows and does not run: an apostrophe before what would start a formula. */
export function neutralised(text: string): string {
  return STARTS_FORMULA.test(text) ? `'${text}` : text;
}

/** The text that `neutralised` was given. */
export function unneutralised(text: string): string {
  return text.startsWith("'") && STARTS_FORMULA.test(text) ? text.slice(1) : text;
}

/** CSV as RFC 4180 has it, in pieces, with a byte order mark: without one Excel takes UTF-8 for another encoding. */
export function* writeCsv(rows: Iterable<readonly Cell[]>): Generator<string, undefined, undefined> {
  let piece = '\uFEFF';
  for (const row of rows) {
    piece += `${row.map(csvCell).join(',')}\r\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
  return undefined;
}

/** One cell of CSV; `unneutralised` gives the text back. */
export function csvCell(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell !== 'string') return numberText(cell);
  const text = neutralised(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A number without a unit; an infinite one is unknown. */
export function numberText(cell: number | bigint | Decimal): string {
  if (typeof cell === 'object') return cell.decimal;
  return typeof cell === 'number' && !Number.isFinite(cell) ? '' : String(cell);
}

const SAVE_AS_UTF8 = 'save it as "CSV UTF-8" or as an Excel workbook (.xlsx)';

/** UTF-8, with or without its mark, or UTF-16 that says so; or a sentence why it cannot be read. */
export function decodeText(bytes: Uint8Array): { readonly text: string } | { readonly message: string } {
  const [first, second] = bytes;
  const utf16 = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : '';
  const text = decoded(bytes, utf16 || 'utf-8');
  if (text === undefined) return { message: `the file is not UTF-8: ${SAVE_AS_UTF8}` };
  // What arrives as text was decoded on its way, and wrong octets have become this character.
  if (text.startsWith('\uFFFD\uFFFD')) return { message: `the file seems to be UTF-16: ${SAVE_AS_UTF8}` };
  if (text.includes('\uFFFD')) return { message: `the file holds characters that are not UTF-8: ${SAVE_AS_UTF8}` };
  if (text.includes('\0')) return { message: `the file holds NUL characters: ${SAVE_AS_UTF8}` };
  return { text };
}

/** Without the mark; undefined when the octets are no such text. */
function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
