import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SimNote } from '../../../shared/sims/note.ts';
import { type SimExportRow, simsAsCsv, simsAsXlsx } from '../../../shared/sims/sims-export.ts';
import { parseSimImport, withFleet } from '../../../shared/sims/sims-import.ts';
import { planImport } from '../../../shared/sims/sims-import-plan.ts';

const tag = fc.string({ unit: fc.constantFrom(...'abz09-_'), minLength: 1, maxLength: 40 });
/** As it is stored: no spaces around it, no control characters. */
const word = (most: number) =>
  fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: most }),
      fc.string({ unit: fc.constantFrom(...'\'-=+@",;_x0041a '), minLength: 1, maxLength: most }),
      fc.constantFrom('-', "'-", "''-", '=1+1', "'=1+1", '0007', '8.988E+18', 'TRUE'),
    )
    .map((text) => text.trim())
    .filter((text) => text !== '' && text.length <= most && !/[\p{Cc}\uFFFD]/u.test(text));

const rowOf = (at: number) =>
  fc
    .record(
      {
        iccid: fc.constant(`89880000000000${String(at).padStart(5, '0')}`),
        account: fc.constant('acct'),
        tags: fc.uniqueArray(tag, { maxLength: 20 }).map((tags) => tags.sort()),
        label: word(60),
        group: word(60),
        thresholdPercent: fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100),
        dataRemaining: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
        dataTotal: fc.constant(500_000_000n),
        imei: fc.constant('0000000000000018'),
      },
      { requiredKeys: ['iccid', 'account', 'tags'] },
    )
    .map((row): SimExportRow => row);
const rows = fc.nat(8).chain((count) => fc.tuple(...Array.from({ length: count + 1 }, (_, at) => rowOf(at))));

const noteOf = ({ iccid, tags, group, thresholdPercent }: SimExportRow): SimNote => ({
  iccid,
  tags,
  ...(group === undefined ? {} : { group }),
  ...(thresholdPercent === undefined ? {} : { thresholdPercent }),
});
const isEmpty = (note: SimNote) => note.tags.length === 0 && Object.keys(note).length === 2;

test.each([false, true])('what was exported imports as the same notes and labels (XLSX: %s)', (isXlsx) => {
  fc.assert(
    fc.property(rows, (all) => {
      const file = isXlsx ? Buffer.concat([...simsAsXlsx(all)]) : Buffer.from([...simsAsCsv(all)].join(''));
      const read = withFleet(parseSimImport(file, isXlsx), (given) => given);
      expect(read.issues).toEqual([]);
      const known = new Map(all.map(({ iccid, label }) => [iccid, { iccid, target: 'acct.0000', label }]));
      const notes = all.map(noteOf);
      const same = planImport(read.rows, known, new Map(notes.map((note) => [note.iccid, note])));
      expect(same.changes).toEqual([]);
      const unlabelled = new Map([...known].map(([iccid, sim]) => [iccid, { iccid, target: sim.target }]));
      const anew = planImport(read.rows, unlabelled, new Map());
      expect(anew.notes.get('acct.0000') ?? []).toEqual(notes.filter((note) => !isEmpty(note)));
      expect(anew.labels).toEqual(
        all.filter((r) => r.label !== undefined).map(({ iccid, label }) => ({ iccid, label })),
      );
    }),
  );
});
