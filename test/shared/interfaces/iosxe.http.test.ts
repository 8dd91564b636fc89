/** One run of the RESTCONF driver against real servers: what it asks, what it makes of each failure, and what never leaves it. */
import { afterEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../../../local/simulators/tls-front.ts';
import { createIosxeCollector } from '../../../shared/interfaces/iosxe.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { AppError, type ErrorCode } from '../../../shared/platform/errors.ts';
import {
  cisco,
  ciscoRows,
  fixture,
  goodIosxe,
  INTERFACES,
  ietf,
  iosxeJob,
  OLDER,
  oldRow,
  SYSTEM,
} from './iosxe-router.ts';
import { PASSWORD, type Script, type Scripted, startRouter, USER } from './routeros-router.ts';

const TOKEN = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
const FIELDS = '?fields=name;interface-type;oper-status;if-index;speed;description;statistics';
const OLDER_FIELDS = '?fields=name;type;oper-status;if-index;speed;statistics';
const errors = fixture('errors') as Record<string, unknown>;
const notFound: Scripted = { status: 404, body: errors.notFound };
const old: Scripted = { body: cisco(ciscoRows().map(oldRow)) };

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

const collector = createIosxeCollector({ clock: systemClock });

async function failureOf(job: ReturnType<typeof iosxeJob>, driver = collector): Promise<AppError> {
  const error = await driver.read(job).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const { message, context, cause } = error as AppError;
  const told = JSON.stringify([error, message, context, String(cause)]);
  expect(told).not.toContain(PASSWORD);
  expect(told).not.toContain(TOKEN);
  return error as AppError;
}

describe('a run', () => {
  test('is two calls over one connection, one after the other, for the fields that are needed', async () => {
    const accepted: (string | undefined)[] = [];
    const good = goodIosxe();
    const server = await router((request) => {
      accepted.push(request.incoming.headers.accept);
      return good(request);
    });
    const page = await collector.read(iosxeJob(server.port));
    expect(server.requests).toEqual([`GET ${INTERFACES}${FIELDS}`, `GET ${SYSTEM}`]);
    expect(new Set(accepted)).toEqual(new Set(['application/yang-data+json']));
    expect(new Set(server.authorizations)).toEqual(new Set([`Basic ${TOKEN}`]));
    expect(server.connections()).toBe(1);
    expect(page.readings).toHaveLength(7);
    expect(page.complete).toBe(true);
    expect(page.rejected).toEqual([]);
    expect(page.rawText).toBeUndefined();
    expect(page.operations.map(({ name, ok, status }) => [name, ok, status])).toEqual([
      ['resolve', true, undefined],
      ['read interfaces', true, 200],
      ['read uptime', true, 200],
    ]);
  });

  test('asks the IETF’s tree as well where Cisco’s counts in 32 bits', async () => {
    const server = await router(goodIosxe({ [INTERFACES]: old }));
    const page = await collector.read(iosxeJob(server.port));
    expect(server.requests).toEqual([`GET ${INTERFACES}${FIELDS}`, `GET ${OLDER}${OLDER_FIELDS}`, `GET ${SYSTEM}`]);
    expect(page.readings[0]?.lives?.ifHCOutOctets).toMatchObject({ column: 'ietf:out-octets', bits: 64 });
  });

  test.each([
    ['has not got Cisco’s tree', notFound],
    ['has it empty', { status: 204 }],
    ['lists nothing in it', { body: cisco([]) }],
  ])('asks the IETF’s tree instead where the router %s', async (_, scripted: Scripted) => {
    const server = await router(goodIosxe({ [INTERFACES]: scripted }));
    const page = await collector.read(iosxeJob(server.port));
    expect(page.readings).toHaveLength(6);
    expect(page.readings[0]?.values.ifHCOutOctets).toBe(9007199254740993n);
    expect(page.readings[0]?.lives?.ifHCOutOctets?.bootAt).toBeGreaterThan(0);
  });

  test('asks once more without the fields where a release does not take them', async () => {
    const good = goodIosxe();
    const server = await router((request) =>
      request.url.includes('fields=') ? { status: 400, body: errors.malformed } : good(request),
    );
    const page = await collector.read(iosxeJob(server.port));
    expect(server.requests).toEqual([`GET ${INTERFACES}${FIELDS}`, `GET ${INTERFACES}`, `GET ${SYSTEM}`]);
    expect(page.readings).toHaveLength(7);
    expect(page.operations.map(({ ok }) => ok)).toEqual([true, false, true, true]);
  });

  test('keeps the good values, the wrong ones as they came, and the answer that held them', async () => {
    const rows = ciscoRows().map((row, i) =>
      i === 1 ? { ...row, statistics: { ...row.statistics, 'in-octets': `12 KiB ${PASSWORD}` } } : row,
    );
    const server = await router(goodIosxe({ [INTERFACES]: { body: cisco(rows) } }));
    const page = await collector.read(iosxeJob(server.port));
    expect(page.readings).toHaveLength(7);
    const message = 'is not a whole number of octets';
    expect(page.rejected).toEqual([{ path: 'interface[1].statistics.in-octets', message, rawText: '12 KiB •••' }]);
    expect(page.rawText).toContain('12 KiB •••');
    expect(page.rawText).not.toContain(PASSWORD);
  });
});

describe('what only one call lacks', () => {
  const lasting: readonly (readonly [string, Scripted])[] = [
    ['not there', notFound],
    ['not allowed', { status: 403, body: errors.older }],
    ['empty', { status: 204 }],
    ['a web page', { body: '<html></html>' }],
  ];

  test.each(lasting)('a clock (%s) leaves the instants of the counters to tell lives apart', async (_, scripted) => {
    const server = await router(goodIosxe({ [SYSTEM]: scripted }));
    const page = await collector.read(iosxeJob(server.port));
    const life = page.readings[0]?.lives?.ifHCInOctets;
    expect([life?.bootAt, life?.discontinuity]).toEqual([0, '2026-11-03T06:00:04.565Z']);
    expect(page.rejected).toEqual([]);
  });

  test.each(lasting)('the IETF’s tree (%s) leaves 32 bits, and says so', async (_, scripted) => {
    const server = await router(goodIosxe({ [INTERFACES]: old, [OLDER]: scripted }));
    const page = await collector.read(iosxeJob(server.port));
    expect(page.readings[0]?.lives?.ifHCOutOctets).toMatchObject({ column: 'iosxe:out-octets', bits: 32 });
    expect(page.readings[0]?.lives?.ifHCInOctets).toMatchObject({ column: 'iosxe:in-octets', bits: 64 });
  });

  test.each([SYSTEM, OLDER])(
    'what did not come now (%s) fails the run: it would look like another life',
    async (path) => {
      const server = await router(goodIosxe({ [INTERFACES]: old, [path]: { status: 503, body: '' } }));
      expect((await failureOf(iosxeJob(server.port))).code).toBe('SOURCE_UNAVAILABLE');
    },
  );
});

describe('an answer to the list', () => {
  const said = (message: string) => ({ errors: { error: [{ 'error-message': message }, { 'error-tag': 'too-big' }] } });
  const cases: readonly (readonly [string, Scripted, ErrorCode, RegExp])[] = [
    ['401', { status: 401, body: errors.older }, 'SOURCE_REJECTED', /refused the user or its password/],
    ['403', { status: 403, body: errors.older }, 'SOURCE_REJECTED', /needs privilege 15/],
    [
      '404 without RESTCONF',
      { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not Found</h1>' },
      'SOURCE_MALFORMED',
      /not under \/restconf \(HTTP 404\).*IOS-XR has no RESTCONF, so read it by SNMP/,
    ],
    ['404 with nothing', { status: 404, body: '' }, 'SOURCE_MALFORMED', /IOS-XR has no RESTCONF/],
    ['409', { status: 409, body: errors.locked }, 'SOURCE_UNAVAILABLE', /busy.*database is locked/],
    ['429', { status: 429, headers: { 'retry-after': '30' }, body: '' }, 'SOURCE_THROTTLED', /fewer calls/],
    ['500', { status: 500, body: said('x') }, 'SOURCE_UNAVAILABLE', /HTTP 500/],
    ['a redirect', { status: 302, headers: { location: 'http://192.0.2.9/' } }, 'SOURCE_MALFORMED', /not followed/],
    ['a login page', { body: '<html>Login</html>' }, 'SOURCE_MALFORMED', /web page/],
    ['nothing', { body: '' }, 'SOURCE_MALFORMED', /empty/],
    ['half of it', { body: '{"Cisco-IOS-XE-interfaces-oper:interface":[' }, 'SOURCE_MALFORMED', /not complete JSON/],
    ['another object', { body: { ret: 1 } }, 'SOURCE_MALFORMED', /no list of interfaces/],
    ['an error inside a 200', { body: said('failure') }, 'SOURCE_MALFORMED', /failure; too-big/],
    ['absurd nesting', { body: '['.repeat(200_000) }, 'SOURCE_MALFORMED', /nests deeper/],
    ['a cut connection', { hangUp: true }, 'SOURCE_UNAVAILABLE', /closed the connection/],
    [
      'an echo of the password, parted by what nobody sees',
      { status: 405, body: said(`no \u0000${PASSWORD.slice(0, 4)}\u200B${PASSWORD.slice(4)} ${TOKEN}\u001b[31m`) },
      'SOURCE_MALFORMED',
      /HTTP 405: no ••• •••\[31m; too-big/,
    ],
    [
      'a long story',
      { status: 405, body: said('x'.repeat(50_000)) },
      'SOURCE_MALFORMED',
      /^the router refused \S+ \(HTTP 405: x{120}… \(\d+ more characters\)\)$/,
    ],
    [
      'errors in XML',
      { status: 406, body: '<errors xmlns="urn:ietf:params:xml:ns:yang:ietf-restconf"/>' },
      'SOURCE_MALFORMED',
      /in XML/,
    ],
  ];
  test.each(cases)('of %s has its class, and the run keeps its operations', async (_, scripted, code, message) => {
    const server = await router(goodIosxe({ [INTERFACES]: scripted }));
    const error = await failureOf(iosxeJob(server.port));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.context.operations).toMatchObject([
      { name: 'resolve', ok: true },
      { name: 'read interfaces', ok: false },
    ]);
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['empty in both trees', { status: 204 }, /lets this user see no interface/],
    ['in neither tree', notFound, /refused \/restconf\/data\/ietf-interfaces.*uri keypath not found/],
  ])('%s tells nothing', async (_, scripted: Scripted, message) => {
    const server = await router(goodIosxe({ [INTERFACES]: scripted, [OLDER]: scripted }));
    const error = await failureOf(iosxeJob(server.port));
    expect([error.code, error.message]).toEqual(['SOURCE_MALFORMED', expect.stringMatching(message)]);
  });

  test('of more octets than any router has is refused before it is parsed', async () => {
    const server = await router(goodIosxe({ [INTERFACES]: { body: cisco([{ name: 'x'.repeat(8_100_000) }]) } }));
    const error = await failureOf(iosxeJob(server.port));
    expect([error.code, error.context.failure]).toEqual(['SOURCE_MALFORMED', 'oversized']);
  });

  test.each([
    [INTERFACES, 'the router sent 7 interfaces; at most 6 are read', 6],
    [OLDER, 'the router sent 6 interfaces; at most 5 are read', 5],
  ])('of more interfaces than are allowed is refused (%s)', async (path, message, maximumInterfaces) => {
    const server = await router(goodIosxe(path === OLDER ? { [INTERFACES]: notFound } : {}));
    const error = await failureOf(iosxeJob(server.port, { settings: { plainHttp: true, maximumInterfaces } }));
    expect([error.code, error.message]).toEqual(['SOURCE_MALFORMED', message]);
  });

  test('in any shape of a list is taken', async () => {
    const body = { 'Cisco-IOS-XE-interfaces-oper:interfaces': { interface: ciscoRows() } };
    const server = await router(goodIosxe({ [INTERFACES]: { body }, [OLDER]: { body: ietf([]) } }));
    expect((await collector.read(iosxeJob(server.port))).readings).toHaveLength(7);
  });
});

test('its certificate is proven before a login is sent', async () => {
  const own = selfSigned('router.test');
  const resolve = async () => ({ address: '127.0.0.1', family: 4 as const });
  const driver = createIosxeCollector({ clock: systemClock, resolve });
  const server = await router(goodIosxe(), own);
  const settings = (certificateSha256: string) => ({ settings: { host: 'router.test', certificateSha256 } });
  const error = await failureOf(iosxeJob(server.port, settings(selfSigned('x.test').sha256)), driver);
  expect([error.code, error.context.failure]).toEqual(['SOURCE_UNAVAILABLE', 'tls']);
  expect(server.requests).toEqual([]);
  expect((await driver.read(iosxeJob(server.port, settings(own.sha256)))).readings).toHaveLength(7);
});
