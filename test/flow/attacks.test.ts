import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ALL_ROUTES } from '../../functions/api/openapi.ts';
import { startKernelAgent } from '../../local/agent/kernel-agent.ts';
import { localSubject } from '../../local/services/identity.ts';
import { signCallback } from '../../local/simulators/twilio-callback.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { SIMULATED_ACCOUNT } from '../../shared/notify/twilio.wire.ts';
import { encodeCursor } from '../../shared/platform/cursor.ts';
import { type Answer, type Flow, sleep, startFlow } from './flow.ts';
import { everythingKept } from './leaks.ts';
import { expectNoFaults, expectProblem, namedIn } from './problems.ts';

/** Names that only tenant `demo` knows; none of them may ever stand in an answer to another tenant. */
const ONLY_DEMO = ['Home link', 'Office link', '1 Month Unlimited', '500 MB Free Trial', '0000000000000000000000a1'];
/** Stands in every credential field that the tests fill. */
const PLANTED = 'pl4nted-s3cret';
const SCRIPT = '<script>alert(1)</script>';

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

describe('what is hidden stays hidden', () => {
  test('a router at an address that may not be called is refused with a sentence, before a packet leaves', async () => {
    const socket = createSocket('udp4');
    let packets = 0;
    socket.on('message', () => {
      packets += 1;
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    const hosts: Record<string, string> = {
      metadata: '169.254.169.254',
      'mapped-metadata': '::ffff:169.254.169.254',
      'own-v6': '::1',
      'own-v6-brackets': '[::1]',
      'private-net': '10.0.0.1',
      'own-name': 'localhost',
      decimal: '2130706433',
      octal: '0177.0.0.1',
      short: '127.1',
    };
    const tenants = createTenantStore(flow.table);
    const rival = await tenants.readTenant('rival');
    if (!rival) throw new Error('the tenant was added');
    // The API remembers a tenant for 30 s.
    const declare = async (allowedNetworks: string[]): Promise<void> => {
      await tenants.putTenant({ ...rival, allowedNetworks });
      flow.clock.moveBy(31_000);
    };
    await declare([]);
    for (const [id, host] of Object.entries(hosts)) {
      const body = { id, type: 'snmp', name: id, settings: { host, port }, credentials: { community: PLANTED } };
      const added = await flow.call('POST', '/v1/sources', { tenant: 'rival', body });
      expectProblem(added, 422);
      expect([id, added.body.errors[0].path]).toEqual([id, 'settings.host']);
    }
    // A range that was declared when the router was added and no longer is: the same check stands before every call.
    await declare(['127.0.0.0/8']);
    const body = { id: 'undeclared', type: 'snmp', name: 'Once ours', settings: { host: '127.0.0.1', port } };
    const credentials = { community: PLANTED };
    expect(await flow.call('POST', '/v1/sources', { tenant: 'rival', body: { ...body, credentials } })).toMatchObject({
      status: 201,
    });
    await declare([]);
    await flow.runNow('collect-interfaces');
    const runs = await flow.call('GET', '/v1/runs?source=undeclared', { tenant: 'rival' });
    expect(runs.body.items[0]).toMatchObject({
      status: 'failed',
      errorCode: 'SOURCE_REJECTED',
      error: expect.stringMatching(/address/),
    });
    await flow.runNow('collect-interfaces');
    const paused = (await flow.call('GET', '/v1/sources/undeclared', { tenant: 'rival' })).body;
    expect(paused.pausedReason).toMatch(/refused/);
    const mended = { version: paused.version, settings: { host: 'router.invalid', port } };
    const answer = await flow.call('PATCH', '/v1/sources/undeclared', { tenant: 'rival', body: mended });
    expect(answer).toMatchObject({ status: 200, body: { pausedReason: null } });
    await sleep(50);
    socket.close();
    expect(packets).toBe(0);
  });

  test('a script in the name of a source is text everywhere, and never a page', async () => {
    const { version } = (await flow.call('GET', '/v1/sources/home')).body;
    const changed = await flow.call('PATCH', '/v1/sources/home', { body: { version, name: SCRIPT } });
    expect(changed).toMatchObject({ status: 200, body: { name: SCRIPT } });
    await flow.runNow('collect-taara');
    const token = await flow.cloud.identity?.token(localSubject('demo', 'admin'));
    const paths = ['/v1/sources', '/v1/sources/home', '/v1/bundles', `/v1/sources/${encodeURIComponent(SCRIPT)}`];
    for (const path of paths) {
      const response = await fetch(`${flow.cloud.publicUrl}${path}`, {
        headers: { authorization: `Bearer ${token}`, accept: 'text/html' },
        signal: AbortSignal.timeout(10_000),
      });
      expect(response.headers.get('content-type')).toMatch(/^application\/(problem\+)?json$/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(JSON.stringify((await flow.call('GET', '/v1/bundles')).body)).toContain(JSON.stringify(SCRIPT).slice(1, -1));
  });

  test('credentials planted in every field never come out: logs, runs, answers, messages, rows, console', async () => {
    const field = (n: number): string => `${PLANTED}-${n}`;
    const bad = (extra: object) => ({ type: 'taara', name: 'Planted', settings: {}, ...extra });
    const taara = {
      countryCode: '44',
      phoneNumber: '7700900555',
      passcode: field(1),
      partnerId: field(2),
      hotspotId: field(3),
    };
    const v3 = { user: field(4), authKey: field(5), privKey: field(6) };
    const agent = await startKernelAgent({ community: field(7) });
    const router = { type: 'snmp', name: 'Planted' };
    const reached = { host: '127.0.0.1', port: agent.port };
    const unknownHost = { host: 'router.invalid', version: 'v3' };
    const created = [
      await flow.call('POST', '/v1/sources', { body: bad({ id: 'planted', credentials: taara }) }),
      await flow.call('POST', '/v1/sources', {
        body: { ...router, id: 'planted-v2', settings: reached, credentials: { community: field(7) } },
      }),
      await flow.call('POST', '/v1/sources', {
        body: { ...router, id: 'planted-v3', settings: unknownHost, credentials: v3 },
      }),
    ];
    expect(created.map((a) => a.status)).toEqual([201, 201, 201]);
    const refused = [
      await flow.call('POST', '/v1/sources', {
        body: bad({ id: 'planted-x', credentials: { ...taara, countryCode: field(8) } }),
      }),
      await flow.call('POST', '/v1/sources', {
        body: bad({ id: 'planted-y', credentials: { [field(9)]: 'x'.repeat(300) } }),
      }),
      await flow.call('POST', '/v1/sources', { body: `{"id":"planted-z","credentials":{"passcode":"${field(10)}"` }),
      await flow.call('PATCH', '/v1/sources/planted', {
        body: { version: 99, credentials: { ...taara, passcode: field(11) } },
      }),
    ];
    expect(refused.map((a) => a.status)).toEqual([422, 422, 400, 409]);
    await flow.runNow('collect-taara');
    await flow.runNow('collect-interfaces');
    await flow.runNow('collect-taara');
    await agent.close();
    const ends = ['planted', 'planted-v2', 'planted-v3'].map(async (id) => {
      const { body } = await flow.call('GET', `/v1/runs?source=${id}`);
      return body.items[0]?.status;
    });
    expect(await Promise.all(ends)).toEqual(['failed', 'success', 'failed']);
    const kept = await everythingKept(flow, 'demo');
    for (const [where, text] of kept) {
      // A field's name is not a value, and the caller sent it: only there may the ninth come back.
      const shown = where === 'answers' ? text.replaceAll(`credentials.${field(9)}`, '') : text;
      expect(
        shown.includes(PLANTED) ? `${where}: ${shown.slice(shown.indexOf(PLANTED) - 200).slice(0, 300)}` : '',
      ).toBe('');
      expect(text.includes('7700900555') ? where : '').toBe('');
      expect(/eyJ[\w-]{10,}\.[\w-]{10,}/.exec(text)?.[0] ?? '', where).toBe('');
    }
    for (const answer of created) expect(JSON.stringify(answer.body)).not.toContain(PLANTED);
    for (const answer of refused) {
      expect(JSON.stringify(answer.body).replaceAll(`credentials.${field(9)}`, '')).not.toContain(PLANTED);
    }
  });
});

test('after all of it no function met a fault of its own, and nothing was denied that the stories need', () =>
  expectNoFaults(flow));
