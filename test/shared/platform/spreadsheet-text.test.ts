import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeText, neutralised, unneutralised, writeCsv } from '../../../shared/platform/spreadsheet-text.ts';
import { readCsv } from '../../../shared/samples/csv.ts';

describe('CSV', () => {
  test('has a mark, quotes where they are needed and no number as text', () => {
    const rows = [
      ['a,b', 'c"d', 'e\nf', ' g', 'h'],
      [-5, -7n, { decimal: '-1.500000' }, undefined, Number.NaN],
    ];
    expect([...writeCsv(rows)].join('')).toBe('\uFEFF"a,b","c""d","e\nf"," g",h\r\n-5,-7,-1.500000,,\r\n');
  });

  test.each(['=1+1', '+44', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1', "'=1", "''-"])(
    '%j starts no formula',
    (text) => {
      expect(neutralised(text)).toBe(`'${text}`);
    },
  );
  test.each(['a=1', "it's", "'a", '5', ' =1', ''])('%j stays as it is', (text) => expect(neutralised(text)).toBe(text));

  test('what was made harmless is found again, and no cell begins like a formula', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom("'", '=', '-', '"', ',', '\n', 'a') }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText), { minLength: 1 }), (rows) => {
        const read = [...readCsv([...writeCsv(rows)].join(''))].map((entry) => ('cells' in entry ? entry.cells : []));
        expect(read.flat().filter((cell) => /^[=+\-@\t\r\n]/.test(cell))).toEqual([]);
        expect(read.map((cells) => cells.map(unneutralised))).toEqual(rows);
      }),
    );
  });
});

describe('octets', () => {
  test.each<[string, Buffer]>([
    ['UTF-8', Buffer.from('é,1')],
    ['UTF-8 with its mark', Buffer.from('\uFEFFé,1')],
    ['UTF-16 with its mark', Buffer.from('\uFEFFé,1', 'utf16le')],
    ['UTF-16, the other way round', Buffer.from('\uFEFFé,1', 'utf16le').swap16()],
  ])('of %s are text', (_, bytes) => expect(decodeText(bytes)).toEqual({ text: 'é,1' }));

  test.each<[string, Buffer, RegExp]>([
    ['Latin-1', Buffer.from('é,1', 'latin1'), /not UTF-8: save it as "CSV UTF-8"/],
    ['UTF-16 without its mark', Buffer.from('a,1', 'utf16le'), /NUL/],
    ['UTF-16 that a door took for UTF-8', Buffer.from(Buffer.from('\uFEFFa,1', 'utf16le').toString('utf8')), /UTF-16/],
    ['Latin-1 that a door took for UTF-8', Buffer.from(Buffer.from('é,1', 'latin1').toString('utf8')), /not UTF-8/],
    ['anything with a NUL', Buffer.from('a\0b'), /NUL/],
  ])('of %s are refused with a way out', (_, bytes, reason) => {
    expect(decodeText(bytes)).toEqual({ message: expect.stringMatching(reason) });
  });
});
