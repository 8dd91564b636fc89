import { describe, expect, test } from 'vitest';
import { type ShownSim, shownSim, simAccount } from '../../../shared/sims/shown-sim.ts';
import { filterSims, type SimFilter, type SimSort, simOrder, simPage } from '../../../shared/sims/sims-list.ts';
import { entityOf, HOUR_MS, headEntityOf, iccidAt, NOW, type SimSpec } from './shown-world.ts';

const ACCOUNTS = new Map(['fleet', 'other'].map((id) => [id, simAccount(id, undefined, undefined)] as const));
const shown = (spec: Partial<SimSpec> & { n: number }): ShownSim => {
  const whole = { iccid: iccidAt(spec.n), ...spec };
  return shownSim(entityOf(whole), headEntityOf(whole), ACCOUNTS);
};
const seconds = (at: number) => BigInt(at / 1000);

describe('a filter', () => {
  const sims = [
    shown({
      n: 1,
      attributes: {
        ...{ enabled: true, label: 'Pump North', dataLevel: 'sufficient', countryCode: 'KE' },
        ...{ msisdn: '882000000000001', imei: '0000000000000018', imsi: '901000000000001' },
      },
      note: { tags: ['water', 'north'], group: 'pumps' },
      values: { presence: 2n, lastSeen: seconds(NOW - HOUR_MS) },
    }),
    shown({
      n: 2,
      attributes: { enabled: false, label: 'Meter', dataLevel: 'low', countryCode: 'PL' },
      note: { tags: ['north-east'] },
      values: { presence: 0n, lastSeen: seconds(NOW - 2 * HOUR_MS) },
    }),
    shown({ n: 3, account: 'other', attributes: { dataLevel: 'exhausted', msisdn: '882000000000002' } }),
    shown({ n: 4, values: { dataRemaining: 10n, dataTotal: 100n } }),
  ];
  const numbers = (filter: SimFilter) => filterSims(sims, filter, NOW).map((s) => Number(s.iccid.slice(4)));

  test.each<[string, SimFilter, number[]]>([
    ['nothing holds all', {}, [1, 2, 3, 4]],
    ['enabled', { status: 'enabled' }, [1]],
    ['disabled', { status: 'disabled' }, [2]],
    ['a status that is neither is unknown', { status: 'unknown' }, [3, 4]],
    ['quota as the list says', { quota: 'sufficient' }, [1]],
    ['quota as the list says, or as the reading comes to', { quota: 'low' }, [2, 4]],
    ['an exhausted quota', { quota: 'exhausted' }, [3]],
    ['an unknown quota', { quota: 'unknown' }, []],
    ['part of the label in any case', { label: 'pump n' }, [1]],
    ['a label is not looked for in numbers', { label: '8820' }, []],
    ['part of a number', { search: '882000000000002' }, [3]],
    ['part of an IMEI', { search: '000018' }, [1]],
    ['part of an IMSI', { search: '9010' }, [1]],
    ['part of an ICCID', { search: '8988' }, [1, 2, 3, 4]],
    ['part of the label, by search', { search: 'METER' }, [2]],
    ['a country in small letters', { country: 'ke' }, [1]],
    ['a whole tag', { tag: 'north' }, [1]],
    ['a group', { group: 'pumps' }, [1]],
    ['an account', { account: 'other' }, [3]],
    ['presence', { presence: 'offline' }, [2]],
    ['an unknown presence', { presence: 'unknown' }, [3, 4]],
    ['silent for so long or longer; who was never seen is not known to be silent', { silentSeconds: 7200 }, [2]],
    ['silent for any time', { silentSeconds: 0 }, [1, 2]],
    ['all of them at once', { status: 'enabled', country: 'KE', tag: 'water', presence: 'online' }, [1]],
    ['and nothing where one does not hold', { status: 'enabled', country: 'PL' }, []],
    ['a field given as undefined is none', { status: undefined, tag: undefined }, [1, 2, 3, 4]],
  ])('%s', (_, filter, expected) => {
    expect(numbers(filter)).toEqual(expected);
  });
});

describe('an order', () => {
  const value = (n: number, values: Record<string, bigint> | undefined, attributes: SimSpec['attributes'] = {}) =>
    shown({ n, attributes, ...(values ? { values } : {}) });
  const sims = [
    value(1, { dataRemaining: 9n, dataTotal: 10n, usageToday: 5n, lastSeen: 3n, dataExpires: 7n }, { label: 'beta' }),
    value(
      2,
      { dataRemaining: -10n, dataTotal: 10n, usageToday: 0n, lastSeen: 9n, dataExpires: 1n },
      { label: 'Alpha' },
    ),
    value(3, undefined),
    value(
      4,
      { dataRemaining: 100n, dataTotal: 1000n, usageToday: 5n, lastSeen: 1n, dataExpires: 3n },
      { label: 'alpha' },
    ),
    value(5, { dataRemaining: 100n }),
  ];
  const order = (text: SimSort | `-${SimSort}`) =>
    simPage(sims, simOrder(text), { limit: 10, after: undefined, now: NOW })?.sims.map((s) => Number(s.iccid.slice(4)));

  test.each<[SimSort | `-${SimSort}`, number[]]>([
    ['iccid', [1, 2, 3, 4, 5]],
    ['-iccid', [5, 4, 3, 2, 1]],
    ['label', [2, 4, 1, 3, 5]],
    ['-label', [1, 2, 4, 3, 5]],
    ['remaining', [2, 1, 4, 5, 3]],
    ['-remaining', [4, 5, 1, 2, 3]],
    ['remainingPercent', [2, 4, 1, 3, 5]],
    ['-remainingPercent', [1, 4, 2, 3, 5]],
    ['usageToday', [2, 1, 4, 3, 5]],
    ['-usageToday', [1, 4, 2, 3, 5]],
    ['lastSeen', [4, 1, 2, 3, 5]],
    ['-lastSeen', [2, 1, 4, 3, 5]],
    ['expires', [2, 4, 1, 3, 5]],
    ['-expires', [1, 4, 2, 3, 5]],
  ])('by %s: what is unknown is last in both directions, and equal ones are by ICCID', (text, expected) => {
    expect(order(text)).toEqual(expected);
  });

  test("what was used on an earlier day is not today's", () => {
    const yesterday = shown({ n: 1, values: { usageToday: 99n }, receivedAt: Date.parse('2026-11-19T23:59:59Z') });
    const today = shown({ n: 2, values: { usageToday: 1n } });
    const page = simPage([yesterday, today], simOrder('-usageToday'), { limit: 2, after: undefined, now: NOW });
    expect(page?.sims).toEqual([today, yesterday]);
  });

  test('an ICCID in two accounts stands twice, and each page goes on behind the right one', () => {
    const twice = [shown({ n: 7, account: 'other' }), shown({ n: 7 }), shown({ n: 6 })];
    const first = simPage(twice, simOrder('iccid'), { limit: 2, after: undefined, now: NOW });
    const second = simPage(twice, simOrder('iccid'), { limit: 2, after: first?.next, now: NOW });
    expect([...(first?.sims ?? []), ...(second?.sims ?? [])].map((s) => [s.iccid, s.account.id])).toEqual([
      [iccidAt(6), 'fleet'],
      [iccidAt(7), 'fleet'],
      [iccidAt(7), 'other'],
    ]);
    expect(second?.next).toBeUndefined();
  });
});

describe('the place where a page ended', () => {
  const at = (n: number, remaining: bigint) => shown({ n, values: { dataRemaining: remaining } });
  const numbers = (sims: readonly ShownSim[] | undefined) => sims?.map((s) => Number(s.iccid.slice(4)));
  const page = (sims: ShownSim[], limit: number, after?: string) =>
    simPage(sims, simOrder('remaining'), { limit, after, now: NOW });

  test('holds when its own SIM changes or goes: the others are given once', () => {
    const before = [at(1, 10n), at(2, 20n), at(3, 30n), at(4, 40n)];
    const first = page(before, 2);
    expect(numbers(first?.sims)).toEqual([1, 2]);
    expect(numbers(page([at(1, 10n), at(3, 30n), at(4, 40n)], 2, first?.next)?.sims)).toEqual([3, 4]);
    expect(numbers(page([at(1, 10n), at(2, 5n), at(3, 30n), at(4, 40n)], 2, first?.next)?.sims)).toEqual([3, 4]);
  });

  test('may stand among the unknown', () => {
    const all = [at(1, 10n), shown({ n: 2 }), shown({ n: 3 })];
    const first = page(all, 2);
    expect(numbers(first?.sims)).toEqual([1, 2]);
    expect(numbers(page(all, 2, first?.next)?.sims)).toEqual([3]);
  });

  test.each([
    '',
    'x',
    '{}',
    '[]',
    '["1"]',
    '["1","2","3"]',
    '[1,"x"]',
    '["ten","x"]',
    '["1e5","x"]',
    'null',
    '["",""]',
  ])('%j is none that was given out', (after) => {
    expect(page([at(1, 10n)], 2, after)).toBeUndefined();
  });

  test('of a very long label is short', () => {
    const long = [1, 2].map((n) => shown({ n, attributes: { label: '€'.repeat(5000) } }));
    const first = simPage(long, simOrder('label'), { limit: 1, after: undefined, now: NOW });
    expect(first?.next?.length).toBeLessThan(200);
    const second = simPage(long, simOrder('label'), { limit: 1, after: first?.next, now: NOW });
    expect([numbers(first?.sims), numbers(second?.sims), second?.next]).toEqual([[1], [2], undefined]);
  });
});
