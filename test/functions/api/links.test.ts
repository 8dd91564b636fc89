import { beforeEach, describe, expect, test } from 'vitest';
import { createLinkEndpoints } from '../../../functions/api/links.ts';
import { uplinkIssues } from '../../../functions/api/source-uplinks.ts';
import { ownUplink, SOURCE_KINDS } from '../../../shared/capabilities.ts';
import type { CollectMessage, Source, SourceType } from '../../../shared/collect/source.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import { createLinkQueries } from '../../../shared/links/links.query.ts';
import { memberIssues } from '../../../shared/links/members.query.ts';
import type { Queue } from '../../../shared/platform/queue.port.ts';
import type { Head } from '../../../shared/samples/sample.ts';
import { MovableClock, memoryQueue, sourceNamed, tenantNamed } from '../../shared/collect/fakes.ts';
import { type Api, anybody, apiOf } from './asking.ts';

const VLANS = [10, 20, 30, 40, 50];
let sources: Map<string, Source>;
let heads: Map<string, Head>;
let queue: ReturnType<typeof memoryQueue<CollectMessage>>;
let clock: MovableClock;
let removed: string[];
let ask: Api;

const entity = (id: string): Entity => ({
  ...{ tenant: 'demo', kind: 'interface', id, target: 'core1', name: id, attributes: {}, labels: {} },
  ...{ simulated: false, firstSeenAt: 1 },
});
const interfaces = new Map(VLANS.map((vlan) => [`core1/vlan${vlan}`, entity(`core1/vlan${vlan}`)]));

function open(): Api {
  const store = {
    read: async (_: string, id: string) => sources.get(id),
    list: async () => [...sources.values()],
    async put(source: Source) {
      const stored = { ...source, version: source.version + 1 };
      sources.set(source.id, stored);
      return stored;
    },
    remove: async (_: string, id: string) => sources.delete(id),
    pause: async () => true,
    unpause: async (_: string, id: string) => sources.get(id),
    restoreTarget: async () => undefined,
    listTargets: async () => [],
  };
  const samples = {
    readHead: async ({ target }: { target: string }) => heads.get(target),
    readHeads: async () => [...heads.values()],
    newestBatches: async () => [],
    readSeries: async () => [],
    readIncreases: async () => [],
    removeHead: async ({ target }: { target: string }) => void removed.push(target),
  };
  const entities = {
    read: async (_: string, __: string, id: string) => interfaces.get(id),
    removeTarget: async () => undefined,
  };
  const all = Object.fromEntries(Object.keys(SOURCE_KINDS).map((type) => [type, queue]));
  return apiOf(
    createLinkEndpoints({
      ...{ clock, sources: store, samples, entities, kinds: SOURCE_KINDS, series: samples },
      collectQueues: all as unknown as Record<SourceType, Queue<CollectMessage>>,
      evaluateQueue: memoryQueue(),
      secrets: {
        readSecret: async () => undefined,
        writeSecret: async () => undefined,
        readTokenKey: async () => new Uint8Array(32),
      },
      links: createLinkQueries({ sources: store, samples, entities, clock }),
      linkIssues: (tenant, draft) => memberIssues({ sources: store, entities }, tenant, draft),
      uplinkIssues: ({ tenant }, draft, before) =>
        uplinkIssues({ sources: store, entities, ownUplink }, tenant, draft, before),
      siteKeys: { renew: async () => ({ id: '', secret: '' }) },
      hostIssues: async () => [],
      feedsOf: async () => [],
      forget: async () => undefined,
      endSession: async () => undefined,
    }),
    anybody(tenantNamed('demo', { simulated: true })),
  );
}

beforeEach(() => {
  clock = new MovableClock();
  const router = { type: 'routeros', kind: 'interface', periodSeconds: 300, settings: { host: '192.0.2.1' } } as const;
  sources = new Map([['core1', sourceNamed('core1', router)]]);
  heads = new Map();
  queue = memoryQueue();
  removed = [];
  ask = open();
});

const add = (body: Record<string, unknown>) => ask('POST /v1/links', { body: { id: 'nttn', name: 'NTTN', ...body } });
const pathsOf = (answer: { body: { errors?: { path: string }[] } }) => answer.body.errors?.map(({ path }) => path);

test('what a link hangs on is taken, shown, refused where it leads back, and taken away by null', async () => {
  sources.set('core2', sourceNamed('core2', { type: 'routeros', kind: 'interface', uplink: 'link:nttn' }));
  expect((await add({ router: 'core1', uplink: 'router:core1' })).body).toMatchObject({ uplink: 'router:core1' });
  const change = (body: object) => ask('PATCH /v1/links/{id}', { params: { id: 'nttn' }, body });
  expect(pathsOf(await change({ version: 1, uplink: 'router:core2' }))).toEqual(['uplink']);
  expect((await change({ version: 1, thresholdMbps: 900 })).body).toMatchObject({ uplink: 'router:core1' });
  expect((await change({ version: 2, uplink: null })).body).toMatchObject({ uplink: null });
});

describe('a new link', () => {
  test('over a router alone is the usual one, read as often as its router', async () => {
    expect(await add({ router: 'core1' })).toMatchObject({
      status: 201,
      body: {
        ...{ id: 'nttn', capacityBitsPerSecond: 1e9, thresholdBitsPerSecond: 950e6, periodSeconds: 300 },
        members: VLANS.map((vlan) => ({ interface: `core1~vlan${vlan}`, capacityBitsPerSecond: 200e6 })),
        ...{ maxBitsPerSecond: null, readAt: null, stale: true },
      },
    });
    expect(sources.get('nttn')).toMatchObject({ type: 'link', kind: 'link', simulated: true });
  });

  test('names its interfaces as the list of interfaces does, with rates of its own', async () => {
    const members = [{ interface: 'core1~vlan10', capacityMbps: 100 }, { interface: 'core1/vlan20' }];
    expect(await add({ members, thresholdMbps: 250, clearMbps: 200, committedMbps: 150 })).toMatchObject({
      status: 201,
      body: { capacityBitsPerSecond: 300e6, thresholdBitsPerSecond: 250e6, committedBitsPerSecond: 150e6 },
    });
  });

  test('whose interfaces are not there, or are read at other times, is refused with all of it', async () => {
    const members = [{ interface: 'core1~vlan10' }, { interface: 'core1~vlan60' }, { interface: 'nowhere~x' }];
    const answer = await add({ members, periodSeconds: 60 });
    expect(answer.status).toBe(422);
    expect(pathsOf(answer)).toEqual(['members[1].interface', 'members[2].interface', 'periodSeconds']);
    expect(answer.body.errors[2].message).toContain('must be 300');
    expect(pathsOf(await add({}))).toEqual(['members']);
    expect(pathsOf(await add({ members: [{ interface: 'core1~vlan10' }], thresholdMbps: 10, clearMbps: 20 }))).toEqual([
      'clearMbps',
    ]);
    expect(sources.has('nttn')).toBe(false);
  });

  test('of a name that stands already is refused', async () => {
    await add({ router: 'core1' });
    expect(await add({ router: 'core1' })).toMatchObject({ status: 409 });
  });
});

describe('a link', () => {
  const change = (body: Record<string, unknown>) => ask('PATCH /v1/links/{id}', { params: { id: 'nttn' }, body });
  beforeEach(async () => {
    await add({ router: 'core1', committedMbps: 800 });
  });

  test('changes what is said and keeps the rest; null takes a rate back to its default', async () => {
    expect(await change({ version: 1, thresholdMbps: 500 })).toMatchObject({
      status: 200,
      body: { thresholdBitsPerSecond: 500e6, clearBitsPerSecond: 500e6, committedBitsPerSecond: 800e6, version: 2 },
    });
    expect(await change({ version: 2, thresholdMbps: null, committedMbps: null })).toMatchObject({
      body: { thresholdBitsPerSecond: 950e6, committedBitsPerSecond: null },
    });
    expect(await change({ version: 2, name: 'Other' })).toMatchObject({ status: 409 });
  });

  test('is gone when it is removed, and a router is no link', async () => {
    expect(await ask('GET /v1/links/{id}', { params: { id: 'core1' } })).toMatchObject({ status: 404 });
    expect(await ask('DELETE /v1/links/{id}', { params: { id: 'core1' } })).toMatchObject({ status: 404 });
    expect(await ask('DELETE /v1/links/{id}', { params: { id: 'nttn' } })).toMatchObject({ status: 204 });
    expect(removed).toEqual(['nttn']);
    expect(await ask('GET /v1/links/{id}', { params: { id: 'nttn' } })).toMatchObject({ status: 404 });
  });

  test('tells its newest total, and to older clients in their words; what is old is unknown to them', async () => {
    const values = {
      inBitsPerSecond: 957_300_000n,
      outBitsPerSecond: 1n,
      maxBitsPerSecond: 957_300_000n,
      membersKnown: 5n,
    };
    const reading = { entity: 'nttn/total', slot: clock.now(), receivedAt: clock.now(), values, increases: {} };
    heads.set('nttn', {
      ...{ tenant: 'demo', kind: 'link', target: 'nttn', seq: 1, folded: 0, periodSeconds: 300, entities: [reading] },
    });
    expect(await ask('GET /v1/links', {})).toMatchObject({
      body: { items: [{ maxBitsPerSecond: 957_300_000, utilisationPercent: 95.73, stale: false }] },
    });
    const older = {
      link_id: 'nttn',
      name: 'NTTN',
      device_ip: '192.0.2.1',
      total_capacity_mbps: 1000,
      threshold_mbps: 950,
    };
    expect((await ask('GET /nttn/status', {})).body).toEqual([
      {
        ...older,
        ...{ current_usage_mbps: 957.3, utilization_percent: 95.73, status: 'CRITICAL' },
        last_updated: new Date(clock.now()).toISOString(),
      },
    ]);
    clock.advance(3_600_000);
    expect((await ask('GET /nttn/status', {})).body).toMatchObject([{ status: 'UNKNOWN' }]);
  });

  test('is computed now when an older client asks for it, and there must be one', async () => {
    expect(await ask('POST /nttn/trigger-monitoring', {})).toMatchObject({
      status: 202,
      body: { message: 'Monitoring of 1 link was triggered' },
    });
    expect(queue.sent).toMatchObject([{ message: { source: 'nttn', boundary: false } }]);
    sources.delete('nttn');
    expect(await ask('POST /nttn/trigger-monitoring', {})).toMatchObject({ status: 404 });
  });
});

test('a link one of whose interfaces is gone can still be renamed and switched off, but not built on it anew', async () => {
  await add({ router: 'core1' });
  const gone = interfaces.get('core1/vlan30');
  interfaces.delete('core1/vlan30');
  const change = (body: Record<string, unknown>) => ask('PATCH /v1/links/{id}', { params: { id: 'nttn' }, body });
  expect(await change({ version: 1, enabled: false, thresholdMbps: 500 })).toMatchObject({ status: 200 });
  const members = [{ interface: 'core1~vlan30' }];
  expect(pathsOf(await change({ version: 2, members }))).toEqual(['members[0].interface']);
  if (gone) interfaces.set('core1/vlan30', gone);
});
