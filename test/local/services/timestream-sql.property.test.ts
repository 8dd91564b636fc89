/** Whatever a query says, the emulator answers or refuses; it never falls over, and never reads what is not its own. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimestreamFailure } from '../../../local/services/timestream-failure.ts';
import { translate } from '../../../local/services/timestream-sql.ts';
import { doubleText, timestampText } from '../../../local/services/timestream-values.ts';

const numRuns = process.env.HEADROOM_LONG ? 20_000 : 1500;
const words = (
  'SELECT FROM WHERE GROUP BY ORDER LIMIT WITH AS AND OR NOT BETWEEN IN LIKE IS NULL CASE WHEN THEN ELSE END CAST ' +
  'DISTINCT OVER PARTITION time entity octets "headroom" . "samples" "s" ( ) ( ) , * + - / = < > 1 2.5 5m \'x\' ' +
  'bin( avg( count( lag( ago( now() read_csv( attach copy pragma ; -- /* information_schema'
).split(' ');
const sql = fc.oneof(
  fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => parts.join(' ')),
  fc
    .array(fc.constantFrom(...words), { maxLength: 12 })
    .map((parts) => `SELECT ${parts.join(' ')} FROM "headroom"."samples"`),
  fc.string({ unit: 'grapheme' }),
);
const source = async () => ({ sql: 'SELECT 1', columns: ['time', 'entity', 'octets'] });

test('any text is translated or refused in words of AWS', async () => {
  await fc.assert(
    fc.asyncProperty(sql, async (text) => {
      const outcome = await translate(text, { now: 0, source }).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(TimestreamFailure);
    }),
    { numRuns },
  );
});

test('what stands in a text literal or a name stays inside it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (text) => {
      const literal = `'${text.replaceAll("'", "''")}'`;
      const { sql: written } = await translate(`SELECT ${literal}`, { now: 0, source });
      expect(written).toBe(`SELECT CAST(${literal} AS VARCHAR) AS "_col0"`);
      const name = `"${text.replaceAll('"', '""')}"`;
      const aliased = await translate(`SELECT 1 AS ${name}`, { now: 0, source });
      expect(aliased.sql).toBe(`SELECT CAST(1 AS INTEGER) AS ${name}`);
    }),
    { numRuns: numRuns / 5 },
  );
});

test('a double is written so that it reads back the same, always with a point', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      const text = doubleText(value);
      expect(Number(text)).toBe(value === 0 ? 0 : value);
      if (Number.isFinite(value)) expect(text).toMatch(/^-?\d+\.\d+(E-?\d+)?$/);
    }),
    { numRuns },
  );
});

test('an instant is written with nine digits of its second and reads back the same', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }), (micros) => {
      const text = timestampText(micros);
      expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}000$/);
      const seconds = BigInt(Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`)) * 1000n;
      expect(seconds + BigInt(text.slice(20, 26))).toBe(micros);
    }),
    { numRuns },
  );
});
