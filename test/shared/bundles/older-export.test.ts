import { describe, expect, test } from 'vitest';
import { isOlderExport, parseOlderExport } from '../../../shared/bundles/older-export.ts';

const HEADER =
  'id,timestamp,subscriber_id,plan_name,plan_id,remaining_balance_gb,remaining_balance_bytes,expires_in_days,' +
  'is_active,is_home_plan,total_data_usage_bytes,raw_response,created_at';
const NOW = Date.parse('2026-11-20T12:00:00Z');
const HOME = '0000000000000000000000a1';

interface Stored {
  readonly gb: string;
  readonly total?: string;
  readonly days?: string;
  readonly active?: string;
  readonly raw?: string;
  readonly at?: string;
}

function line({
  gb,
  total = '0',
  days = '28',
  active = '1',
  raw = '',
  at = '2026-11-01 10:00:00.123456',
}: Stored): string {
  const quoted = `"${raw.replaceAll('"', '""')}"`;
  return `1,${at},aaaaaaaa-0000-4000-8000-000000000001,1 Month Unlimited,${HOME},${gb},0,${days},${active},1,${total},${quoted},${at}`;
}

const answer = (remainingBalance: string, expiresIn = '28 days') =>
  JSON.stringify(
    { data: { subscriberActiveAndUnusedPlans: [{ planId: HOME, remainingBalance, expiresIn }] } },
    null,
    1,
  );
const read = (...stored: Stored[]) => parseOlderExport([HEADER, ...stored.map(line)].join('\n'), { now: NOW });

describe("the older monitor's export", () => {
  test.each<[string, Stored, bigint | undefined]>([
    ['exact bytes that agree with what was shown', { gb: '900.5', total: '900500000123' }, 900_500_000_123n],
    ['the text where the bytes are of another purchase', { gb: '900.5', total: '500000000' }, 900_500_000_000n],
    ['the text where there are no bytes', { gb: '900.5' }, 900_500_000_000n],
    ['a text in MB, which was divided by 1024', { gb: '0.48828125' }, 500_000_000n],
    ['exact bytes beside a text in MB', { gb: '0.48828125', total: '499961234' }, 499_961_234n],
    ['0.5 as "512.0 MB"', { gb: '0.5' }, 512_000_000n],
    ['0.5 as "0.5 GB" when the bytes say so', { gb: '0.5', total: '500010000' }, 500_010_000n],
    ['a double printed with all its digits', { gb: '900.5000000000001' }, 900_500_000_000n],
    ['0 as unknown: it stood for every text but GB and MB', { gb: '0.0', total: '1200000000000' }, undefined],
    ['0 as nothing when the answer says "0 KB"', { gb: '0.0', raw: answer('0 KB') }, 0n],
    ['a TB text from the answer', { gb: '0.0', total: '1200000000777', raw: answer('1.2 TB') }, 1_200_000_000_777n],
    ['"Unlimited" as no amount', { gb: '0.0', raw: answer('Unlimited') }, undefined],
    ['the columns where the answer was cut', { gb: '900.5', raw: answer('900.5 GB').slice(0, 50) }, 900_500_000_000n],
  ])('reads %s', (_, stored, remaining) => {
    const { rows, errors } = read(stored);
    expect(errors).toEqual([]);
    expect(rows[0]?.values.remaining).toBe(remaining);
  });

  test.each<[string, Stored, bigint | undefined]>([
    ['days', { gb: '1.0', days: '28' }, 2_419_200n],
    ['0 days as unknown', { gb: '1.0', days: '0' }, undefined],
    ['0 days as hours when the answer says so', { gb: '1.0', days: '0', raw: answer('1.0 GB', '5 hours') }, 18_000n],
    ['0 days as over when the answer says so', { gb: '1.0', days: '0', raw: answer('1.0 GB', 'Expired') }, 0n],
  ])('reads the time left: %s', (_, stored, seconds) => {
    expect(read(stored).rows[0]?.values.expiresIn).toBe(seconds);
  });

  test('reads instants as UTC, plans by id, and whether one was active', () => {
    const { rows } = read({ gb: '1.0', active: '0' });
    expect(rows[0]).toMatchObject({
      line: 2,
      at: Date.parse('2026-11-01T10:00:00.123Z'),
      entityKey: HOME,
      keyedBy: 'plan_id',
      values: { active: 0n },
    });
  });

  test('tells every bad row by line and column, past answers of many lines, and gives none', () => {
    const { rows, errors } = read(
      { gb: '1.0', raw: answer('1.0 GB') },
      { gb: 'lots' },
      { gb: '0.333333' },
      { gb: '1.0', days: 'soon' },
      { gb: '1.0', active: 'maybe' },
      { gb: '1.0', total: '-5' },
      { gb: '1.0', at: 'yesterday' },
    );
    const answerLines = answer('1.0 GB').split('\n').length;
    expect(rows).toEqual([]);
    expect(errors.map(({ line: at, column }) => [at - answerLines, column])).toEqual([
      [2, 'remaining_balance_gb'],
      [3, 'remaining_balance_gb'],
      [4, 'expires_in_days'],
      [5, 'is_active'],
      [6, 'total_data_usage_bytes'],
      [7, 'timestamp'],
    ]);
  });

  test('an answer that tries to reach prototypes is only an answer of another shape', () => {
    const { rows } = read({ gb: '2.0', raw: '{"__proto__":{"data":1},"data":{"subscriberActiveAndUnusedPlans":{}}}' });
    expect(rows[0]?.values.remaining).toBe(2_000_000_000n);
  });

  test('is told from other files by its header', () => {
    expect(isOlderExport(`${HEADER}\n`)).toBe(true);
    expect(isOlderExport('at,entity,remaining\n')).toBe(false);
    expect(isOlderExport('')).toBe(false);
    expect(parseOlderExport('timestamp,plan_id\n', { now: NOW }).errors.map((e) => e.column)).toContain('is_active');
  });
});
