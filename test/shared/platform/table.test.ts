import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../shared/platform/errors.ts';
import { openClient, openTable, type Table } from '../../../shared/platform/table.dynamodb.ts';
import { startDynalite } from '../dynalite.ts';

let store: Awaited<ReturnType<typeof startDynalite>>;
let line: Server;
let table: Table;
/** What the line does with the next writes: each entry strikes one of them. */
let faults: ('lose the answer' | 'refuse')[] = [];
let keys = 0;

beforeAll(async () => {
  store = await startDynalite();
  line = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { host: _host, connection: _connection, ...headers } = request.headers as Record<string, string>;
    const fault = String(headers['x-amz-target']).endsWith('PutItem') ? faults.shift() : undefined;
    const fail = (status: number, type: string) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'injected' }));
    };
    if (fault === 'refuse') return fail(400, 'ProvisionedThroughputExceededException');
    const answer = await fetch(store.endpoint, { method: 'POST', headers, body: Buffer.concat(chunks) });
    const body = await answer.text();
    if (fault === 'lose the answer') return fail(500, 'InternalServerError');
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(body);
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  const endpoint = `http://127.0.0.1:${(line.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  table = openTable('test', openClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 3 }));
});

afterAll(async () => {
  line.close();
  line.closeAllConnections();
  await store.close();
});

beforeEach(() => {
  faults = [];
  keys += 1;
});

const ONCE = { ConditionExpression: 'attribute_not_exists(pk)' };
const item = (more: Record<string, unknown> = {}) => ({
  ...{ pk: `demo#C#${keys}`, sk: 'x', holder: 'me', nested: { list: [1, 'two', undefined], none: undefined } },
  ...{ bytes: new Uint8Array([1, 2, 3]), ...more },
});

test('fault 6: a throttled write is tried again and counts once', async () => {
  faults = ['refuse', 'refuse'];
  expect(await table.put(item(), ONCE)).toBe(true);
});

test('fault 6: a table that goes on refusing is a failure that a queue may repeat', async () => {
  faults = ['refuse', 'refuse', 'refuse'];
  const error = await table.put(item(), ONCE).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
});

test('fault 6: a write that was done, but whose answer was lost, is recognised where that is asked for', async () => {
  faults = ['lose the answer'];
  expect(await table.put(item(), ONCE, { recognise: true })).toBe(true);
});

test('and is a failed condition where it is not: a twin by somebody else would look the same', async () => {
  faults = ['lose the answer'];
  expect(await table.put(item(), ONCE)).toBe(false);
});

test("somebody else's item is never taken for one's own", async () => {
  await table.put(item({ holder: 'them' }));
  faults = ['refuse'];
  expect(await table.put(item(), ONCE, { recognise: true })).toBe(false);
});

test('without a lost answer nothing more is read: what stands there was there before', async () => {
  await table.put(item());
  expect(await table.put(item(), ONCE, { recognise: true })).toBe(false);
});

test('bytes of every value come back as plain bytes, from a get and from a query', async () => {
  const bytes = Uint8Array.from({ length: 256 * 3 + 1 }, (_, i) => (i * 7) % 256);
  const [small, none] = [item({ sk: 'a', bytes }), item({ sk: 'b', bytes: new Uint8Array([255]), set: { bytes } })];
  await table.put(small);
  await table.put(none);
  expect((await table.get({ pk: small.pk, sk: 'a' }))?.bytes).toStrictEqual(bytes);
  const found = await table.queryAll({
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': small.pk },
  });
  expect(found.map((one) => one.bytes)).toStrictEqual([bytes, new Uint8Array([255])]);
  expect(found[1]?.set).toStrictEqual({ bytes });
});
