import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CloudClock, virtualClock } from '../../../local/cloud/clock.ts';
import { type Door, openDoor } from '../../../local/cloud/doors.ts';
import { Guard } from '../../../local/cloud/guard.ts';
import { createFront } from '../../../local/front/front.ts';
import { createHttpApi } from '../../../local/front/http-api.ts';
import type { FunctionPool } from '../../../local/workers/pool.ts';
import { emptyModel, REGION } from '../cloud/model.ts';
import { type BundleWorld, functionModel, openBundleWorld } from '../workers/bundle-world.ts';

const API = `arn:aws:execute-api:${REGION}:000000000000:api`;
const ECHO = `exports.handler = async (event) => {
  const asked = event.queryStringParameters ?? {};
  if (asked.answer) return JSON.parse(asked.answer);
  if (asked.fail) throw new Error('secret detail');
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };
};`;
const ROUTES = [
  'GET /v1/things',
  'GET /v1/things/{id}',
  'GET /v1/things/special',
  'POST /v1/things',
  'GET /v1/things/{id}/{part}',
  'DELETE /v1/denied',
  'POST /api/form',
];
const HEADERS = { 'content-security-policy': "default-src 'none'", 'x-frame-options': 'DENY' };
const FILES: Readonly<Record<string, string>> = {
  'index.html': '<p>page',
  'app.js': '1',
  'deep/a b.css': 'p{}',
  'v1x/file.json': '{}',
};

let world: BundleWorld;
let pool: FunctionPool;
let clock: CloudClock;
/** Where time stands still, for what would depend on how fast this machine is. */
let stillAt: number | undefined;
let door: Door;
let asked: string[];

beforeAll(async () => {
  world = openBundleWorld();
  const running = virtualClock(Date.parse('2026-11-20T09:00:00Z'));
  clock = {
    ...running,
    now: () => stillAt ?? running.now(),
    moveBy(ms) {
      running.moveBy(ms);
      if (stillAt !== undefined) stillAt += ms;
    },
  };
  const fn = functionModel();
  const permission = (key: string) => {
    const [method, path] = key.split(' ');
    return {
      Effect: 'Allow' as const,
      Principal: { Service: 'apigateway.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: fn.arn,
      Condition: {
        ArnLike: { 'aws:SourceArn': `${API}/*/${method}${path?.replace('{id}', '*').replace('{part}', '*')}` },
      },
    };
  };
  const permitted = ROUTES.filter((key) => !key.includes('denied')).map(permission);
  pool = world.pool(ECHO, { model: fn });
  const guard = new Guard(
    emptyModel({ functions: [{ ...fn, resourcePolicy: { Version: '2012-10-17', Statement: permitted } }] }),
    REGION,
    'secret',
  );
  const routes = ROUTES.map((key) => {
    const [method = '', path = ''] = key.split(' ');
    return { method, path, functionArn: fn.arn };
  });
  const api = createHttpApi({
    api: { id: 'api', arn: API, routes, throttle: { rate: 10, burst: 400 } },
    guard,
    clock,
    poolOf: (arn) => (arn === fn.arn ? pool : undefined),
  });
  asked = [];
  door = await openDoor(0);
  door.open(
    createFront({
      api,
      site: {
        bucket: 'site',
        apiPatterns: ['/v1/*', '/api/*', '/health', '/a?c'],
        headers: HEADERS,
        defaultFile: 'index.html',
      },
      readFile: async (key) => {
        asked.push(key);
        return Object.hasOwn(FILES, key) ? Buffer.from(FILES[key] ?? '') : undefined;
      },
      console: async (_, response, url) => void response.end(`console ${url.pathname}`),
    }),
  );
});
afterAll(async () => {
  await door.close();
  await world.close();
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}
/** Unlike fetch, it sends the path and the headers as they are. */
function call(
  method: string,
  path: string,
  options: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Reply> {
  const { hostname, port } = new URL(door.url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, path, headers: options.headers ?? {}, timeout: 10_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.end(options.body);
  });
}
// biome-ignore lint/suspicious/noExplicitAny: an event has many shapes
const eventOf = async (method: string, path: string, options = {}): Promise<any> =>
  JSON.parse((await call(method, path, options)).body);

describe('who may ask', () => {
  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '192.0.2.1',
    'localhost:80:80',
  ])('a request for the host %j is refused', async (host) =>
    expect((await call('GET', '/', { headers: { host } })).status).toBe(421),
  );
  test.each(['127.0.0.1:7070', 'localhost', 'localhost:1', '[::1]:7070'])('one for %j is not', async (host) =>
    expect((await call('GET', '/', { headers: { host } })).status).toBe(200),
  );
});

describe('files of the page', () => {
  test('bear the headers of the distribution, their type and their length', async () => {
    const page = await call('GET', '/');
    expect(page).toMatchObject({
      status: 200,
      body: '<p>page',
      headers: {
        ...HEADERS,
        'content-type': 'text/html; charset=utf-8',
        'content-length': '7',
        'cache-control': 'no-cache',
      },
    });
    expect((await call('GET', '/app.js?v=1')).headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  test('HEAD tells the same without the content', async () => {
    const [head, get] = [await call('HEAD', '/app.js'), await call('GET', '/app.js')];
    expect(head.body).toBe('');
    expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' });
    expect(await call('HEAD', '/absent')).toMatchObject({ status: 404, body: '' });
  });

  test('a key with escapes is found by its own name', async () => {
    expect(await call('GET', '/deep/a%20b.css')).toMatchObject({ status: 200, body: 'p{}' });
  });

  test('what is not there is 404 with the same headers, another method is 405', async () => {
    expect(await call('GET', '/nothing')).toMatchObject({ status: 404, headers: HEADERS });
    expect(await call('POST', '/app.js')).toMatchObject({ status: 405, headers: { ...HEADERS, allow: 'GET, HEAD' } });
  });

  test.each([
    '/..%2fother/x',
    '/%2e%2e%2fother',
    '/deep/..%2f..%2fx',
    '/a%2f%2fb',
    '/deep/',
    '/%',
    '/%ff',
    '/.%2fx',
    '/deep/%2e',
    '//index.html',
  ])('%s leaves the bucket by no way', async (path) => {
    asked = [];
    const answer = await call('GET', path);
    expect(answer.status).toBe(404);
    expect(asked.filter((key) => key.split('/').some((part) => ['', '.', '..'].includes(part)))).toEqual([]);
  });

  test('dots are resolved before anything is looked for', async () => {
    expect(await call('GET', '/deep/../app.js')).toMatchObject({ status: 200 });
    expect(await call('GET', '/../../../etc/passwd')).toMatchObject({ status: 404 });
  });
});

describe('which paths belong to the API', () => {
  test('those of the distribution, whether a route has them or not', async () => {
    expect(await call('GET', '/v1/unknown')).toMatchObject({ status: 404, body: '{"message":"Not Found"}' });
    expect(await call('GET', '/health')).toMatchObject({ status: 404, body: '{"message":"Not Found"}' });
    expect(await call('GET', '/abc')).toMatchObject({ body: '{"message":"Not Found"}' });
    expect(await call('GET', '/abbc')).toMatchObject({ body: 'There is no such page.\n' });
    expect(await call('GET', '/v1x/file.json')).toMatchObject({ body: '{}' });
    expect(await call('GET', '/healthy')).toMatchObject({ body: 'There is no such page.\n' });
  });
  test('the console has its own', async () => {
    expect((await call('GET', '/_local')).body).toBe('console /_local');
    expect((await call('GET', '/_local/a/b')).body).toBe('console /_local/a/b');
    expect((await call('GET', '/_localx')).status).toBe(404);
  });
  test('a method that no route has is 404, as API Gateway says', async () => {
    expect((await call('PUT', '/v1/things')).status).toBe(404);
    expect(
      (await call('OPTIONS', '/v1/things', { headers: { origin: 'http://evil.example' } })).headers,
    ).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('the event', () => {
  test('has payload format 2.0', async () => {
    const event = await eventOf('GET', '/v1/things/a%20b?x=1&y=2&x=3', {
      headers: { 'user-agent': 'test', 'X-Own': 'Value' },
    });
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'GET /v1/things/{id}',
      rawPath: '/v1/things/a%20b',
      rawQueryString: 'x=1&y=2&x=3',
      queryStringParameters: { x: '1,3', y: '2' },
      pathParameters: { id: 'a b' },
      headers: { 'x-own': 'Value' },
      requestContext: {
        apiId: 'api',
        stage: '$default',
        http: { method: 'GET', userAgent: 'test', sourceIp: '127.0.0.1' },
        timeEpoch: expect.any(Number),
      },
      isBase64Encoded: false,
    });
    expect(event).not.toHaveProperty('body');
    expect(event).not.toHaveProperty('cookies');
  });

  test('a literal route wins over a parameter, and parameters match one part each', async () => {
    expect((await eventOf('GET', '/v1/things/special')).routeKey).toBe('GET /v1/things/special');
    expect((await eventOf('GET', '/v1/things/a/b')).pathParameters).toEqual({ id: 'a', part: 'b' });
    expect((await call('GET', '/v1/things/')).status).toBe(404);
    expect((await call('GET', '/v1/things/a/b/c')).status).toBe(404);
    expect((await eventOf('GET', '/v1/things/a%2Fb')).pathParameters).toEqual({ id: 'a/b' });
    expect((await eventOf('GET', '/v1/things/100%')).pathParameters).toEqual({ id: '100%' });
  });

  test('parameters named like parts of every object are only parameters', async () => {
    const event = await eventOf('GET', '/v1/things?constructor=a&__proto__=b&toString=c');
    expect(Object.entries(event.queryStringParameters).sort()).toEqual([
      ['__proto__', 'b'],
      ['constructor', 'a'],
      ['toString', 'c'],
    ]);
  });

  test('cookies stand apart from the headers', async () => {
    const event = await eventOf('GET', '/v1/things', { headers: { cookie: 'a=1; b=2' } });
    expect([event.cookies, event.headers.cookie]).toEqual([['a=1', 'b=2'], undefined]);
  });

  test.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['text/csv', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['', true],
  ])('a body of type %j crosses in base64: %s', async (type, encoded) => {
    const event = await eventOf('POST', '/v1/things', { headers: type ? { 'content-type': type } : {}, body: 'é=1' });
    expect(event.isBase64Encoded).toBe(encoded);
    expect(encoded ? Buffer.from(event.body, 'base64').toString('utf8') : event.body).toBe('é=1');
  });
});

describe('the answer', () => {
  const answered = (value: unknown) => call('GET', `/v1/things?answer=${encodeURIComponent(JSON.stringify(value))}`);

  test('has status, headers, cookies and body as the handler gave them', async () => {
    const answer = await answered({
      statusCode: 201,
      headers: { 'x-own': 5, 'content-type': 'text/plain' },
      cookies: ['a=1', 'b=2'],
      body: 'made',
    });
    expect(answer).toMatchObject({
      status: 201,
      body: 'made',
      headers: { 'x-own': '5', 'set-cookie': ['a=1', 'b=2'] },
    });
  });
  test('may be base64, empty, or any JSON', async () => {
    expect(
      (await answered({ statusCode: 200, body: Buffer.from('é').toString('base64'), isBase64Encoded: true })).body,
    ).toBe('é');
    expect(await answered({ statusCode: 204 })).toMatchObject({ status: 204, body: '' });
    expect(await answered([1, 2])).toMatchObject({ status: 200, body: '[1,2]' });
  });
  test.each([
    { statusCode: 'x' },
    { statusCode: 200, headers: { 'bad name': 'x' } },
    { statusCode: 200, headers: { a: 'b\r\nc: d' } },
    { statusCode: 200, body: {} },
  ])('a malformed one (%j) is a 500, and the server goes on', async (value) => {
    expect((await answered(value)).status).toBe(500);
    expect((await call('GET', '/v1/things')).status).toBe(200);
  });
  test('a handler that fails is a 500 that tells nothing', async () => {
    expect(await call('GET', '/v1/things?fail=1')).toMatchObject({
      status: 500,
      body: '{"message":"Internal Server Error"}',
    });
  });
  test('a function without permission for the route is a 500', async () => {
    const before = pool.log.count;
    expect((await call('DELETE', '/v1/denied')).status).toBe(500);
    expect(pool.log.count).toBe(before);
  });
});

describe('limits', () => {
  test.each([
    ['more than the API takes', 10 * 1024 * 1024 + 1],
    ['more than the function takes', 7 * 1024 * 1024],
  ])('a body of %s is 413, and the answer arrives', async (_, size) => {
    const before = pool.log.count;
    const answer = await call('POST', '/v1/things', {
      headers: { 'content-type': 'text/csv' },
      body: Buffer.alloc(size, 'x'),
    });
    expect(answer).toMatchObject({ status: 413, body: '{"message":"Request Entity Too Large"}' });
    expect(pool.log.count).toBe(before);
  });

  test('more requests than the burst are 429 until the rate has filled it again', async () => {
    const burst = async (n: number): Promise<number[]> =>
      (await Promise.all(Array.from({ length: n }, () => call('GET', '/v1/things')))).map((a) => a.status);
    stillAt = clock.now();
    let refused = 0;
    while (refused === 0) refused = (await burst(50)).filter((s) => s === 429).length;
    expect((await burst(3)).every((s) => s === 429)).toBe(true);
    clock.moveBy(1000);
    const after = await burst(30);
    expect(after.filter((s) => s === 200)).toHaveLength(10);
    clock.moveBy(3_600_000);
    stillAt = undefined;
  });
});
