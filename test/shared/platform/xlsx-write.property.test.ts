import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readXlsx } from '../../../shared/platform/xlsx-read.ts';
import { writeXlsx } from '../../../shared/platform/xlsx-write.ts';

const columns = ['first', 'a & b'].map((title) => ({ title, isText: true }));
const written = (rows: readonly (readonly (string | bigint | undefined)[])[]) =>
  Buffer.concat([...writeXlsx({ name: 'SIMs', columns }, rows)]);

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '=1+1',
    '@x',
    '-5',
    '0007',
    '8988000000000000001',
    '_x0041_',
    '_x005F_',
    'a\r\nb\t',
    ' x ',
    '<&>"\'',
    '\uFFFE',
  ),
);

test('texts come back as they were, whatever they begin with', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyText, anyText), { maxLength: 10 }), (rows) => {
      const read = [...readXlsx(written(rows))].map((entry) => ('cells' in entry ? entry.cells : entry));
      const filled = rows
        .filter((row) => row.some((cell) => cell !== ''))
        .map((row) => row.map((cell) => cell.replace(/\p{Cs}/gu, '\uFFFD')));
      expect(read).toEqual([['first', 'a & b'], ...filled]);
    }),
  );
});

test('no cell is a formula, a number is one only while it is exact', () => {
  const file = written([
    ['=HYPERLINK("x")', 123456789012345n],
    ['+1', 1234567890123456n],
  ]);
  const read = [...readXlsx(file)].slice(1);
  expect(read).toEqual([
    { line: 2, cells: ['=HYPERLINK("x")', '123456789012345'] },
    { line: 3, cells: ['+1', '1234567890123456'] },
  ]);
});

test('a sheet that is written in many pieces reads as one', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => [`SIM ${i}`, BigInt(i * 7919)]);
  const read = [...readXlsx(written(rows))];
  expect(read).toHaveLength(20_001);
  expect(read.at(-1)).toEqual({ line: 20_001, cells: ['SIM 19999', String(19_999 * 7919)] });
});

test('the same rows make the same file', () => {
  expect(written([['a', 1n]]).equals(written([['a', 1n]]))).toBe(true);
});
