import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openJobStore } from '../../../shared/sims/jobs.dynamodb.ts';
import type { Job, JobStore } from '../../../shared/sims/jobs.port.ts';
import { jobKey, jobPk, jobsPk, progressKey } from '../../../shared/sims/jobs-keys.ts';
import { MovableClock, NOON } from '../collect/fakes.ts';
import { startDynalite } from '../dynalite.ts';

const DAY = 86_400_000;
let database: Awaited<ReturnType<typeof startDynalite>>;
let clock: MovableClock;
let jobs: JobStore;
let tenant = '';
let count = 0;

beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());
beforeEach(() => {
  tenant = `demo-${++count}`;
  clock = new MovableClock();
  jobs = openJobStore({ table: database.table, clock });
});

function job(id: string, over: Partial<Job> = {}): Job {
  return {
    ...{ tenant, id, createdAt: NOON, subject: 'local:test', action: 'sms', parameters: { payload: 'hello' } },
    ...{ payloadLength: 5, digest: 'd', accounts: ['fleet'], parts: 2, total: 3, partsDone: 0 },
    ...{ counts: { pending: 3, done: 0, failed: 0, unknown: 0 }, stopped: {} },
    ...over,
  } as Job;
}
const ref = (part = 0, items = 2) => ({ tenant, job: 'j1', part, items });
const until = (ms: number) => clock.now() + ms;

test('a job comes back as it was written, and stays as the first one wrote it', async () => {
  await jobs.putJob(job('j1'));
  await jobs.putJob(job('j1', { total: 99 }));
  expect(await jobs.read(tenant, 'j1')).toEqual(job('j1'));
  expect(await jobs.read('somebody-else', 'j1')).toBeUndefined();
  clock.advance(90 * DAY);
  expect(await jobs.read(tenant, 'j1')).toBeUndefined();
});

test('the list is newest first, in pages that join', async () => {
  for (const id of ['j1', 'j2', 'j3', 'j4', 'j5']) await jobs.putJob(job(id));
  const first = await jobs.list(tenant, 2);
  const second = await jobs.list(tenant, 2, first.before);
  const third = await jobs.list(tenant, 2, second.before);
  expect([first, second, third].map((p) => p.jobs.map((j) => j.id))).toEqual([['j5', 'j4'], ['j3', 'j2'], ['j1']]);
  expect(third.before).toBeUndefined();
});

describe('a claim', () => {
  test('belongs to the first for a day', async () => {
    expect(await jobs.readClaim(tenant, 'request:1')).toBeUndefined();
    const mine = { job: 'j1', digest: 'd' };
    expect(await jobs.claim(tenant, 'request:1', mine)).toEqual(mine);
    expect(await jobs.claim(tenant, 'request:1', { job: 'j2', digest: 'e' })).toEqual(mine);
    expect(await jobs.readClaim(tenant, 'request:1')).toEqual(mine);
    expect(await jobs.readClaim(tenant, 'request:2')).toBeUndefined();
    clock.advance(DAY);
    expect(await jobs.readClaim(tenant, 'request:1')).toBeUndefined();
    expect(await jobs.claim(tenant, 'request:1', { job: 'j2', digest: 'e' })).toEqual({ job: 'j2', digest: 'e' });
  });

  test('of many at once, one wins and all hear of it', async () => {
    const asked = ['a', 'b', 'c', 'd'].map((id) => jobs.claim(tenant, 'request:1', { job: id, digest: 'd' }));
    expect(new Set((await Promise.all(asked)).map((c) => c.job)).size).toBe(1);
  });
});

test('parts are written once; the same plan again is no trouble, another one is', async () => {
  const parts = [
    { part: 0, account: 'fleet', items: [{ iccid: '8988000000000000001', label: 'x' }] },
    { part: 1, account: 'other', items: [{}] },
  ];
  await jobs.putParts(job('j1'), parts);
  await jobs.putParts(job('j1'), parts);
  expect(await jobs.readPart(tenant, 'j1', 0)).toEqual(parts[0]);
  expect(await jobs.readPart(tenant, 'j1', 1)).toEqual(parts[1]);
  expect(await jobs.readPart(tenant, 'j1', 2)).toBeUndefined();
  await expect(jobs.putParts(job('j1', { digest: 'e' }), parts)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
});

describe('a part is worked on by one at a time', () => {
  const hold = (holder: string, ms = 1000) => jobs.hold(ref(), { holder, until: until(ms) });

  test('who comes second waits until it is let go', async () => {
    const mine = await hold('a');
    expect(mine?.states).toEqual(['pending', 'pending']);
    expect(await hold('b')).toBeUndefined();
    if (mine) await jobs.release(mine);
    expect((await hold('b'))?.holder).toBe('b');
  });

  test('of many at once, one gets it', async () => {
    const got = await Promise.all(['a', 'b', 'c'].map((holder) => hold(holder)));
    expect(got.filter((h) => h !== undefined)).toHaveLength(1);
  });

  test('who is late loses it, with what was done kept, and cannot write any more', async () => {
    const mine = await hold('a');
    if (!mine) throw new Error('nobody else holds it');
    const saved = await jobs.save(mine, { states: ['done', 'calling'], notes: { 0: 'order 7' } });
    clock.advance(1000);
    const theirs = await hold('b');
    expect(theirs).toMatchObject({ states: ['done', 'calling'], notes: { 0: 'order 7' } });
    await expect(jobs.save(saved, { states: ['done', 'done'], notes: {} })).rejects.toMatchObject({
      code: 'STORE_CONFLICT',
    });
    await jobs.release(saved);
    expect(await hold('c')).toBeUndefined();
    expect(await jobs.listProgress(tenant, 'j1')).toMatchObject([{ part: 0, states: ['done', 'calling'] }]);
  });

  test('a hundred SIMs cost one write unit to write down', async () => {
    const held = await jobs.hold(ref(0, 100), { holder: 'a', until: until(1000) });
    expect(held?.states).toHaveLength(100);
    const item = await database.table.get(progressKey(tenant, 'j1', 0));
    expect(JSON.stringify(item).length).toBeLessThan(1000);
  });
});

describe('the end of a part', () => {
  test('is counted once, however often it is told', async () => {
    await jobs.putJob(job('j1'));
    const end = { counts: { done: 1, failed: 1, unknown: 0 }, stopped: { fleet: 'refused' } };
    const first = await jobs.endPart(job('j1'), 0, end);
    expect(first).toMatchObject({
      partsDone: 1,
      counts: { pending: 1, done: 1, failed: 1, unknown: 0 },
      stopped: end.stopped,
    });
    expect(await jobs.endPart(job('j1'), 0, end)).toEqual(first);
    expect(await jobs.read(tenant, 'j1')).toEqual(first);
  });

  test('of the last one ends the job, and the text of its SMS is forgotten', async () => {
    await jobs.putJob(job('j1', { partsDone: 1 }));
    const end = { counts: { done: 1, failed: 0, unknown: 0 }, stopped: {}, finishedAt: NOON + 5 };
    const over = await jobs.endPart(job('j1', { partsDone: 1 }), 1, end);
    expect(over).toMatchObject({ finishedAt: NOON + 5, parameters: {}, payloadLength: 5 });
    expect(JSON.stringify(await database.table.get(jobKey(tenant, 'j1')))).not.toContain('hello');
  });
});

test('everything lies on the shelf of logs', () => {
  expect([jobsPk('demo'), jobPk('demo', 'j1')]).toEqual(['demo#L#sim-jobs', 'demo#L#sim-job#j1']);
});
