import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createIdentity, type IdentityService } from '../../../local/services/identity.ts';
import { jsonFile } from '../../../local/services/json-file.ts';
import { openAccessTokens } from '../../../shared/platform/access-token.cognito.ts';

const POOL = { userPoolId: 'us-east-1_abc', clientId: 'client1' };
let folder: string;
let server: Server;
let keysUrl: string;
let identity: IdentityService;
let asked: number;
let answer: 'keys' | 'fault' | 'garbage';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-tokens-'));
  identity = createIdentity(
    jsonFile(join(folder, 'identity.json'), {}),
    { id: POOL.userPoolId, clientIds: [POOL.clientId] },
    'us-east-1',
    Date.now,
  );
  server = createServer((_, response) => {
    asked += 1;
    if (answer === 'fault') response.writeHead(503).end();
    else if (answer === 'garbage') response.end('<html>');
    else void identity.keys().then((keys) => response.end(JSON.stringify(keys)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  keysUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked = 0;
  answer = 'keys';
});

test('a good token gives its subject, and the keys are asked for once', async () => {
  const tokens = openAccessTokens({ ...POOL, keysUrl });
  const token = await identity.token('local:demo:viewer');
  expect(await Promise.all([tokens.verify(token), tokens.verify(token)])).toEqual([
    'local:demo:viewer',
    'local:demo:viewer',
  ]);
  expect(await tokens.verify(token)).toBe('local:demo:viewer');
  expect(asked).toBe(1);
});

test.each([
  ['another pool', { ...POOL, userPoolId: 'us-east-1_other' }],
  ['another client', { ...POOL, clientId: 'client2' }],
])('one for %s is refused as such', async (_, pool) => {
  const tokens = openAccessTokens({ ...pool, keysUrl });
  await expect(tokens.verify(await identity.token('x'))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test.each(['', 'x', 'a.b.c', '..'])('the text %j is no token', async (text) => {
  await expect(openAccessTokens({ ...POOL, keysUrl }).verify(text)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('while the keys cannot be read a good token is not called a bad one, and is good again after', async () => {
  const tokens = openAccessTokens({ ...POOL, keysUrl });
  const token = await identity.token('x');
  answer = 'fault';
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true });
  answer = 'keys';
  expect(await openAccessTokens({ ...POOL, keysUrl }).verify(token)).toBe('x');
});

test('nor while nothing listens there', async () => {
  const tokens = openAccessTokens({ ...POOL, keysUrl: 'http://127.0.0.1:1/' });
  await expect(tokens.verify(await identity.token('x'))).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
});
