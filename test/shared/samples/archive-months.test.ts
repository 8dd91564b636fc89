import { describe, expect, test } from 'vitest';
import {
  archiveMonthOf,
  contentsName,
  draftName,
  dueAt,
  dueMonths,
  lateMonths,
  monthName,
  monthSpan,
  monthsWithin,
  partName,
  targetName,
  tenantFolder,
} from '../../../shared/samples/archive-months.ts';

const DAY_MS = 86_400_000;
const at = (text: string) => Date.parse(text);

describe('which months', () => {
  test.each([
    { name: 'the last millisecond of a month is its own', instant: '2025-02-28T23:59:59.999Z', month: '2025-02' },
    { name: 'a leap day is of February', instant: '2024-02-29T23:59:59.999Z', month: '2024-02' },
    {
      name: 'midnight in UTC begins the next one, whatever the time at the tenant is',
      instant: '2024-03-01T00:00:00Z',
      month: '2024-03',
    },
    { name: 'so does the year', instant: '2025-01-01T00:00:00Z', month: '2025-01' },
  ])('$name', ({ instant, month }) => {
    expect(archiveMonthOf(at(instant))).toBe(month);
  });

  test.each([
    { month: '2024-02', days: 29 },
    { month: '2025-02', days: 28 },
    { month: '2100-02', days: 28 },
    { month: '2025-12', days: 31 },
  ])('$month has $days days', ({ month, days }) => {
    const { from, to } = monthSpan(month);
    expect((to - from) / DAY_MS).toBe(days);
    expect(archiveMonthOf(to)).not.toBe(month);
    expect(archiveMonthOf(to - 1)).toBe(month);
  });

  test('a month is due 360 days after it began, and not a millisecond before', () => {
    const due = dueAt('2025-03');
    expect(new Date(due).toISOString()).toBe('2026-02-24T00:00:00.000Z');
    expect(dueMonths(due - 1)).not.toContain('2025-03');
    expect(dueMonths(due)).toContain('2025-03');
  });

  test('when it is due it is over, nothing in it is a year old, and its first chunk lives forty days more', () => {
    for (let month = '2023-01'; month < '2032-01'; month = archiveMonthOf(monthSpan(month).to)) {
      const { from, to } = monthSpan(month);
      const due = dueAt(month);
      expect(to).toBeLessThan(due);
      expect(due - from).toBeLessThan(365 * DAY_MS);
      expect(from + 400 * DAY_MS - due).toBe(40 * DAY_MS);
    }
  });

  test('it stays due while any of its chunks lives, and no longer', () => {
    const last = monthSpan('2025-03').to + 400 * DAY_MS;
    expect(dueMonths(last - 1)).toContain('2025-03');
    expect(dueMonths(last)).not.toContain('2025-03');
  });

  test('two or three are due at any time, in order, without a hole', () => {
    for (let now = at('2026-01-01T00:00:00Z'); now < at('2029-01-01T00:00:00Z'); now += DAY_MS) {
      const months = dueMonths(now);
      expect(months.length).toBeGreaterThanOrEqual(2);
      expect(months.length).toBeLessThanOrEqual(3);
      const [first = '', ...rest] = months;
      expect(rest[0]).toBe(archiveMonthOf(monthSpan(first).to));
    }
  });

  test('a chunk is late when its month may be archived', () => {
    const now = dueAt('2025-03');
    const starts = ['2025-02-28T18:00:00Z', '2025-03-01T00:00:00Z', '2025-03-31T18:00:00Z', '2025-04-01T00:00:00Z'];
    expect(lateMonths(starts.map(at), now)).toEqual(['2025-02', '2025-03']);
    expect(lateMonths(starts.map(at), now - 2 * DAY_MS)).toEqual(['2025-02']);
  });

  test('so is one that is stored while its month becomes due: its fold began before', () => {
    expect(lateMonths([at('2025-03-31T18:00:00Z')], dueAt('2025-03') - 1)).toEqual(['2025-03']);
  });

  test('a span names the months that it touches', () => {
    expect(monthsWithin(at('2024-12-31T23:00:00Z'), at('2025-02-01T00:00:00Z'))).toEqual(['2024-12', '2025-01']);
    expect(monthsWithin(at('2024-12-31T23:00:00Z'), at('2025-02-01T00:00:00.001Z')).at(-1)).toBe('2025-02');
    expect(monthsWithin(at('2025-01-01T00:00:00Z'), at('2025-01-01T00:00:00Z'))).toEqual([]);
  });
});

describe('names of objects', () => {
  const ref = { tenant: 'demo', month: '2025-01', kind: 'interface', target: 'core1' };

  test('the tenant leads, and its folder is the beginning of no other', () => {
    expect(targetName(ref)).toBe('demo/2025-01/interface/core1/done.json');
    expect(partName(ref, 7, 'abc')).toBe('demo/2025-01/interface/core1/0007-abc.csv.gz');
    expect(monthName('demo', '2025-01')).toBe('demo/2025-01/done.json');
    expect('demo-2/2025-01/done.json'.startsWith(tenantFolder('demo'))).toBe(false);
  });

  test.each([
    '..',
    '../../other/2025-01/interface/core1',
    '.',
    'a/b',
    'a%2Fb',
    '%2e%2e',
    'done.json',
    "x'(*)!",
    'ä b',
    '\0',
  ])('a target named %j stays in its own folder', (target) => {
    const own = { ...ref, target };
    const names = [targetName(own), draftName(own), partName(own, 1, 'abc'), contentsName(partName(own, 1, 'abc'))];
    for (const name of names) {
      const parts = name.split('/');
      expect(parts).toHaveLength(5);
      expect(parts.slice(0, 3)).toEqual(['demo', '2025-01', 'interface']);
      expect(parts[3]).toMatch(/^[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*$/);
      expect(decodeURIComponent(parts[3] ?? '')).toBe(target);
    }
    expect(new Set(names).size).toBe(names.length);
  });
});
