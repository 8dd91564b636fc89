/** One run of the REST driver against real servers: what it asks, what it makes of each failure, and what never leaves it. */
import { afterEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../../../local/simulators/tls-front.ts';
import { createRouterosCollector } from '../../../shared/interfaces/routeros.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { AppError, type ErrorCode } from '../../../shared/platform/errors.ts';
import {
  fixture,
  goodRouter,
  PASSWORD,
  routerosJob,
  type Script,
  type Scripted,
  startRouter,
  USER,
} from './routeros-router.ts';

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

async function router(
  script: Script,
  ...more: Parameters<typeof startRouter> extends [Script, ...infer R] ? R : never
) {
  const server = await startRouter(script, ...more);
  toClose.push(server);
  return server;
}

const collector = createRouterosCollector({ clock: systemClock });

async function failureOf(job: ReturnType<typeof routerosJob>, driver = collector): Promise<AppError> {
  const error = await driver.read(job).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const told = JSON.stringify([
    error,
    (error as AppError).message,
    (error as AppError).context,
    String((error as AppError).cause),
  ]);
  expect(told).not.toContain(PASSWORD);
  expect(told).not.toContain(TOKEN);
  return error as AppError;
}

const TOKEN = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');

describe('a run', () => {
  test('is four calls over one connection, one after the other, for the fields that are needed', async () => {
    const server = await router(goodRouter());
    const page = await collector.read(routerosJob(server.port));
    expect(server.requests).toEqual([
      'GET /rest/interface?.proplist=.id,name,type,comment,running,disabled,rx-byte,tx-byte',
      'GET /rest/system/resource?.proplist=uptime',
      'POST /rest/interface/ethernet/monitor',
      'GET /rest/queue/simple?.proplist=.id,name,bytes,max-limit,burst-limit,dynamic,disabled,invalid&dynamic=false',
    ]);
    expect(server.bodies[2]).toBe('{"numbers":"*1,*2","once":""}');
    expect(server.connections()).toBe(1);
    expect(new Set(server.authorizations)).toEqual(new Set([`Basic ${TOKEN}`]));
    expect(page.readings).toHaveLength(8);
    expect(page.complete).toBe(true);
    expect(page.rejected).toEqual([]);
    expect(page.rawText).toBeUndefined();
    expect(page.operations.map(({ name, ok, status }) => [name, ok, status])).toEqual([
      ['resolve', true, undefined],
      ['read interfaces', true, 200],
      ['read uptime', true, 200],
      ['read rates', true, 200],
      ['read queue counters', true, 200],
    ]);
  });

  test('asks for no rate where no Ethernet port has a link', async () => {
    const rows = [{ '.id': '*1', name: 'vlan10', type: 'vlan', running: 'true', 'rx-byte': '1', 'tx-byte': '2' }];
    const server = await router(goodRouter({ '/rest/interface': { body: rows } }));
    await collector.read(routerosJob(server.port));
    expect(server.requests.some((line) => line.startsWith('POST'))).toBe(false);
  });

  test('survives a router that closes each connection while the next call is on its way', async () => {
    const good = goodRouter();
    const server = await router((request) => {
      const { incoming } = request;
      const isSecond = seen.has(incoming.socket);
      seen.add(incoming.socket);
      return isSecond ? { hangUp: true } : good(request);
    });
    const seen = new Set<unknown>();
    const page = await collector.read(routerosJob(server.port));
    expect(page.readings).toHaveLength(8);
    expect(page.readings[0]?.lives?.ifHCInOctets?.bootAt).toBeGreaterThan(0);
  });

  test('keeps the good values, the wrong ones as they came, and the answer that held them', async () => {
    const rows = (fixture('interfaces') as Record<string, unknown>[]).map((row, i) =>
      i === 1 ? { ...row, 'rx-byte': `12 KiB ${PASSWORD}` } : row,
    );
    const server = await router(goodRouter({ '/rest/interface': { body: rows } }));
    const page = await collector.read(routerosJob(server.port));
    expect(page.readings).toHaveLength(8);
    expect(page.rejected).toEqual([
      { path: 'interface[1].rx-byte', message: 'is not a whole number of octets', rawText: '12 KiB •••' },
    ]);
    expect(page.rawText).toContain('12 KiB •••');
  });

  test('tells of a hundred wrong values, and how many more there are', async () => {
    const rows = Array.from({ length: 150 }, (_, i) => ({ '.id': `*${i + 1}`, name: `p${i}`, 'rx-byte': 'x' }));
    const server = await router(goodRouter({ '/rest/interface': { body: rows } }));
    const { rejected, entities } = await collector.read(routerosJob(server.port));
    expect(entities).toHaveLength(150);
    expect(rejected).toHaveLength(101);
    expect(rejected.at(-1)?.message).toBe('50 more values could not be used');
  });
});

describe('what only one call lacks', () => {
  test.each([
    ['no such command', { status: 400, body: { error: 400, message: 'Bad Request', detail: 'no such command' } }],
    ['not allowed', { status: 403, body: { error: 403, message: 'Forbidden' } }],
    ['busy', { status: 503, body: '' }],
    ['cut', { hangUp: true }],
    ['a web page', { body: '<html></html>' }],
    ['more of them than ports', { body: Array(3).fill({ name: 'ether1', rate: '1Gbps' }) }],
  ])('rates (%s) cost the speeds and nothing else', async (_, scripted: Scripted) => {
    const server = await router(goodRouter({ '/rest/interface/ethernet/monitor': scripted }));
    const page = await collector.read(routerosJob(server.port));
    expect(page.readings).toHaveLength(8);
    expect(page.entities[0]?.attributes.speedBitsPerSecond).toBeUndefined();
    expect(page.rejected).toEqual([]);
    const { ok, error } = page.operations.find(({ name }) => name === 'read rates') ?? {};
    expect([ok, error]).toEqual([false, expect.stringMatching(/^SOURCE_/)]);
  });

  test('an uptime that this user may not read is unknown, and said so', async () => {
    const server = await router(goodRouter({ '/rest/system/resource': { status: 403, body: '' } }));
    const page = await collector.read(routerosJob(server.port));
    expect(page.readings[0]?.lives?.ifHCInOctets?.bootAt).toBe(0);
    expect(page.rejected.map(({ path }) => path)).toEqual(['read uptime']);
  });

  test('an uptime that did not come now fails the run: without it a restart would look like traffic', async () => {
    const server = await router(goodRouter({ '/rest/system/resource': { status: 503, body: '' } }));
    expect((await failureOf(routerosJob(server.port))).code).toBe('SOURCE_UNAVAILABLE');
  });
});

describe('an answer to the list', () => {
  const errors = fixture('errors') as Record<string, unknown>;
  const cases: readonly (readonly [string, Scripted, ErrorCode, RegExp])[] = [
    ['401', { status: 401, body: errors.unauthorized }, 'SOURCE_REJECTED', /refused the user or its password/],
    ['403', { status: 403, body: '' }, 'SOURCE_REJECTED', /does not let this user read/],
    ['404', { status: 404, body: errors.notFound }, 'SOURCE_MALFORMED', /HTTP 404: Not Found.*RouterOS 7\.1/],
    [
      '404 of another server',
      { status: 404, body: '<h1>Nope</h1>' },
      'SOURCE_MALFORMED',
      /words that are not RouterOS/,
    ],
    ['a session closed after a minute', { status: 400, body: errors.sessionClosed }, 'SOURCE_UNAVAILABLE', /a minute/],
    ['429', { status: 429, headers: { 'retry-after': '30' }, body: '' }, 'SOURCE_THROTTLED', /fewer calls/],
    ['500', { status: 500, body: '' }, 'SOURCE_UNAVAILABLE', /HTTP 500/],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://192.0.2.9/' }, body: '' },
      'SOURCE_MALFORMED',
      /not followed/,
    ],
    [
      'a login page',
      { headers: { 'content-type': 'text/html' }, body: '<html>Login</html>' },
      'SOURCE_MALFORMED',
      /web page/,
    ],
    ['nothing', { body: '' }, 'SOURCE_MALFORMED', /empty/],
    ['no content', { status: 204, body: '' }, 'SOURCE_MALFORMED', /empty/],
    ['half of it', { body: '[{".id":"*1","na' }, 'SOURCE_MALFORMED', /not complete JSON/],
    ['an object', { body: { ret: '*1' } }, 'SOURCE_MALFORMED', /no list of interfaces/],
    [
      'an error inside a 200',
      { body: { error: 400, message: 'Bad Request', detail: 'failure' } },
      'SOURCE_MALFORMED',
      /failure/,
    ],
    ['no interface', { body: [] }, 'SOURCE_MALFORMED', /lets this user see no interface/],
    ['absurd nesting', { body: '['.repeat(200_000) }, 'SOURCE_MALFORMED', /nests deeper/],
    ['a cut connection', { hangUp: true }, 'SOURCE_UNAVAILABLE', /closed the connection/],
    [
      'an echo of the password',
      { status: 400, body: { error: 400, message: PASSWORD, detail: TOKEN } },
      'SOURCE_MALFORMED',
      /•••, •••/,
    ],
  ];
  test.each(cases)('of %s has its class, and the run keeps its operations', async (_, scripted, code, message) => {
    const server = await router(goodRouter({ '/rest/interface': scripted }));
    const error = await failureOf(routerosJob(server.port));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.context.operations).toMatchObject([
      { name: 'resolve', ok: true },
      { name: 'read interfaces', ok: false },
    ]);
    expect(server.requests).toHaveLength(1);
  });

  test('of more octets than any router has is refused before it is parsed', async () => {
    const server = await router(goodRouter({ '/rest/interface': { body: [{ name: 'x'.repeat(8_100_000) }] } }));
    const error = await failureOf(routerosJob(server.port));
    expect([error.code, error.context.failure]).toEqual(['SOURCE_MALFORMED', 'oversized']);
  });

  test('of more interfaces than are allowed is refused', async () => {
    const server = await router(goodRouter());
    const error = await failureOf(routerosJob(server.port, { settings: { plainHttp: true, maximumInterfaces: 7 } }));
    expect([error.code, error.message]).toEqual([
      'SOURCE_MALFORMED',
      'the router sent 8 interfaces; at most 7 are read',
    ]);
  });

  test('that never comes ends at the deadline', async () => {
    const silent = await router(() => ({}));
    const job = { ...routerosJob(silent.port), deadline: systemClock.now() - 1 };
    const error = await failureOf(job);
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'timeout']);
    expect(silent.requests).toEqual([]);
  });
});

describe('before any packet leaves', () => {
  test.each([
    ['no user', { secret: { password: PASSWORD } }, /secret.*user/],
    ['no secret', { secret: {} }, /secret.*user.*password/],
    ['a user with a colon', { secret: { user: 'a:b', password: PASSWORD } }, /must not hold a colon/],
    ['a bad fingerprint', { settings: { certificateSha256: 'zz' } }, /settings.*certificateSha256/],
  ])('%s is refused', async (_, overrides, message) => {
    const server = await router(goodRouter());
    const error = await failureOf(routerosJob(server.port, overrides));
    expect(error.code).toBe('SOURCE_REJECTED');
    expect(error.message).toMatch(message);
    expect(server.connections()).toBe(0);
  });

  test.each(['169.254.169.254', '127.0.0.1', '2130706433', '[::1]', '::ffff:127.0.0.1', '10.0.0.1', '0x7f.1'])(
    'the address %s is refused for a tenant who declared nothing',
    async (host) => {
      const server = await router(goodRouter());
      const job = routerosJob(server.port, { settings: { host, plainHttp: true }, allowedNetworks: [] });
      expect((await failureOf(job)).code).toBe('SOURCE_REJECTED');
      expect(server.connections()).toBe(0);
    },
  );

  test('plain HTTP goes to a loopback address only, whatever the tenant declared', async () => {
    const resolve = async () => ({ address: '10.1.2.3', family: 4 as const });
    const driver = createRouterosCollector({ clock: systemClock, resolve });
    const job = routerosJob(80, {
      settings: { host: 'core1.example', plainHttp: true },
      allowedNetworks: ['10.0.0.0/8'],
    });
    const error = await failureOf(job, driver);
    expect([error.code, error.message]).toEqual(['SOURCE_REJECTED', expect.stringMatching(/password in clear/)]);
  });

  test('the checked address is the one connected to; the name is only told', async () => {
    const hosts: (string | undefined)[] = [];
    const good = goodRouter();
    const server = await router((request) => {
      hosts.push(request.incoming.headers.host);
      return good(request);
    });
    const resolve = async () => ({ address: '127.0.0.1', family: 4 as const });
    const driver = createRouterosCollector({ clock: systemClock, resolve });
    await driver.read(routerosJob(server.port, { settings: { host: 'core1.example', plainHttp: true } }));
    expect(new Set(hosts)).toEqual(new Set([`core1.example:${server.port}`]));
  });
});

describe('over TLS', () => {
  const own = selfSigned('router.test');
  const other = selfSigned('elsewhere.test');
  const colons = own.sha256.toUpperCase().replace(/..(?=.)/g, '$&:');
  const resolve = async () => ({ address: '127.0.0.1', family: 4 as const });
  const driver = createRouterosCollector({ clock: systemClock, resolve });

  test.each([
    ['the pinned fingerprint', { host: 'router.test', certificateSha256: own.sha256 }],
    ['the fingerprint with colons, by address', { host: '127.0.0.1', certificateSha256: colons }],
    ['its authority, by name', { host: 'router.test', certificateAuthority: own.certificatePem }],
    ['its authority, by address', { host: '127.0.0.1', certificateAuthority: own.certificatePem }],
    [
      'one of two authorities',
      { host: 'router.test', certificateAuthority: other.certificatePem + own.certificatePem },
    ],
  ])('%s is proof enough', async (_, settings) => {
    const server = await router(goodRouter(), own);
    const page = await driver.read(routerosJob(server.port, { settings }));
    expect(page.readings).toHaveLength(8);
    expect(server.connections()).toBe(1);
  });

  test.each([
    ['another certificate than the pinned one', { certificateSha256: other.sha256 }, own.sha256],
    ['another authority', { certificateAuthority: other.certificatePem }, 'give the SHA-256'],
    ['no public authority', {}, 'give the SHA-256'],
    [
      'a certificate for another name',
      { host: 'other.test', certificateAuthority: own.certificatePem },
      'give the SHA-256',
    ],
  ])('%s is told, and no octet of the credentials is sent', async (_, settings, words) => {
    const server = await router(goodRouter(), own);
    const error = await failureOf(routerosJob(server.port, { settings: { host: 'router.test', ...settings } }), driver);
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'tls']);
    expect(error.message).toContain(words);
    expect(server.requests).toEqual([]);
  });

  test('a port that speaks no TLS is told apart from a wrong certificate', async () => {
    const server = await router(goodRouter());
    const error = await failureOf(routerosJob(server.port, { settings: { host: 'router.test' } }), driver);
    expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'tls']);
    expect(error.message).not.toContain('give the SHA-256');
    expect(server.requests).toEqual([]);
  });
});
