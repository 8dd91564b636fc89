import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { collect } from '../../../shared/collect/pipeline.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { startDynalite } from '../dynalite.ts';
import { deadlineOf, failing, openWorld, pageOf, type World } from './collect-world.ts';
import { tenantNamed } from './fakes.ts';

let database: Awaited<ReturnType<typeof startDynalite>>;
let world: World;

beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());
beforeEach(async () => {
  world = await openWorld(database.table);
});

/** Runs the n-th slot at its time. */
async function runSlot(n = 0, over = {}) {
  world.clock.at = Math.max(world.clock.at, Date.parse(world.message(n).slot));
  return collect(world.deps, world.message(n, over), deadlineOf(world));
}
const rows = async () => (await world.runs.list(world.tenant, { limit: 100 })).runs;
const head = () => world.samples.heads.get('home');
const source = () => world.sources.read(world.tenant, 'home');

test('F13: what could not be used is counted and kept; the rest is stored', async () => {
  const rejected = [{ path: 'data.plans[1].remainingBalance', message: 'is no amount', rawText: '"lots"' }];
  world.outside.answer = (job) => pageOf(job, { rejected });
  expect(await runSlot()).toEqual({ outcome: 'partial', read: 3, accepted: 2, rejected: 1 });
  expect(await rows()).toMatchObject([{ status: 'partial', rejected: 1, rejections: rejected }]);
});

test('F13: a page of which nothing can be used is a failure without a batch', async () => {
  world.outside.answer = (job) => pageOf(job, { readings: [], rejected: [{ path: '', message: 'is HTML' }] });
  expect(await runSlot()).toMatchObject({ outcome: 'failed', errorCode: 'SOURCE_MALFORMED' });
  expect(world.samples.batches.size).toBe(0);
  expect(head()?.lastRun).toMatchObject({ ok: false, failures: 1 });
});

test('a failure of the source is recorded, told to the rules and reported, not thrown', async () => {
  world.outside.answer = failing('SOURCE_MALFORMED', { rawText: '<html>' });
  expect(await runSlot()).toMatchObject({ outcome: 'failed', errorCode: 'SOURCE_MALFORMED' });
  expect(head()?.lastRun).toMatchObject({ ok: false, failures: 1, error: 'SOURCE_MALFORMED: it does not work' });
  expect(world.queues.evaluate.sent).toHaveLength(1);
  expect(await rows()).toMatchObject([
    { status: 'failed', errorCode: 'SOURCE_MALFORMED', error: 'it does not work', operations: [{ ok: false }] },
  ]);
  const slot = Date.parse(world.message().slot);
  expect(await world.runs.readRaw({ tenant: world.tenant, source: 'home', slot, part: 0 })).toMatchObject({
    text: '<html>',
  });
});

test.each([
  ['a store that does not answer', new AppError('STORE_UNAVAILABLE', 'x')],
  ['a bug', new TypeError('x')],
])('%s is thrown, so that the message comes again, and the source is free at once', async (_, error) => {
  world.outside.answer = () => {
    throw error;
  };
  await expect(runSlot()).rejects.toBe(error);
  expect(await rows()).toEqual([]);
  world.outside.answer = (job) => pageOf(job);
  expect(await runSlot()).toMatchObject({ outcome: 'success' });
});

test('F11: an unreachable source is left alone for a while, then probed; its recovery closes the breaker', async () => {
  const stored = await source();
  if (stored) await world.sources.put({ ...stored, periodSeconds: 60 });
  world.outside.answer = failing('SOURCE_UNAVAILABLE');
  const start = world.clock.at;
  const minute = async (n: number) => {
    world.clock.at = start + n * 60_000;
    const slot = new Date(world.clock.at).toISOString();
    return collect(world.deps, world.message(0, { slot }), deadlineOf(world));
  };
  for (let n = 0; n < 5; n++) await minute(n);
  expect(world.jobs).toHaveLength(5);
  await minute(5); // one minute of rest is over: the probe, which fails
  await minute(6);
  expect(world.jobs).toHaveLength(6);
  expect((await rows())[0]).toMatchObject({ status: 'failed', errorCode: 'SOURCE_UNAVAILABLE', operations: [] });
  expect((await rows())[0]?.error).toMatch(/^not called: it failed 6 times in a row; next try at 20/);
  expect(head()?.lastRun?.failures).toBe(7);
  world.outside.answer = (job) => pageOf(job);
  expect(await minute(7)).toMatchObject({ outcome: 'success' });
  world.outside.answer = failing('SOURCE_UNAVAILABLE');
  await minute(8);
  await minute(9);
  expect(world.jobs).toHaveLength(9);
});

test('F10: a throttled source is not called before it said, but by somebody who asks for it', async () => {
  world.outside.answer = failing('SOURCE_THROTTLED', { retryAfterSeconds: 1800 });
  await runSlot(0);
  expect(await runSlot(1)).toMatchObject({ outcome: 'failed', errorCode: 'SOURCE_THROTTLED' });
  expect(world.jobs).toHaveLength(1);
  await runSlot(1, { boundary: false, slot: new Date(world.clock.at + 1).toISOString() });
  expect(world.jobs).toHaveLength(2);
});

test('F9: credentials refused in two runs pause the source; a manual run then tells why, and calls nobody', async () => {
  world.outside.answer = failing('SOURCE_REJECTED');
  await runSlot(0);
  expect((await source())?.pausedReason).toBeUndefined();
  await runSlot(1);
  expect((await source())?.pausedReason).toMatch(/refused twice \(it does not work\): store new ones/);
  const calls = world.jobs.length;
  const report = await runSlot(2, { boundary: false });
  expect(report).toMatchObject({ outcome: 'failed', errorCode: 'SOURCE_REJECTED' });
  expect((await rows())[0]).toMatchObject({ manual: true, error: expect.stringMatching(/refused twice/) });
  expect(world.jobs).toHaveLength(calls);
  await world.sources.unpause(world.tenant, 'home');
  await runSlot(3);
  expect((await source())?.pausedReason).toBeUndefined();
});

test('F28: a secret rotated while running is read anew and tried once', async () => {
  let forgotten = 0;
  const deps = {
    ...world.deps,
    tokens: () => ({ ...world.deps.tokens(world.tenant, 'home'), forget: async () => void forgotten++ }),
  };
  world.secrets.stored = { passcode: '1' };
  world.outside.answer = (job) => (job.secret?.passcode === '1' ? pageOf(job) : failing('SOURCE_REJECTED')());
  expect(await collect(deps, world.message(), deadlineOf(world))).toMatchObject({ outcome: 'success' });
  expect(world.jobs.map((job) => job.secret?.passcode)).toEqual(['0', '1']);
  expect(forgotten).toBe(1);
});

test('F28: refused credentials that did not change are not tried again', async () => {
  world.outside.answer = failing('SOURCE_REJECTED');
  await runSlot();
  expect(world.jobs).toHaveLength(1);
});

test('F24: nothing is written for a tenant or a source that went while it was read', async () => {
  world.outside.answer = (job) => {
    world.tenants.set(tenantNamed(world.tenant, { removedAt: world.clock.now() }));
    return pageOf(job);
  };
  expect(await runSlot()).toMatchObject({ outcome: 'skipped', reason: 'removed' });
  world.tenants.set(tenantNamed(world.tenant));
  world.outside.answer = async () => {
    await world.sources.remove(world.tenant, 'home');
    return failing('SOURCE_UNAVAILABLE')();
  };
  expect(await runSlot(1)).toMatchObject({ outcome: 'skipped', reason: 'removed' });
  expect(world.samples.batches.size + world.samples.heads.size + world.queues.evaluate.sent.length).toBe(0);
  expect(await rows()).toEqual([]);
});
