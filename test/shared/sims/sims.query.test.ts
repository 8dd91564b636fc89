import { beforeEach, describe, expect, test } from 'vitest';
import { createSimQueries, type SimQueries } from '../../../shared/sims/sims.query.ts';
import { connectivityOf, detailOf, eventOf, quotaOf, viewOfSim } from '../../../shared/sims/sims-view.ts';
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
let world: SimWorld;
let queries: SimQueries;
const open = (over: Partial<SimWorld>) => {
  world = simWorld(over);
  queries = createSimQueries(portsOf(world));
};
const sim = (n: number, over: Partial<SimSpec> = {}): SimSpec => ({ iccid: iccidAt(n), ...over });
const viewAt = async (n: number) => viewOfSim(await queries.read(DEMO, iccidAt(n)), world.now);
beforeEach(() => open({}));

describe('a SIM', () => {
  test('is shown with each value and the age of each', async () => {
    open({
      sources: [accountSource('fleet', { settings: { octetsPerMegabyte: 1_048_576 } })],
      sims: [
        sim(1, {
          attributes: {
            ...{ enabled: true, status: 'Enabled', label: 'Pump', imsi: '901000000000001', imeiLock: false },
            ...{ dataLevel: 'sufficient', smsLevel: 'low', countryCode: 'KE', countryName: 'Kenya', radio: 'LTE' },
            activatedAt: NOW - 24 * HOUR_MS,
          },
          note: { tags: ['water'], group: 'pumps', thresholdPercent: 12.5 },
          values: {
            ...{ dataRemaining: 479_123_456n, dataTotal: 500n * MICRO, dataExpires: BigInt(NOW / 1000) },
            ...{ usageToday: 2n * MICRO, usageMedian: 500_000n, lastSeen: BigInt((NOW - 30 * MINUTE_MS) / 1000) },
          },
          earlier: {
            smsRemaining: { value: 240n, receivedAt: NOW - HOUR_MS },
            smsTotal: { value: 250n, receivedAt: NOW - HOUR_MS },
            presence: { value: 2n, receivedAt: NOW - 2 * HOUR_MS },
          },
        }),
      ],
    });
    const minuteAgo = { readAt: '2026-11-20T08:59:00.000Z', ageSeconds: 60 };
    expect(await viewAt(1)).toEqual({
      iccid: iccidAt(1),
      account: 'fleet',
      accountName: 'Fleet fleet',
      label: 'Pump',
      imsi: '901000000000001',
      msisdn: null,
      imei: null,
      imeiLock: false,
      status: 'enabled',
      statusText: 'Enabled',
      ipAddress: null,
      activatedAt: '2026-11-19T09:00:00.000Z',
      simulated: true,
      tags: ['water'],
      group: 'pumps',
      thresholdPercent: 12.5,
      countryCode: 'KE',
      countryName: 'Kenya',
      operatorName: null,
      radio: 'LTE',
      listedAt: '2026-11-20T08:00:00.000Z',
      listedAgeSeconds: 3600,
      data: {
        level: 'sufficient',
        remainingMegabytes: '479.123456',
        remainingOctets: '502397356',
        totalMegabytes: '500',
        totalOctets: '524288000',
        remainingPercent: 95.8246,
        expiresAt: '2026-11-20T09:00:00.000Z',
        ...minuteAgo,
      },
      sms: {
        level: 'low',
        remainingMessages: '240',
        totalMessages: '250',
        remainingPercent: 96,
        expiresAt: null,
        readAt: '2026-11-20T08:00:00.000Z',
        ageSeconds: 3600,
      },
      usageToday: { megabytes: '2', octets: '2097152', ...minuteAgo },
      usageMedian: { megabytes: '0.5', octets: '524288', ...minuteAgo },
      lastSeen: { at: '2026-11-20T08:30:00.000Z', silentSeconds: 1800, ...minuteAgo },
      presence: { state: 'online', readAt: '2026-11-20T07:00:00.000Z', ageSeconds: 7200 },
    });
  });

  test('that was never read is all unknown, and nothing of it is 0', async () => {
    const { walkedAt: _, ...neverWalked } = fleetOf('fleet');
    open({ sims: [sim(1)], fleets: [neverWalked], sources: [] });
    const never = { readAt: null, ageSeconds: null };
    const volume = { megabytes: null, octets: null, ...never };
    const view = await viewAt(1);
    expect(view).toMatchObject({ status: 'unknown', accountName: 'fleet', listedAt: null, listedAgeSeconds: null });
    expect(view).toMatchObject({ usageToday: volume, usageMedian: volume, presence: { state: null, ...never } });
    expect(view.lastSeen).toEqual({ at: null, silentSeconds: null, ...never });
    expect(view.data).toEqual({
      ...{ level: null, remainingMegabytes: null, remainingOctets: null, totalMegabytes: null, totalOctets: null },
      ...{ remainingPercent: null, expiresAt: null, ...never },
    });
    expect(view.sms).toEqual({
      ...{ level: null, remainingMessages: null, totalMessages: null, remainingPercent: null, expiresAt: null },
      ...never,
    });
  });

  test.each<[string, Record<string, bigint>, number | null, string | null]>([
    ['a third is rounded down', { dataRemaining: 1n, dataTotal: 3n }, 33.3333, 'sufficient'],
    ['just below 20 % is not 20 %', { dataRemaining: 19_999_999n, dataTotal: 100n * MICRO }, 19.9999, 'low'],
    ['20 % is enough', { dataRemaining: 20n, dataTotal: 100n }, 20, 'sufficient'],
    ['less than nothing stays so, rounded down', { dataRemaining: -1n, dataTotal: 3n }, -33.3334, 'exhausted'],
    ['a whole negative share is not rounded', { dataRemaining: -1n, dataTotal: 4n }, -25, 'exhausted'],
    ['nothing', { dataRemaining: 0n, dataTotal: 4n }, 0, 'exhausted'],
    ['of an empty quota there is no share', { dataRemaining: 5n, dataTotal: 0n }, null, null],
    ['of an unknown quota neither', { dataRemaining: 5n }, null, null],
    ['nothing left is exhausted, of whatever', { dataRemaining: 0n }, null, 'exhausted'],
  ])('percent: %s', async (_, values, percent, level) => {
    open({ sims: [sim(1, { values })] });
    expect((await viewAt(1)).data).toMatchObject({ remainingPercent: percent, level });
  });

  test("whose use was read before midnight has no use of today's", async () => {
    const values = { usageToday: 7n * MICRO };
    open({ sims: [sim(1, { values, receivedAt: Date.parse('2026-11-20T00:00:00Z') })] });
    expect((await viewAt(1)).usageToday.megabytes).toBe('7');
    open({ sims: [sim(1, { values, receivedAt: Date.parse('2026-11-19T23:59:59.999Z') })] });
    expect((await viewAt(1)).usageToday).toEqual({ megabytes: null, octets: null, readAt: null, ageSeconds: null });
  });

  test('seen by a clock ahead of ours is silent for no time, not for less', async () => {
    open({ sims: [sim(1, { values: { lastSeen: BigInt(NOW / 1000 + 90) } })] });
    expect((await viewAt(1)).lastSeen.silentSeconds).toBe(0);
  });

  test('in a factor that is none counts a megabyte as a million', async () => {
    const source = accountSource('fleet', { settings: { octetsPerMegabyte: 'many' } });
    open({ sims: [sim(1, { values: { dataRemaining: MICRO } })], sources: [source] });
    expect((await viewAt(1)).data.remainingOctets).toBe('1000000');
  });

  test('in detail shows what it was before its last changes', async () => {
    const attributes = {
      ...{ imei: '0000000000000026', imeiBefore: '0000000000000018', imeiChangedAt: NOW - HOUR_MS },
      ...{ iccidWithLuhn: '89880000000000000013', thresholdReachedAt: NOW, currentImsi: '901000000000002' },
    };
    open({ sims: [sim(1, { attributes, firstSeenAt: NOW - 5 * HOUR_MS })] });
    expect(detailOf(await queries.read(DEMO, iccidAt(1)), NOW)).toMatchObject({
      imei: '0000000000000026',
      imeiChanged: { before: '0000000000000018', at: '2026-11-20T08:00:00.000Z' },
      countryChanged: null,
      operatorChanged: null,
      iccidWithLuhn: '89880000000000000013',
      imsi2: null,
      currentImsi: '901000000000002',
      thresholdReachedAt: '2026-11-20T09:00:00.000Z',
      quotaExceededAt: null,
      firstSeenAt: '2026-11-20T04:00:00.000Z',
    });
  });
});

describe('finding a SIM', () => {
  test('works in any account, whatever its cut', async () => {
    open({
      sims: [sim(1), sim(2, { account: 'other' })],
      fleets: [fleetOf('fleet'), fleetOf('other')],
      sources: [accountSource('other', { name: 'Second' })],
    });
    expect((await queries.read(DEMO, iccidAt(1))).account).toMatchObject({ id: 'fleet', name: 'fleet' });
    expect((await queries.read(DEMO, iccidAt(2))).account).toMatchObject({ id: 'other', name: 'Second' });
  });

  test('that moved from account to account gives the one it moved to', async () => {
    const moved = [sim(1, { firstSeenAt: 5 }), sim(1, { account: 'other', firstSeenAt: 9 })];
    open({ sims: moved, fleets: [fleetOf('fleet'), fleetOf('other')] });
    expect((await queries.read(DEMO, iccidAt(1))).account.id).toBe('other');
    open({ sims: [sim(1, { firstSeenAt: 5 }), { ...moved[1], removedAt: NOW } as SimSpec], fleets: world.fleets });
    expect((await queries.read(DEMO, iccidAt(1))).account.id).toBe('fleet');
  });

  test.each([
    ['unknown', 2, DEMO],
    ['removed', 3, DEMO],
    ["another tenant's", 1, tenantNamed('rival')],
  ])('that is %s is told in the same words', async (_, n, tenant) => {
    open({ sims: [sim(1), sim(3, { removedAt: NOW })] });
    const iccid = iccidAt(n);
    for (const ask of [
      queries.read(tenant, iccid),
      queries.cells(tenant, iccid),
      queries.events(tenant, iccid, 5, undefined),
      queries.usage(tenant, iccid, {}),
      queries.samples(tenant, iccid, {}),
    ]) {
      await expect(ask).rejects.toMatchObject({ code: 'NOT_FOUND', message: `there is no SIM "${iccid}"` });
    }
  });
});

describe('usage', () => {
  const day = (text: string, dataTotal?: bigint, over = {}) => ({
    day: text,
    ...(dataTotal === undefined ? {} : { dataTotal }),
    ...over,
  });
  const usage = (query: Parameters<SimQueries['usage']>[2]) => queries.usage(DEMO, iccidAt(1), query);
  const openWith = (...days: ReturnType<typeof day>[]) =>
    open({ sims: [sim(1)], usage: { [`fleet/${iccidAt(1)}`]: days } });

  test('by day has a row for every day, also for those of which nothing is known', async () => {
    openWith(
      day('2026-11-18', 1_500_000n, { dataRx: MICRO, dataTx: 500_000n, smsTotal: 3n, smsMo: 1n, smsMt: 2n }),
      day('2026-11-20', 0n),
      day('2026-11-01', 99n),
    );
    const answer = await usage({ from: '2026-11-18', to: '2026-11-20' });
    expect(answer).toMatchObject({
      iccid: iccidAt(1),
      account: 'fleet',
      from: '2026-11-18',
      to: '2026-11-20',
      by: 'day',
    });
    expect(answer.items).toEqual([
      {
        ...{ from: '2026-11-18', to: '2026-11-18', dataMegabytes: '1.5', dataOctets: '1500000' },
        ...{ dataRxMegabytes: '1', dataRxOctets: '1000000', dataTxMegabytes: '0.5', dataTxOctets: '500000' },
        ...{ smsMessages: '3', smsMoMessages: '1', smsMtMessages: '2' },
        complete: { knownDays: 1, expectedDays: 1 },
      },
      {
        ...{ from: '2026-11-19', to: '2026-11-19', dataMegabytes: null, dataOctets: null },
        ...{ dataRxMegabytes: null, dataRxOctets: null, dataTxMegabytes: null, dataTxOctets: null },
        ...{ smsMessages: null, smsMoMessages: null, smsMtMessages: null },
        complete: { knownDays: 0, expectedDays: 1 },
      },
      expect.objectContaining({ from: '2026-11-20', dataMegabytes: '0', dataOctets: '0', dataRxMegabytes: null }),
    ]);
    expect(answer.totals).toMatchObject({ dataMegabytes: '1.5', complete: { knownDays: 2, expectedDays: 3 } });
    expect(answer.averagePerDay).toEqual({ dataMegabytes: '0.75', dataOctets: '750000' });
  });

  test('by week and month counts only the days that were asked for', async () => {
    openWith(day('2026-10-31', MICRO), day('2026-11-01', 2n * MICRO), day('2026-11-02', 4n * MICRO));
    const spans = async (by: 'week' | 'month') =>
      (await usage({ from: '2026-10-30', to: '2026-11-04', by })).items.map((i) => [
        i.from,
        i.to,
        i.dataMegabytes,
        i.complete.knownDays,
        i.complete.expectedDays,
      ]);
    expect(await spans('week')).toEqual([
      ['2026-10-30', '2026-11-01', '3', 2, 3],
      ['2026-11-02', '2026-11-04', '4', 1, 3],
    ]);
    expect(await spans('month')).toEqual([
      ['2026-10-30', '2026-10-31', '1', 1, 2],
      ['2026-11-01', '2026-11-04', '6', 2, 4],
    ]);
  });

  test('of a SIM without any is unknown in all', async () => {
    openWith();
    const answer = await usage({ by: 'month' });
    expect(answer.items.map((i) => [i.from, i.to])).toEqual([
      ['2026-10-22', '2026-10-31'],
      ['2026-11-01', '2026-11-20'],
    ]);
    expect(answer.totals).toMatchObject({ dataMegabytes: null, complete: { knownDays: 0, expectedDays: 30 } });
    expect(answer.averagePerDay).toEqual({ dataMegabytes: null, dataOctets: null });
  });

  test.each([
    [{}, '2026-10-22', '2026-11-20'],
    [{ to: '2026-11-10' }, '2026-10-12', '2026-11-10'],
    [{ from: '2026-11-10' }, '2026-11-10', '2026-11-20'],
    [{ from: '2026-11-20', to: '2027-01-01' }, '2026-11-20', '2026-11-20'],
    [{ from: '2025-10-17' }, '2025-10-17', '2026-11-20'],
  ])('%j spans 30 days unless told, and never a day to come', async (query, from, to) => {
    openWith();
    const answer = await usage(query);
    expect([answer.from, answer.to]).toEqual([from, to]);
    expect(answer.items).toHaveLength(answer.totals.complete.expectedDays);
  });

  test.each([
    [{ from: '2026-11-11', to: '2026-11-10' }, 'must not lie after "to"'],
    [{ from: '2026-11-21' }, 'must not lie after 2026-11-20'],
    [{ from: '2025-10-16' }, 'must leave at most 400 days until "to"'],
  ])('%j is refused', async (query, message) => {
    openWith();
    await expect(usage(query)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      context: { issues: [{ path: 'query.from', message }] },
    });
  });
});

test('the quota alone, the connectivity with cells, and events', async () => {
  const id = `fleet/${iccidAt(1)}`;
  const attributes = { countryCode: 'KE', operatorName: 'ExampleTel', mcc: '639', countryBefore: 'x' };
  open({
    sims: [sim(1, { attributes, values: { presence: 3n, dataRemaining: 5n } })],
    cells: { [id]: [{ at: NOW, retrieved: false, ageMinutes: 0, mcc: '639', mnc: '2', lac: 0, cellId: 20002 }] },
    events: { [id]: [{ at: NOW, type: 'Attach', alert: false }] },
  });
  const found = await queries.read(DEMO, iccidAt(1));
  const quota = quotaOf(found, NOW);
  expect(Object.keys(quota)).toEqual(['iccid', 'account', 'data', 'sms']);
  expect(quota.data).toMatchObject({ remainingMegabytes: '0.000005', ageSeconds: 60 });
  const { cells } = await queries.cells(DEMO, iccidAt(1));
  expect(connectivityOf(found, cells, NOW)).toMatchObject({
    presence: { state: 'blocked', ageSeconds: 60 },
    lastSeen: { at: null },
    ...{ countryCode: 'KE', countryName: null, operatorName: 'ExampleTel', mcc: '639', radio: null },
    cells: [
      {
        ...{ at: '2026-11-20T09:00:00.000Z', retrieved: false, ageMinutes: 0, state: null },
        ...{ mcc: '639', mnc: '2', lac: 0, cellId: 20002 },
      },
    ],
  });
  const events = await queries.events(DEMO, iccidAt(1), 10, undefined);
  expect(events.items.map(eventOf)).toEqual([
    {
      ...{ at: '2026-11-20T09:00:00.000Z', type: 'Attach', alert: false, id: null, description: null, severity: null },
      ...{ imei: null, imsi: null, country: null, operator: null, mcc: null, mnc: null },
    },
  ]);
});

test('samples are of the metric asked for, else of what is left of the data', async () => {
  open({ sims: [sim(1)] });
  expect(await queries.samples(DEMO, iccidAt(1), {})).toMatchObject({
    ...{ id: iccidAt(1), metric: 'dataRemaining', unit: 'microMegabytes', kind: 'balance' },
  });
  expect((await queries.samples(DEMO, iccidAt(1), { metric: 'smsRemaining' })).metric).toBe('smsRemaining');
});

test('the list holds every SIM that is there, and accounts that list none yet', async () => {
  open({
    sims: [sim(1), sim(2, { removedAt: NOW }), sim(3, { account: 'gone' })],
    sources: [accountSource('fleet'), accountSource('fresh'), accountSource('home', { type: 'taara' })],
  });
  const fleet = await queries.list(DEMO);
  expect(fleet.sims.map((s) => [s.iccid, s.account.id])).toEqual([
    [iccidAt(1), 'fleet'],
    [iccidAt(3), 'gone'],
  ]);
  expect([...fleet.accounts.keys()]).toEqual(['fleet', 'fresh']);
  expect(fleet.accounts.get('fresh')?.walkedAt).toBeUndefined();
});
