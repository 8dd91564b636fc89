/** What the API says of a device: its state only while it is known, and how old that is. */
import { describe, expect, test } from 'vitest';
import { createReachEndpoints } from '../../../functions/api/reach.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import type { Tenant } from '../../../shared/entities/tenant.ts';
import { reachRoutes, reachView } from '../../../shared/reach/reach.contract.ts';
import { createReachQueries } from '../../../shared/reach/reach.query.ts';
import type { Head, LastRun } from '../../../shared/samples/sample.ts';
import { at, batchesOf, ENTITY, PERIOD } from './story.ts';

const TENANT: Tenant = {
  tenant: 'demo',
  name: 'Demo',
  zone: 'UTC',
  simulated: false,
  allowedNetworks: [],
  createdAt: 1,
};

/** After these looks, so long after the newest slot. */
function open(looks: string, options: { afterMs?: number; lastRun?: LastRun; entities?: Entity[] } = {}) {
  const { afterMs = 5000, lastRun, entities = [ENTITY] } = options;
  const newest = batchesOf(looks).at(-1);
  const readings = (newest?.readings ?? []).map((one) => ({ ...one, slot: newest?.slot ?? 0, increases: {} }));
  const ref = { tenant: 'demo', kind: 'reach', target: 'reach' };
  const head: Head = {
    ...ref,
    seq: 1,
    folded: 0,
    periodSeconds: PERIOD,
    entities: readings,
    ...(lastRun ? { lastRun } : {}),
  };
  const now = at(looks.length - 1) + afterMs;
  return createReachQueries({
    entities: { list: async () => entities, read: async (_, __, id) => entities.find((e) => e.id === id) },
    samples: {
      readHeads: async () => (newest ? [head] : []),
      readHead: async () => (newest ? head : undefined),
      readSeries: async () => [],
      readIncreases: async () => [],
    },
    clock: { now: () => now },
  });
}

async function viewOf(looks: string, options: Parameters<typeof open>[1] = {}) {
  const view = await open(looks, options).read(TENANT, 'reach~gateway');
  expect(reachView.safeParse(view).success).toBe(true);
  return view;
}

const iso = (slot: number) => new Date(at(slot)).toISOString();

describe('the state', () => {
  test('is what two looks agreed on, with its beginning, loss, time and age', async () => {
    expect(await viewOf('ggdd')).toEqual({
      ...{ id: 'reach~gateway', source: 'reach', name: 'Dhaka gateway', host: '198.51.100.1', method: 'router' },
      ...{ port: null, via: 'core', uplink: null, simulated: false },
      ...{ state: 'degraded', phase: 'hard', turningTo: null, since: iso(2), lastState: 'degraded', flapping: false },
      ...{ lossPercent: 40, rttMilliseconds: 12.345 },
      ...{ readAt: new Date(at(3) + 2000).toISOString(), dataAgeSeconds: 3, stale: false },
    });
  });

  test.each([
    ['ggb', { state: 'up', phase: 'soft', turningTo: 'down', since: iso(0) }],
    ['ggB', { state: 'down', phase: 'hard', turningTo: null, since: iso(2), lossPercent: 100, rttMilliseconds: null }],
    ['ggBg', { state: 'down', phase: 'soft', turningTo: 'up', since: iso(2), lossPercent: 0 }],
    ['ggbgbgb', { state: 'up', flapping: true }],
  ])('after "%s" is %o', async (looks, expected) => {
    expect(await viewOf(looks)).toMatchObject(expected);
  });

  test('is unknown with the first look, which is shown', async () => {
    expect(await viewOf('g')).toMatchObject({
      ...{ state: 'unknown', phase: 'soft', turningTo: 'up', lossPercent: 0, since: iso(0), lastState: null },
      reason: 'its state is confirmed by the next look',
    });
  });

  test('is unknown when it could not be looked at: since it was known last, and nothing old is shown as now', async () => {
    expect(await viewOf('ggBu')).toMatchObject({
      ...{ state: 'unknown', phase: 'soft', turningTo: null, since: iso(2), lastState: 'down' },
      ...{ lossPercent: null, rttMilliseconds: null, readAt: iso(2), dataAgeSeconds: PERIOD + 5 },
      reason: expect.stringContaining('could not be looked at'),
    });
  });

  test('is unknown when the newest run failed, with its reason', async () => {
    const lastRun = { slot: at(2), at: at(2), ok: false, error: 'SOURCE_UNAVAILABLE: router core: away', failures: 1 };
    expect(await viewOf('gg', { lastRun, afterMs: PERIOD * 1000 })).toMatchObject({
      ...{ state: 'unknown', lastState: 'up', lossPercent: null, reason: 'SOURCE_UNAVAILABLE: router core: away' },
    });
    const older = { ...lastRun, slot: at(0) };
    expect(await viewOf('gg', { lastRun: older })).toMatchObject({ state: 'up' });
  });

  test('is unknown when it is old, and when there was no look at all', async () => {
    expect(await viewOf('gg', { afterMs: 3 * PERIOD * 1000 })).toMatchObject({
      state: 'unknown',
      stale: true,
      lossPercent: null,
    });
    expect(await viewOf('')).toMatchObject({
      state: 'unknown',
      since: null,
      readAt: null,
      reason: 'it was not looked at yet',
    });
  });
});

describe('the list', () => {
  const entities = [{ ...ENTITY, id: 'reach/b' }, ENTITY, { ...ENTITY, id: 'other/a', target: 'other' }];

  test('is in order, of one source or of all, without what is configured no more', async () => {
    const queries = open('gg', { entities: [...entities, { ...ENTITY, id: 'reach/x', removedAt: 1 }] });
    expect((await queries.list(TENANT, undefined)).map(({ id }) => id)).toEqual([
      'other~a',
      'reach~b',
      'reach~gateway',
    ]);
    const ours = await queries.list(TENANT, 'reach');
    expect(ours.map(({ id, state }) => [id, state])).toEqual([
      ['reach~b', 'unknown'],
      ['reach~gateway', 'up'],
    ]);
  });

  test('and every route is answered', () => {
    expect(createReachEndpoints(open('gg')).map(({ route }) => route.key)).toEqual(reachRoutes.map(({ key }) => key));
  });
});

test('a device that is not there, or not any more, is not found', async () => {
  for (const id of ['reach~nobody', '%', '']) {
    await expect(open('gg').read(TENANT, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
  const gone = open('gg', { entities: [{ ...ENTITY, removedAt: 1 }] });
  await expect(gone.samples(TENANT, 'reach~gateway', {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('samples name the metric and its unit', async () => {
  for (const [metric, unit] of [
    ['loss', 'basisPoints'],
    ['rtt', 'microseconds'],
    ['state', 'state'],
  ] as const) {
    const answer = await open('gg').samples(TENANT, 'reach~gateway', { metric });
    expect(answer).toMatchObject({ id: 'reach~gateway', metric, unit, points: [] });
  }
});
