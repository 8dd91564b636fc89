import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createIdentity, localSubject, TOKEN_SECONDS } from '../../../local/services/identity.ts';
import { jsonFile } from '../../../local/services/json-file.ts';
import { Phone } from '../../../local/services/phone.ts';
import { createParameterService, createSecretService } from '../../../local/services/secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-services-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = <T>(name: string, empty: T) => jsonFile<T>(join(folder, name), empty);

describe('a file of JSON', () => {
  test('is empty until written, then what was written, readable by its owner alone', () => {
    const kept = file<{ a?: number }>('deep/kept.json', {});
    expect(kept.read()).toEqual({});
    kept.write({ a: 1 });
    kept.write({ a: 2 });
    expect(file('deep/kept.json', {}).read()).toEqual({ a: 2 });
    if (process.platform !== 'win32') expect(statSync(join(folder, 'deep/kept.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['kept.json']);
  });

  test('is the old one when a write was cut off half-way', () => {
    const kept = file('kept.json', {});
    kept.write({ a: 1 });
    writeFileSync(join(folder, 'kept.json.next'), '{"a": 2, "b');
    expect(kept.read()).toEqual({ a: 1 });
    kept.write({ a: 3 });
    expect(kept.read()).toEqual({ a: 3 });
  });

  test('stays the old one when the new value cannot be JSON', () => {
    const kept = file<unknown>('kept.json', {});
    kept.write({ a: 1 });
    expect(() => kept.write({ a: 1n })).toThrow(TypeError);
    expect(kept.read()).toEqual({ a: 1 });
  });

  test('that somebody broke is named, with the way out', () => {
    writeFileSync(join(folder, 'kept.json'), '{');
    expect(() => file('kept.json', {}).read()).toThrow(/kept\.json cannot be read .*--fresh/);
  });
});

describe('secrets', () => {
  const open = () => createSecretService(file('secrets.json', {}), 'us-east-1', () => 1_000_000);

  test('are created once, read, replaced and deleted, by name and by ARN', () => {
    const secrets = open();
    const made = secrets.handle('CreateSecret', { Name: 'headroom-local/tenants/demo', SecretString: 'one' });
    const { ARN } = made.body as { ARN: string };
    expect(ARN).toMatch(
      /^arn:aws:secretsmanager:us-east-1:000000000000:secret:headroom-local\/tenants\/demo-[A-Za-z0-9]{6}$/,
    );
    expect(secrets.handle('CreateSecret', { Name: 'headroom-local/tenants/demo' })).toMatchObject({
      status: 400,
      body: { __type: 'ResourceExistsException' },
    });
    const partial = ARN.slice(0, -7);
    for (const SecretId of ['headroom-local/tenants/demo', ARN, partial])
      expect(secrets.handle('GetSecretValue', { SecretId })).toMatchObject({
        status: 200,
        body: { ARN, SecretString: 'one' },
      });
    const before = secrets.handle('GetSecretValue', { SecretId: ARN }).body.VersionId;
    const { VersionId } = secrets.handle('PutSecretValue', { SecretId: ARN, SecretString: 'two' }).body;
    expect(VersionId).not.toBe(before);
    expect(open().handle('GetSecretValue', { SecretId: ARN }).body).toMatchObject({
      SecretString: 'two',
      CreatedDate: 1000,
    });
    secrets.handle('DeleteSecret', { SecretId: ARN });
    expect(secrets.handle('GetSecretValue', { SecretId: ARN }).body.__type).toBe('ResourceNotFoundException');
    expect(secrets.arnOf(ARN)).toBeUndefined();
  });

  test.each(['GetSecretValue', 'PutSecretValue', 'DescribeSecret', 'TagResource', 'DeleteSecret'])(
    '%s of one that is not there says so',
    (operation) => {
      for (const SecretId of ['absent', 'constructor', '__proto__'])
        expect(open().handle(operation, { SecretId }).body.__type).toBe('ResourceNotFoundException');
    },
  );

  test('a name that every object knows is a name like others', () => {
    const secrets = open();
    expect(secrets.has('toString')).toBe(false);
    expect(secrets.arnOf('constructor')).toBeUndefined();
    expect(secrets.handle('CreateSecret', { Name: 'constructor', SecretString: 'x' }).status).toBe(200);
    expect(secrets.has('constructor')).toBe(true);
  });

  test('a name that ends like an ARN keeps its own last characters', () => {
    const secrets = open();
    secrets.put('tenants/abc-defghi', 'x');
    expect(secrets.arnOf('tenants/abc-defghi')).toContain('secret:tenants/abc-defghi-');
    expect(secrets.handle('GetSecretValue', { SecretId: secrets.arnOf('tenants/abc-defghi') ?? '' }).status).toBe(200);
  });

  test('an operation that is not carried out is refused by name', () => {
    expect(open().handle('RotateSecret', { SecretId: 'a' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('RotateSecret') },
    });
  });
});

test('parameters are those of the template and what was put since', () => {
  const kept = file<Record<string, string>>('parameters.json', {});
  const parameters = createParameterService(kept, { '/a': 'template' });
  expect(parameters.handle('GetParameter', { Name: '/a' }).body).toMatchObject({ Parameter: { Value: 'template' } });
  parameters.handle('PutParameter', { Name: '/b', Value: 'put' });
  expect(
    createParameterService(kept, {}).handle('GetParameters', { Names: ['/b', '/c', 'constructor'] }).body,
  ).toMatchObject({
    Parameters: [{ Name: '/b', Value: 'put' }],
    InvalidParameters: ['/c', 'constructor'],
  });
  expect(parameters.handle('GetParameter', { Name: 'toString' }).body.__type).toBe('ParameterNotFound');
});

test('the phone keeps the newest 500 messages over restarts, and answers as SNS does', () => {
  let now = Date.parse('2026-11-20T09:00:00Z');
  const kept = file('phone.json', []);
  const phone = new Phone(kept, () => now);
  const xml = phone.publish(new URLSearchParams({ PhoneNumber: '+447700900123', Message: 'first' }));
  expect(xml).toMatch(/<MessageId>[0-9a-f-]{36}<\/MessageId>/);
  kept.write(Array.from({ length: 500 }, () => phone.messages()[0] as never));
  now += 1000;
  phone.publish(new URLSearchParams({ PhoneNumber: '+447700900124', Message: 'newest & last' }));
  const all = new Phone(kept, () => now).messages();
  expect(all).toHaveLength(500);
  expect(all.at(-1)).toEqual({
    channel: 'sms',
    to: '+447700900124',
    body: 'newest & last',
    status: 'accepted',
    at: '2026-11-20T09:00:01.000Z',
    simulated: true,
  });
});

describe('the user pool', () => {
  const pool = { id: 'us-east-1_abc', clientIds: ['client1'] };
  const now = () => Date.parse('2026-11-20T09:00:00Z');

  test('signs access tokens as Cognito shapes them, by a key that lasts', async () => {
    const one = createIdentity(file('identity.json', {}), pool, 'us-east-1', now);
    const token = await one.token(localSubject('demo', 'viewer'));
    const again = createIdentity(file('identity.json', {}), pool, 'us-east-1', now);
    const keys = createLocalJWKSet((await again.keys()) as JSONWebKeySet);
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      currentDate: new Date(now()),
      algorithms: ['RS256'],
    });
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({
      sub: 'local:demo:viewer',
      iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abc',
      client_id: 'client1',
      token_use: 'access',
      exp: now() / 1000 + TOKEN_SECONDS,
    });
    expect(payload).not.toHaveProperty('aud');
  });

  test('shows the public half of its key only', async () => {
    const identity = createIdentity(file('identity.json', {}), pool, 'us-east-1', now);
    const [key] = (await identity.keys()).keys;
    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect(existsSync(join(folder, 'identity.json'))).toBe(true);
    expect(readFileSync(join(folder, 'identity.json'), 'utf8')).toContain('PRIVATE KEY');
  });
});
