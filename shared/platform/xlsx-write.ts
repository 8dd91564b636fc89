/** Writes an .xlsx of one sheet, piece by piece; texts are written as texts, so that no cell is ever a formula. Pure. */
import { type Cell, numberText } from './spreadsheet-text.ts';
import { createZipWriter } from './zip-write.ts';

export interface SheetColumn {
  readonly title: string;
  /** True: what a person types there later stays text, so that long numbers keep their digits. */
  readonly isText: boolean;
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
/** A cell of Excel holds no more. */
const MAX_CELL_CHARACTERS = 32_767;
/** Digits that a spreadsheet's number keeps. */
const EXACT_DIGITS = 15;
const COLUMN_WIDTH = 22;

const PARTS: readonly (readonly [string, string])[] = [
  [
    '[Content_Types].xml',
    `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`,
  ],
  [
    '_rels/.rels',
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  ],
  [
    'xl/_rels/workbook.xml.rels',
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`,
  ],
  // Style 0 is plain, style 1 is format 49: text.
  [
    'xl/styles.xml',
    `<styleSheet xmlns="${MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
  ],
];

/** Pieces of the file in order: a header of the columns' titles, which stays in sight, then the rows. */
export function* writeXlsx(
  sheet: { readonly name: string; readonly columns: readonly SheetColumn[] },
  rows: Iterable<readonly Cell[]>,
): Generator<Uint8Array, undefined, undefined> {
  const zip = createZipWriter();
  for (const [name, xml] of PARTS) yield* zip.part(name, [XML + xml]);
  yield* zip.part('xl/workbook.xml', [
    `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="${escaped(sheet.name)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  ]);
  yield* zip.part('xl/worksheets/sheet1.xml', sheetXml(sheet.columns, rows));
  yield* zip.end();
  return undefined;
}

function* sheetXml(
  columns: readonly SheetColumn[],
  rows: Iterable<readonly Cell[]>,
): Generator<string, undefined, undefined> {
  const widths = columns.map(
    ({ isText }, i) =>
      `<col min="${i + 1}" max="${i + 1}" width="${COLUMN_WIDTH}" style="${isText ? 1 : 0}" customWidth="1"/>`,
  );
  yield `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData>`;
  yield rowXml(columns.map(({ title }) => title));
  for (const row of rows) yield rowXml(row);
  yield '</sheetData></worksheet>';
  return undefined;
}

/** Cells stand in their order, an empty one too, and so need no reference. */
function rowXml(cells: readonly Cell[]): string {
  return `<row>${cells.map(cellXml).join('')}</row>`;
}

function cellXml(cell: Cell): string {
  if (cell === undefined || cell === '') return '<c/>';
  const text = typeof cell === 'string' ? cell : numberText(cell);
  if (text === '') return '<c/>';
  if (typeof cell !== 'string' && text.replace(/\D/g, '').length <= EXACT_DIGITS) return `<c><v>${text}</v></c>`;
  const space = /^\s|\s$/.test(text) ? ' xml:space="preserve"' : '';
  return `<c t="inlineStr" s="1"><is><t${space}>${escaped(text)}</t></is></c>`;
}

const FOR_XML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what XML cannot hold
const NOT_IN_XML = /[\0-\x08\x0b\x0c\x0d\x0e-\x1f\uFFFE\uFFFF]|_(?=x[0-9A-Fa-f]{4}_)/g;

/** Most texts are: nothing in them means anything to XML. */
const PLAIN = /^[A-Za-z0-9 .,:;()/-]{0,1000}$/;

/** As a sheet holds text: see `withEscapes` of xlsx-row.ts; half a character becomes a whole one. */
function escaped(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .slice(0, MAX_CELL_CHARACTERS)
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(NOT_IN_XML, (c) => `_x${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replace(/[&<>"]/g, (c) => FOR_XML[c] ?? c);
}
