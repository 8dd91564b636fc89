/** The routes of routers: what is known, what is asked now, and what is nobody's to see. */
import { beforeEach, describe, expect, test } from 'vitest';
import { countByRouter, createRouterEndpoints, type RouterApiDeps } from '../../../functions/api/routers.ts';
import type { Source } from '../../../shared/collect/source.ts';
import type { Probe } from '../../../shared/interfaces/router-probe.ts';
import { createRouterQueries } from '../../../shared/interfaces/routers.query.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import type { Head } from '../../../shared/samples/sample.ts';
import { limit } from '../../contract/router-limits.ts';
import { MovableClock, NOON, sourceNamed } from '../../shared/collect/fakes.ts';
import { MemoryLimits } from '../../shared/interfaces/memory-limits.ts';
import { type Api, apiOf } from './asking.ts';

const CREDENTIALS = { user: 'headroom', password: 'hunter2-planted' };
const router = (id: string, over: Partial<Source> = {}) =>
  sourceNamed(id, {
    ...{ type: 'routeros', kind: 'interface', periodSeconds: 300, settings: { host: '192.0.2.1', port: 8443 } },
    ...over,
  });
const head = (target: string, over: Partial<Head> = {}): Head =>
  ({
    ...{ tenant: 'demo', kind: 'interface', target, seq: 1, folded: 0, periodSeconds: 300, newestSlot: NOON - 60_000 },
    entities: [
      { entity: `${target}/ether1`, slot: NOON - 60_000, receivedAt: NOON - 60_000, values: {}, increases: {} },
    ],
    lastRun: { slot: NOON - 60_000, at: NOON - 58_000, ok: true, failures: 0 },
    ...over,
  }) as Head;

let sources: Source[];
let heads: Head[];
let ports: { id: string; target: string; removedAt?: number }[];
let limits: MemoryLimits;
let opened: string[];
let refusal: AppError | undefined;
let probe: Probe;
let deps: RouterApiDeps;
let ask: Api;

beforeEach(() => {
  sources = [router('core'), sourceNamed('home')];
  heads = [head('core')];
  ports = ['ether1', 'ether2'].map((name) => ({ id: `core/${name}`, target: 'core' }));
  limits = new MemoryLimits([
    {
      ...{ name: 'reseller_r1001', targets: ['198.51.100.1'], limit: limit(undefined, 50), dynamic: false },
      ...{ disabled: false, octetsFromTarget: 2n ** 60n, comment: 'first' },
    },
    { name: '<pppoe-r1041>', targets: ['198.51.100.41'], limit: limit(5), dynamic: true, disabled: true },
  ]);
  opened = [];
  refusal = undefined;
  probe = { steps: [{ name: 'resolve', ok: true, responseMs: 3 }] };
  const clock = new MovableClock();
  deps = {
    clock,
    routers: createRouterQueries({
      sources: { read: async (_, id) => sources.find((s) => s.id === id), list: async () => sources },
      samples: { readHead: async ({ target }) => heads.find((h) => h.target === target), readHeads: async () => heads },
      entities: {
        list: async () => ports as never,
        listOfTarget: async (_, __, target) => ports.filter((p) => p.target === target) as never,
      },
      clock,
    }),
    interfaces: { list: async (_, id) => ports.filter((p) => p.target === id).map((p) => ({ id: p.id })) as never },
    async openRouter(tenant, id, deadline) {
      opened.push(`${tenant} ${id} ${deadline - NOON}`);
      if (refusal) throw refusal;
      return limits;
    },
    probe: async () => probe,
  };
  ask = apiOf(createRouterEndpoints(deps));
});

describe('the list', () => {
  test('tells each router, how its last run ended and how old its reading is; other sources are none', async () => {
    const { status, body } = await ask('GET /v1/routers');
    expect(status).toBe(200);
    expect(body.items).toEqual([
      {
        ...{ id: 'core', name: 'core', type: 'routeros', host: '192.0.2.1', enabled: true, simulated: false },
        ...{ periodSeconds: 300, pausedReason: null, interfaces: 2, limits: { changeable: true, reason: null } },
        lastRun: { at: '2030-01-01T11:59:02.000Z', ok: true, error: null },
        ...{ readAt: '2030-01-01T11:59:00.000Z', dataAgeSeconds: 60, stale: false },
      },
    ]);
  });

  test('knows nothing of a router that was never read, rather than that it has no interface', async () => {
    sources = [router('new', { type: 'snmp' })];
    const { items } = (await ask('GET /v1/routers')).body;
    expect(items).toMatchObject([
      {
        ...{ interfaces: null, lastRun: null, readAt: null, dataAgeSeconds: null, stale: true },
        limits: { changeable: false, reason: expect.stringContaining('only read') },
      },
    ]);
  });

  test('counts no interface that is gone', async () => {
    ports.push({ id: 'core/old', target: 'core', removedAt: NOON });
    expect((await ask('GET /v1/routers/{id}', { params: { id: 'core' } })).body.interfaces).toBe(2);
    expect((await ask('GET /v1/routers')).body.items[0].interfaces).toBe(2);
  });

  test('goes page by page', async () => {
    sources = [router('a'), router('b'), router('c')];
    const first = (await ask('GET /v1/routers', { query: { limit: '2' } })).body;
    expect(first.items.map((one: { id: string }) => one.id)).toEqual(['a', 'b']);
    const second = (await ask('GET /v1/routers', { query: { limit: '2', cursor: first.nextCursor } })).body;
    expect(second.items.map((one: { id: string }) => one.id)).toEqual(['c']);
  });
});

test.each([
  'GET /v1/routers/{id}',
  'POST /v1/routers/{id}/test',
  'GET /v1/routers/{id}/interfaces',
  'GET /v1/routers/{id}/queues',
])('%s knows no source that is no router, no unknown one and no strange id', async (key) => {
  for (const id of ['home', 'nobody', 'core/../home', '__proto__']) {
    expect((await ask(key, { params: { id } })).status).toBe(404);
  }
  expect(opened).toEqual([]);
});

test('interfaces are those of the router', async () => {
  ports.push({ id: 'access/ether1', target: 'access' });
  const { body } = await ask('GET /v1/routers/{id}/interfaces', { params: { id: 'core' } });
  expect(body.items.map((one: { id: string }) => one.id)).toEqual(['core/ether1', 'core/ether2']);
});

describe('queues', () => {
  const queues = (query?: Record<string, string>) =>
    ask('GET /v1/routers/{id}/queues', { params: { id: 'core' }, ...(query ? { query } : {}) });

  test('are read now, in the router’s order; no limit and no count are null, octets are text', async () => {
    limits.rejected = [{ path: 'queue q', message: 'is idle', rawText: 'raw' }];
    expect((await queues()).body).toEqual({
      ...{ router: 'core', readAt: '2030-01-01T12:00:00.000Z', rejected: [{ path: 'queue q', message: 'is idle' }] },
      items: [
        {
          ...{ position: 0, name: 'reseller_r1001', targets: ['198.51.100.1'], dynamic: false, disabled: false },
          ...{ fromTargetBitsPerSecond: null, toTargetBitsPerSecond: 50_000_000, comment: 'first' },
          ...{ octetsFromTarget: '1152921504606846976', octetsToTarget: null },
        },
        expect.objectContaining({ position: 1, dynamic: true, disabled: true, comment: null }),
      ],
    });
    expect(opened).toEqual(['demo core 20000']);
    expect(limits.closed).toBe(1);
  });

  test('go page by page', async () => {
    const first = (await queues({ limit: '1' })).body;
    const second = (await queues({ limit: '1', cursor: first.nextCursor })).body;
    expect([first.items[0].position, second.items[0].position, second.nextCursor]).toEqual([0, 1, undefined]);
  });

  test.each([
    ['SOURCE_UNAVAILABLE', 502],
    ['SOURCE_REJECTED', 502],
    ['REQUEST_INVALID', 422],
  ] as const)('that cannot be read (%s) are an error, never an empty list', async (code, status) => {
    refusal = new AppError(code, 'the router did not answer');
    expect(await queues()).toMatchObject({ status, body: { detail: 'the router did not answer' } });
  });

  test('that fail in mid-reading leave nothing open', async () => {
    limits.failures.push(new AppError('SOURCE_MALFORMED', 'no list'));
    expect((await queues()).status).toBe(502);
    expect(limits.closed).toBe(1);
  });
});

describe('a test', () => {
  const run = () => ask('POST /v1/routers/{id}/test', { params: { id: 'core' } });

  test('tells its steps', async () => {
    expect((await run()).body).toEqual({
      ...{ router: 'core', testedAt: '2030-01-01T12:00:00.000Z', ok: true, error: null },
      steps: [{ name: 'resolve', ok: true, responseMs: 3 }],
    });
  });

  test('that fails is an answer, with the router’s words cut', async () => {
    const step = { name: 'read', ok: false, responseMs: 9, status: 401, error: 'x'.repeat(5000) };
    probe = { steps: Array.from({ length: 80 }, () => step), error: 'y'.repeat(5000) };
    const { status, body } = await run();
    expect([status, body.ok, body.steps.length]).toEqual([200, false, 50]);
    expect(body.error.length).toBeLessThan(340);
    expect(body.steps[0].error.length).toBeLessThan(340);
  });
});

describe('the older status', () => {
  const status = async () => (await ask('GET /router/status')).body;

  test('asks each router that can be asked, and counts the queues that are on', async () => {
    expect(await status()).toEqual([
      {
        ...{ router_id: 'core', host: '192.0.2.1', connected: true, active_queues: 1, total_resellers: null },
        ...{ last_check: '2030-01-01T12:00:00.000Z', error: null },
      },
    ]);
    expect(opened).toEqual(['demo core 8000']);
  });

  test('of a router that does not answer has no number of queues', async () => {
    refusal = new AppError('SOURCE_UNAVAILABLE', 'refuses connections');
    expect(await status()).toMatchObject([{ connected: false, active_queues: null, error: 'refuses connections' }]);
  });

  test.each<[string, Partial<Source>, object]>([
    ['only read', { type: 'snmp' }, { connected: true, error: null }],
    ['behind a site', { type: 'site-router', settings: { via: 'branch' } }, { connected: true, error: null }],
    ['switched off', { enabled: false }, { connected: true, error: null }],
    ['paused', { pausedReason: 'refused twice' }, { connected: true, error: 'refused twice' }],
  ])('of a router that is %s is what its last run found', async (_, over, told) => {
    sources = [router('core', over)];
    expect(await status()).toMatchObject([{ ...told, active_queues: null, last_check: '2030-01-01T11:59:02.000Z' }]);
    expect(opened).toEqual([]);
  });

  test('of a router that nobody has read says so', async () => {
    sources = [router('core', { type: 'snmp' })];
    heads = [];
    expect(await status()).toMatchObject([{ connected: null, last_check: null, active_queues: null }]);
  });

  test('asks twenty at most', async () => {
    sources = Array.from({ length: 25 }, (_, i) => router(`r${i}`));
    const all = await status();
    expect([all.length, opened.length]).toEqual([25, 20]);
    expect(all.filter((one: { active_queues: unknown }) => one.active_queues === null)).toHaveLength(5);
  });

  test('knows the resellers where somebody counts them, and lists them once for all routers', async () => {
    sources = [router('core'), router('access'), router('spare')];
    const onCore = { routers: [{ router: 'core' }, { router: 'core' }] };
    const onBoth = { routers: [{ router: 'access' }, { router: 'core' }] };
    const asked: string[] = [];
    const countResellers = async (tenant: string) => {
      asked.push(tenant);
      return countByRouter([onCore, onBoth]);
    };
    ask = apiOf(createRouterEndpoints({ ...deps, countResellers }));
    const told = (await status()) as { router_id: string; total_resellers: unknown }[];
    expect(Object.fromEntries(told.map((one) => [one.router_id, one.total_resellers]))).toEqual({
      ...{ core: 2, access: 1, spare: 0 },
    });
    expect(asked).toEqual(['demo']);
  });
});

test('no answer holds a password, also where a source’s settings hold one by mistake', async () => {
  sources = [router('core', { settings: { host: '192.0.2.1', password: CREDENTIALS.password } })];
  for (const key of ['GET /v1/routers', 'GET /router/status'])
    expect(JSON.stringify((await ask(key)).body)).not.toContain(CREDENTIALS.password);
});
