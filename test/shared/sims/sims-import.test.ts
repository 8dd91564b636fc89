import { describe, expect, test } from 'vitest';
import { MAX_FILE_BYTES } from '../../../shared/platform/xlsx-read.ts';
import { parseSimImport, withFleet } from '../../../shared/sims/sims-import.ts';
import { ownIccid, planImport } from '../../../shared/sims/sims-import-plan.ts';
import { workbook } from '../platform/workbook.ts';

const ONE = '8988000000000000001';
const TWO = '8988000000000000002';
const csv = (text: string) => parseSimImport(Buffer.from(text), false);
const told = (read: ReturnType<typeof csv>) => read.issues.map((i) => `${i.line} ${i.column}: ${i.message}`);
const KNOWN = new Map([
  [ONE, { iccid: ONE, target: 'a.0001', label: 'unit 1' }],
  [TWO, { iccid: TWO, target: 'a.0002' }],
]);

describe('a file that is right', () => {
  test('gives its rows: an empty cell leaves as it is, a dash removes', () => {
    const read = csv(
      `iccid,label,tags,group,threshold\n${ONE},Unit 7,"b, A;b",north,12.5\n\n${TWO},-,-,-,-\n8988000000000000003,,,,\n,,,,\n`,
    );
    expect(told(read)).toEqual([]);
    expect(read.rows).toEqual([
      { line: 2, iccid: ONE, label: 'Unit 7', tags: ['a', 'b'], group: 'north', thresholdPercent: 12.5 },
      { line: 4, iccid: TWO, label: null, tags: null, group: null, thresholdPercent: null },
      { line: 5, iccid: '8988000000000000003' },
    ]);
  });

  test.each(['Threshold Percent', 'threshold_percent', 'THRESHOLDPERCENT', 'threshold'])(
    'may call a column %s',
    (name) => {
      expect(csv(`\uFEFF ICC ID ,${name}\r\n${ONE},20 %\r\n`).rows).toEqual([
        { line: 2, iccid: ONE, thresholdPercent: 20 },
      ]);
    },
  );

  test.each([`'${ONE}`, `"=""${ONE}"""`, '8988 0000 0000 0000 001', '8988-0000-0000-0000-001'])(
    'may hold an ICCID as %s',
    (cell) => expect(csv(`iccid,label\n${cell},a`).rows).toEqual([{ line: 2, iccid: ONE, label: 'a' }]),
  );

  test.each(['=1+1', '+44', '@x'])('keeps %s as text', (cell) => {
    expect(csv(`iccid,group\n${ONE},${cell}`).rows[0]?.group).toBe(cell);
    expect(csv(`iccid,group\n${ONE},'${cell}`).rows[0]?.group).toBe(cell);
  });

  test('may come from an export: columns that nobody can change are named and left out', () => {
    const read = csv(`iccid,status,Data remaining MB,label\n${ONE},enabled,1.5,a`);
    expect([read.rows, read.ignoredColumns]).toEqual([
      [{ line: 2, iccid: ONE, label: 'a' }],
      ['status', 'Data remaining MB'],
    ]);
  });

  test('may be UTF-16 with a mark, or XLSX', () => {
    const utf16 = Buffer.from(`\uFEFFiccid,label\n${ONE},é`, 'utf16le');
    expect(parseSimImport(utf16, false).rows).toEqual([{ line: 2, iccid: ONE, label: 'é' }]);
    const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
    const sheet = `<row>${cell('iccid')}${cell('group')}</row><row r="5">${cell(ONE)}${cell('=1+1')}</row><row><c><v>${TWO}</v></c></row>`;
    expect(parseSimImport(workbook(sheet), true).rows).toEqual([
      { line: 5, iccid: ONE, group: '=1+1' },
      { line: 6, iccid: TWO },
    ]);
  });
});

describe('a file that is wrong', () => {
  test('is told every bad cell at once, and of which line and column', () => {
    const read = csv(
      [
        'iccid,label,tags,group,threshold percent',
        `8.988E+18,a,,,`,
        `123,${'x'.repeat(256)},"ok,not ok",${'g'.repeat(61)},101`,
        `,a,,,`,
        `${ONE},a`,
        `${ONE},"a\tb",${Array.from({ length: 21 }, (_, i) => `t${i}`).join(';')},,half`,
        `"${ONE}`,
      ].join('\n'),
    );
    expect(told(read)).toEqual([
      '2 iccid: "8.988E+18" is what a spreadsheet makes of a long number, and its last digits are lost: format the column as text, paste the ICCIDs again, and save as .xlsx',
      '3 iccid: "123" is no ICCID: send its 18 to 20 digits',
      '3 label: has more than 255 characters',
      '3 tags: "not ok" is no tag: 1 to 40 letters a-z, digits, - and _, separated by commas',
      '3 group: has more than 60 characters',
      '3 threshold percent: "101" is no percentage from 0 to 100',
      '4 iccid: is empty: whose row is this?',
      '5 : 2 cells where the header names 5',
      '6 label: "a\\tb" holds a line break or another control character',
      '6 tags: more than 20 tags',
      '6 threshold percent: "half" is no percentage from 0 to 100',
      '7 : a quoted cell that never ends',
    ]);
  });

  test.each<[string, string, string[]]>([
    ['it is empty', '', ['0 : the file is empty: its first line must name the columns']],
    ['it has no rows', 'iccid,label\n,\n', ['0 : has a header and no rows']],
    [
      'columns are unknown, twice or nameless',
      'iccid,lable,tags,Tags,,group\n',
      [
        '1 lable: is not known; known are iccid, label, tags, group, threshold percent',
        '1 Tags: the header names this column twice',
        '1 : column 5 has no name; known are iccid, label, tags, group, threshold percent',
      ],
    ],
    ['nobody is named', 'label\na', ['1 iccid: is missing: it says whose row it is']],
    [
      'a column is called like a part of every object',
      `iccid,label,constructor\n${ONE},a,b`,
      [expect.stringMatching('1 constructor: is not known')],
    ],
    [
      'there is nothing to change',
      `iccid,status\n${ONE},enabled`,
      ['1 : nothing to change: the file needs at least one of label, tags, group, threshold percent'],
    ],
    [
      'it is cut by semicolons',
      `iccid;label\n${ONE};a`,
      ['1 : the cells are separated by semicolons: save as .xlsx, or as CSV with commas'],
    ],
    ['it holds NUL', `iccid,label\n${ONE},\0`, [expect.stringMatching('0 : the file holds NUL characters')]],
    [
      'it has too many rows',
      `iccid,label\n${`${ONE},a\n`.repeat(100_000)}`,
      ['0 : more than 100000 rows: split the file'],
    ],
  ])('because %s, it says so', (_, text, expected) => expect(told(csv(text))).toEqual(expected));

  test('because it is too large, it is not even read', () => {
    expect(told(parseSimImport(Buffer.alloc(MAX_FILE_BYTES + 1, 'a'), false))).toEqual([
      '0 : the file is larger than 4.5 MB: split it',
    ]);
  });

  test('is told a hundred mistakes, and how many there are', () => {
    const read = csv(`iccid,label\n${'x,y\n'.repeat(250)}`);
    expect([read.issues.length, read.issueCount]).toEqual([100, 250]);
    const more = withFleet(csv(`iccid,label\n${ONE},a\n${'x,y\n'.repeat(250)}`), () => undefined);
    expect([more.issues.length, more.issueCount, more.issues[0]?.line]).toEqual([100, 251, 2]);
  });

  test('names the bad cells of a workbook by their column, and judges the others too', () => {
    const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
    const sheet = `<row>${text('iccid')}${text('label')}</row><row>${text('x')}<c t="e"><v>#REF!</v></c></row>`;
    expect(told(parseSimImport(workbook(sheet), true))).toEqual([
      '2 label: holds the error #REF!',
      '2 iccid: "x" is no ICCID: send its 18 to 20 digits',
    ]);
  });
});

describe('the fleet', () => {
  const own = (given: string) => ownIccid(given, KNOWN);
  test('knows a SIM by its ICCID, with or without the check digit of the card', () => {
    expect([ONE, `${ONE}7`, `${ONE}6`, '8988000000000000009'].map(own)).toEqual([ONE, ONE, undefined, undefined]);
  });

  test('and so tells who is unknown, and who stands there twice, however written', () => {
    const read = withFleet(
      csv(`iccid,label\n${ONE},a\n8988000000000000009,b\n${ONE}7,c\n8988000000000000000,d\n`),
      own,
    );
    expect(told(read)).toEqual([
      '3 iccid: 8988000000000000009 is no SIM of this tenant: look it up in GET /v1/sims',
      `4 iccid: ${ONE} stands in line 2 already: keep one of them`,
      '5 iccid: 8988000000000000000 is no SIM of this tenant: look it up in GET /v1/sims; perhaps a spreadsheet rounded it, and its end was not zeros',
    ]);
  });
});

describe('the plan', () => {
  const notes = new Map([[ONE, { iccid: ONE, tags: ['a', 'b'], group: 'north', thresholdPercent: 20 }]]);
  const planned = (text: string) => planImport(csv(text).rows, KNOWN, notes);

  test('holds what changes, by storage target, with what was before', () => {
    const plan = planned(`iccid,label,tags,group,threshold\n${ONE},unit 2,-,,5\n${TWO},,x,south,\n`);
    expect(plan.changes).toEqual([
      { line: 2, iccid: ONE, field: 'label', before: 'unit 1', after: 'unit 2' },
      { line: 2, iccid: ONE, field: 'tags', before: 'a, b', after: null },
      { line: 2, iccid: ONE, field: 'thresholdPercent', before: '20', after: '5' },
      { line: 3, iccid: TWO, field: 'tags', before: null, after: 'x' },
      { line: 3, iccid: TWO, field: 'group', before: null, after: 'south' },
    ]);
    expect(plan.labels).toEqual([{ iccid: ONE, label: 'unit 2' }]);
    expect([...plan.notes]).toEqual([
      ['a.0001', [{ iccid: ONE, tags: [], group: 'north', thresholdPercent: 5 }]],
      ['a.0002', [{ iccid: TWO, tags: ['x'], group: 'south' }]],
    ]);
    expect(plan.changedSims).toBe(2);
  });

  test('leaves what the file does not name as it is', () => {
    const plan = planned(`iccid,group\n${ONE},south\n`);
    expect(plan.notes.get('a.0001')).toEqual([{ iccid: ONE, tags: ['a', 'b'], group: 'south', thresholdPercent: 20 }]);
  });

  test('is empty where everything is so already', () => {
    const plan = planned(`iccid,label,tags,group,threshold\n${ONE},unit 1,"b,a",north,20\n${TWO},-,-,-,-\n`);
    expect([plan.changes, plan.labels, plan.notes.size, plan.changedSims]).toEqual([[], [], 0, 0]);
  });

  test('removes a label with an empty one, and a threshold of 0 is one', () => {
    const plan = planned(`iccid,label,threshold\n${ONE},-,0\n`);
    expect(plan.labels).toEqual([{ iccid: ONE, label: '' }]);
    expect(plan.notes.get('a.0001')?.[0]?.thresholdPercent).toBe(0);
  });
});
