import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { targetKey } from '../../../shared/collect/keys.ts';
import { collect } from '../../../shared/collect/pipeline.ts';
import { startDynalite } from '../dynalite.ts';
import {
  deadlineOf,
  draftOf,
  failing,
  INVOCATION_MS,
  openWorld,
  PERIOD_MS,
  pageOf,
  type World,
} from './collect-world.ts';
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

test('a run stores its readings, records the entities, tells the rules and writes its row', async () => {
  expect(await runSlot()).toEqual({ outcome: 'success', read: 2, accepted: 2, rejected: 0 });
  const slot = Date.parse(world.message().slot);
  expect([...world.samples.batches.values()]).toMatchObject([
    { tenant: world.tenant, kind: 'bundle', target: 'home', slot, part: 0, boundary: true, receivedAt: slot + 2000 },
  ]);
  expect(head()).toMatchObject({ seq: 1, newestSlot: slot, lastRun: { slot, ok: true, failures: 0 } });
  expect([...world.entities.recorded.keys()]).toEqual(['home/a', 'home/b']);
  const named = { version: 1, tenant: world.tenant, kind: 'bundle', target: 'home' };
  expect(world.queues.evaluate.sent).toEqual([{ message: named }]);
  expect(world.queues.stored.sent).toEqual([{ message: { ...named, slot: world.message().slot, part: 0 } }]);
  expect(await rows()).toMatchObject([
    { slot, status: 'success', manual: false, read: 2, operations: [{ name: 'data' }] },
  ]);
  expect(await world.runs.readRaw({ tenant: world.tenant, source: 'home', slot, part: 0 })).toBeDefined();
});

test('the collector gets the secret, the networks, what is known, and a deadline that leaves time to write', async () => {
  world.tenants.set(tenantNamed(world.tenant, { allowedNetworks: ['192.0.2.0/24'] }));
  await runSlot();
  const [job] = world.jobs;
  expect(job).toMatchObject({ secret: { passcode: '0' }, allowedNetworks: ['192.0.2.0/24'], source: { id: 'home' } });
  expect(job?.deadline).toBeLessThan(world.clock.now() + INVOCATION_MS - 5000);
  await runSlot(1);
  expect(world.jobs[1]?.known?.entities.map((e) => e.id)).toEqual(['home/a', 'home/b']);
});

test('F2: the same message again, later or at once, has no second effect', async () => {
  await Promise.all([runSlot(), runSlot()]);
  // The one that found the source busy has put itself back, and finds the work done.
  const back = world.queues.collect.sent.splice(0);
  expect(back.map((b) => [b.message.waits, b.delaySeconds])).toEqual([[1, 5]]);
  for (const { message } of [...back, { message: world.message() }]) {
    expect(await collect(world.deps, message, deadlineOf(world))).toMatchObject({
      outcome: 'skipped',
      reason: 'duplicate',
    });
  }
  expect(world.jobs).toHaveLength(1);
  expect(head()?.seq).toBe(1);
  expect(world.queues.evaluate.sent).toHaveLength(1);
});

test('a run asked for right after a scheduled one is not put off by the lease that the finished one left', async () => {
  await runSlot();
  const slot = new Date(world.clock.now() + 2000).toISOString();
  world.clock.advance(2000);
  expect(await collect(world.deps, world.message(0, { slot, boundary: false }), deadlineOf(world))).toMatchObject({
    outcome: 'success',
  });
  expect(world.queues.collect.sent).toEqual([]);
  expect((await rows()).map((r) => r.manual)).toEqual([true, false]);
});

test.each([
  ['whose source was removed while it was read', 'removed'],
  ['that was superseded', 'superseded'],
  ['that threw', 'thrown'],
])('a run %s, which leaves no row, gives its lease back', async (_, how) => {
  const ref = { tenant: world.tenant, kind: 'bundle', target: 'home' };
  if (how === 'superseded') {
    await runSlot(2);
    world.clock.advance(INVOCATION_MS + 1);
  }
  world.outside.answer = async (job) => {
    if (how === 'thrown') throw new Error('a bug');
    world.tenants.set(tenantNamed(world.tenant, { removedAt: world.clock.now() }));
    return pageOf(job);
  };
  const ended = await collect(world.deps, world.message(0), deadlineOf(world)).catch(() => ({ reason: 'thrown' }));
  expect(ended).toMatchObject({ reason: how });
  expect(await world.samples.acquireLease(ref, world.clock.now(), 1000)).toBeDefined();
});

test('F4: a run that outlived its lease is refused by the head, and its message comes again', async () => {
  world.outside.answer = async (job) => {
    world.clock.advance(INVOCATION_MS + 1);
    const ref = { tenant: world.tenant, kind: 'bundle', target: 'home' };
    await world.samples.acquireLease(ref, world.clock.now(), 1);
    return pageOf(job);
  };
  await expect(runSlot()).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
  expect(head()).toBeUndefined();
});

test('F3: a slot that others have overtaken by a period is not read as if it were now', async () => {
  await runSlot(2);
  const before = world.jobs.length;
  expect(await collect(world.deps, world.message(0), deadlineOf(world))).toMatchObject({ reason: 'superseded' });
  expect(world.jobs).toHaveLength(before);
});

test('F1: the part of a slot that was overtaken after a crash is still told to the head, for the fold to find', async () => {
  const slot = Date.parse(world.message(0).slot);
  const ref = { tenant: world.tenant, kind: 'bundle', target: 'home' };
  const readings = [{ entity: 'home/a', receivedAt: slot, values: { remainingOctets: 1n } }];
  await world.samples.putBatch({
    ...ref,
    slot,
    part: 0,
    receivedAt: slot,
    periodSeconds: 900,
    boundary: true,
    readings,
  });
  await runSlot(1);
  expect(await collect(world.deps, world.message(0), deadlineOf(world))).toMatchObject({ reason: 'superseded' });
  expect(head()).toMatchObject({ seq: 2, newestSlot: Date.parse(world.message(1).slot) });
  expect(world.queues.stored.sent.map((s) => s.message.slot)).toEqual([world.message(1).slot, world.message(0).slot]);
});

test('F3: a slot that is seven minutes late is read, and stored under its own name', async () => {
  await runSlot(0);
  world.clock.at = Date.parse(world.message(1).slot) + 7 * 60_000;
  expect(await runSlot(1)).toMatchObject({ outcome: 'success' });
  expect(head()?.newestSlot).toBe(Date.parse(world.message(1).slot));
});

test('F5: without time to read the message goes back to the queue', async () => {
  const deadline = world.clock.now() + 9000;
  expect(await collect(world.deps, world.message(), { deadline })).toMatchObject({
    outcome: 'deferred',
    reason: 'late',
  });
  expect(world.queues.collect.sent).toHaveLength(1);
  expect(world.jobs).toEqual([]);
});

test('what was asked for by hand with a place to go on moves behind newer slots, once, and is not dropped', async () => {
  await runSlot(2);
  const asked = world.message(0, { boundary: false, part: 3, checkpoint: { at: 7 } });
  expect(await collect(world.deps, asked, deadlineOf(world))).toMatchObject({ outcome: 'success', read: 0 });
  expect(await collect(world.deps, asked, deadlineOf(world))).toMatchObject({ reason: 'duplicate' });
  const moved = world.queues.collect.sent.splice(0);
  expect(moved).toHaveLength(1);
  expect(moved[0]?.message).toMatchObject({ part: 3, checkpoint: { at: 7 }, boundary: false });
  const newest = world.samples.heads.get('home')?.newestSlot ?? 0;
  expect(Date.parse(moved[0]?.message.slot ?? '') - newest).toBeGreaterThan(0);
  expect(Date.parse(moved[0]?.message.slot ?? '') - newest).toBeLessThan(1000);
});

test('F5: a walk that stops at its deadline goes on from its checkpoint, and absence is not read from a part', async () => {
  world.entities.recorded.set('home/old', draftOf('home/old'));
  world.outside.answer = (job) => {
    const first = job.checkpoint === undefined;
    const entity = first ? 'home/a' : 'home/b';
    const page = pageOf(job, { entities: [draftOf(entity)], complete: !first });
    return {
      ...page,
      readings: page.readings.filter((r) => r.entity === entity),
      ...(first ? { next: { at: 7 } } : {}),
    };
  };
  await runSlot();
  const [next] = world.queues.collect.sent.splice(0);
  expect(next?.message).toEqual({ ...world.message(), part: 1, checkpoint: { at: 7 } });
  if (next) await collect(world.deps, next.message, deadlineOf(world));
  expect(world.jobs[1]?.checkpoint).toEqual({ at: 7 });
  expect([...world.samples.batches.values()].map((b) => [b.part, b.readings.length])).toEqual([
    [0, 1],
    [1, 1],
  ]);
  expect([...world.entities.recorded.keys()].sort()).toEqual(['home/a', 'home/b', 'home/old']);
  expect((await rows()).map((r) => r.part)).toEqual([1, 0]);
});

test('an account without bundles is a success without a batch', async () => {
  world.outside.answer = (job) => pageOf(job, { readings: [], entities: [] });
  expect(await runSlot()).toMatchObject({ outcome: 'success', accepted: 0 });
  expect(world.samples.batches.size).toBe(0);
  expect(head()?.lastRun).toMatchObject({ ok: true });
});

test('a message for a source that is gone or switched off does nothing but put the directory right', async () => {
  const stored = await source();
  expect(stored).toBeDefined();
  if (stored) await world.sources.put({ ...stored, enabled: false });
  expect(await runSlot()).toMatchObject({ outcome: 'skipped', reason: 'disabled' });
  await world.sources.remove(world.tenant, 'home');
  expect(await runSlot()).toMatchObject({ outcome: 'skipped', reason: 'removed' });
  expect(await world.sources.listTargets('taara', world.tenant)).toEqual([]);
  expect(world.jobs).toEqual([]);
});

test('a part that a crashed run had stored is told to the head although the source is down at the second try', async () => {
  const slot = Date.parse(world.message().slot);
  const ref = { tenant: world.tenant, kind: 'bundle', target: 'home' };
  const readings = [{ entity: 'home/a', receivedAt: slot, values: { remainingOctets: 1n } }];
  await world.samples.putBatch({
    ...ref,
    slot,
    part: 0,
    receivedAt: slot,
    periodSeconds: 900,
    boundary: true,
    readings,
  });
  world.outside.answer = failing('SOURCE_UNAVAILABLE');
  expect(await runSlot()).toMatchObject({ outcome: 'partial', accepted: 1, errorCode: 'SOURCE_UNAVAILABLE' });
  expect(head()).toMatchObject({ seq: 1, newestSlot: slot, lastRun: { ok: true } });
  expect(world.queues.evaluate.sent).toHaveLength(1);
});

test('a part that is read again keeps what it had; what it lacked becomes a part of its own', async () => {
  const slot = Date.parse(world.message().slot);
  const ref = { tenant: world.tenant, kind: 'bundle', target: 'home' };
  const readings = [{ entity: 'home/a', receivedAt: slot, values: { remainingOctets: 1n } }];
  await world.samples.putBatch({
    ...ref,
    slot,
    part: 0,
    receivedAt: slot,
    periodSeconds: 900,
    boundary: true,
    readings,
  });
  await runSlot();
  const stored = [...world.samples.batches.values()];
  expect(stored.map((b) => b.readings.map((r) => [r.entity, r.values.remainingOctets]))).toEqual([
    [['home/a', 1n]],
    [['home/b', 9n]],
  ]);
  expect(world.queues.stored.sent.map((s) => s.message.part)).toEqual([0, 5000]);
  expect(head()?.seq).toBe(2);
});

test('a slot of 15 minutes stays one slot: two runs of it at most a period apart are two slots', async () => {
  await runSlot(0);
  await runSlot(1);
  expect([...world.samples.batches.values()].map((b) => b.slot)).toHaveLength(2);
  const [a, b] = [...world.samples.batches.values()].map((x) => x.slot);
  expect((b ?? 0) - (a ?? 0)).toBe(PERIOD_MS);
});

test('a message off the grid of its source is run, and the directory row it came from is put right', async () => {
  const { table } = database;
  const row = { ...targetKey('taara', world.tenant, 'home'), kind: 'bundle', periodSeconds: 60, enabled: true };
  await table.put({ ...row, version: 0 });
  const slot = new Date(world.clock.at + 60_000).toISOString();
  expect(await runSlot(0, { slot })).toMatchObject({ outcome: 'success' });
  expect(await world.sources.listTargets('taara', world.tenant)).toMatchObject([{ periodSeconds: 900 }]);
});
