import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { rawKey, runKey } from '../../../shared/collect/keys.ts';
import type { Run } from '../../../shared/collect/run.ts';
import { openRunStore } from '../../../shared/collect/runs.dynamodb.ts';
import type { RunStore } from '../../../shared/collect/runs.port.ts';
import { startDynalite } from '../dynalite.ts';
import { MovableClock, NOON } from './fakes.ts';

const DAY = 86_400_000;
let database: Awaited<ReturnType<typeof startDynalite>>;
let clock: MovableClock;
let runs: RunStore;
let count = 0;
let tenant = '';

beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());
beforeEach(() => {
  tenant = `demo-${++count}`;
  clock = new MovableClock();
  runs = openRunStore({ table: database.table, clock });
});

function run(over: Partial<Run> = {}): Run {
  const slot = over.slot ?? NOON;
  return {
    ...{
      tenant,
      source: 'home',
      kind: 'bundle',
      slot,
      part: 0,
      startedAt: slot,
      endedAt: slot + 900,
      status: 'success',
    },
    ...{ manual: false, read: 2, accepted: 2, rejected: 0, rejections: [] },
    operations: [
      { name: 'login', ok: true, responseMs: 400, status: 200 },
      { name: 'data', ok: true, responseMs: 1200, status: 200 },
    ],
    ...over,
  } as Run;
}

test('T6: a run comes back as it was written, with its operations, and is known to be done', async () => {
  const failed = run({ status: 'failed', errorCode: 'SOURCE_UNAVAILABLE', error: 'it did not answer', manual: true });
  expect(await runs.isDone(failed)).toBe(false);
  await runs.write(failed);
  expect(await runs.isDone(failed)).toBe(true);
  expect(await runs.isDone({ ...failed, part: 1 })).toBe(false);
  expect((await runs.list(tenant, { limit: 10 })).runs).toEqual([failed]);
});

test('a successful row costs one write unit and lives 90 days', async () => {
  await runs.write(run());
  const item = await database.table.get(runKey(tenant, NOON, 'home', 0));
  expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThan(1024);
  expect(item?.expiresAt).toBe(Math.ceil((NOON + 900 + 90 * DAY) / 1000));
});

test('a run keeps the first 20 rejected values, their text cut, and the exact count', async () => {
  const rejections = Array.from({ length: 30 }, (_, i) => ({ path: `p${i}`, message: 'm', rawText: 'x'.repeat(5000) }));
  await runs.write(run({ status: 'partial', rejected: 30, rejections }));
  const [row] = (await runs.list(tenant, { limit: 1 })).runs;
  expect(row?.rejected).toBe(30);
  expect(row?.rejections).toHaveLength(20);
  expect(row?.rejections[0]?.rawText).toMatch(/^x{200}… \(4800 more characters\)$/);
});

async function pages(query: { source?: string; limit: number }): Promise<Run[]> {
  const all: Run[] = [];
  let cursor: string | undefined;
  do {
    const page = await runs.list(tenant, { ...query, ...(cursor === undefined ? {} : { cursor }) });
    all.push(...page.runs);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

test('S8: runs are listed newest first over the months, page by page, none twice', async () => {
  const slots = [0, 1, 15, 40, 41, 80].map((days) => NOON - days * DAY);
  for (const slot of slots) await runs.write(run({ slot }));
  for (const limit of [1, 2, 5, 50]) expect((await pages({ limit })).map((r) => r.slot)).toEqual(slots);
});

test('S8: the list of one source holds no other', async () => {
  for (let i = 0; i < 6; i++) await runs.write(run({ slot: NOON - i * 900_000, source: i % 2 ? 'home' : 'cafe' }));
  const found = await pages({ source: 'home', limit: 2 });
  expect(found.map((r) => r.source)).toEqual(['home', 'home', 'home']);
});

test('a row past its life is not shown, whether or not the table has deleted it', async () => {
  await runs.write(run());
  clock.advance(91 * DAY);
  await runs.write(run({ slot: clock.now() }));
  expect(await pages({ limit: 10 })).toHaveLength(1);
});

test.each(['', 'x', 'run#2030-01-01T12:00:00.000Z', 'demo#L#2030-01', `run#${'9'.repeat(200)}`])(
  'a cursor %j that the list did not give out is refused',
  async (cursor) => {
    await expect(runs.list(tenant, { limit: 1, cursor })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  },
);

test('a cursor of one tenant opens nothing of another', async () => {
  await runs.write(run());
  await runs.write(run({ slot: NOON - 900_000 }));
  const { cursor = '' } = await runs.list(tenant, { limit: 1 });
  expect((await runs.list('other', { limit: 10, cursor })).runs).toEqual([]);
});

test('a raw response comes back for seven days', async () => {
  await runs.writeRaw(run(), '{"data":"…"}');
  expect(await runs.readRaw(run())).toEqual({ text: '{"data":"…"}', truncated: false });
  expect(await runs.readRaw(run({ part: 1 }))).toBeUndefined();
  clock.advance(7 * DAY + 1000);
  expect(await runs.readRaw(run())).toBeUndefined();
});

test('F13: a raw response that does not compress is cut, and says so', async () => {
  await runs.writeRaw(run(), randomBytes(400_000).toString('base64'));
  const raw = await runs.readRaw(run());
  expect(raw?.truncated).toBe(true);
  expect(raw?.text.length).toBeGreaterThan(50_000);
  const item = await database.table.get(rawKey(tenant, NOON, 'home', 0));
  expect(Buffer.from(item?.body as Uint8Array).length).toBeLessThanOrEqual(100_000);
});
