/** Reads the first sheet of an .xlsx that a stranger sent, row by row and within hard bounds; formulas are never worked out. Pure. */
import type { SheetEntry } from './spreadsheet-text.ts';
import { createSheetRow, type SheetLimits } from './xlsx-row.ts';
import { attributesOf, decodeXml, xmlTokens } from './xml-tokens.ts';
import { FileRefusal, openZip, type ZipArchive, type ZipBounds } from './zip-read.ts';

/** What a function can be sent at once is 6 MB in base64. */
export const MAX_FILE_BYTES = 4_500_000;
export const MAX_SHEET_ROWS = 100_000;
const MAX_COLUMNS = 50;
export const MAX_CELL_CHARACTERS = 2000;
/** Rows of a sheet that hold something, each with at most as many texts of its own. */
const MAX_SHARED_TEXTS = 1_000_000;
const BOUNDS: ZipBounds = { maxEntries: 100, maxInflatedBytes: 50_000_000, maxRatio: 100 };
const LIMITS: SheetLimits = { maxColumns: MAX_COLUMNS, maxCellCharacters: MAX_CELL_CHARACTERS };
const NO_SHEET = 'the file holds no sheet: save it as an Excel workbook (.xlsx)';

/**
 * Rows that hold something, as wide as the first of them. What is wrong with a cell stands beside its row; what is wrong
 * with the file comes as a problem of line 0, and reading ends.
 */
export function* readXlsx(bytes: Uint8Array): Generator<SheetEntry, undefined, undefined> {
  try {
    if (bytes.length > MAX_FILE_BYTES) {
      throw new FileRefusal(`the file is larger than ${MAX_FILE_BYTES / 1_000_000} MB: split it`);
    }
    const archive = openZip(bytes, BOUNDS);
    const sheet = archive.read(firstSheetPath(archive));
    if (!sheet) throw new FileRefusal(NO_SHEET);
    const texts = readTexts(archive);
    const percentStyles = readPercentStyles(archive);
    yield* readRows(decodeXml(sheet), texts, percentStyles);
  } catch (error) {
    if (!(error instanceof FileRefusal)) throw error;
    yield { line: 0, message: error.message };
  }
  return undefined;
}

/** The workbook names its sheets in the order of their tabs, and its relations where they lie. */
function firstSheetPath(archive: ZipArchive): string {
  const workbook = archive.read('xl/workbook.xml');
  const relations = archive.read('xl/_rels/workbook.xml.rels');
  if (!workbook || !relations) throw new FileRefusal(NO_SHEET);
  const id = openTags(workbook, 'sheet')[0]?.get('id');
  const target = openTags(relations, 'Relationship')
    .find((r) => r.get('Id') === id)
    ?.get('Target');
  if (id === undefined || target === undefined) throw new FileRefusal(NO_SHEET);
  return target.startsWith('/') ? target.slice(1) : `xl/${target}`;
}

function openTags(bytes: Uint8Array, name: string): ReadonlyMap<string, string>[] {
  const found: ReadonlyMap<string, string>[] = [];
  for (const token of xmlTokens(decodeXml(bytes))) {
    if (token.kind === 'open' && token.name === name) found.push(attributesOf(token.tag));
  }
  return found;
}

/** Texts that cells refer to by position; of rich text all runs, of phonetic text nothing. */
function readTexts(archive: ZipArchive): readonly string[] {
  const part = archive.read('xl/sharedStrings.xml');
  if (!part) return [];
  const texts: string[] = [];
  let text = '';
  let inText = false;
  let inPhonetic = false;
  for (const token of xmlTokens(decodeXml(part))) {
    if (token.kind === 'text') {
      if (inText && !inPhonetic) text += token.text;
      continue;
    }
    const opens = token.kind === 'open';
    if (token.name === 't') inText = opens;
    else if (token.name === 'rPh') inPhonetic = opens;
    else if (token.name === 'si' && opens) text = '';
    else if (token.name === 'si' && texts.push(text) > MAX_SHARED_TEXTS) {
      throw new FileRefusal(`the file holds more than ${MAX_SHARED_TEXTS} texts: split it`);
    }
  }
  return texts;
}

/** Formats 9 and 10 of every workbook. */
const BUILT_IN_PERCENT = ['9', '10'];

/** Positions of cell styles that show 0.2 as 20 %. */
function readPercentStyles(archive: ZipArchive): ReadonlySet<string> {
  const part = archive.read('xl/styles.xml');
  if (!part) return new Set();
  const percents = new Set(BUILT_IN_PERCENT);
  const found = new Set<string>();
  let inCells = false;
  let position = 0;
  for (const token of xmlTokens(decodeXml(part))) {
    if (token.kind === 'text') continue;
    if (token.name === 'cellXfs') inCells = token.kind === 'open';
    if (token.kind === 'close') continue;
    const attributes = attributesOf(token.tag);
    if (token.name === 'numFmt' && attributes.get('formatCode')?.includes('%')) {
      percents.add(attributes.get('numFmtId') ?? '');
    } else if (token.name === 'xf' && inCells) {
      if (percents.has(attributes.get('numFmtId') ?? '')) found.add(String(position));
      position++;
    }
  }
  return found;
}

function* readRows(
  xml: string,
  texts: readonly string[],
  percentStyles: ReadonlySet<string>,
): Generator<SheetEntry, undefined, undefined> {
  const row = createSheetRow(texts, percentStyles, LIMITS);
  let count = 0;
  let width = 0;
  for (const token of xmlTokens(xml)) {
    if (token.kind === 'open') row.open(token.name, token.tag);
    else if (token.kind === 'text') row.text(token.text);
    else if (token.name !== 'row') row.close(token.name);
    else {
      const entry = row.end(width);
      if (!entry) continue;
      if (++count > MAX_SHEET_ROWS) throw new FileRefusal(`more than ${MAX_SHEET_ROWS} rows: split the file`);
      width ||= entry.cells.length;
      yield entry;
    }
  }
  return undefined;
}
