import { describe, expect, it } from 'vitest';
import type { Alert, Sim } from '../../dashboard/contract.ts';
import { quantity } from '../../dashboard/format.ts';
import { readSims, type SimReader } from '../../dashboard/sims.ts';
import {
  leadAlerts,
  openAlerts,
  severityOf,
  silentAlerts,
  simKey,
  worstByEntity,
  worstOfFleets,
} from '../../dashboard/urgency.ts';
import {
  alertValueWords,
  attentionWords,
  moreSimsWords,
  severityCounts,
  simAmountWords,
  simCountWords,
  usedVolumeWords,
  walkWords,
} from '../../dashboard/words.ts';
import { alert } from './world.ts';
import { type Fleet, fleetOf, listedSim, noFleet, sim, simAlert } from './world-sims.ts';

const NOW = Date.parse('2026-11-20T11:05:00Z');
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
const ID = '8988000000000000001';
const iccidOf = (n: number): string => `89880000000000${String(n).padStart(5, '0')}`;
const many = (n: number, from: number, left: number): Sim[] =>
  Array.from({ length: n }, (_, i) => sim(iccidOf(from + i), NOW, left));
const away = { at: '2026-11-14T11:05:00Z', silentSeconds: 518_400, readAt: null, ageSeconds: null };
const silence = (iccid: string): Alert => simAlert(iccid, NOW, { rule: 'sim-silent', threshold: 172_800, unit: 's' });

/** Answers from a fleet, and notes what was asked. */
function apiOf({ overview, sims }: Fleet): { api: SimReader; asked: string[] } {
  const asked: string[] = [];
  const found = (query: URLSearchParams): Sim[] =>
    sims.filter((s) =>
      query.has('silentSeconds')
        ? (s.lastSeen.silentSeconds ?? -1) >= Number(query.get('silentSeconds'))
        : !query.has('quota') || s.data.level === query.get('quota'),
    );
  async function get<T>(path: string): Promise<T> {
    asked.push(path);
    const url = new URL(path, 'http://127.0.0.1');
    if (url.pathname === '/v1/sims/overview') return overview as T;
    return { items: found(url.searchParams).slice(0, Number(url.searchParams.get('limit'))) } as T;
  }
  return { api: { get }, asked };
}

describe('the SIMs that need attention', () => {
  it.each([
    ['nothing', noFleet(NOW), [], []],
    ['a fleet that is well', fleetOf(NOW, many(3, 1, 400)), [], []],
    [
      'more without data than fit',
      fleetOf(NOW, [...many(9, 1, 0), ...many(3, 20, 50)]),
      [],
      ['quota=exhausted&sort=remainingPercent&limit=8'],
    ],
    [
      'both levels, which leave no place for the silent',
      fleetOf(NOW, [...many(2, 1, 0), ...many(6, 20, 50)]),
      [silence(iccidOf(60))],
      ['quota=exhausted&sort=remainingPercent&limit=8', 'quota=low&sort=remainingPercent&limit=6'],
    ],
    [
      'the silent alone, by the limit of their alerts',
      fleetOf(NOW, many(3, 1, 400)),
      [silence(iccidOf(1))],
      ['status=enabled&silentSeconds=172800&sort=lastSeen&limit=8'],
    ],
    [
      'a first look under way, where nothing else tells whether it is simulated',
      fleetOf(NOW, [listedSim(ID, NOW)]),
      [],
      ['limit=1'],
    ],
  ])('are asked for by no more than what there is: %s', async (_, fleet, alerts, queries) => {
    const { api, asked } = apiOf(fleet);
    await readSims(api, Promise.resolve(alerts));
    expect(asked).toEqual(['/v1/sims/overview', ...queries.map((query) => `/v1/sims?${query}`)]);
  });

  it('stand used up first, then low, then those that an alert calls silent, each once and eight at most', async () => {
    const quiet = [1, 2, 3].map((n) => sim(iccidOf(60 + n), NOW, 400, { lastSeen: away }));
    const both = sim(iccidOf(20), NOW, 50, { lastSeen: away });
    const fleet = fleetOf(NOW, [...quiet, both, ...many(2, 1, 0)]);
    const { api } = apiOf(fleet);
    // The third is away as long, but its alert is not open: the page judges nothing by itself.
    const alerts = [iccidOf(20), iccidOf(61), iccidOf(62)].map(silence);
    const { items = [], silent } = await readSims(api, Promise.resolve(alerts));
    expect(items.map((s) => s.iccid)).toEqual([1, 2, 20, 61, 62].map(iccidOf));
    expect(silent?.size).toBe(3);
  });

  it('are not called silent or not while the alerts are unknown', async () => {
    const { api } = apiOf(fleetOf(NOW, many(1, 1, 0)));
    expect(await readSims(api, Promise.resolve(undefined))).not.toHaveProperty('silent');
  });

  it.each([
    [[listedSim(ID, NOW)], 'simulated'],
    [many(2, 1, 400), 'simulated'],
    [[...many(1, 1, 400), sim(iccidOf(2), NOW, 400, { simulated: false })], 'partly simulated'],
    [[sim(ID, NOW, 400, { simulated: false })], ''],
  ])('say whether they are simulated: %#', async (sims, words) => {
    const { api } = apiOf(fleetOf(NOW, sims));
    expect((await readSims(api, Promise.resolve([]))).simulated).toBe(words);
  });
});

describe('alerts of SIMs', () => {
  it('find their SIM though their id also names the part of the account that it is kept in', () => {
    const worst = worstByEntity([simAlert(ID, NOW, { severity: 'critical' }), simAlert(ID, NOW)]);
    expect(severityOf(worst, 'sim', simKey(sim(ID, NOW, 1)), 'fleet')).toBe('critical');
    expect(severityOf(worst, 'sim', simKey(sim(iccidOf(2), NOW, 1)), 'fleet')).toBeUndefined();
  });

  it('tell who is silent, and for how long that takes', () => {
    const passed = silence(ID);
    expect([
      ...silentAlerts([passed, { ...silence(iccidOf(3)), state: 'pending' }, simAlert(iccidOf(2), NOW)]),
    ]).toEqual([[`fleet~${ID}`, 172_800]]);
  });

  it('colour the fleet by the worst of them and of its accounts, and by nothing else', () => {
    const tower = alert('1', NOW, { severity: 'critical' });
    expect(worstOfFleets(worstByEntity([tower]))).toBeUndefined();
    expect(worstOfFleets(worstByEntity([tower, simAlert(ID, NOW)]))).toBe('warning');
    expect(worstOfFleets(worstByEntity([{ ...tower, kind: 'fleet', entity: 'fleet' }, simAlert(ID, NOW)]))).toBe(
      'critical',
    );
  });

  it('leave their place to other kinds once there are more than a few, and are counted', () => {
    const sims = [1, 2, 3, 4].map((n) => simAlert(iccidOf(n), NOW, { severity: n < 4 ? 'critical' : 'warning' }));
    const open = openAlerts([alert('shop', NOW), ...sims, simAlert(iccidOf(5), NOW, { state: 'pending' })]);
    const { lead, rest } = leadAlerts(open, (kind) => (kind === 'sim' ? 2 : 5));
    expect(lead.map((a) => a.kind)).toEqual(['sim', 'sim', 'bundle']);
    expect(lead.map((a) => a.severity)).toEqual(['critical', 'critical', 'warning']);
    expect(plain(severityCounts(rest))).toBe('1 critical, 1 warning, 1 pending');
  });

  it.each([
    [{ value: 1, threshold: 0.5, unit: '' }, ''],
    [{ value: 19.55, threshold: 5, unit: '' }, '19.6 (limit 5)'],
    [{ value: -12_070_848, threshold: 259_200, unit: 's' }, '139 days ago (limit 3 days)'],
  ])('%o reads "%s"', (over, words) => {
    expect(plain(alertValueWords(simAlert(ID, NOW, over)))).toBe(words);
  });

  it('never read a time that is over as no time', () => {
    expect(plain(quantity(-90, 's'))).toBe('1 min ago');
  });
});

describe('a fleet in words', () => {
  const quota = (dataExhausted: number, dataLow: number, dataUnknown = 0) => ({
    total: 40,
    quotaAlerts: { dataExhausted, dataLow, dataUnknown, smsLow: 0, smsExhausted: 0, smsUnknown: 0 },
  });
  it.each([
    [quota(2, 12), 5, 'Need attention: 2 without data, 12 low on data, 5 silent.'],
    [quota(0, 0), 0, 'None is low on data or silent.'],
    [quota(0, 0), undefined, 'None is low on data.'],
    [quota(0, 1, 3), 0, 'Need attention: 1 low on data. What is left is unknown of 3.'],
    [quota(0, 0, 40), 0, 'What is left of their data is not known yet.'],
    [{ ...quota(0, 0), total: 0 }, 0, ''],
  ])('%#: %s %s reads "%s"', (over, silent, words) => {
    expect(plain(attentionWords(fleetOf(NOW, [], over).overview, silent))).toBe(words);
  });

  it.each([
    [{ total: 240, disabled: 12 }, 'SIMs, 12 disabled'],
    [{ total: 1 }, 'SIM'],
    [{ total: 9, disabled: 1, statusUnknown: 2 }, 'SIMs, 1 disabled, 2 of unknown status'],
  ])('counts what is apart: %o', (over, words) => {
    expect(plain(simCountWords(fleetOf(NOW, [], over).overview))).toBe(words);
  });

  const account = (over: object) => ({ ...(fleetOf(NOW, [], { total: 40 }).overview.accounts[0] as object), ...over });
  it.each([
    [{ detailsKnown: 39 }, '40 listed, 39 looked at so far, oldest look 41 min ago; list read 4 min ago.'],
    [{}, '40 of 40 looked at, oldest look 41 min ago; list read 4 min ago.'],
    [
      { detailsKnown: 0, oldestDetailsAgeSeconds: null, lastWalkAgeSeconds: null },
      '40 listed, 0 looked at so far; the list was never read to its end.',
    ],
    [{ simsListed: 0, detailsKnown: 0 }, 'No SIMs listed: list read 4 min ago.'],
  ])('says how complete and how old it is, and ages while nothing is read: %o', (over, words) => {
    expect(plain(walkWords(account(over) as Parameters<typeof walkWords>[0], 60))).toBe(words);
  });

  it('tells of how many SIMs a sum is, and an unknown sum as unknown', () => {
    const used = { month: '2026-11', megabytes: '1', octets: '1000000', simsKnown: 40, simsTotal: 40 };
    expect(usedVolumeWords(used)).toEqual({ amount: '1\u00a0MB', part: '' });
    expect(usedVolumeWords({ ...used, simsKnown: 7 }).part).toBe('by 7 of 40\u00a0SIMs');
    expect(usedVolumeWords({ ...used, octets: null, simsKnown: 0 })).toEqual({ amount: 'unknown', part: '' });
  });

  it('counts what is not shown by its reason', () => {
    const shown = many(8, 1, 50);
    const overview = { ...fleetOf(NOW, []).overview, ...quota(0, 20) };
    expect(plain(moreSimsWords(overview, shown, new Set(['fleet~x'])))).toBe(
      '… and 12 more low on data, 1 more silent: the API lists them all.',
    );
    expect(moreSimsWords(fleetOf(NOW, shown).overview, shown, new Set())).toBe('');
  });
});

describe('what a SIM has left', () => {
  const data = (over: Partial<Sim['data']>): Sim => ({
    ...sim(ID, NOW, 25.9),
    data: { ...sim(ID, NOW, 25.9).data, ...over },
  });
  const unread = listedSim(ID, NOW).data;
  it.each([
    [{}, '25.9 MB left, 5.1 % of 500 MB'],
    [{ totalOctets: null, remainingPercent: null }, '25.9 MB left'],
    [{ level: 'exhausted' as const }, '25.9 MB left, 5.1 % of 500 MB; used up, the list says'],
    [{ remainingOctets: '0' }, 'Used up all of 500 MB'],
    [{ remainingOctets: '-101345' }, 'Used up 101.3 kB over its 500 MB'],
    [{ ...unread, level: 'exhausted' as const }, 'Used up as the list says; how much is not known yet'],
    [{ ...unread, level: 'low' as const }, 'Low as the list says; how much is not known yet'],
    [unread, 'Unknown because it was not read yet'],
  ])('%o reads "%s"', (over, words) => {
    const { amount, more } = simAmountWords(data(over));
    expect(plain(`${amount} ${more}`)).toBe(words);
  });
});
