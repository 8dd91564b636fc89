/** Puts together one row of a sheet after the other from the tags of its XML. Pure, but for the row it is at. */
import type { SheetRow } from './spreadsheet-text.ts';
import { attributesOf } from './xml-tokens.ts';
import { FileRefusal } from './zip-read.ts';

export interface SheetLimits {
  readonly maxColumns: number;
  readonly maxCellCharacters: number;
}

export interface RowReader {
  open(name: string, tag: string): void;
  text(text: string): void;
  close(name: string): void;
  /** The row that ends here, at least so wide; undefined when it holds nothing. */
  end(width: number): SheetRow | undefined;
}

/** Sheets of Excel end here. */
const MAX_LINE = 1_048_576;
const MAX_COLUMN_LETTERS = 3;
/** More digits than that are no longer exact in a spreadsheet's number. */
const EXACT = 1e15;
const BROKEN = 'the sheet is broken: save the file again as an Excel workbook (.xlsx)';

interface OpenCell {
  readonly index: number;
  readonly type: string;
  readonly style: string;
  value: string | undefined;
  hasFormula: boolean;
}

/** `texts` are those that cells refer to, `percentStyles` the styles that show a number as percent. */
export function createSheetRow(
  texts: readonly string[],
  percentStyles: ReadonlySet<string>,
  limits: SheetLimits,
): RowReader {
  let line = 0;
  let cells: string[] = [];
  let problems: { index: number; message: string }[] = [];
  let cell: OpenCell | undefined;
  let lastIndex = -1;
  let isInValue = false;
  const keep = (done: OpenCell): void => {
    const { value, message } = contentOf(done, texts, percentStyles, limits);
    if (value === '' && message === undefined) return;
    if (done.index >= limits.maxColumns) {
      throw new FileRefusal(`line ${line} has more than ${limits.maxColumns} columns: keep the known ones only`);
    }
    while (cells.length <= done.index) cells.push('');
    cells[done.index] = value;
    if (message !== undefined) problems.push({ index: done.index, message });
  };
  return {
    open(name, tag) {
      if (name === 'row') {
        line = lineOf(tag, line);
        lastIndex = -1;
      } else if (name === 'c') {
        cell = openCell(tag, lastIndex);
        lastIndex = cell.index;
      } else if (name === 'f' && cell) cell.hasFormula = true;
      else if (name === 'rPh') isInValue = false;
      else if (name === 'v' || name === 't') isInValue = cell !== undefined;
    },
    text(text) {
      if (isInValue && cell) cell.value = (cell.value ?? '') + text;
    },
    close(name) {
      if (name === 'v' || name === 't') isInValue = false;
      if (name !== 'c' || !cell) return;
      keep(cell);
      cell = undefined;
    },
    end(width) {
      const done = { line, cells, problems };
      cells = [];
      problems = [];
      if (done.cells.length === 0) return undefined;
      while (done.cells.length < width) done.cells.push('');
      return done.problems.length > 0 ? done : { line, cells: done.cells };
    },
  };
}

/** Rows may leave out their number, but never go back. */
function lineOf(tag: string, before: number): number {
  const text = attributesOf(tag).get('r');
  const line = text === undefined ? before + 1 : Number(text);
  if (!Number.isInteger(line) || line <= before || line > MAX_LINE) throw new FileRefusal(BROKEN);
  return line;
}

function openCell(tag: string, before: number): OpenCell {
  const attributes = attributesOf(tag);
  const reference = attributes.get('r');
  const index = reference === undefined ? before + 1 : columnOf(reference);
  if (index <= before) throw new FileRefusal(BROKEN);
  const [type = 'n', style = ''] = [attributes.get('t'), attributes.get('s')];
  return { index, type, style, value: undefined, hasFormula: false };
}

/** "A1" is 0, "AA7" is 26. */
function columnOf(reference: string): number {
  const letters = /^([A-Z]+)\d+$/.exec(reference)?.[1] ?? '';
  if (letters === '' || letters.length > MAX_COLUMN_LETTERS) throw new FileRefusal(BROKEN);
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function contentOf(
  { type, style, value, hasFormula }: OpenCell,
  texts: readonly string[],
  percentStyles: ReadonlySet<string>,
  { maxCellCharacters }: SheetLimits,
): { value: string; message?: string } {
  if (value === undefined) {
    return hasFormula ? { value: '', message: 'holds a formula without a value: paste it as a value' } : { value: '' };
  }
  if (type === 'e') return { value: '', message: `holds the error ${value.slice(0, 20)}` };
  const text = type === 's' ? sharedText(value, texts) : value;
  if (text.length > maxCellCharacters) {
    return { value: '', message: `has more than ${maxCellCharacters} characters` };
  }
  if (type === 'n') return { value: numeralOf(text.trim(), percentStyles.has(style)) };
  if (type === 'b') return { value: text === '1' ? 'TRUE' : 'FALSE' };
  return { value: withEscapes(text) };
}

function sharedText(position: string, texts: readonly string[]): string {
  const text = /^\d{1,7}$/.test(position) ? texts[Number(position)] : undefined;
  if (text === undefined) throw new FileRefusal(BROKEN);
  return text;
}

/** 0.10000000000000001 is what a binary 0.1 looks like in a file; whole numbers of any length stand as they are. */
function numeralOf(text: string, isPercent: boolean): string {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return text;
  if (isPercent) return `${Number((value * 100).toPrecision(12))}%`;
  return /^-?\d+$/.test(text) || Math.abs(value) >= EXACT ? text : String(Number(value.toPrecision(15)));
}

/** What XML cannot hold stands in a sheet's text as `_x0007_`, and such a text itself as `_x005F_x0007_`. */
function withEscapes(text: string): string {
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
