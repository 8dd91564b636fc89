import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ALL_ROUTES } from '../../functions/api/openapi.ts';
import { localSubject } from '../../local/services/identity.ts';
import { signCallback } from '../../local/simulators/twilio-callback.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { SIMULATED_ACCOUNT } from '../../shared/notify/twilio.wire.ts';
import { encodeCursor } from '../../shared/platform/cursor.ts';
import { type Answer, type Flow, startFlow } from './flow.ts';
import { expectNoFaults, expectProblem, namedIn } from './problems.ts';

/** Names that only tenant `demo` knows; none of them may ever stand in an answer to another tenant. */
const ONLY_DEMO = ['Home link', 'Office link', '1 Month Unlimited', '500 MB Free Trial', '0000000000000000000000a1'];

let flow: Flow;
/** What demo owns, by the ids that the API gives. */
let owned: { bundle: string; alert: string; cursors: Record<string, string> };

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  await flow.addTenant('rival', { phone: undefined });
  await flow.addTaara('demo');
  await flow.runNow('collect-taara');
  const cursors: Record<string, string> = {};
  for (const path of ['/v1/bundles', '/v1/sources', '/v1/runs', '/v1/rules', '/v1/alerts?state=all']) {
    const { body } = await flow.call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=1`);
    if (body.nextCursor) cursors[path] = body.nextCursor;
  }
  const bundles = await flow.call('GET', '/v1/bundles');
  const alerts = await flow.call('GET', '/v1/alerts');
  owned = { bundle: bundles.body.items[0].id, alert: alerts.body.items[0].id, cursors };
}, 120_000);

afterAll(() => flow.stop());

describe('tokens', () => {
  let key: KeyObject;
  let good: string;
  let claims: JWTPayload;
  let kid: string;

  beforeAll(async () => {
    const { pem } = JSON.parse(readFileSync(join(flow.dataFolder, 'identity.json'), 'utf8')) as { pem: string };
    key = createPrivateKey(pem);
    good = (await flow.cloud.identity?.token(localSubject('demo', 'admin'))) ?? '';
    claims = decodeJwt(good);
    kid = String(decodeProtectedHeader(good).kid);
  });

  const signed = (changed: JWTPayload, header: Record<string, string> = {}, by: KeyObject = key): Promise<string> =>
    new SignJWT({ ...claims, ...changed }).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(by);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = (): number => Math.floor(flow.clock.now() / 1000);

  const forgeries: [string, () => string | Promise<string>][] = [
    ['no token', () => ''],
    ['garbage', () => 'a.b.c'],
    ['three parts of nothing', () => '..'],
    ['10,000 characters', () => `${'a'.repeat(5000)}.${'b'.repeat(5000)}.c`],
    ['a header that is a list', () => `${part([])}.${part(claims)}.c`],
    ['claims that are null', () => `${part({ alg: 'RS256', kid })}.${part(null)}.c`],
    ['alg none', () => `${part({ alg: 'none', kid })}.${part(claims)}.`],
    ['alg none with a signature', () => `${part({ alg: 'none', kid })}.${part(claims)}.${good.split('.')[2]}`],
    [
      'HS256 signed with the public key',
      () => {
        const text = `${part({ alg: 'HS256', kid })}.${part(claims)}`;
        const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' });
        return `${text}.${createHmac('sha256', publicPem).update(text).digest('base64url')}`;
      },
    ],
    ['another claim under the old signature', () => good.replace(/\.[^.]+\./, `.${part({ ...claims, sub: 'x' })}.`)],
    ['a wrong issuer', () => signed({ iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_another' })],
    ['a wrong client', () => signed({ client_id: 'another' })],
    ['no client', () => signed({ client_id: null })],
    ['an id token', () => signed({ token_use: 'id', aud: String(claims.client_id) })],
    ['an expired token', () => signed({ exp: now() - 1 })],
    ['a token that is not valid yet', () => signed({ nbf: now() + 3600 })],
    [
      'a token of a key of our own',
      () => signed({}, {}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    ],
    ['a key that the token brings along', () => signed({}, { kid: 'mine', jku: 'http://127.0.0.1:9/keys' })],
  ];

  test.each(forgeries)('%s is 401', async (_, make) => {
    const token = await make();
    const answer = await flow.call('GET', '/v1/bundles', { token });
    expectProblem(answer, 401);
    expect(JSON.stringify(answer.body)).not.toContain(String(claims.iss));
  });

  test('a flood of unknown keys is 401, asks for the key set once a window, and locks nobody out', async () => {
    expect((await flow.call('GET', '/v1/rules', { token: good })).status).toBe(200);
    const asked = vi.spyOn(flow.cloud.identity as { keys(): Promise<unknown> }, 'keys');
    const flood = await Promise.all(
      Array.from({ length: 60 }, async (_, i) =>
        flow.call('GET', '/v1/rules', { token: await signed({}, { kid: `unknown-${i}` }) }),
      ),
    );
    expect([...new Set(flood.map((a) => a.status))]).toEqual([401]);
    // Each of the four processes that serve this route keeps its own window of ten seconds, and its own first fetch.
    expect(asked.mock.calls.length).toBeLessThanOrEqual(8);
    expect((await flow.call('GET', '/v1/rules', { token: good })).status).toBe(200);
    asked.mockRestore();
  });

  test('a token in the query, in a cookie or under another scheme opens nothing', async () => {
    const url = `${flow.cloud.publicUrl}/v1/bundles`;
    const tries: [string, Record<string, string>][] = [
      [`${url}?access_token=${good}`, {}],
      [url, { cookie: `access_token=${good}` }],
      [url, { authorization: `Basic ${good}` }],
      [url, { authorization: good }],
    ];
    for (const [address, headers] of tries) {
      expect((await fetch(address, { headers, signal: AbortSignal.timeout(10_000) })).status).toBe(401);
    }
  });

  test('who is no member, or whose tenant is gone, is 403; a disabled member is out within 30 s', async () => {
    const tenants = createTenantStore(flow.table);
    const stranger = await signed({ sub: 'nobody-knows-me' });
    expectProblem(await flow.call('GET', '/v1/bundles', { token: stranger }), 403);
    const member = { subject: 'leaves-soon', tenant: 'rival', role: 'viewer', disabled: false } as const;
    await tenants.putMember(member);
    const token = await signed({ sub: member.subject, exp: now() + 3600 });
    expect((await flow.call('GET', '/v1/bundles', { token })).status).toBe(200);
    await tenants.putMember({ ...member, disabled: true });
    flow.clock.moveBy(30_001);
    expectProblem(await flow.call('GET', '/v1/bundles', { token }), 403);
    await flow.addTenant('closed', { phone: undefined });
    const closed = await tenants.readTenant('closed');
    if (!closed) throw new Error('the tenant was added');
    await tenants.putTenant({ ...closed, removedAt: flow.clock.now() });
    expectProblem(await flow.call('GET', '/v1/bundles', { tenant: 'closed' }), 403);
  });

  test('claims that a token brings along change neither tenant nor role', async () => {
    const token = await signed({
      sub: localSubject('rival', 'viewer'),
      tenant: 'demo',
      role: 'admin',
      'custom:tenant': 'demo',
      'cognito:groups': ['admin'],
      exp: now() + 3600,
    });
    expect((await flow.call('GET', '/v1/bundles', { token })).body.items).toEqual([]);
    expectProblem(await flow.call('POST', '/v1/sources', { token, body: {} }), 403);
  });
});

describe('routes', () => {
  const guarded = ALL_ROUTES.filter((r) => r.needs !== 'open').map((r) => r.key);
  const callOf = (key: string): [string, string] => {
    const [method = '', path = ''] = key.split(' ');
    return [method, path.replace('{id}', 'x')];
  };

  test('the template has no route that the contracts do not know, but the callback', () => {
    const known = [...ALL_ROUTES.map((r) => r.key), 'POST /v1/callbacks/twilio'].sort();
    expect((flow.cloud.model.httpApi?.routes ?? []).map((r) => `${r.method} ${r.path}`).sort()).toEqual(known);
  });

  test.each(guarded)('%s needs a token', async (key) => {
    const answer = await flow.call(...callOf(key), { token: '' });
    expectProblem(answer, 401);
  });

  test.each(ALL_ROUTES.filter((r) => r.needs === 'operator' || r.needs === 'admin').map((r) => [r.key, r.needs]))(
    '%s refuses a viewer, for it needs %s',
    async (key, needs) => {
      const body = key.startsWith('GET ') ? {} : { body: {} };
      const answer = await flow.call(...callOf(key), { role: 'viewer', ...body });
      expectProblem(answer, 403);
      expect(answer.body.detail).toContain(needs);
    },
  );

  test('a reseller, whose own view does not exist yet, sees nothing', async () => {
    const subject = 'a-reseller';
    await createTenantStore(flow.table).putMember({ subject, tenant: 'demo', role: 'reseller', disabled: false });
    const token = await flow.cloud.identity?.token(subject);
    for (const path of ['/v1/bundles', '/v1/sources', '/api/data']) {
      expectProblem(await flow.call('GET', path, token ? { token } : {}), 403);
    }
  });
});

describe('another tenant', () => {
  const asRival = (method: string, path: string, body?: unknown): Promise<Answer> =>
    flow.call(method, path, { tenant: 'rival', ...(body === undefined ? {} : { body }) });

  function expectNoLeak(answer: Answer): void {
    for (const name of ONLY_DEMO) expect(JSON.stringify(answer.body ?? '')).not.toContain(name);
  }

  test('ids in the path are 404, word for word like an id that nobody has', async () => {
    // Those of SIMs have a form of their own, and a story: attacks-fleet.
    const own = ALL_ROUTES.filter((r) => !r.key.includes('{iccid}'));
    const routes = own.filter((r) => r.key.includes('{id}') && r.needs !== 'open');
    const idOf = (key: string): string =>
      key.includes('/bundles') ? owned.bundle : key.includes('/alerts') ? owned.alert : 'home';
    expect(routes.length).toBeGreaterThan(10);
    for (const { key } of routes.filter((r) => !r.key.includes('/rules'))) {
      const [method = '', path = ''] = key.split(' ');
      const bodies: Record<string, object> = {
        'PATCH /v1/sources/{id}': { version: 1, name: 'Mine now' },
        'PATCH /v1/links/{id}': { version: 1, name: 'Mine now' },
        'POST /v1/resellers/{id}/plan': { version: 1, downMbps: 1 },
      };
      const body = bodies[key] ?? (key.includes('/resellers') ? { version: 1 } : {});
      const query = key.startsWith('DELETE /v1/resellers') ? '?version=1' : '';
      const csv = key.endsWith('/history') ? 'at,entity,remaining\n2026-11-01T00:00:00Z,x,1' : undefined;
      const ask = (id: string) =>
        flow.call(method, `${path.replace('{id}', encodeURIComponent(id))}${query}`, {
          tenant: 'rival',
          ...(method === 'GET' || method === 'DELETE' ? {} : csv === undefined ? { body } : { csv }),
        });
      const theirs = await ask(idOf(key));
      const unknown = await ask('nobody-has-this');
      expect([key, theirs.status]).toEqual([key, 404]);
      expect(unknown.status).toBe(404);
      expect(theirs.body.detail.replaceAll(idOf(key), '')).toBe(unknown.body.detail.replaceAll('nobody-has-this', ''));
    }
    expect((await flow.call('GET', '/v1/sources/home')).body).toMatchObject({ name: 'Home link', version: 1 });
  });

  test('ids in the query and in the body find nothing', async () => {
    const alertEntity = (await flow.call('GET', '/v1/alerts')).body.items[0].entity;
    for (const path of [
      `/v1/alerts?state=all&entity=${alertEntity}`,
      '/v1/runs?source=home',
      '/v1/interfaces?router=home',
    ]) {
      const answer = await asRival('GET', path);
      expect([path, answer.status, answer.body.items]).toEqual([path, 200, []]);
    }
    const rule = {
      id: 'mine',
      kind: 'bundle',
      type: 'absence',
      name: 'Mine',
      slots: 3,
      severity: 'warning',
      selector: { entities: [owned.bundle] },
    };
    const answer = await asRival('POST', '/v1/rules', rule);
    expectProblem(answer, 422);
    expect(namedIn(answer)).toEqual(['selector.entities[0]']);
    expectNoLeak(answer);
    const unknown = await asRival('POST', '/v1/rules', { ...rule, selector: { entities: ['home~nobody'] } });
    expect(unknown.body.errors).toEqual(answer.body.errors);
  });

  test('cursors of another tenant, of another list, or made by hand are refused', async () => {
    expect(Object.keys(owned.cursors)).toEqual(
      expect.arrayContaining(['/v1/bundles', '/v1/sources', '/v1/runs', '/v1/rules']),
    );
    for (const [path, cursor] of Object.entries(owned.cursors)) {
      const ask = (tenant: string, at: string, text: string) =>
        flow.call('GET', `${at}${at.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(text)}`, { tenant });
      const foreign = await ask('rival', path, cursor);
      expectProblem(foreign, 422);
      expect(namedIn(foreign)).toEqual(['cursor']);
      expectNoLeak(foreign);
      expectProblem(await ask('demo', path.includes('bundles') ? '/v1/sources' : '/v1/bundles', cursor), 422);
      expectProblem(await ask('demo', path, `${cursor.slice(0, -6)}AAAAAA`), 422);
    }
  });

  test('a position made by hand inside a cursor of one’s own is refused or harmless, never a fault', async () => {
    const positions = [
      '',
      'x',
      '\u0000',
      'demo#A#open',
      `run#${'9'.repeat(300)}`,
      '[]',
      '{"shelf":"month","month":"2026-11","after":"x#y"}',
    ];
    const encoded = positions.flatMap((p) => [p, Buffer.from(p).toString('base64url')]);
    const lists: [string, string][] = [
      ['/v1/runs', 'runs:'],
      ['/v1/alerts?state=history', 'alerts:history:'],
      ['/v1/alerts', 'alerts:open:'],
      ['/v1/bundles', 'bundles'],
    ];
    for (const [path, list] of lists) {
      for (const position of encoded) {
        const cursor = encodeCursor('rival', list, position);
        const answer = await asRival('GET', `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`);
        expect([200, 422], `${path} ${position}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
        if (answer.status === 200) expect(answer.body.items).toEqual([]);
      }
    }
    const tooDeep = Buffer.from(`${'['.repeat(700)}${']'.repeat(700)}`).toString('base64url');
    expectProblem(await asRival('GET', `/v1/bundles?cursor=${tooDeep}`), 422);
  });
});

describe('the status callback', () => {
  const fields = (status: string): Record<string, string> => ({
    MessageSid: `SM${'1'.repeat(32)}`,
    MessageStatus: status,
    AccountSid: SIMULATED_ACCOUNT.accountSid,
    To: 'whatsapp:+447700900123',
  });

  async function post(query: string, headers: Record<string, string>, form: Record<string, string>): Promise<number> {
    const response = await fetch(`${flow.cloud.publicUrl}/v1/callbacks/twilio${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(form).toString(),
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status === 403) expect(await response.json()).toMatchObject({ detail: expect.any(String) });
    return response.status;
  }

  test('unsigned, forged, of another delivery or of another tenant is 403; signed it is taken, twice with one effect', async () => {
    const deliveries = await flow.table.queryAll({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `demo#D#${new Date(flow.clock.now()).toISOString().slice(0, 10)}` },
    });
    const row = deliveries.find((d) => typeof d.id === 'string');
    if (!row) throw new Error('a message was sent');
    const query = `?${new URLSearchParams({ tenant: 'demo', delivery: String(row.id), day: String(row.day) })}`;
    const sign = (form: Record<string, string>, token: string = SIMULATED_ACCOUNT.authToken, q = query) => ({
      'x-twilio-signature': signCallback(token, `${flow.cloud.publicUrl}/v1/callbacks/twilio${q}`, form),
    });
    const form = fields('failed');
    expect(await post(query, {}, form)).toBe(403);
    expect(await post(query, { 'x-twilio-signature': 'x' }, form)).toBe(403);
    expect(await post(query, sign(form, 'another-token'), form)).toBe(403);
    expect(await post(query, sign(fields('delivered')), form)).toBe(403);
    const elsewhere = query.replace('tenant=demo', 'tenant=rival');
    expect(await post(elsewhere, sign(form), form)).toBe(403);
    expect(await post(elsewhere, sign(form, undefined, elsewhere), form)).toBe(403);
    expect(await post('?tenant=demo&delivery=nobody&day=2026-11-20', {}, form)).toBe(403);
    expect(await post('', {}, {})).toBe(403);
    const foreignAccount = { ...form, AccountSid: `AC${'9'.repeat(32)}` };
    expect(await post(query, sign(foreignAccount), foreignAccount)).toBe(403);
    await flow.settle();
    const before = (await flow.messages()).length;
    const real = { ...fields('read'), MessageSid: String(row.providerId) };
    expect(await post(query, sign(real), real)).toBe(204);
    expect(await post(query, sign(real), real)).toBe(204);
    await flow.settle();
    expect(await flow.messages()).toHaveLength(before);
  });
});

test('after all of it no function met a fault of its own, and nothing was denied that the stories need', () =>
  expectNoFaults(flow));
