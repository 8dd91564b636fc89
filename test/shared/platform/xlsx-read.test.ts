import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_SHEET_ROWS, readXlsx } from '../../../shared/platform/xlsx-read.ts';
import { spoiled, workbook, workbookParts, zipOf } from './workbook.ts';

const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
const row = (...cells: string[]) => `<row>${cells.join('')}</row>`;
const small = workbook(row(text('a')));
const read = (file: Uint8Array) => [...readXlsx(file)];
const cellsOf = (file: Uint8Array) => read(file).map((entry) => ('cells' in entry ? entry.cells : entry));
const whyNot = (file: Uint8Array): string => {
  const last = read(file).at(-1);
  return last && 'message' in last && last.line === 0 ? last.message : `taken: ${JSON.stringify(last)}`;
};

describe('cells', () => {
  test('are what a spreadsheet keeps in them, of the first tab', () => {
    const shared =
      '<sst><si><t>plain</t></si><si><r><t>ri</t></r><r><t xml:space="preserve">ch </t></r><rPh sb="0" eb="1"><t>not this</t></rPh></si></sst>';
    const styles =
      '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.0%"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="164"/></cellXfs></styleSheet>';
    const sheet = [
      '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>',
      '<row r="3"><c r="A3"><v>8988000000000000001</v></c><c r="C3"><v>0.10000000000000001</v></c><c r="D3" t="b"><v>1</v></c></row>',
      '<row r="4"><c r="A4" s="1"><v>0.2</v></c><c r="B4" s="2"><v>0.07</v></c><c r="C4" s="0"><v>0.2</v></c></row>',
      '<row r="5"><c r="A5"><v>8.9880000000000000E+18</v></c><c r="B5" t="str"><f>A1&amp;"x"</f><v>plainx</v></c></row>',
      '<row r="6"><c r="A6" s="1"/></row>',
      '<row r="7"><c r="A7" t="inlineStr"><is><t>=1+1</t></is></c><c r="B7" t="str"><v>a_x0041_b_x005F_x0041_&#233;&#x1F600;<![CDATA[<&]]></v></c></row>',
    ].join('');
    const file = workbook(sheet, { 'xl/sharedStrings.xml': shared, 'xl/styles.xml': styles });
    expect(read(file)).toEqual([
      { line: 1, cells: ['plain', 'rich '] },
      { line: 3, cells: ['8988000000000000001', '', '0.1', 'TRUE'] },
      { line: 4, cells: ['20%', '7%', '0.2'] },
      { line: 5, cells: ['8.9880000000000000E+18', 'plainx'] },
      { line: 7, cells: ['=1+1', 'aAb_x0041_é😀<&'] },
    ]);
  });

  test('that hold an error, a formula without a value or too much text are told with their place', () => {
    const file = workbook(
      row(
        '<c t="e"><v>#N/A</v></c>',
        '<c><f>1+1</f></c>',
        text('x'.repeat(2000)),
        text('x'.repeat(2001)),
        text('good'),
      ),
    );
    expect(read(file)).toEqual([
      {
        line: 1,
        cells: ['', '', 'x'.repeat(2000), '', 'good'],
        problems: [
          { index: 0, message: 'holds the error #N/A' },
          { index: 1, message: 'holds a formula without a value: paste it as a value' },
          { index: 3, message: 'has more than 2000 characters' },
        ],
      },
    ]);
  });

  test('may be written with prefixes, single quotes and no references', () => {
    const sheet =
      "<x:worksheet xmlns:x='a'><x:sheetData><x:row r='2'><x:c t='inlineStr'><x:is><x:t>a>b</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>";
    expect(read(workbook('', { 'xl/worksheets/sheet7.xml': sheet }))).toEqual([{ line: 2, cells: ['a>b'] }]);
  });
});

describe('bounds', () => {
  test(`${MAX_SHEET_ROWS} rows are taken, one more is not`, () => {
    const rows = '<row><c><v>1</v></c></row>'.repeat(MAX_SHEET_ROWS);
    const noise = Array.from({ length: 20_000 }, (_, i) => `<!--${(i * 2_654_435_761) % 4_294_967_296}-->`).join('');
    expect(whyNot(workbook(rows + noise))).toBe(`taken: {"line":${MAX_SHEET_ROWS},"cells":["1"]}`);
    expect(whyNot(workbook(`${rows}<row><c><v>1</v></c></row>${noise}`))).toMatch(/more than 100000 rows/);
  }, 60_000);
  test('50 columns are taken, one more is not, an empty one is none', () => {
    expect(cellsOf(workbook(row(...Array<string>(50).fill(text('a')), '<c s="1"/>')))).toHaveLength(1);
    expect(whyNot(workbook(row(...Array<string>(51).fill(text('a')))))).toMatch(/more than 50 columns/);
  });
  test('a bomb is not unpacked, whatever it says of its size', () => {
    const bomb = (megabytes: number) => workbook(row(text(' '.repeat(megabytes * 1_000_000))));
    expect(whyNot(bomb(60))).toMatch(/larger than 50 MB/);
    expect(whyNot(bomb(20))).toMatch(/100 times its packed size/);
    const liar = spoiled(bomb(20), CENTRAL, (record) => record.writeUInt32LE(5000, 24));
    expect(whyNot(liar)).toMatch(/100 times its packed size/);
  }, 60_000);
  test('a file of more than 4.5 MB is not looked at', () => {
    expect(whyNot(Buffer.alloc(4_500_001))).toMatch(/larger than 4.5 MB/);
  });
  test('and so is one of more than 100 parts', () => {
    const more = Array.from({ length: 97 }, (_, i) => [`x${i}`, ''] as const);
    expect(whyNot(zipOf([...workbookParts(row(text('a'))), ...more]))).toMatch(/more than 100 parts/);
  });
});

describe('a file is refused in words when', () => {
  const first = (change: (record: Buffer) => void) => spoiled(small, CENTRAL, change);
  const inSheet = (xml: string) => workbook('', { 'xl/worksheets/sheet7.xml': xml });
  const end64 = Buffer.alloc(20);
  end64.writeUInt32LE(0x07064b50);
  const table: [string, Uint8Array, RegExp][] = [
    ['it is empty', Buffer.alloc(0), /damaged, or no .xlsx/],
    ['it is text', Buffer.from('iccid,label\n1,2'), /damaged, or no .xlsx/],
    ['it is an .xls or has a password', Buffer.from('d0cf11e0a1b11ae1'.repeat(20), 'hex'), /password, or an old .xls/],
    ['a part is encrypted', first((r) => r.writeUInt16LE(0x0809, 8)), /encrypted/],
    ['a part is packed in another way', first((r) => r.writeUInt16LE(12, 10)), /packed in a way/],
    ['its sum is wrong', first((r) => r.writeUInt32LE(1, 16)), /damaged/],
    ['its part lies elsewhere', first((r) => r.writeUInt32LE(0xfffff, 42)), /damaged/],
    ['it is ZIP64', spoiled(small, END, (r) => r.writeUInt16LE(0xffff, 10)), /ZIP64/],
    ['it has a ZIP64 record', Buffer.concat([small.subarray(0, -22), end64, small.subarray(-22)]), /ZIP64/],
    ['it is cut', small.subarray(0, -1), /damaged/],
    ['something stands before it', Buffer.concat([Buffer.from('x'), small]), /damaged/],
    ['something stands behind it', Buffer.concat([small, Buffer.from('x')]), /damaged/],
    ['a part stands there twice', zipOf([...workbookParts(''), ['XL/workbook.xml', '']]), /a part twice/],
    ...['../a', '/a', 'a/../../b', 'a\\b', 'C:a', 'a\0b', ''].map((name): [string, Uint8Array, RegExp] => [
      `a part is called ${JSON.stringify(name)}`,
      zipOf([...workbookParts(''), [name, '']]),
      /forbidden name/,
    ]),
    ['it is a ZIP of something else', zipOf([['a.txt', 'a']]), /holds no sheet/],
    ['its sheet is missing', workbook('', { 'xl/_rels/workbook.xml.rels': '<a/>' }), /holds no sheet/],
    ['it declares a document type', inSheet('<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'), /document type/],
    ['it names an entity', workbook(row(text('&b;'))), /XML that is broken/],
    ['it names half a character', workbook(row(text('&#xD800;'))), /XML that is broken/],
    ['a tag is not closed', inSheet('<worksheet><sheetData>'), /XML that is broken/],
    ['tags cross', inSheet('<worksheet><a></worksheet></a>'), /XML that is broken/],
    ['a tag never ends', inSheet('<worksheet a="'), /XML that is broken/],
    ['it is deeper than any sheet', inSheet('<a>'.repeat(100) + '</a>'.repeat(100)), /XML that is broken/],
    ['it says another encoding', inSheet('<?xml version="1.0" encoding="UTF-7"?><worksheet/>'), /not UTF-8/],
    ['its rows go back', workbook('<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>'), /is broken/],
    ['its cells go back', workbook('<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>'), /is broken/],
    ['a text is not there', workbook(row('<c t="s"><v>0</v></c>')), /is broken/],
  ];
  test.each(table)('%s', (_, file, reason) => expect(whyNot(file)).toMatch(reason));

  test('any octet of it is another one: it is taken or refused, and nothing else', () => {
    const file = workbook(row(text('a'), text('b')));
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(file);
        other[at] = (other[at] ?? 0) ^ change;
        expect(read(other).length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});
