import { describe, expect, test } from 'vitest';
import { createFleetQueries } from '../../../shared/sims/fleet.query.ts';
import { createSimQueries } from '../../../shared/sims/sims.query.ts';
import { tenantNamed } from '../collect/fakes.ts';
import {
  accountSource,
  fleetOf,
  HOUR_MS,
  iccidAt,
  MINUTE_MS,
  NOW,
  portsOf,
  type SimSpec,
  type SimWorld,
  simWorld,
} from './shown-world.ts';

const DEMO = tenantNamed('demo');
const MICRO = 1_000_000n;
const sim = (n: number, over: Partial<SimSpec> = {}): SimSpec => ({ iccid: iccidAt(n), ...over });
const open = (over: Partial<SimWorld>) => {
  const ports = portsOf(simWorld(over));
  return createFleetQueries({ sims: createSimQueries(ports), usage: ports.usage, clock: ports.clock });
};
const numberOf = ({ iccid }: { iccid: string }) => Number(iccid.slice(4));

describe('the overview', () => {
  test('counts what is known, and how much of it is', async () => {
    const overview = await open({
      fleets: [fleetOf('fleet'), fleetOf('other')],
      sources: [
        accountSource('fleet'),
        accountSource('fresh'),
        accountSource('other', { settings: { octetsPerMegabyte: 1_048_576 } }),
      ],
      sims: [
        sim(1, {
          attributes: { enabled: true, dataLevel: 'low', smsLevel: 'exhausted' },
          values: { presence: 2n, usageToday: MICRO },
        }),
        sim(2, {
          attributes: { enabled: false, dataLevel: 'exhausted' },
          values: { presence: 0n },
          receivedAt: NOW - HOUR_MS,
        }),
        sim(3, { attributes: { enabled: true, dataLevel: 'sufficient' } }),
        sim(4, { account: 'other', values: { usageToday: 2n * MICRO } }),
        sim(5, { removedAt: NOW, values: { presence: 2n } }),
      ],
      usage: {
        [`fleet/${iccidAt(1)}`]: [
          { day: '2026-11-20', dataTotal: MICRO },
          { day: '2026-10-31', dataTotal: 99n * MICRO },
        ],
        [`fleet/${iccidAt(2)}`]: [{ day: '2026-11-20', smsTotal: 1n }],
        [`fleet/${iccidAt(5)}`]: [{ day: '2026-11-02', dataTotal: 10n * MICRO }],
        [`other/${iccidAt(4)}`]: [{ day: '2026-11-01', dataTotal: MICRO }],
      },
    }).overview(DEMO);
    expect(overview).toMatchObject({
      ...{ total: 4, enabled: 2, disabled: 1, statusUnknown: 1, online: 1, presenceKnown: 2 },
      quotaAlerts: { dataLow: 1, dataExhausted: 1, dataUnknown: 1, smsLow: 0, smsExhausted: 1, smsUnknown: 3 },
      usedToday: { day: '2026-11-20', megabytes: '3', octets: '3097152', simsKnown: 2, simsTotal: 4 },
      usedThisMonth: { month: '2026-11', megabytes: '12', octets: '12048576', simsKnown: 2, simsTotal: 4 },
    });
    const walked = { lastWalkAt: '2026-11-20T08:00:00.000Z', lastWalkAgeSeconds: 3600 };
    expect(overview.accounts).toEqual([
      {
        account: 'fleet',
        name: 'Fleet fleet',
        ...walked,
        simsListed: 3,
        detailsKnown: 2,
        oldestDetailsAgeSeconds: 3600,
      },
      {
        ...{ account: 'fresh', name: 'Fleet fresh', lastWalkAt: null, lastWalkAgeSeconds: null },
        ...{ simsListed: 0, detailsKnown: 0, oldestDetailsAgeSeconds: null },
      },
      { account: 'other', name: 'Fleet other', ...walked, simsListed: 1, detailsKnown: 1, oldestDetailsAgeSeconds: 60 },
    ]);
  });

  test('of a tenant without SIMs sums up nothing, and says that nothing is known', async () => {
    const overview = await open({ fleets: [], sources: [] }).overview(DEMO);
    expect(overview).toMatchObject({ total: 0, latest: [], accounts: [] });
    expect(overview.usedToday).toEqual({
      day: '2026-11-20',
      megabytes: null,
      octets: null,
      simsKnown: 0,
      simsTotal: 0,
    });
    expect(overview.usedThisMonth).toMatchObject({ megabytes: null, octets: null });
  });

  test('shows the ten that were seen last, and none that was never seen', async () => {
    const seen = (n: number) => sim(n, { values: { lastSeen: BigInt((NOW - n * MINUTE_MS) / 1000) } });
    const many = [sim(99), ...Array.from({ length: 12 }, (_, i) => seen(12 - i))];
    expect((await open({ sims: many }).overview(DEMO)).latest.map(numberOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await open({ sims: [sim(99), seen(3)] }).overview(DEMO)).latest.map(numberOf)).toEqual([3]);
  });

  test('also counts SIMs of an account that is no longer configured', async () => {
    const overview = await open({ sims: [sim(1, { account: 'gone' })], fleets: [], sources: [] }).overview(DEMO);
    expect(overview.accounts).toMatchObject([{ account: 'gone', name: 'gone', lastWalkAt: null, simsListed: 1 }]);
  });
});

describe('the top', () => {
  const used = (...days: [string, number][]) => days.map(([day, mb]) => ({ day, dataTotal: BigInt(mb) * MICRO }));
  const usage = {
    [`fleet/${iccidAt(1)}`]: used(['2026-11-20', 1], ['2026-10-22', 1], ['2026-10-21', 1000]),
    [`fleet/${iccidAt(3)}`]: used(['2026-11-01', 3]),
    [`fleet/${iccidAt(2)}`]: used(['2026-11-01', 3]),
    [`fleet/${iccidAt(4)}`]: [{ day: '2026-11-01', smsTotal: 5n }],
    [`other/${iccidAt(5)}`]: used(['2026-11-01', 2]),
  };
  const world = {
    usage,
    sims: [
      sim(1, { attributes: { label: 'Pump' } }),
      sim(2),
      sim(3),
      sim(4),
      sim(5, { account: 'other', removedAt: NOW }),
    ],
    sources: [accountSource('fleet'), accountSource('other')],
  };

  test('is in order of data, equal ones by ICCID, with shares and with what is not known', async () => {
    const top = await open(world).top(DEMO, {});
    expect(top).toMatchObject({
      ...{ from: '2026-10-22', to: '2026-11-20', totalMegabytes: '10', totalOctets: '10000000' },
      ...{ simsKnown: 4, simsTotal: 4 },
    });
    expect(top.items.map((i) => [i.rank, numberOf(i), i.dataMegabytes, i.sharePercent, i.complete.knownDays])).toEqual([
      [1, 2, '3', 30, 1],
      [2, 3, '3', 30, 1],
      [3, 1, '2', 20, 2],
      [4, 5, '2', 20, 1],
    ]);
    expect(top.items[2]).toMatchObject({
      ...{ account: 'fleet', accountName: 'Fleet fleet', label: 'Pump', listed: true, dataOctets: '2000000' },
      complete: { knownDays: 2, expectedDays: 30 },
    });
    expect(top.items[3]).toMatchObject({ account: 'other', label: null, listed: false });
  });

  test('is of as many days, SIMs and of which account as asked', async () => {
    const { top } = open(world);
    expect((await top(DEMO, { days: 1 })).items.map(numberOf)).toEqual([1]);
    expect((await top(DEMO, { days: 31, limit: 1 })).items.map((i) => [numberOf(i), i.dataMegabytes])).toEqual([
      [1, '1002'],
    ]);
    const other = await top(DEMO, { account: 'other' });
    expect(other).toMatchObject({ totalMegabytes: '2', simsKnown: 1, simsTotal: 0, items: [{ sharePercent: 100 }] });
    expect((await top(DEMO, { days: 180 })).from).toBe('2026-05-25');
  });

  test('compares bytes, where accounts count their megabytes differently', async () => {
    const sources = [accountSource('fleet'), accountSource('other', { settings: { octetsPerMegabyte: 1_048_576 } })];
    const top = await open({ ...world, sources }).top(DEMO, {});
    expect(top.items.map(numberOf)).toEqual([2, 3, 5, 1]);
    expect(top.totalOctets).toBe('10097152');
  });

  test('of nothing is nothing, and of zeros no share', async () => {
    expect(await open({}).top(DEMO, {})).toMatchObject({ totalMegabytes: null, totalOctets: null, items: [] });
    const zeros = { [`fleet/${iccidAt(1)}`]: used(['2026-11-20', 0]) };
    const top = await open({ usage: zeros, sims: [sim(1)] }).top(DEMO, {});
    expect(top).toMatchObject({ totalMegabytes: '0', items: [{ dataMegabytes: '0', sharePercent: null }] });
  });
});
