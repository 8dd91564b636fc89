/** The routes of the archive: what is listed, what is given, and what nobody gets by writing it into a path. */

import type { Context } from 'aws-lambda';
import { expect, test } from 'vitest';
import { createApi } from '../../../functions/api/api.ts';
import { createArchiveEndpoints } from '../../../functions/api/archives.ts';
import { tenantNamed } from '../../shared/collect/fakes.ts';
import { archiveWorld } from '../../shared/samples/archive-world.ts';
import { batch, REF } from '../../shared/samples/router.ts';
import { anybody, apiOf, eventOf } from './asking.ts';

const MARCH = Date.parse('2025-03-01T00:00:00Z');
const DAY_MS = 86_400_000;

async function world() {
  const one = archiveWorld();
  one.time.now = MARCH + 40 * DAY_MS;
  const odd = { ...REF, target: 'core2' };
  await one.bring([3, 35].map((day) => batch(MARCH + day * DAY_MS, [{ entity: 'core1/a', input: 5n, output: 6n }])));
  await one.bring([batch(MARCH + 3 * DAY_MS, [{ entity: 'core2/a', input: 5n }], { ref: odd })], odd);
  one.time.now = MARCH + 391 * DAY_MS + DAY_MS;
  for (let times = 0; times < 2; times++) {
    for (const { notBefore, ...ref } of (await one.plan('demo')).tasks) await one.archiveAll(ref.month, ref, notBefore);
  }
  const endpoints = createArchiveEndpoints({ archive: one.archive });
  return { ...one, endpoints, ask: apiOf(endpoints), askOther: apiOf(endpoints, anybody(tenantNamed('other'))) };
}

const LIST = 'GET /v1/archives';
const MONTH = 'GET /v1/archives/{month}';
const FILE = 'GET /v1/archives/{month}/{file}';

test('months that hold something are listed with their size, oldest first, page by page', async () => {
  const { ask } = await world();
  const { status, body } = await ask(LIST);
  expect(status).toBe(200);
  expect(body.items).toMatchObject([
    { month: '2025-03', files: 2, rows: 3, archivedAt: '2026-03-28T00:00:00.000Z' },
    { month: '2025-04', files: 1, rows: 2 },
  ]);
  expect(body.items[0].bytes).toBeGreaterThan(100);
  const first = await ask(LIST, { query: { limit: '1' } });
  expect(first.body.items).toHaveLength(1);
  const second = await ask(LIST, { query: { limit: '1', cursor: first.body.nextCursor } });
  expect([first, second].map(({ body: page }) => page.items.map((one: { month: string }) => one.month))).toEqual([
    ['2025-03'],
    ['2025-04'],
  ]);
  expect(second.body.nextCursor).toBeUndefined();
});

test('the files of a month have names, sizes and rows', async () => {
  const { ask } = await world();
  const { body } = await ask(MONTH, { params: { month: '2025-03' } });
  expect(body.items).toEqual([
    { file: 'interface.core1.0001.csv.gz', kind: 'interface', target: 'core1', bytes: expect.any(Number), rows: 2 },
    { file: 'interface.core2.0001.csv.gz', kind: 'interface', target: 'core2', bytes: expect.any(Number), rows: 1 },
  ]);
});

test('a file comes as it stands, to be saved under the name of its month', async () => {
  const { endpoints, archive } = await world();
  const handler = createApi(endpoints, anybody(tenantNamed('demo')), { error: () => undefined });
  const event = eventOf(FILE, { params: { month: '2025-03', file: 'interface.core1.0001.csv.gz' } });
  const answer = await handler(event, {} as Context);
  expect(answer).toMatchObject({
    statusCode: 200,
    isBase64Encoded: true,
    headers: {
      'content-type': 'application/gzip',
      'content-disposition': 'attachment; filename="2025-03.interface.core1.0001.csv.gz"',
      'cache-control': 'no-store',
    },
  });
  const [part] = (await archive.readMonth('demo', '2025-03'))?.targets[0]?.parts ?? [];
  if (!part) throw new Error('nothing was archived');
  expect(answer.body).toBe(Buffer.from((await archive.readFile(part)) ?? '').toString('base64'));
});

test('another tenant has no months, and gets neither list nor file of one', async () => {
  const { askOther } = await world();
  expect((await askOther(LIST)).body).toEqual({ items: [] });
  expect((await askOther(MONTH, { params: { month: '2025-03' } })).status).toBe(404);
  const params = { month: '2025-03', file: 'interface.core1.0001.csv.gz' };
  expect((await askOther(FILE, { params })).status).toBe(404);
});

test("a cursor of another tenant's list opens nothing", async () => {
  const { ask, askOther } = await world();
  const { body } = await ask(LIST, { query: { limit: '1' } });
  expect((await askOther(LIST, { query: { cursor: body.nextCursor } })).status).toBe(422);
});

test.each([
  'done.json',
  '../done.json',
  '../../demo/2025-03/done.json',
  'interface/core1/done.json',
  'interface.core1.0001.csv.gz.json',
  'interface.core1.0001.csv.gz\0',
  'interface.core1.0002.csv.gz',
  'interface.core1.1.csv.gz',
  'bundle.core1.0001.csv.gz',
  'interface.core1%2F..%2Fcore1.0001.csv.gz',
  '',
  '.',
])('no file is named %j', async (file) => {
  const { ask } = await world();
  expect((await ask(FILE, { params: { month: '2025-03', file } })).status).toBe(404);
});

test.each(['2025-13', '2025-00', '25-03', '../demo', '2025-03/..', '2025-3', '2025-03\n', 'ⅯⅯⅩⅩⅤ-03'])(
  '%j is no month',
  async (month) => {
    const { ask } = await world();
    expect((await ask(MONTH, { params: { month } })).status).toBe(422);
    expect((await ask(FILE, { params: { month, file: 'interface.core1.0001.csv.gz' } })).status).toBe(422);
  },
);

test('a month of which nothing stands there is not found, and one under way is not listed', async () => {
  const { ask, memory } = await world();
  expect((await ask(MONTH, { params: { month: '2024-01' } })).status).toBe(404);
  await memory.put('demo/2025-05/interface/core1/draft.json', Buffer.from('{}'), 'application/json');
  const { body } = await ask(LIST);
  expect(body.items.map((one: { month: string }) => one.month)).toEqual(['2025-03', '2025-04']);
});
