import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createApi, endpoint } from '../../../functions/api/api.ts';
import { openApiDocument, operationOf } from '../../../functions/api/openapi.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { type FileAnswer, fileAnswer, fileBody, type Route, route, XLSX_TYPE } from '../../../shared/platform/route.ts';
import { exportSims, importSims } from '../../../shared/sims/sims-import.contract.ts';
import { problemsWith } from '../../flow/openapi-reading.ts';
import { tenantNamed } from '../../shared/collect/fakes.ts';
import { anybody, apiOf, eventOf } from './asking.ts';

const put = route({
  ...{ key: 'POST /v1/files', summary: '', needs: 'viewer' as const, response: z.unknown() },
  body: fileBody,
  bodyType: ['text/csv', XLSX_TYPE],
});
const get = route({
  ...{ key: 'GET /v1/files', summary: '', needs: 'viewer' as const, response: fileAnswer },
  responseType: ['text/csv', XLSX_TYPE],
});

describe('a file that is sent', () => {
  const ask = apiOf([
    endpoint(put, async ({ body }) => ({ type: body.type, hex: Buffer.from(body.bytes).toString('hex') })),
  ]);
  const send = (type: string | undefined, body: string, base64 = false) =>
    ask('POST /v1/files', { body, base64, headers: type === undefined ? {} : { 'content-type': type } });

  test.each([
    ['text/csv', false],
    ['Text/CSV; charset=utf-8', true],
    [XLSX_TYPE, true],
  ])('as %s arrives as octets (base64: %s)', async (type, base64) => {
    expect(await send(type, 'é', base64)).toMatchObject({ status: 200, body: { hex: 'c3a9' } });
  });
  test('keeps octets that are no text', async () => {
    const event = {
      ...eventOf('POST /v1/files', { headers: { 'content-type': XLSX_TYPE } }),
      body: '//4A',
      isBase64Encoded: true,
    };
    const api = createApi([endpoint(put, async ({ body }) => [...body.bytes])], anybody(tenantNamed('demo')), {
      error: () => undefined,
    });
    expect((await api(event, {} as never)).body).toBe('[255,254,0]');
  });
  test.each([undefined, 'application/json', 'text/csvx', 'application/octet-stream'])('as %s is 415', async (type) => {
    expect(await send(type, 'a')).toMatchObject({
      status: 415,
      body: { title: 'Unsupported Media Type', detail: `send the file with the content type text/csv or ${XLSX_TYPE}` },
    });
  });
  test('empty is 422', async () => {
    expect(await send('text/csv', '')).toMatchObject({
      status: 422,
      body: { detail: 'the body is empty: send a file' },
    });
  });
});

describe('a file that is answered', () => {
  const asking = async (file: Partial<FileAnswer>, acceptEncoding?: string) => {
    const answer: FileAnswer = { type: 'text/csv', fileName: 'a.csv', pieces: ['a,', 'é'], ...file };
    const api = createApi([endpoint(get, async () => answer)], anybody(tenantNamed('demo')), {
      error: () => undefined,
    });
    const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding };
    return api(eventOf('GET /v1/files', { headers }), {} as never);
  };

  test('as CSV is text with its name, and no browser keeps it', async () => {
    expect(await asking({ nextCursor: 'abc' })).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="a.csv"',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-next-cursor': 'abc',
        vary: 'accept-encoding',
      },
      body: 'a,é',
    });
  });
  test.each(['gzip', 'br, gzip, deflate', 'gzip;q=0.5', 'deflate,GZIP'])('is packed for "%s"', async (accepted) => {
    const { headers, body = '', isBase64Encoded } = await asking({}, accepted);
    expect([headers?.['content-encoding'], isBase64Encoded]).toEqual(['gzip', true]);
    expect(gunzipSync(Buffer.from(body, 'base64')).toString()).toBe('a,é');
  });
  test.each(['', 'br', 'gzip;q=0', 'gzip; q=0.0, br', 'x-gzip2'])('is not packed for "%s"', async (accepted) => {
    expect((await asking({}, accepted)).headers?.['content-encoding']).toBeUndefined();
  });
  test('as XLSX crosses in base64, packed no further', async () => {
    const pieces = [new Uint8Array([255]), new Uint8Array([0, 1])];
    const { headers, body, isBase64Encoded } = await asking({ type: XLSX_TYPE, pieces, fileName: 'a.xlsx' }, 'gzip');
    expect([headers?.['content-type'], headers?.['content-encoding'], body, isBase64Encoded]).toEqual([
      XLSX_TYPE,
      undefined,
      '/wAB',
      true,
    ]);
  });

  test.each<[string, Partial<FileAnswer>, string | undefined]>([
    ['CSV', { pieces: ['x'.repeat(6_000_001)] }, undefined],
    ['CSV whose quotes make it so', { pieces: ['"'.repeat(3_100_000)] }, undefined],
    ['packed CSV without end', { pieces: endless() }, 'gzip'],
    ['XLSX in base64', { type: XLSX_TYPE, pieces: [new Uint8Array(4_600_000)] }, undefined],
  ])('larger than an answer may be is 422 with a way out: %s', async (_, file, accepted) => {
    const { statusCode, body = '' } = await asking(file, accepted);
    expect([statusCode, JSON.parse(body).errors]).toEqual([
      422,
      [
        {
          path: 'query',
          message: expect.stringMatching('larger than the 6 MB of an answer: filter, or ask for fewer rows'),
        },
      ],
    ]);
    expect(body.includes('accept-encoding')).toBe(accepted === undefined && file.type === undefined);
  });
  test('larger only until it is packed is answered', async () => {
    expect((await asking({ pieces: ['x'.repeat(7_000_000)] }, 'gzip')).statusCode).toBe(200);
  });
});

function* endless(): Generator<string> {
  for (;;) yield 'x'.repeat(100_000);
}

test('of many mistakes, whoever counted them says how many there were', async () => {
  const issues = Array.from({ length: 100 }, (_, i) => ({ path: `line ${i}`, message: 'wrong' }));
  const ask = apiOf([
    endpoint(get, async () => {
      throw new AppError('REQUEST_INVALID', 'no', { context: { issues, issueCount: 2500 } });
    }),
  ]);
  const { body } = await ask('GET /v1/files');
  expect([body.errors.length, body.errors.at(-1)]).toEqual([101, { path: '', message: 'and 2400 more' }]);
});

test('the document names the types of files, and stays about JSON elsewhere', () => {
  const file = {
    'text/csv': { schema: { type: 'string' } },
    [XLSX_TYPE]: { schema: { type: 'string', format: 'binary' } },
  };
  expect(operationOf(put as unknown as Route)).toMatchObject({
    requestBody: { required: true, content: file },
    responses: { '200': { content: { 'application/json': {} } } },
  });
  expect(operationOf(get as unknown as Route).responses).toMatchObject({
    '200': { content: file, headers: { 'content-disposition': {}, 'x-next-cursor': {} } },
  });
  const paths = Object.fromEntries(
    [importSims, exportSims].map((r) => {
      const [method = '', path = ''] = r.key.split(' ');
      return [path, { [method.toLowerCase()]: operationOf(r as unknown as Route) }];
    }),
  );
  expect(problemsWith({ ...openApiDocument(), paths })).toEqual([]);
});
