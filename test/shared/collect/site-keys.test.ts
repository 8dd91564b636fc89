import { createHmac } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { SecretFields } from '../../../shared/collect/secrets.port.ts';
import { isSameText, siteSignature } from '../../../shared/collect/site-key.ts';
import { openSiteKeyReader, openSiteKeyStore } from '../../../shared/collect/site-keys.dynamodb.ts';
import { createFakeTable, type FakeTable } from '../fake-table.ts';

const SITE = { tenant: 'demo', source: 'branch' };
let table: FakeTable;
/** What is stored, and what a process that read it earlier still believes. */
let stored: SecretFields | undefined;
let cached: SecretFields | undefined;
let refreshes: number;

const secrets = {
  readSecret: async (_tenant: string, _source: string, options: { refresh?: boolean } = {}) => {
    if (!options.refresh) return cached;
    refreshes += 1;
    cached = stored;
    return stored;
  },
  writeSecret: async (_tenant: string, _source: string, fields: SecretFields | undefined) => {
    stored = fields;
  },
  readTokenKey: async () => new Uint8Array(32),
};
const open = () => openSiteKeyStore({ table, secrets });

beforeEach(() => {
  table = createFakeTable();
  stored = cached = undefined;
  refreshes = 0;
});

test('a key has 128 bits of name and 256 of secret; the table holds neither', async () => {
  const key = await open().renew(SITE);
  expect(key.id).toMatch(/^[0-9a-f]{32}$/);
  expect(key.secret).toMatch(/^[0-9a-f]{64}$/);
  const rows = JSON.stringify(table.dump());
  expect(rows).toMatch(/"pk":"@site#[0-9a-f]{64}"/);
  expect(rows).not.toContain(key.id);
  expect(rows).not.toContain(key.secret);
  expect(await open().find(key.id)).toEqual(SITE);
  expect(await open().find('0'.repeat(32))).toBeUndefined();
});

test('a renewed key is found at once, also by who still remembers the old one; the old one is nobody’s', async () => {
  const old = await open().renew(SITE);
  expect(await open().read(SITE, old.id)).toEqual(old);
  const key = await open().renew(SITE);
  expect(key.id).not.toBe(old.id);
  expect(await open().find(old.id)).toBeUndefined();
  cached = { keyId: old.id, secret: old.secret };
  expect(await open().read(SITE, key.id)).toEqual(key);
  const before = refreshes;
  expect(await open().read(SITE, key.id)).toEqual(key);
  expect(refreshes).toBe(before);
  expect(await open().read(SITE, old.id)).toBeUndefined();
  expect(await open().currentId(SITE)).toBe(key.id);
});

test.each(['put', 'delete'])(
  'a renewal that crashes before its %s lets nobody in but who was, and the next one heals it',
  async (step) => {
    const old = await open().renew(SITE);
    expect(await open().read(SITE, old.id)).toEqual(old);
    const crashing = openSiteKeyStore({
      table: table.view(({ verb }) => {
        if (verb === step) throw new Error('crash');
      }),
      secrets,
    });
    await expect(crashing.renew(SITE)).rejects.toThrow('crash');
    expect(await open().find(old.id)).toEqual(step === 'put' ? undefined : SITE);
    const key = await open().renew(SITE);
    expect(await open().find(old.id)).toBeUndefined();
    expect([await open().find(key.id), await open().read(SITE, key.id)]).toEqual([SITE, key]);
    expect(table.dump().length).toBe(1);
  },
);

test('a forgotten key is gone from the directory; a site without one has nothing to forget', async () => {
  const key = await open().renew(SITE);
  await open().forget(SITE);
  expect(table.dump()).toEqual([]);
  expect(await open().find(key.id)).toBeUndefined();
  stored = undefined;
  await open().forget(SITE);
});

test('one pack is taken per minute, in the order of their signatures', async () => {
  const { id } = await open().renew(SITE);
  const reader = openSiteKeyReader({ table, secrets });
  expect(await reader.claim(id, 100, 6000)).toBe('taken');
  expect(await reader.claim(id, 100, 6010)).toBe('tooSoon');
  expect(await reader.claim(id, 101, 6000)).toBe('replayed');
  expect(await reader.claim(id, 101, 5990)).toBe('replayed');
  expect(await reader.claim(id, 101, 6060)).toBe('taken');
  expect(await reader.claim(id, 101)).toBe('tooSoon');
  expect(await reader.claim(id, 102)).toBe('taken');
});

test('of packs that come at once one is taken', async () => {
  const { id } = await open().renew(SITE);
  const claims = await Promise.all([1, 2, 3, 4].map((n) => open().claim(id, 100, 6000 + n)));
  expect(claims.filter((claim) => claim === 'taken').length).toBe(1);
});

test('a key that was removed meanwhile is not made again by its use', async () => {
  const { id } = await open().renew(SITE);
  await open().forget(SITE);
  expect(await open().claim(id, 100, 6000)).toBe('tooSoon');
  expect(table.dump()).toEqual([]);
});

test('the signature is an HMAC-SHA256 that every language can make', () => {
  const body = Buffer.from('{"version":1}');
  const made = createHmac('sha256', 'cd'.repeat(32)).update('1893499200.{"version":1}').digest('hex');
  expect(siteSignature('cd'.repeat(32), '1893499200', body)).toBe(`v1=${made}`);
  expect([isSameText('a', 'a'), isSameText('a', 'b'), isSameText('a', 'aa'), isSameText('', '')]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
