import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../../../shared/collect/pipeline.ts';
import type { CollectDeps } from '../../../shared/collect/run-context.ts';
import { createEntityStore } from '../../../shared/entities/entities.dynamodb.ts';
import type { Metric } from '../../../shared/samples/metric.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { startDynalite } from '../dynalite.ts';
import { deadlineOf, draftOf, failing, openWorld, PERIOD_MS, pageOf } from './collect-world.ts';

const METRICS: Metric[] = [{ id: 'remainingOctets', kind: 'balance', unit: 'octets', title: 'left' }];
let database: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());

async function openStoredWorld() {
  const world = await openWorld(database.table);
  const samples = createSampleStore(database.table, () => METRICS, world.clock);
  const deps: CollectDeps = { ...world.deps, samples };
  const ref = { tenant: world.tenant, kind: 'bundle', target: 'home' };
  const run = (n: number, over = {}) => {
    world.clock.at = Math.max(world.clock.at, Date.parse(world.message(n).slot));
    return collect(deps, world.message(n, over), deadlineOf(world));
  };
  return { ...world, samples, ref, run };
}

test('on the store itself: slots, a failure between them, and a run asked for by hand follow each other', async () => {
  const world = await openStoredWorld();
  await world.run(0);
  world.outside.answer = failing('SOURCE_UNAVAILABLE');
  await world.run(1);
  expect((await world.samples.readHead(world.ref))?.lastRun).toMatchObject({ ok: false, failures: 1 });
  world.outside.answer = (job) => pageOf(job);
  const byHand = Date.parse(world.message(1).slot) + 200_000;
  world.clock.at = byHand;
  await world.run(1, { boundary: false, slot: new Date(byHand).toISOString() });
  await world.run(2);
  const first = Date.parse(world.message(0).slot);
  const batches = await world.samples.newestBatches(world.ref, 10);
  expect(batches.map((b) => [b.slot, b.boundary])).toEqual([
    [first + 2 * PERIOD_MS, true],
    [byHand, false],
    [first, true],
  ]);
  const head = await world.samples.readHead(world.ref);
  expect(head).toMatchObject({ seq: 3, newestSlot: first + 2 * PERIOD_MS, lastRun: { ok: true, failures: 0 } });
  expect(head?.entities.map((e) => [e.entity, e.slot])).toEqual([
    ['home/a', first + 2 * PERIOD_MS],
    ['home/b', first + 2 * PERIOD_MS],
  ]);
});

test('on the store itself: the same slot ten times at once is one batch, and every other message waits its turn', async () => {
  const world = await openStoredWorld();
  const reports = await Promise.all(Array.from({ length: 10 }, () => world.run(0)));
  expect(reports.filter((r) => r.outcome === 'success')).toHaveLength(1);
  expect(
    reports.filter((r) => r.outcome === 'success' || r.reason === 'busy' || r.reason === 'duplicate'),
  ).toHaveLength(10);
  expect(await world.samples.newestBatches(world.ref, 10)).toHaveLength(1);
  expect((await world.samples.readHead(world.ref))?.seq).toBe(1);
  expect(world.jobs).toHaveLength(1);
});

test('F24, on the store itself: a source removed in mid-run is refused by the fence that its removal raised', async () => {
  const world = await openStoredWorld();
  const put = world.samples.putBatch;
  world.samples.putBatch = async (batch) => {
    await world.samples.removeHead(world.ref);
    return put(batch);
  };
  await expect(world.run(0)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
  expect(await world.samples.readHead(world.ref)).toBeUndefined();
});

test('on the store itself: what is fed beside a target under its own name keeps its own head, and loses what is gone', async () => {
  const world = await openStoredWorld();
  const entities = createEntityStore(database.table);
  const fed = { kind: 'queue', target: 'home' };
  const ids = async (kind: string) => {
    const all = await entities.listOfTarget(world.tenant, kind, 'home');
    return all.filter(({ removedAt }) => removedAt === undefined).map(({ id }) => id);
  };
  const collectWith = (n: number, queues: readonly string[], complete?: boolean) => {
    world.clock.at = Math.max(world.clock.at, Date.parse(world.message(n).slot));
    world.outside.answer = (job) => {
      const readings = queues.map((id) => ({
        entity: id,
        receivedAt: job.slot + 2000,
        values: { remainingOctets: 1n },
      }));
      const whole = complete === undefined ? {} : { complete };
      return pageOf(job, { fed: [{ ...fed, readings, entities: queues.map((id) => draftOf(id)), ...whole }] });
    };
    return collect({ ...world.deps, samples: world.samples, entities }, world.message(n), deadlineOf(world));
  };
  await collectWith(0, ['home/a', 'home/q'], true);
  // Unknown is not gone, and neither is what another kind lost.
  await collectWith(1, []);
  expect([await ids('queue'), await ids('bundle')]).toEqual([
    ['home/a', 'home/q'],
    ['home/a', 'home/b'],
  ]);
  const slot = Date.parse(world.message(0).slot);
  expect((await world.samples.readHead({ ...world.ref, kind: 'queue' }))?.newestSlot).toBe(slot);
  expect((await world.samples.readHead(world.ref))?.newestSlot).toBe(slot + PERIOD_MS);
  await collectWith(2, ['home/q'], true);
  expect(await ids('queue')).toEqual(['home/q']);
  await collectWith(3, [], true);
  expect([await ids('queue'), await ids('bundle')]).toEqual([[], ['home/a', 'home/b']]);
});
