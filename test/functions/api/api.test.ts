import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { endpoint } from '../../../functions/api/api.ts';
import { AppError, type ErrorCode } from '../../../shared/platform/errors.ts';
import { idParams, route } from '../../../shared/platform/route.ts';
import { apiOf } from './asking.ts';

const body = z.strictObject({ id: z.string(), size: z.int(), deep: z.optional(z.record(z.string(), z.unknown())) });
const add = route({
  key: 'POST /v1/things/{id}',
  summary: '',
  needs: 'viewer',
  params: idParams,
  query: z.strictObject({ dry: z.optional(z.enum(['true'])) }),
  body,
  response: z.unknown(),
  status: 201,
});
const read = route({ key: 'GET /v1/things', summary: '', needs: 'viewer', response: z.unknown() });
const remove = route({ key: 'DELETE /v1/things', summary: '', needs: 'viewer', response: z.null(), status: 204 });
const open = route({ key: 'GET /health', summary: '', needs: 'open', response: z.unknown() });
const csv = route({
  key: 'POST /v1/csv',
  summary: '',
  needs: 'viewer',
  body: z.string().check(z.minLength(1, 'the body is empty')),
  bodyType: 'text/csv',
  response: z.unknown(),
});

const api = (answer: () => Promise<unknown> = async () => ({ ok: true })) =>
  apiOf([
    endpoint(read, answer),
    endpoint(add, async (asked) => asked),
    endpoint(remove, async () => null),
    endpoint(open, async (_, caller) => ({ caller: caller ?? null })),
    endpoint(csv, async (asked) => asked),
  ]);

describe('what went wrong', () => {
  const table: [ErrorCode, number, string][] = [
    ['REQUEST_INVALID', 422, 'Unprocessable Content'],
    ['UNAUTHENTICATED', 401, 'Unauthorized'],
    ['FORBIDDEN', 403, 'Forbidden'],
    ['NOT_FOUND', 404, 'Not Found'],
    ['STORE_CONFLICT', 409, 'Conflict'],
    ['SOURCE_THROTTLED', 429, 'Too Many Requests'],
    ['SOURCE_UNAVAILABLE', 502, 'Bad Gateway'],
    ['SOURCE_REJECTED', 502, 'Bad Gateway'],
    ['SOURCE_MALFORMED', 502, 'Bad Gateway'],
    ['DELIVERY_FAILED', 502, 'Bad Gateway'],
    ['STORE_UNAVAILABLE', 503, 'Service Unavailable'],
    ['CONFIG_INVALID', 500, 'Internal Server Error'],
  ];
  test.each(table)('%s is %i as problem+json', async (code, status, title) => {
    const ask = api(async () => {
      throw new AppError(code, 'what and why', {
        context: { retryAfterSeconds: 7, rawText: 'planted', issues: [{ path: 'a', message: 'b' }] },
      });
    });
    const answer = await ask('GET /v1/things');
    expect(answer).toMatchObject({
      status,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'retry-after': '7',
      },
      body: { type: 'about:blank', title, status, detail: 'what and why', code, errors: [{ path: 'a', message: 'b' }] },
    });
    expect(JSON.stringify(answer.body)).not.toContain('planted');
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
    expect(ask.logged).toHaveLength(status >= 500 ? 1 : 0);
  });

  test('a bug is a 500 that tells nothing but that it was recorded', async () => {
    const ask = api(async () => {
      throw new TypeError('planted detail');
    });
    const answer = await ask('GET /v1/things');
    expect(answer).toMatchObject({ status: 500, body: { title: 'Internal Server Error' } });
    expect(JSON.stringify(answer.body)).not.toContain('planted');
    expect(ask.logged).toMatchObject([{ message: 'unexpected failure', fields: { route: 'GET /v1/things' } }]);
  });

  test('a route that nobody answers is 404, before anybody is asked who they are', async () => {
    const ask = apiOf([endpoint(read, async () => 1)], { identify: () => Promise.reject(new Error('asked')) });
    expect(await ask('GET /v1/other')).toMatchObject({ status: 404, body: { detail: 'there is no such route' } });
  });
});

describe('who asks', () => {
  const stranger = { identify: () => Promise.reject(new AppError('UNAUTHENTICATED', 'who are you?')) };

  test('comes before the input is judged: a stranger learns nothing from it', async () => {
    const ask = apiOf([endpoint(add, async () => 1)], stranger);
    expect(await ask('POST /v1/things/{id}', { body: '{nonsense' })).toMatchObject({
      status: 401,
      body: { detail: 'who are you?' },
    });
  });
  test('an open route asks nobody', async () => {
    expect(
      await apiOf([endpoint(open, async (_, caller) => ({ caller: caller ?? null }))], stranger)('GET /health'),
    ).toMatchObject({ status: 200, body: { caller: null } });
  });
  test('a function without callers answers open routes only', async () => {
    expect(await apiOf([endpoint(read, async () => 1)], undefined)('GET /v1/things')).toMatchObject({ status: 200 });
    const { createApi } = await import('../../../functions/api/api.ts');
    const { eventOf } = await import('./asking.ts');
    const closed = await createApi([endpoint(read, async () => 1)], undefined, { error: () => undefined })(
      eventOf('GET /v1/things'),
      {} as never,
    );
    expect(closed.statusCode).toBe(401);
  });
});

describe('input', () => {
  const post = (asked: object) => api()('POST /v1/things/{id}', { params: { id: 'a' }, ...asked });

  test('that fits reaches the handler, typed', async () => {
    expect(await post({ query: { dry: 'true' }, body: { id: 'x', size: 5 } })).toMatchObject({
      status: 201,
      body: { params: { id: 'a' }, query: { dry: 'true' }, body: { id: 'x', size: 5 } },
    });
  });
  test('may come in base64', async () => {
    expect(await post({ body: { id: 'é', size: 5 }, base64: true })).toMatchObject({
      status: 201,
      body: { body: { id: 'é' } },
    });
  });
  test.each(['{', '', 'undefined', '{"id":"x",}', "{'id':1}", 'NaN'])(
    'that is no JSON (%j) is 400, whatever else is wrong',
    async (text) => {
      expect(await post({ body: text, query: { wrong: '1' } })).toMatchObject({
        status: 400,
        body: { title: 'Bad Request', detail: 'the body is not valid JSON' },
      });
    },
  );
  test('a body that is missing is 400 too', async () => expect((await post({})).status).toBe(400));

  test('everything that is wrong with path, query and body is told at once', async () => {
    const answer = await post({
      params: { id: 'x'.repeat(1000) },
      query: { dry: 'no', more: '1' },
      body: { id: 5, size: 1.5, extra: true },
    });
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((e: { path: string }) => e.path).sort()).toEqual([
      'extra',
      'id',
      'path.id',
      'query.dry',
      'query.more',
      'size',
    ]);
    for (const { path, message } of answer.body.errors) expect(answer.body.detail).toContain(`${path}: ${message}`);
  });

  test.each([
    ['at the top', '{"id":"x","size":1,"__proto__":{"admin":true}}'],
    ['deep inside', '{"id":"x","size":1,"deep":{"list":[{"__proto__":{"admin":true}}]}}'],
  ])('a key that reaches for a prototype is refused %s', async (_, text) => {
    expect(await post({ body: text })).toMatchObject({
      status: 422,
      body: { errors: [{ path: '__proto__', message: 'is not a field here: remove it' }] },
    });
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });
  test('keys that every object knows are only keys', async () => {
    expect(await post({ body: '{"id":"x","size":1,"deep":{"constructor":1,"toString":2}}' })).toMatchObject({
      status: 201,
    });
    expect(await post({ body: '{"id":"x","size":1,"constructor":1}' })).toMatchObject({ status: 422 });
  });
  test('half a character is refused, in a value and in a key', async () => {
    expect(await post({ body: '{"id":"\\ud800","size":1}' })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'id', message: expect.stringContaining('half a character') }] },
    });
    const answer = await post({ body: '{"id":"x","size":1,"deep":{"\\udc00":1}}' });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).not.toMatch(/\p{Cs}/u);
  });

  test('a text is taken as it is, and an empty one refused', async () => {
    expect(await api()('POST /v1/csv', { body: 'a,b\n1,2' })).toMatchObject({
      status: 200,
      body: { body: 'a,b\n1,2' },
    });
    expect(await api()('POST /v1/csv', { body: 'a,é', base64: true })).toMatchObject({ body: { body: 'a,é' } });
    expect(await api()('POST /v1/csv')).toMatchObject({
      status: 422,
      body: { errors: [{ path: '', message: 'the body is empty' }] },
    });
  });
});

describe('the meaning of fields', () => {
  const judged: unknown[] = [];
  const judging = endpoint(
    add,
    async () => 1,
    async (given, params) => {
      judged.push([given, params]);
      return Object.hasOwn(given, 'id') ? [{ path: 'id', message: 'is taken' }] : [];
    },
  );
  const ask = apiOf([judging]);

  test('is told together with the form of others, of the fields whose own form is right', async () => {
    judged.length = 0;
    const answer = await ask('POST /v1/things/{id}', { params: { id: 'a' }, body: { id: 'x', size: 'much', more: 1 } });
    expect(answer.body.errors).toEqual([
      { path: 'size', message: 'must be of type number' },
      { path: 'more', message: 'is not a field here: remove it' },
      { path: 'id', message: 'is taken' },
    ]);
    expect(judged).toEqual([[{ id: 'x' }, { id: 'a' }]]);
  });
  test.each([
    ['the form is right', { id: 'x', size: 1 }],
    ['the whole is no object', [1]],
  ])('is not asked for when %s', async (_, value) => {
    judged.length = 0;
    await ask('POST /v1/things/{id}', { params: { id: 'a' }, body: value });
    expect(judged.filter((j) => Object.keys((j as [object])[0]).length > 0)).toEqual([]);
  });
});

describe('the answer', () => {
  test('is JSON that nobody keeps, with bigints as text', async () => {
    expect(await api(async () => ({ octets: 2n ** 64n, list: [1n] }))('GET /v1/things')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
      body: { octets: '18446744073709551616', list: ['1'] },
    });
  });
  test('may be none', async () => {
    expect(await api()('DELETE /v1/things')).toEqual({ status: 204, headers: {}, body: undefined });
  });
});
