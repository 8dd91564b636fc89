import { beforeEach, describe, expect, test } from 'vitest';
import { uplinkIssues } from '../../../functions/api/source-uplinks.ts';
import { createSourceEndpoints, type SourceApiDeps } from '../../../functions/api/sources.ts';
import { ownUplink } from '../../../shared/capabilities.ts';
import type { SecretFields } from '../../../shared/collect/secrets.port.ts';
import type { CollectMessage, EvaluateMessage, Source, SourceType } from '../../../shared/collect/source.ts';
import { SOURCE_TYPES, type SourceKind } from '../../../shared/collect/source-rules.ts';
import type { Tenant } from '../../../shared/entities/tenant.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { MovableClock, memoryQueue, memoryQueues, NOON, sourceNamed, tenantNamed } from '../../shared/collect/fakes.ts';
import { type Api, anybody, apiOf } from './asking.ts';

let tenant: Tenant;
let sources: Map<string, Source>;
let secrets: Map<string, SecretFields>;
/** In the order in which it happened. */
let done: string[];
let failing: Set<string>;
let evaluate: ReturnType<typeof memoryQueue<EvaluateMessage>>;
let taara: ReturnType<typeof memoryQueue<CollectMessage>>;
let onence: ReturnType<typeof memoryQueue<CollectMessage>>;
let hostIssues: SourceApiDeps['hostIssues'];
let ask: Api;

const note = async (what: string): Promise<void> => {
  done.push(what);
  if (failing.has(what)) throw new AppError('STORE_UNAVAILABLE', `${what} failed`);
};
const kind = (defaultPeriodSeconds: number, simulable: boolean): SourceKind => ({
  defaultPeriodSeconds,
  isSimulated: () => simulable,
  settingsIssues: (settings) => (settings.bad ? [{ path: 'bad', message: 'is bad' }] : []),
  secretIssues: (secret) => (secret.passcode === 'wrong' ? [{ path: 'passcode', message: 'is wrong' }] : []),
});

const KINDS = Object.fromEntries(SOURCE_TYPES.map((type) => [type, kind(300, true)])) as Record<SourceType, SourceKind>;

function open(): Api {
  return apiOf(
    createSourceEndpoints({
      clock: new MovableClock(),
      kinds: { ...KINDS, taara: kind(900, true), onence: kind(900, true), snmp: kind(300, false) },
      collectQueues: { ...memoryQueues(), taara, onence },
      evaluateQueue: {
        ...evaluate,
        async send(message) {
          await note('evaluate');
          await evaluate.send(message);
        },
      },
      linkIssues: async () => [],
      uplinkIssues: ({ tenant }, draft, before) =>
        uplinkIssues(
          { sources: { read: async (_, id) => sources.get(id) }, entities: { read: async () => undefined }, ownUplink },
          tenant,
          draft,
          before,
        ),
      siteKeys: {
        renew: async () => {
          await note('renewKey');
          return { id: 'ab'.repeat(16), secret: 'cd'.repeat(32) };
        },
      },
      hostIssues: (settings, networks) => hostIssues(settings, networks),
      endSession: () => note('endSession'),
      entities: { removeTarget: () => note('removeTarget') },
      samples: { removeHead: ({ target }) => note(`removeHead ${target}`) },
      feedsOf: async (source) => (source.type === 'onence' ? [{ kind: 'sim', target: `${source.id}.0000` }] : []),
      forget: () => note('forget'),
      secrets: {
        readSecret: async (_, id) => secrets.get(id),
        writeSecret: async (_, id, fields) => {
          await note(fields ? 'writeSecret' : 'forgetSecret');
          if (fields) secrets.set(id, fields);
          else secrets.delete(id);
        },
        readTokenKey: async () => new Uint8Array(32),
      },
      sources: {
        read: async (_, id) => sources.get(id),
        list: async () => [...sources.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
        put: async (source) => {
          await note('put');
          if ((sources.get(source.id)?.version ?? 0) !== source.version)
            throw new AppError('STORE_CONFLICT', 'changed meanwhile');
          const stored = { ...source, version: source.version + 1 };
          sources.set(source.id, stored);
          return stored;
        },
        async remove(_, id) {
          await note('remove');
          return sources.delete(id);
        },
        pause: async () => true,
        unpause: async (_, id) => {
          const { pausedReason: _reason, ...rest } = sources.get(id) ?? ({} as Source);
          sources.set(id, rest as Source);
          return rest as Source;
        },
        restoreTarget: async () => undefined,
        listTargets: async () => [],
      },
    }),
    anybody(tenant),
  );
}

beforeEach(() => {
  tenant = tenantNamed('demo', { simulated: true });
  sources = new Map();
  secrets = new Map();
  done = [];
  failing = new Set();
  evaluate = memoryQueue();
  taara = memoryQueue();
  onence = memoryQueue();
  hostIssues = async () => [];
  ask = open();
});

const HOME = { id: 'home', type: 'taara', name: 'Home', credentials: { passcode: 'planted' } };
const add = (over: object = {}) => ask('POST /v1/sources', { body: { ...HOME, ...over } });
const change = (body: object, id = 'home') => ask('PATCH /v1/sources/{id}', { params: { id }, body });
const paths = (answer: { body: { errors: { path: string }[] } }) => answer.body.errors.map((e) => e.path);

describe('adding', () => {
  test('stores credentials first, and never tells them', async () => {
    const answer = await add();
    expect(answer).toMatchObject({
      status: 201,
      body: {
        id: 'home',
        type: 'taara',
        kind: 'bundle',
        enabled: true,
        periodSeconds: 900,
        simulated: true,
        hasCredentials: true,
        pausedReason: null,
        version: 1,
        createdAt: new Date(NOON).toISOString(),
      },
    });
    expect(done).toEqual(['writeSecret', 'put']);
    for (const key of ['GET /v1/sources', 'GET /v1/sources/{id}']) {
      const shown = await ask(key, { params: { id: 'home' } });
      expect(shown.status).toBe(200);
      expect(JSON.stringify([answer.body, shown.body])).not.toContain('planted');
    }
  });

  test('without credentials is possible, and said', async () => {
    const { credentials: _, ...bare } = HOME;
    expect(await ask('POST /v1/sources', { body: bare })).toMatchObject({
      status: 201,
      body: { hasCredentials: false },
    });
    expect(done).toEqual(['put']);
  });

  test('a router of a simulated tenant is real, an account of it is not', async () => {
    expect((await add({ id: 'r', type: 'snmp' })).body).toMatchObject({
      simulated: false,
      kind: 'interface',
      periodSeconds: 300,
    });
    tenant = tenantNamed('main', { simulated: false });
    ask = open();
    expect((await add({ id: 'a' })).body.simulated).toBe(false);
  });

  test('an id that is taken is 409, and its credentials stay', async () => {
    await add();
    expect(await add({ credentials: { passcode: 'other' } })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('PATCH /v1/sources/home') },
    });
    expect(secrets.get('home')).toEqual({ passcode: 'planted' });
  });

  test('all that is wrong is told at once, and nothing is stored', async () => {
    hostIssues = async () => [{ path: 'settings.host', message: 'may not be called' }];
    const answer = await add({
      id: 'Home!',
      name: '',
      periodSeconds: 61,
      settings: { bad: true },
      credentials: { passcode: 'wrong' },
    });
    expect(answer.status).toBe(422);
    expect(paths(answer).sort()).toEqual([
      'credentials.passcode',
      'id',
      'name',
      'periodSeconds',
      'settings.bad',
      'settings.host',
    ]);
    expect(done).toEqual([]);
  });

  test('form and meaning are told together', async () => {
    const answer = await add({ id: 'Home!', name: 5, simulated: true });
    expect(paths(answer).sort()).toEqual(['id', 'name', 'simulated']);
  });
});

describe('changing', () => {
  beforeEach(async () => {
    await add();
    done.length = 0;
  });

  test('keeps what is not named', async () => {
    expect((await change({ version: 1, name: 'New name' })).body).toMatchObject({
      name: 'New name',
      periodSeconds: 900,
      version: 2,
      hasCredentials: true,
    });
    expect(done).toEqual(['put']);
  });

  test('another version than the stored one is 409', async () => {
    expect(await change({ version: 2, name: 'x' })).toMatchObject({
      status: 409,
      body: { detail: 'source "home" is at version 1, not 2: read it again' },
    });
    expect(done).toEqual([]);
  });

  test('new credentials end the session of the old ones first, replace them whole, and lift a pause', async () => {
    sources.set('home', { ...(sources.get('home') as Source), pausedReason: 'refused twice' });
    const answer = await change({ version: 1, credentials: { phone: 'x' } });
    expect(answer.body).toMatchObject({ pausedReason: null, hasCredentials: true });
    expect(done).toEqual(['endSession', 'writeSecret', 'put']);
    expect(secrets.get('home')).toEqual({ phone: 'x' });
  });

  test('a name alone lifts no pause', async () => {
    sources.set('home', { ...(sources.get('home') as Source), pausedReason: 'refused twice' });
    expect((await change({ version: 1, name: 'x' })).body.pausedReason).toBe('refused twice');
  });

  test.each(['id', 'type', 'kind', 'tenant', 'simulated', 'createdAt', 'pausedReason'])(
    '%s is not the caller’s to set',
    async (field) => {
      expect(paths(await change({ version: 1, [field]: 'x' }))).toEqual([field]);
      expect(done).toEqual([]);
    },
  );

  test.each(['nobody', 'HOME', '', 'x'.repeat(200), '__proto__'])('one called %j is 404', async (id) => {
    expect((await change({ version: 1 }, id)).status).toBe(404);
  });
});

describe('removing', () => {
  const STEPS = ['remove', 'endSession', 'forgetSecret', 'removeTarget', 'removeHead home', 'evaluate', 'forget'];
  const remove = () => ask('DELETE /v1/sources/{id}', { params: { id: 'home' } });
  beforeEach(async () => {
    await add();
    done.length = 0;
  });

  test('goes from the source inwards, and its alerts are judged anew', async () => {
    expect((await remove()).status).toBe(204);
    expect(done).toEqual(STEPS);
    expect(secrets.has('home')).toBe(false);
    expect(evaluate.sent.map((s) => s.message)).toEqual([
      { version: 1, tenant: 'demo', kind: 'bundle', target: 'home' },
    ]);
    expect((await remove()).status).toBe(404);
  });

  test.each(STEPS.slice(1))(
    'where %s fails, all other steps are taken all the same, and the failure is told',
    async (step) => {
      failing.add(step);
      expect((await remove()).status).toBe(503);
      expect(done).toEqual(STEPS);
    },
  );

  test('where the source itself cannot be removed, nothing else is touched', async () => {
    failing.add('remove');
    expect((await remove()).status).toBe(503);
    expect(done).toEqual(['remove']);
    expect(secrets.has('home')).toBe(true);
  });
});

test('"collect now" is a slot of its own', async () => {
  await add();
  expect(await ask('POST /v1/sources/{id}/collect', { params: { id: 'home' } })).toMatchObject({
    status: 202,
    body: { source: 'home', slot: new Date(NOON).toISOString() },
  });
  expect(taara.sent.map((s) => s.message)).toEqual([
    { version: 1, tenant: 'demo', source: 'home', slot: new Date(NOON).toISOString(), part: 0, boundary: false },
  ]);
});

test('a 1NCE account goes with all that it fed, its own target first', async () => {
  await add({ id: 'fleet', type: 'onence' });
  done.length = 0;
  expect((await ask('DELETE /v1/sources/{id}', { params: { id: 'fleet' } })).status).toBe(204);
  expect(done.filter((step) => step.startsWith('removeHead'))).toEqual(['removeHead fleet', 'removeHead fleet.0000']);
  expect(evaluate.sent.map((s) => s.message.target)).toEqual(['fleet', 'fleet.0000']);
});

test('a run by hand may ask a 1NCE account for days of the past, and nothing else for them', async () => {
  await add({ id: 'fleet', type: 'onence' });
  await add();
  const collect = (id: string, days: string) =>
    ask('POST /v1/sources/{id}/collect', { params: { id }, query: { days } });
  expect((await collect('fleet', '7')).status).toBe(202);
  expect(onence.sent[0]?.message.checkpoint).toEqual({ phase: 'begin', days: 7 });
  expect(paths(await collect('home', '7'))).toEqual(['query.days']);
  for (const days of ['0', '181', '7.5', 'x']) expect((await collect('fleet', days)).status).toBe(422);
});

describe('an uplink', () => {
  const ROUTER = { id: 'core1', type: 'snmp', name: 'Core' };

  test('is taken, shown, kept by other changes, and taken away by null', async () => {
    expect((await add(ROUTER)).body.uplink).toBeNull();
    expect(await add({ ...ROUTER, id: 'site1', uplink: 'router:core1' })).toMatchObject({
      ...{ status: 201, body: { uplink: 'router:core1', version: 1 } },
    });
    expect((await change({ version: 1, name: 'Site' }, 'site1')).body).toMatchObject({ uplink: 'router:core1' });
    expect((await change({ version: 2, uplink: null }, 'site1')).body).toMatchObject({ uplink: null, version: 3 });
    expect(sources.get('site1')).not.toHaveProperty('uplink');
  });

  test('that is nowhere is told together with all else, and nothing is stored', async () => {
    const answer = await add({ ...ROUTER, uplink: 'link:none', settings: { bad: true } });
    expect([answer.status, paths(answer).sort()]).toEqual([422, ['settings.bad', 'uplink']]);
    expect(sources.size).toBe(0);
  });
});

describe('a site that sends by itself', () => {
  const SITE = { id: 'branch', type: 'push', name: 'Branch', credentials: undefined };

  test('gets its key with the answer that makes it, and never again', async () => {
    const made = await add(SITE);
    expect([made.status, made.body.siteKey, made.body.hasCredentials]).toEqual([
      201,
      { id: 'ab'.repeat(16), secret: 'cd'.repeat(32) },
      true,
    ]);
    expect(done).toEqual(['put', 'renewKey']);
    const read = await ask('GET /v1/sources/{id}', { params: { id: 'branch' } });
    const listed = await ask('GET /v1/sources');
    for (const { body } of [read, listed]) expect(JSON.stringify(body)).not.toMatch(/siteKey|cdcd/);
  });

  test('cannot be called by hand, and says why', async () => {
    await add(SITE);
    const answer = await ask('POST /v1/sources/{id}/collect', { params: { id: 'branch' } });
    expect([answer.status, paths(answer)]).toEqual([422, ['path.id']]);
    expect(answer.body.detail).toContain('sends by itself');
  });
});

describe('a source that the house keeps by itself', () => {
  const OWN = sourceNamed('headroom-resellers', {
    type: 'resellers',
    kind: 'resellers',
    name: 'Resellers',
    version: 1,
  });
  beforeEach(() => void sources.set(OWN.id, OWN));

  test('is shown, and read by hand', async () => {
    expect(await ask('GET /v1/sources/{id}', { params: { id: OWN.id } })).toMatchObject({
      status: 200,
      body: { type: 'resellers', hasCredentials: false },
    });
    expect((await ask('POST /v1/sources/{id}/collect', { params: { id: OWN.id } })).status).toBe(202);
  });

  test('is neither made, changed nor removed by anybody', async () => {
    const made = await add({ id: 'mine', type: 'resellers', credentials: undefined });
    expect([made.status, paths(made)]).toEqual([422, ['type']]);
    const changed = await change({ version: 1, enabled: false }, OWN.id);
    const removed = await ask('DELETE /v1/sources/{id}', { params: { id: OWN.id } });
    for (const answer of [changed, removed]) {
      expect([answer.status, paths(answer)]).toEqual([422, ['path.id']]);
      expect(answer.body.detail).toContain('change its rules');
    }
    expect([...sources.values()]).toEqual([OWN]);
    expect(done).toEqual([]);
  });

  test('has an id that no other source may take', async () => {
    sources.clear();
    const answer = await add({ id: OWN.id });
    expect([answer.status, paths(answer)]).toEqual([422, ['id']]);
  });
});

describe('a router that only a site reaches', () => {
  const ROUTER = { id: 'core', type: 'site-router', name: 'Core', settings: { via: 'branch' }, credentials: undefined };

  test('names its site; it has no key, and is called by nobody', async () => {
    const made = await add(ROUTER);
    expect([made.status, made.body.kind, made.body.siteKey, made.body.hasCredentials]).toEqual([
      ...[201, 'interface', undefined, false],
    ]);
    expect(done).toEqual(['put']);
    const answer = await ask('POST /v1/sources/{id}/collect', { params: { id: 'core' } });
    expect([answer.status, answer.body.detail]).toEqual([422, expect.stringContaining('reached by its site alone')]);
  });
});
