import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isProblem, readCsv } from '../../../shared/samples/csv.ts';

const cellsOf = (text: string) => [...readCsv(text)].map((entry) => (isProblem(entry) ? entry.message : entry.cells));

describe('reading CSV', () => {
  test.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['\uFEFFa,b', [['a', 'b']]],
    [
      'a,,b\n,,\n',
      [
        ['a', '', 'b'],
        ['', '', ''],
      ],
    ],
    ['\n\na\n\n', [['a']]],
    ['"a,b","c ""d"""\n', [['a,b', 'c "d"']]],
    [
      '"two\nlines",x\ny,z',
      [
        ['two\nlines', 'x'],
        ['y', 'z'],
      ],
    ],
    ['"",x', [['', 'x']]],
    ['', []],
  ])('%j', (text, cells) => {
    expect(cellsOf(text)).toEqual(cells);
  });

  test('a broken record is told with its line, and those around it are read', () => {
    expect([...readCsv('a,b\n"x\ny",2\n1,a"b\n"c"d,2\n3,4\n5,"never\nends')]).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['x\ny', '2'] },
      { line: 4, message: expect.stringContaining('quote inside a cell') },
      { line: 5, message: expect.stringContaining('after the closing quote') },
      { line: 6, cells: ['3', '4'] },
      { line: 7, message: 'a quoted cell that never ends' },
    ]);
  });

  test('whatever is written quoted comes back, and any text at all is read to its end', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        const text = rows.map((row) => row.map((c) => `"${c.replaceAll('"', '""')}"`).join(',')).join('\r\n');
        expect(cellsOf(text)).toEqual(rows);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r'), maxLength: 40 }), (text) => {
        for (const entry of readCsv(text)) expect(entry.line).toBeGreaterThan(0);
      }),
    );
  });
});
