import { expect, test } from 'vitest';
import { demoTaaraAccounts, taaraSecretOf } from '../../../local/simulators/taara-accounts.ts';
import { createTaaraCollector, logout } from '../../../shared/bundles/taara.http.ts';
import type { TokenCache } from '../../../shared/collect/collector.port.ts';
import { respond, startHostileServer } from '../platform/hostile-server.ts';
import { fixtureText, HOME, NOW, sourceOf } from './fixtures.ts';
import { failureOf, namesOf, operationsOf, secret, tokenCache, useWorld } from './taara-world.ts';

const world = useWorld();

test('G3: the first run logs in, reads, and keeps the token; the second only reads', async () => {
  const collector = world.collectorOf();
  const tokens = tokenCache();
  const first = await collector.read(world.jobOf({ tokens }));
  expect(collector.kind).toBe('bundle');
  expect(namesOf(first.operations)).toEqual([
    ['login', true, 200],
    ['data', true, 200],
  ]);
  expect(first.readings.map((r) => r.entity)).toEqual([HOME, 'home/0000000000000000000000b2']);
  expect(first.readings[0]).toMatchObject({ receivedAt: NOW, values: { active: 1n, expiresIn: 16n * 86_400n } });
  expect(Number(first.readings[0]?.values.remaining) / 1e12).toBeCloseTo(0.62, 6);
  expect(first.entities[0]).toMatchObject({ simulated: true, attributes: { allocationOctets: '1000000000000' } });
  expect(first).toMatchObject({ complete: true, rejected: [] });
  expect(first.next).toBeUndefined();
  const second = await collector.read(world.jobOf({ tokens }));
  expect(namesOf(second.operations)).toEqual([['data', true, 200]]);
});

test('the calls are made as the portal makes them', async () => {
  const server = await world.portal(respond(200, fixtureText('bundle-200')));
  await world
    .collectorOf({ simulatorUrl: `${server.url}/` })
    .read(world.jobOf({ source: sourceOf({ settings: { logoutEachCycle: true } }) }));
  const [login = '', data = '', bye = ''] = server.received;
  expect(login).toMatch(/^POST \/v1\/users\/subscriber\/login HTTP/);
  expect(JSON.parse(login.split('\r\n\r\n')[1] ?? '')).toEqual({
    phoneNumber: { countryCode: '44', nationalNumber: '7700900001' },
    passcode: secret.passcode,
    partnerId: '100000001',
  });
  expect(login).toContain(`referer: ${server.url}/cp/customers/login?hotspotId=200000001`);
  expect(login).not.toMatch(/^authorization:/im);
  expect(data).toMatch(/^GET \/v1\/customers\/get-customer-bundle\?hotspotId=200000001 HTTP/);
  const token = (JSON.parse(fixtureText('login-200')) as { accessToken: string }).accessToken;
  expect(data).toContain(`authorization: Bearer ${token}`);
  expect(data).toContain(`referer: ${server.url}/cp/customers/home?hotspotId=200000001`);
  expect(data).toContain('content-type: application/json');
  expect(data).toMatch(/user-agent: Mozilla/);
  expect(bye).toMatch(/^GET \/v1\/users\/subscriber\/logout\/aaaaaaaa-0000-4000-8000-000000000001 HTTP/);
  expect(bye).not.toMatch(/^authorization:/im);
});

test('headers are configurable, one by one', async () => {
  const server = await world.portal(respond(200, fixtureText('bundle-200')));
  await world
    .collectorOf({ simulatorUrl: server.url, headers: { 'user-agent': 'headroom', 'x-more': '1' } })
    .read(world.jobOf());
  expect(server.received[0]).toContain('user-agent: headroom');
  expect(server.received[1]).toContain('x-more: 1');
  expect(server.received[1]).toContain('accept-language: en-US,en;q=0.9');
});

test('a token that was refused is replaced once, and the run goes on', async () => {
  const collector = world.collectorOf();
  const tokens = tokenCache();
  await collector.read(world.jobOf({ tokens }));
  const old = tokens.token;
  world.taara.inject({ fault: 'expire-token' });
  const page = await collector.read(world.jobOf({ tokens }));
  expect(namesOf(page.operations)).toEqual([
    ['data', false, 401],
    ['login', true, 200],
    ['data', true, 200],
  ]);
  expect(tokens.token).not.toBe(old);
});

test('a second 401 in the same run means that the credentials are to blame', async () => {
  world.taara.inject({ fault: 'expire-token', times: 2 });
  const tokens = tokenCache();
  const failure = await failureOf(world.collectorOf().read(world.jobOf({ tokens })));
  expect(failure).toMatchObject({ code: 'SOURCE_REJECTED', retryable: false });
  expect(operationsOf(failure)).toEqual([
    ['login', true, 200],
    ['data', false, 401],
    ['login', true, 200],
    ['data', false, 401],
  ]);
  expect(tokens.token).toBeUndefined();
});

test('a token past its end is not tried', async () => {
  const collector = world.collectorOf();
  const tokens = tokenCache();
  await collector.read(world.jobOf({ tokens }));
  expect(tokens.expiresAt).toBe(NOW + 3_600_000);
  world.now += 3_599_000;
  expect(namesOf((await collector.read(world.jobOf({ tokens }))).operations)).toEqual([
    ['login', true, 200],
    ['data', true, 200],
  ]);
});

test('a token without an end, and one that is no token at all, are kept for a day and found out by their 401', async () => {
  for (const accessToken of ['opaque', (JSON.parse(fixtureText('login-200')) as { accessToken: string }).accessToken]) {
    const server = await world.portal(
      respond(200, fixtureText('bundle-200')),
      respond(201, JSON.stringify({ accessToken })),
    );
    const tokens = tokenCache();
    await world.collectorOf({ simulatorUrl: server.url }).read(world.jobOf({ tokens }));
    expect([tokens.token, tokens.expiresAt]).toEqual([accessToken, NOW + 86_400_000]);
  }
});

test('F9: fifty runs that lose one token at the same time log in once', async () => {
  const collector = world.collectorOf();
  const tokens = tokenCache();
  await collector.read(world.jobOf({ tokens }));
  world.now += 2 * 3_600_000;
  const job = world.jobOf({ tokens });
  const before = world.calls()?.login ?? 0;
  const pages = await Promise.all(Array.from({ length: 50 }, () => collector.read(job)));
  expect(pages.every((page) => page.readings.length === 2)).toBe(true);
  expect((world.calls()?.login ?? 0) - before).toBe(1);
});

test('F9: a token that somebody else has replaced already is used instead of logging in', async () => {
  const collector = world.collectorOf();
  const fresh = tokenCache();
  await collector.read(world.jobOf({ tokens: fresh }));
  let reads = 0;
  const tokens: TokenCache = { ...tokenCache(), read: async () => (reads++ === 0 ? 'stale' : fresh.token) };
  const page = await collector.read(world.jobOf({ tokens }));
  expect(namesOf(page.operations)).toEqual([
    ['data', false, 401],
    ['data', true, 200],
  ]);
});

test.each([
  ['a wrong passcode', { passcode: '111111' }, 401],
  ['an unknown number', { phoneNumber: '7700900999' }, 404],
])('%s is refused credentials', async (_, wrong, status) => {
  const tokens = tokenCache();
  const failure = await failureOf(world.collectorOf().read(world.jobOf({ tokens, secret: { ...secret, ...wrong } })));
  expect(failure).toMatchObject({ code: 'SOURCE_REJECTED', context: { status } });
  expect(operationsOf(failure)).toEqual([['login', false, status]]);
  expect(tokens.token).toBeUndefined();
});

test('the refusals that were recorded are refused credentials; a 404 of another kind is not', async () => {
  const unused = respond(500, '');
  for (const [status, name, code] of [
    [401, 'login-401-refused', 'SOURCE_REJECTED'],
    [404, 'login-404-unknown', 'SOURCE_REJECTED'],
    [404, 'bundle-200', 'SOURCE_MALFORMED'],
    [403, 'login-401-refused', 'SOURCE_MALFORMED'],
    [200, 'login-401-refused', 'SOURCE_MALFORMED'],
  ] as const) {
    const server = await world.portal(unused, respond(status, fixtureText(name)));
    expect((await failureOf(world.collectorOf({ simulatorUrl: server.url }).read(world.jobOf()))).code).toBe(code);
  }
});

test('an account that is not configured is told what is missing, and nothing is called', async () => {
  const { hotspotId: _, ...withoutHotspot } = secret;
  for (const [given, paths] of [
    [undefined, ['secret.countryCode', 'secret.phoneNumber', 'secret.passcode', 'secret.partnerId']],
    [{ ...secret, countryCode: '+44' }, ['secret.countryCode']],
    [withoutHotspot, ['settings.hotspotId']],
  ] as const) {
    const failure = await failureOf(world.collectorOf().read(world.jobOf({ secret: given })));
    expect(failure).toMatchObject({ code: 'SOURCE_REJECTED', context: { operations: [] } });
    expect(failure.context.issues?.map((issue) => issue.path)).toEqual(paths);
  }
  expect(world.calls()).toEqual({ login: 0, data: 0, logout: 0 });
});

test('a simulated source without a simulator is a wrong configuration, and the real service is not called', async () => {
  const collector = createTaaraCollector({ baseUrl: world.taara.url, clock: world.clock });
  expect((await failureOf(collector.read(world.jobOf()))).code).toBe('CONFIG_INVALID');
  expect(world.calls()?.login).toBe(0);
});

test('a real source is read at the base URL, never at the simulator', async () => {
  const collector = createTaaraCollector({
    baseUrl: world.taara.url,
    simulatorUrl: 'http://192.0.2.1',
    clock: world.clock,
  });
  const page = await collector.read(world.jobOf({ source: sourceOf({ simulated: false }) }));
  expect(page.entities[0]?.simulated).toBe(false);
});

test('logging out each cycle ends the session also when the data could not be read, and its own failure does no harm', async () => {
  const source = sourceOf({ settings: { logoutEachCycle: true } });
  const tokens = tokenCache();
  const page = await world.collectorOf().read(world.jobOf({ source, tokens }));
  expect(namesOf(page.operations)).toEqual([
    ['login', true, 200],
    ['data', true, 200],
    ['logout', true, 200],
  ]);
  expect(tokens.token).toBeUndefined();
  world.taara.inject({ fault: 'garbage' });
  const failure = await failureOf(world.collectorOf().read(world.jobOf({ source, tokens })));
  expect(operationsOf(failure)).toEqual([
    ['login', true, 200],
    ['data', false, 200],
    ['logout', true, 200],
  ]);
  expect(failure.code).toBe('SOURCE_MALFORMED');

  const server = await startHostileServer((socket) => {
    const latest = server.received.at(-1) ?? '';
    if (latest.includes('/logout/')) return void socket.resetAndDestroy();
    respond(200, fixtureText(latest.startsWith('POST') ? 'login-200' : 'bundle-200'))(socket);
  });
  world.closing.push(server.close);
  const cut = await world.collectorOf({ simulatorUrl: server.url }).read(world.jobOf({ source, tokens }));
  expect(namesOf(cut.operations).at(-1)).toEqual(['logout', false, undefined]);
  expect(cut.readings).toHaveLength(2);
});

test('a removed account is logged out once, with whatever token is kept', async () => {
  const tokens = tokenCache();
  const deps = { baseUrl: 'http://192.0.2.1', simulatorUrl: world.taara.url, clock: world.clock };
  await createTaaraCollector(deps).read(world.jobOf({ tokens }));
  expect(namesOf(await logout(deps, world.jobOf({ tokens })))).toEqual([['logout', true, 200]]);
  expect(tokens.token).toBeUndefined();
  expect(await logout(deps, world.jobOf({ tokens }))).toEqual([]);
  const opaque = tokenCache('opaque');
  expect(await logout(deps, world.jobOf({ tokens: opaque }))).toEqual([]);
  expect(opaque.token).toBeUndefined();
});

test('two accounts of one tenant are read apart', async () => {
  const [, office] = demoTaaraAccounts(NOW);
  const collector = world.collectorOf();
  const [home, other] = await Promise.all([
    collector.read(world.jobOf()),
    collector.read(
      world.jobOf({ source: sourceOf({ id: 'office', name: 'Office link' }), secret: taaraSecretOf(office) }),
    ),
  ]);
  expect(home.readings[0]?.entity).toBe(HOME);
  expect(other.readings.map((r) => r.entity)).toEqual(['office/0000000000000000000000a2']);
  expect(Number(other.readings[0]?.values.remaining) / 1e12).toBeCloseTo(0.12, 6);
});
