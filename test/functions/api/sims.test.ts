import { beforeEach, describe, expect, test } from 'vitest';
import { createSimEndpoints } from '../../../functions/api/sims.ts';
import { encodeCursor } from '../../../shared/platform/cursor.ts';
import { createFleetQueries } from '../../../shared/sims/fleet.query.ts';
import { simRoutes } from '../../../shared/sims/sims.contract.ts';
import { createSimQueries } from '../../../shared/sims/sims.query.ts';
import { tenantNamed } from '../../shared/collect/fakes.ts';
import {
  HOUR_MS,
  iccidAt,
  NOW,
  portsOf,
  type SimSpec,
  type SimWorld,
  simWorld,
} from '../../shared/sims/shown-world.ts';
import { type Api, anybody, apiOf, type Reply } from './asking.ts';

let world: SimWorld;
let ask: Api;
const openAs = (tenant: string): Api => {
  const ports = portsOf(world);
  const queries = createSimQueries(ports);
  const fleet = createFleetQueries({ sims: queries, usage: ports.usage, clock: ports.clock });
  return apiOf(createSimEndpoints({ queries, fleet, clock: ports.clock }), anybody(tenantNamed(tenant)));
};
const open = (over: Partial<SimWorld> = {}) => {
  world = simWorld(over);
  ask = openAs('demo');
};
const sim = (n: number, over: Partial<SimSpec> = {}): SimSpec => ({ iccid: iccidAt(n), ...over });
const params = { iccid: iccidAt(1) };
const numbers = ({ body }: Reply) => body.items.map((s: { iccid: string }) => Number(s.iccid.slice(4)));
beforeEach(() => open({ sims: [sim(1)] }));

test('every answer has the form that its contract promises, with and without anything known', async () => {
  const id = `fleet/${iccidAt(1)}`;
  const attributes = { enabled: true, imeiBefore: 'a', imeiChangedAt: NOW, activatedAt: NOW, countryCode: 'KE' };
  const values = { dataRemaining: 1n, dataTotal: 2n, dataExpires: 5n, presence: 1n, lastSeen: 1n, usageToday: 0n };
  const known = simWorld({
    sims: [sim(1, { attributes, values, note: { tags: ['a'], group: 'b', thresholdPercent: 5 } })],
    usage: { [id]: [{ day: '2026-11-20', dataTotal: 5n }] },
    events: { [id]: [{ at: NOW, type: 'x', id: '1' }] },
    cells: { [id]: [{ at: NOW, lac: 1 }] },
  });
  for (const one of [known, simWorld({ sims: [sim(1)] })]) {
    open(one);
    for (const { key, response } of simRoutes) {
      const { status, body } = await ask(key, key.includes('{iccid}') ? { params } : {});
      expect([key, status]).toEqual([key, 200]);
      expect([key, (response as { safeParse(v: unknown): { error?: unknown } }).safeParse(body).error]).toEqual([
        key,
        undefined,
      ]);
    }
  }
});

test('an ICCID that is unknown, removed or of another tenant is the same 404 on every route', async () => {
  open({ sims: [sim(1), sim(2, { removedAt: NOW })] });
  const rival = openAs('rival');
  for (const { key } of simRoutes.filter((r) => r.key.includes('{iccid}'))) {
    for (const [from, n] of [
      [ask, 2],
      [ask, 3],
      [rival, 1],
    ] as const) {
      const { status, body } = await from(key, { params: { iccid: iccidAt(n) } });
      expect([key, status, body.detail]).toEqual([key, 404, `there is no SIM "${iccidAt(n)}"`]);
    }
  }
});

test.each(['89880000000000001', '898800000000000000001', '8988000000000000x01', 'overview', ''])(
  '%j is no ICCID, and is told so',
  async (iccid) => {
    const reply = await ask('GET /v1/sims/{iccid}', { params: { iccid } });
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ message: expect.stringContaining('18 to 20') }] } });
  },
);

describe('GET /v1/sims', () => {
  const at = (n: number, remaining?: bigint, attributes: SimSpec['attributes'] = {}) =>
    sim(n, { attributes, ...(remaining === undefined ? {} : { values: { dataRemaining: remaining } }) });

  test('is in order of ICCID unless told, 50 at once', async () => {
    open({ sims: Array.from({ length: 60 }, (_, i) => at(60 - i)) });
    const first = await ask('GET /v1/sims');
    expect(numbers(first)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    const second = await ask('GET /v1/sims', { query: { cursor: first.body.nextCursor } });
    expect(numbers(second)).toEqual(Array.from({ length: 10 }, (_, i) => i + 51));
    expect(second.body.nextCursor).toBeUndefined();
  });

  test('is filtered and sorted by what the query says, page after page', async () => {
    open({
      sims: [
        at(1, 10n, { enabled: true, label: 'Pump 1' }),
        at(2, 30n, { enabled: true, label: 'pump 2' }),
        at(3, 20n, { enabled: false, label: 'pump 3' }),
        at(4, undefined, { enabled: true, label: 'PUMP 4' }),
        at(5, 99n, { enabled: true, label: 'meter' }),
      ],
    });
    const query = { status: 'enabled', label: 'pump', sort: '-remaining', limit: '1' };
    const given: number[] = [];
    let cursor: string | undefined;
    do {
      const page: Reply = await ask('GET /v1/sims', { query: { ...query, ...(cursor ? { cursor } : {}) } });
      given.push(...numbers(page));
      cursor = page.body.nextCursor;
    } while (cursor && given.length < 5);
    expect(given).toEqual([2, 1, 4]);
  });

  test('takes a number of seconds of silence', async () => {
    const seen = (n: number, hours: number) => sim(n, { values: { lastSeen: BigInt((NOW - hours * HOUR_MS) / 1000) } });
    open({ sims: [seen(1, 1), seen(2, 3), sim(3)] });
    expect(numbers(await ask('GET /v1/sims', { query: { silentSeconds: '7200' } }))).toEqual([2]);
  });

  test('gives a cursor that opens nothing for another tenant, another order, or when somebody made it', async () => {
    open({ sims: [at(1, 1n), at(2, 2n)] });
    const cursor: string = (await ask('GET /v1/sims', { query: { sort: 'remaining', limit: '1' } })).body.nextCursor;
    const statusOf = async (api: Api, query: Record<string, string>) => (await api('GET /v1/sims', { query })).status;
    expect(await statusOf(ask, { sort: 'remaining', cursor })).toBe(200);
    expect(await statusOf(ask, { sort: '-remaining', cursor })).toBe(422);
    expect(await statusOf(ask, { cursor })).toBe(422);
    expect(await statusOf(openAs('rival'), { sort: 'remaining', cursor })).toBe(422);
    for (const place of ['x', '["a","b"]']) {
      const made = encodeCursor('demo', 'sims:remaining', place);
      expect(await ask('GET /v1/sims', { query: { sort: 'remaining', cursor: made } })).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'cursor' }] },
      });
    }
  });

  test.each<[string, string, string]>([
    ['status', 'on', 'enabled, disabled or unknown'],
    ['quota', 'empty', 'sufficient, low, exhausted or unknown'],
    ['country', 'Kenya', 'two letters'],
    ['presence', 'away', 'offline'],
    ['silentSeconds', '-1', 'whole number'],
    ['silentSeconds', '1.5', 'whole number'],
    ['sort', 'size', 'must be one of iccid'],
    ['sort', '--iccid', 'must be one of iccid'],
    ['label', '', 'must not be empty'],
    ['search', 'x'.repeat(101), 'at most 100'],
    ['limit', '501', '1 to 500'],
    ['state', 'enabled', 'is not a field here'],
  ])('refuses %s=%s', async (name, value, message) => {
    const { status, body } = await ask('GET /v1/sims', { query: { [name]: value } });
    expect([status, body.errors.map((e: { path: string }) => e.path)]).toEqual([422, [`query.${name}`]]);
    expect(body.errors[0].message).toContain(message);
  });
});

describe('one SIM over time', () => {
  test('events come in pages, newest first, at the mark that the log gave', async () => {
    const events = Array.from({ length: 5 }, (_, i) => ({ at: NOW - i, type: `t${i}` }));
    open({ sims: [sim(1)], events: { [`fleet/${iccidAt(1)}`]: events } });
    const first = await ask('GET /v1/sims/{iccid}/events', { params, query: { limit: '3' } });
    const second = await ask('GET /v1/sims/{iccid}/events', {
      params,
      query: { limit: '3', cursor: first.body.nextCursor },
    });
    const types = ({ body }: Reply) => body.items.map((e: { type: string }) => e.type);
    expect([types(first), types(second), second.body.nextCursor]).toEqual([
      ['t0', 't1', 't2'],
      ['t3', 't4'],
      undefined,
    ]);
  });

  test.each([
    ['from', '2026-02-30'],
    ['from', '20-11-2026'],
    ['to', '1969-12-31'],
    ['to', '2026-11-20T00:00:00Z'],
    ['by', 'hour'],
    ['step', '1d'],
  ])('usage refuses %s=%s', async (name, value) => {
    const { status, body } = await ask('GET /v1/sims/{iccid}/usage', { params, query: { [name]: value } });
    expect([status, body.errors[0].path]).toEqual([422, `query.${name}`]);
  });

  test('usage and samples answer the query', async () => {
    const usage = await ask('GET /v1/sims/{iccid}/usage', { params, query: { from: '2026-11-02', by: 'week' } });
    expect(usage.body.items.map((i: { from: string }) => i.from)).toEqual(['2026-11-02', '2026-11-09', '2026-11-16']);
    const samples = await ask('GET /v1/sims/{iccid}/samples', { params, query: { metric: 'usageToday' } });
    expect(samples.body).toMatchObject({ id: iccidAt(1), metric: 'usageToday' });
    const other = await ask('GET /v1/sims/{iccid}/samples', { params, query: { metric: 'presence' } });
    expect(other.status).toBe(422);
  });
});

test.each([
  ['days', '0'],
  ['days', '181'],
  ['limit', '0'],
  ['by', 'sms'],
])('the top refuses %s=%s', async (name, value) => {
  expect((await ask('GET /v1/sims/top', { query: { [name]: value } })).status).toBe(422);
});

test('the top takes days, limit and account', async () => {
  const usage = { [`fleet/${iccidAt(1)}`]: [{ day: '2026-11-20', dataTotal: 5n }] };
  open({ sims: [sim(1)], usage });
  const { body } = await ask('GET /v1/sims/top', { query: { days: '180', limit: '1', account: 'fleet' } });
  expect(body).toMatchObject({ from: '2026-05-25', items: [{ rank: 1, iccid: iccidAt(1) }] });
  expect((await ask('GET /v1/sims/top', { query: { account: 'other' } })).body.items).toEqual([]);
});
