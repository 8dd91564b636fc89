import { describe, expect, test } from 'vitest';
import { IMPORT_PART, instantOf, MAX_IMPORT_ROWS, parseImport, toBatches } from '../../../shared/samples/import.ts';
import type { Metric } from '../../../shared/samples/metric.ts';

const METRICS: Metric[] = [
  { id: 'remaining', kind: 'balance', unit: 'octets', title: 'Data left' },
  { id: 'expiresIn', kind: 'gauge', unit: 'seconds', title: 'Ends in' },
];
const NOW = Date.parse('2026-11-20T12:00:00Z');
const parse = (text: string) => parseImport(text, { metrics: METRICS, now: NOW });

describe('the history import', () => {
  test('reads instants, keys and whole numbers; an empty cell is unknown', () => {
    const { rows, errors } = parse(
      'at,entity,remaining,expiresIn\n2026-11-01T00:00:00Z,home/a,900,60\n2026-11-01T03:00:00+03:00,home/b,,7\n',
    );
    expect(errors).toEqual([]);
    const at = Date.parse('2026-11-01T00:00:00Z');
    expect(rows).toEqual([
      { line: 2, at, entityKey: 'home/a', keyedBy: 'entity', values: { remaining: 900n, expiresIn: 60n } },
      { line: 3, at, entityKey: 'home/b', keyedBy: 'entity', values: { expiresIn: 7n } },
    ]);
  });

  test('names an entity by plan when that is all there is', () => {
    const { rows } = parse('timestamp,plan_id,plan_name,remaining\n2026-11-01 00:00:00,,Home,1\n');
    expect(rows[0]).toMatchObject({ entityKey: 'Home', keyedBy: 'plan_name' });
  });

  test('tells every bad row at once and gives none', () => {
    const { rows, errors, errorCount } = parse(
      [
        'at,entity,remaining',
        '2026-11-01T00:00:00Z,home/a,1',
        'yesterday,home/a,1',
        '2026-11-01T00:15:00Z,,1',
        '2026-11-01T00:30:00Z,home/a,=1+1',
        '2026-11-01T00:45:00Z,home/a,1.5',
        '2026-11-01T01:00:00Z,home/a,',
        '2026-11-01T01:15:00Z,home/a',
        '2027-01-01T00:00:00Z,home/a,1',
        '2001-01-01T00:00:00Z,home/a,1',
        '2026-11-01T00:00:00Z,home/a,2',
        '2026-11-01T01:30:00Z,home/a,99999999999999999999',
        '2026-11-01T01:45:00Z,home/a,"1',
      ].join('\n'),
    );
    expect(rows).toEqual([]);
    expect(errorCount).toBe(errors.length);
    expect(errors.map(({ line, column }) => [line, column])).toEqual([
      [3, 'at'],
      [4, 'entity'],
      [5, 'remaining'],
      [6, 'remaining'],
      [7, ''],
      [8, ''],
      [9, 'at'],
      [10, 'at'],
      [11, ''],
      [12, 'remaining'],
      [13, ''],
    ]);
    expect(errors[2]?.message).toContain('"=1+1" is not a whole number');
  });

  test.each([
    ['', 'empty'],
    ['at,entity,remaining\0\n', 'NUL'],
    ['entity,remaining\nx,1', '`at` or `timestamp`'],
    ['at,remaining\n2026-11-01T00:00:00Z,1', 'one of entity'],
    ['at,entity\n2026-11-01T00:00:00Z,x', 'no column of a metric'],
    ['at,entity,remaining,speed\n2026-11-01T00:00:00Z,x,1,2', 'not a metric'],
    ['at,entity,remaining,remaining\n2026-11-01T00:00:00Z,x,1,2', 'twice'],
  ])('%j is refused as a whole', (text, message) => {
    const { rows, errors } = parse(text);
    expect(rows).toEqual([]);
    expect(errors.some((error) => error.line <= 1 && error.message.includes(message))).toBe(true);
  });

  test('a flood of rows is refused, and a flood of errors is counted', () => {
    const flood = parse(`at,entity,remaining\n${'2026-11-01T00:00:00Z,a,1\n'.repeat(MAX_IMPORT_ROWS + 1)}`);
    expect(flood.errors[0]?.message).toContain('split the file');
    const bad = parse(`at,entity,remaining\n${'x,a,1\n'.repeat(1500)}`);
    expect([bad.errors.length, bad.errorCount]).toEqual([1000, 1500]);
  });

  test.each([
    ['2026-11-01T00:00:00Z', '2026-11-01T00:00:00.000Z'],
    ['2026-11-01 00:00:00.123456', '2026-11-01T00:00:00.123Z'],
    ['2026-11-01T00:00', '2026-11-01T00:00:00.000Z'],
    ['2026-11-01T00:00:00+0530', '2026-10-31T18:30:00.000Z'],
    ['2026-02-30T00:00:00Z', undefined],
    ['2026-11-01', undefined],
    ['01/11/2026 00:00', undefined],
    ['1793491200', undefined],
  ])('%j as an instant is %j', (text, iso) => {
    const at = instantOf(text);
    expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(iso);
  });
});

describe('batches of an import', () => {
  const target = {
    ref: { tenant: 'demo', kind: 'bundle', target: 'home' },
    periodSeconds: 900,
    receivedAt: NOW,
    entityOf: ({ entityKey }: { entityKey: string }) => `home/${entityKey}`,
  };
  const rowsOf = (...instants: [string, string][]) =>
    parse(`at,entity,remaining\n${instants.map(([at, entity], n) => `${at},${entity},${n}`).join('\n')}`).rows;

  test('stand on the grid of the period; readings of one slot share a batch, a second one keeps its own instant', () => {
    const batches = toBatches(
      rowsOf(
        ['2026-11-01T00:17:00Z', 'b'],
        ['2026-11-01T00:07:10Z', 'a'],
        ['2026-11-01T00:07:11Z', 'b'],
        ['2026-11-01T00:09:00Z', 'a'],
      ),
      target,
    );
    const iso = (at: number) => new Date(at).toISOString().slice(11, 19);
    expect(batches.map((b) => [iso(b.slot), b.boundary, b.part, b.readings.map((r) => r.entity)])).toEqual([
      ['00:00:00', true, IMPORT_PART, ['home/a', 'home/b']],
      ['00:09:00', false, IMPORT_PART, ['home/a']],
      ['00:15:00', true, IMPORT_PART, ['home/b']],
    ]);
    expect(batches[0]?.readings.map((r) => iso(r.receivedAt))).toEqual(['00:07:10', '00:07:11']);
    expect(batches.every((b) => b.receivedAt === NOW)).toBe(true);
  });

  test('are the same for the same rows, in whatever order they come', () => {
    const rows = rowsOf(['2026-11-01T00:07:00Z', 'a'], ['2026-11-01T00:08:00Z', 'a'], ['2026-11-01T00:40:00Z', 'b']);
    expect(toBatches([...rows].reverse(), target)).toEqual(toBatches(rows, target));
  });
});
