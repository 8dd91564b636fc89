import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBreakerStore } from '../../../shared/collect/breaker.dynamodb.ts';
import { CLOSED } from '../../../shared/collect/breaker.ts';
import { breakerKey, tokenKey } from '../../../shared/collect/keys.ts';
import { openSecretStore } from '../../../shared/collect/secrets.secretsmanager.ts';
import { createTokenCaches } from '../../../shared/collect/tokens.dynamodb.ts';
import { startDynalite } from '../dynalite.ts';
import { MovableClock } from './fakes.ts';
import { refusal } from './json-server.ts';
import { startSecretsServer } from './secrets-server.ts';

let database: Awaited<ReturnType<typeof startDynalite>>;
let server: Awaited<ReturnType<typeof startSecretsServer>>;
let clock: MovableClock;
let tenant = '';
let count = 0;

beforeAll(async () => {
  [database, server] = await Promise.all([startDynalite(), startSecretsServer()]);
});
afterAll(() => Promise.all([database.close(), server.close()]));
beforeEach(() => {
  tenant = `demo-${++count}`;
  clock = new MovableClock();
  server.calls.length = 0;
});

function open() {
  const client = new SecretsManagerClient(server.client);
  return openSecretStore({ table: database.table, clock, prefix: 'headroom-test/', client });
}
const name = () => `headroom-test/tenants/${tenant}`;

test('the first fields make the tenant’s secret and tag it; others join them; each source has its own', async () => {
  const secrets = open();
  expect(await secrets.readSecret(tenant, 'home')).toBeUndefined();
  await secrets.writeSecret(tenant, 'home', { passcode: '000000' });
  await secrets.writeSecret(tenant, 'cafe', { passcode: '111111' });
  expect(await open().readSecret(tenant, 'home')).toEqual({ passcode: '000000' });
  expect(await open().readSecret(tenant, 'cafe')).toEqual({ passcode: '111111' });
  expect(server.tags.get(name())).toEqual([{ Key: 'tenant', Value: tenant }]);
  expect(server.calls.filter((c) => c === 'CreateSecret')).toHaveLength(1);
});

test('fields are forgotten, and a source named like a property of objects has none', async () => {
  const secrets = open();
  await secrets.writeSecret(tenant, 'home', { a: '1' });
  await secrets.writeSecret(tenant, 'home', undefined);
  expect(await open().readSecret(tenant, 'home')).toBeUndefined();
  expect(await open().readSecret(tenant, 'constructor')).toBeUndefined();
});

test('reads are answered from memory for five minutes; a refresh asks again', async () => {
  const secrets = open();
  await secrets.writeSecret(tenant, 'home', { a: 'old' });
  await open().writeSecret(tenant, 'home', { a: 'new' });
  server.calls.length = 0;
  clock.advance(299_000);
  expect(await secrets.readSecret(tenant, 'home')).toEqual({ a: 'old' });
  expect(server.calls).toEqual([]);
  expect(await secrets.readSecret(tenant, 'home', { refresh: true })).toEqual({ a: 'new' });
  await open().writeSecret(tenant, 'home', { a: 'newest' });
  clock.advance(300_000);
  expect(await secrets.readSecret(tenant, 'home')).toEqual({ a: 'newest' });
});

test('twelve sources stored at once by different processes are all there', async () => {
  const ids = Array.from({ length: 12 }, (_, i) => `s${i}`);
  await Promise.all(ids.map((id) => open().writeSecret(tenant, id, { id })));
  const secrets = open();
  for (const id of ids) expect(await secrets.readSecret(tenant, id)).toEqual({ id });
});

test('a secret that would not fit is refused before it is sent, in words', async () => {
  const secrets = open();
  await secrets.writeSecret(tenant, 'home', { a: '1' });
  await expect(secrets.writeSecret(tenant, 'cafe', { a: 'x'.repeat(66_000) })).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  });
  expect(await open().readSecret(tenant, 'home')).toEqual({ a: '1' });
});

test.each(['planted-secret', '{"home": {"a": planted-secret', '{"home": "planted-secret"}', '["planted-secret"]'])(
  'a stored secret %j that is not readable is told without a word of its content',
  async (text) => {
    server.secrets.set(name(), text);
    const error = await open()
      .readSecret(tenant, 'home')
      .then(() => undefined)
      .catch((e: unknown) => e as Error);
    expect(error).toMatchObject({ code: 'SOURCE_REJECTED' });
    expect(JSON.stringify([error?.message, error?.cause, error])).not.toContain('planted');
  },
);

test.each([
  ['InternalServiceError', { code: 'STORE_UNAVAILABLE', retryable: true }],
  ['AccessDeniedException', { name: 'AccessDeniedException' }],
])('%s is told as %j', async (type, expected) => {
  server.faults.next = refusal(type);
  await expect(open().readSecret(tenant, 'home')).rejects.toMatchObject(expected);
});

test('the token key is made once, also when two ask at once, and a secret written by hand keeps its fields', async () => {
  server.secrets.set(name(), JSON.stringify({ home: { a: '1' } }));
  const [one, other] = await Promise.all([open().readTokenKey(tenant), open().readTokenKey(tenant)]);
  expect(one).toHaveLength(32);
  expect(Buffer.from(one).equals(other)).toBe(true);
  expect(await open().readSecret(tenant, 'home')).toEqual({ a: '1' });
});

function tokensOf(source = 'home', secrets = open()) {
  return createTokenCaches({ table: database.table, clock, secrets })(tenant, source);
}

test('a token is read by every process until it ends, and nothing of it stands in the table in the clear', async () => {
  await tokensOf().write('planted-token', clock.now() + 60_000);
  expect(await tokensOf().read()).toBe('planted-token');
  const item = await database.table.get(tokenKey(tenant, 'home'));
  expect(Buffer.from(item?.box as Uint8Array).toString('latin1')).not.toContain('planted');
  expect(item?.expiresAt).toBe((clock.now() + 60_000) / 1000);
  clock.advance(60_000);
  expect(await tokensOf().read()).toBeUndefined();
});

test('a forgotten token is gone', async () => {
  await tokensOf().write('t', clock.now() + 60_000);
  await tokensOf().forget();
  expect(await tokensOf().read()).toBeUndefined();
});

test('a token that was tampered with, moved to another source or sealed by a lost key is no token', async () => {
  await tokensOf().write('t', clock.now() + 60_000);
  const item = { ...(await database.table.get(tokenKey(tenant, 'home'))) };
  await database.table.put({ ...item, ...tokenKey(tenant, 'cafe') });
  expect(await tokensOf('cafe').read()).toBeUndefined();
  const box = Uint8Array.from(item.box as Uint8Array);
  box[14] = (box[14] ?? 0) ^ 1;
  await database.table.put({ ...item, ...tokenKey(tenant, 'home'), box });
  expect(await tokensOf().read()).toBeUndefined();
  await tokensOf().write('t', clock.now() + 60_000);
  server.secrets.set(name(), '{}');
  expect(await tokensOf().read()).toBeUndefined();
});

test('a breaker is remembered while it is not closed, and costs nothing when it is', async () => {
  const breakers = openBreakerStore(database.table);
  expect(await breakers.read(tenant, 'home')).toEqual(CLOSED);
  const state = { unavailable: 5, rejections: 1, notBefore: clock.now(), counted: 'x' };
  await breakers.write(tenant, 'home', state);
  expect(await breakers.read(tenant, 'home')).toEqual(state);
  await breakers.write(tenant, 'home', CLOSED);
  expect(await database.table.get(breakerKey(tenant, 'home'))).toBeUndefined();
});
