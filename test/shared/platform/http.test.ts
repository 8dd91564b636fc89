import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { AppError } from '../../../shared/platform/errors.ts';
import {
  failureOfStatus,
  type HttpRequest,
  MAX_RETRY_AFTER_SECONDS,
  parseJson,
  request,
  retryAfterSeconds,
} from '../../../shared/platform/http.ts';
import { type HostileServer, respond, startHostileServer } from './hostile-server.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function hostile(answer: (socket: Socket) => void): Promise<HostileServer> {
  const server = await startHostileServer(answer);
  closing.push(server.close);
  return server;
}

async function failureOf(options: Partial<HttpRequest> & { url: string }): Promise<AppError> {
  const failure = await request({ timeoutMs: 5000, ...options }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof AppError) return failure;
  throw new Error(`expected an AppError, got ${String(failure)}`);
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}

test('an answer comes with status, headers, text and how long it took', async () => {
  const server = await hostile(respond(418, 'tëa', { 'x-kind': 'pot' }));
  const response = await request({ url: `${server.url}/a?b=1`, method: 'POST', body: 'x', timeoutMs: 5000 });
  expect(response).toMatchObject({ status: 418, text: 'tëa' });
  expect(response.headers.get('x-kind')).toBe('pot');
  expect(response.responseMs).toBeGreaterThanOrEqual(0);
  expect(server.received[0]).toMatch(/^POST \/a\?b=1 HTTP\/1\.1/);
  expect(server.received[0]?.toLowerCase()).toContain('connection: close');
});

test('a redirect is an answer and is not followed', async () => {
  const server = await hostile(respond(302, '', { location: 'http://127.0.0.1:9/' }));
  expect((await request({ url: server.url, timeoutMs: 5000 })).status).toBe(302);
  expect(server.received).toHaveLength(1);
});

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n';

test.each([
  ['silence after the request', () => undefined],
  ['a stall in mid-body', (socket: Socket) => void socket.write(`${HEAD}{"a":`)],
  [
    'a slow drip that never pauses long enough for an idle time-out',
    (socket: Socket) => {
      socket.write(HEAD);
      const drip = setInterval(() => socket.write(' '), 20);
      socket.on('close', () => clearInterval(drip));
    },
  ],
  ['headers that never end', (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\nx: ')],
])('F12: %s ends at the total deadline, and the socket is closed', async (_, answer) => {
  const server = await hostile(answer);
  const startedAt = performance.now();
  const failure = await failureOf({ url: `${server.url}/private/path?id=1`, timeoutMs: 250 });
  expect(performance.now() - startedAt).toBeLessThan(1500);
  expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true, context: { failure: 'timeout' } });
  expect(failure.message).not.toContain('private');
  await until(() => server.open() === 0);
});

test('F12: no time left means no call', async () => {
  const server = await hostile(respond(200, '{}'));
  expect((await failureOf({ url: server.url, timeoutMs: 0 })).context.failure).toBe('timeout');
  expect(server.received).toHaveLength(0);
});

test('F12: a connection cut in mid-body keeps its class', async () => {
  const server = await hostile((socket) => socket.write(`${HEAD}{"a":`, () => socket.destroy()));
  expect(await failureOf({ url: server.url })).toMatchObject({
    code: 'SOURCE_UNAVAILABLE',
    context: { failure: 'reset' },
  });
});

test('F12: a connection reset before an answer keeps its class', async () => {
  const server = await hostile((socket) => void socket.resetAndDestroy());
  expect((await failureOf({ url: server.url })).context.failure).toBe('reset');
});

test('F12: an unknown host keeps its class', async () => {
  expect((await failureOf({ url: 'http://nobody.invalid/' })).context.failure).toBe('dns');
});

test('F12: a port where nobody listens keeps its class', async () => {
  const server = await startHostileServer(() => undefined);
  await server.close();
  expect((await failureOf({ url: server.url })).context.failure).toBe('refused');
});

test('F12: a server that speaks no TLS, and one without a certificate, keep their class', async () => {
  const plain = await hostile((socket) => void socket.end('HTTP/1.1 400 X\r\n\r\n'));
  expect((await failureOf({ url: `https://127.0.0.1:${plain.port}/` })).context.failure).toBe('tls');
  const bare = createTlsServer({});
  bare.listen(0, '127.0.0.1');
  await once(bare, 'listening');
  closing.push(() => new Promise((resolve) => bare.close(() => resolve())));
  const { port } = bare.address() as AddressInfo;
  expect((await failureOf({ url: `https://127.0.0.1:${port}/` })).context.failure).toBe('tls');
});

test('F12: something that is not HTTP keeps its class', async () => {
  const server = await hostile((socket) => void socket.end('SSH-2.0-nothing\r\n'));
  expect((await failureOf({ url: server.url })).context.failure).toBe('protocol');
});

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
  ['EAI_AGAIN', 'dns'],
  ['EHOSTUNREACH', 'refused'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['SOMETHING_NEW', 'network'],
])('a failure with code %s is of class %s, also one address of several', async (code, failure) => {
  const one = Object.assign(new Error(code), { code });
  for (const cause of [one, new AggregateError([one])]) {
    const broken: typeof fetch = () => Promise.reject(new TypeError('fetch failed', { cause }));
    expect((await failureOf({ url: 'http://192.0.2.1/', fetch: broken })).context.failure).toBe(failure);
  }
});

test('F13: a body above the cap is refused while it is still coming, and the socket is closed', async () => {
  const server = await hostile((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    const pour = () => {
      while (!socket.destroyed && socket.write(`10000\r\n${'x'.repeat(0x10000)}\r\n`));
    };
    socket.on('drain', pour);
    pour();
  });
  const failure = await failureOf({ url: server.url, maxBytes: 200_000 });
  expect(failure).toMatchObject({ code: 'SOURCE_MALFORMED', retryable: false, context: { failure: 'oversized' } });
  await until(() => server.open() === 0);
});

test('F13: the cap counts what a compressed body unpacks to', async () => {
  const bomb = gzipSync(Buffer.alloc(5_000_000));
  expect(bomb.length).toBeLessThan(10_000);
  const server = await hostile((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
    socket.end(bomb);
  });
  expect((await failureOf({ url: server.url })).context.failure).toBe('oversized');
});

test('F13: the body of an error status is cut at the cap, for its status says enough', async () => {
  const server = await hostile(respond(503, 'x'.repeat(300_000)));
  const response = await request({ url: server.url, timeoutMs: 5000, maxBytes: 100_000 });
  expect(response.status).toBe(503);
  expect(response.text.length).toBeLessThanOrEqual(100_000);
});

const NOW = Date.parse('2026-11-20T12:00:00Z');

test.each([
  ['seconds', { 'retry-after': '120' }, 120],
  ['zero', { 'retry-after': '0' }, 1],
  ['a date', { 'retry-after': 'Fri, 20 Nov 2026 12:01:30 GMT' }, 90],
  ['a date in the past', { 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }, 1],
  [
    'a date by a clock ten minutes ahead',
    { 'retry-after': 'Fri, 20 Nov 2026 12:11:00 GMT', date: 'Fri, 20 Nov 2026 12:10:00 GMT' },
    60,
  ],
  ['absent', {}, undefined],
  ['an absurd number', { 'retry-after': '99999999999999999999' }, MAX_RETRY_AFTER_SECONDS],
  ['an absurd date', { 'retry-after': 'Fri, 20 Nov 2099 12:00:00 GMT' }, MAX_RETRY_AFTER_SECONDS],
  ['a negative number', { 'retry-after': '-5' }, undefined],
  ['words', { 'retry-after': 'tomorrow' }, undefined],
  ['a fraction', { 'retry-after': '1.5' }, undefined],
])('F10: Retry-After as %s', (_, headers, expected) => {
  expect(retryAfterSeconds(new Headers(headers as Record<string, string>), NOW)).toBe(expected);
});

test.each([
  [429, { 'retry-after': '7' }, 'SOURCE_THROTTLED', 7],
  [429, {}, 'SOURCE_THROTTLED', 60],
  [503, { 'retry-after': '7' }, 'SOURCE_UNAVAILABLE', 7],
  [500, {}, 'SOURCE_UNAVAILABLE', undefined],
  [408, {}, 'SOURCE_UNAVAILABLE', undefined],
])('status %d with %j is %s', (status, headers, code, seconds) => {
  const response = { status, headers: new Headers(headers as Record<string, string>), text: '', responseMs: 1 };
  const failure = failureOfStatus(response, NOW, 'raw');
  expect(failure).toMatchObject({ code, retryable: true, context: { status, rawText: 'raw' } });
  expect(failure?.context.retryAfterSeconds).toBe(seconds);
});

test.each([200, 204, 302, 400, 401, 403, 404, 422])('what status %d means is left to the caller', (status) => {
  expect(failureOfStatus({ status, headers: new Headers(), text: '', responseMs: 1 }, NOW, '')).toBeUndefined();
});

test.each([
  ['', 'the body is empty'],
  ['  \n', 'the body is empty'],
  ['<html></html>', 'the body is a web page, not JSON'],
  ['{"a":', 'the body is not complete JSON'],
  ['{"a":1} trailing', 'the body is not complete JSON'],
  ['['.repeat(65) + ']'.repeat(65), 'the body nests deeper than 64 levels'],
  ['{"a":'.repeat(500_000), 'the body nests deeper than 64 levels'],
])('F13: body %# is no JSON', (text, problem) => {
  expect(parseJson(text)).toEqual({ ok: false, problem });
});

test('brackets inside strings are no nesting, and 64 levels are taken', () => {
  const brackets = JSON.stringify({ a: '[[{{"\\'.repeat(100) });
  expect(parseJson(brackets)).toEqual({ ok: true, value: JSON.parse(brackets) });
  expect(parseJson('['.repeat(64) + ']'.repeat(64)).ok).toBe(true);
});
