import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { QueuedCollectMessage } from '../../../shared/collect/collect.contract.ts';
import { collect } from '../../../shared/collect/pipeline.ts';
import { isoInstant } from '../../../shared/platform/clock.ts';
import { startDynalite } from '../dynalite.ts';
import { deadlineOf, INVOCATION_MS, openWorld, pageOf, type World } from './collect-world.ts';

let database: Awaited<ReturnType<typeof startDynalite>>;
let world: World;

beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());
beforeEach(async () => {
  world = await openWorld(database.table);
});

/** The source is held by somebody who died the moment he took it. */
async function holdFor(durationMs: number): Promise<void> {
  const ref = { tenant: world.tenant, kind: 'bundle', target: 'home' };
  await world.samples.acquireLease(ref, world.clock.now(), durationMs);
}

test('F4: whoever has found the source busy for five minutes gives up loudly', async () => {
  await holdFor(3_600_000);
  let message = world.message();
  const waited: number[] = [];
  const run = () => collect(world.deps, message, deadlineOf(world));
  for (let failed = false; !failed; ) {
    const report = await run().catch((error: unknown) => error);
    const [again] = world.queues.collect.sent.splice(0);
    if (!again) {
      expect(report).toMatchObject({ code: 'STORE_CONFLICT', message: 'source home was busy 17 times' });
      failed = true;
    } else {
      waited.push(again.delaySeconds ?? 0);
      message = again.message;
    }
  }
  expect(waited.slice(0, 4)).toEqual([5, 10, 20, 20]);
  expect(Math.max(...waited)).toBe(20);
  expect(waited.reduce((sum, one) => sum + one, 0)).toBe(315);
});

test('a run of many parts leaves a gap for whoever found it busy, and none for one who never came', async () => {
  const next = { at: 1 };
  world.outside.answer = async (job) => {
    if (job.slot === Date.parse(world.message().slot)) {
      const other = world.message(0, { slot: isoInstant(job.slot + 7000) });
      expect(await collect(world.deps, other, deadlineOf(world))).toMatchObject({ outcome: 'deferred' });
    }
    return pageOf(job, { complete: false, next });
  };
  await collect(world.deps, world.message(), deadlineOf(world));
  const [other, rest] = world.queues.collect.sent.splice(0);
  expect(other).toMatchObject({ delaySeconds: 5, message: { waits: 1 } });
  expect(rest).toMatchObject({ delaySeconds: 10, message: { part: 1 } });
  // He comes, and nobody else has come meanwhile.
  world.clock.advance(5000);
  await collect(world.deps, other?.message as QueuedCollectMessage, deadlineOf(world));
  expect(world.queues.collect.sent.splice(0)[0]?.delaySeconds).toBeUndefined();
});

test('a long run that was killed and another one beside it are through soon after the dead one loses its source', async () => {
  const [parts, partMs, deadMs] = [4, 15_000, 2 * INVOCATION_MS];
  const begun = world.clock.now();
  await holdFor(deadMs);
  let queue: { at: number; message: QueuedCollectMessage }[] = [
    { at: begun, message: world.message(0, { part: 1, checkpoint: { part: 1 }, boundary: false }) },
    { at: begun, message: world.message(0, { slot: isoInstant(begun + 3000), boundary: false }) },
  ];
  const endedAt: number[] = [];
  /** Hands over whatever is due until then, one after the other; while a part is read, the others come and are put back. */
  const playUntil = async (until: number): Promise<void> => {
    for (;;) {
      const due = queue.sort((a, b) => a.at - b.at)[0];
      if (!due || due.at > until) return;
      queue = queue.slice(1);
      world.clock.at = Math.max(world.clock.at, due.at);
      const report = await collect(world.deps, due.message, deadlineOf(world));
      if (report.outcome === 'success' && due.message.part === parts - 1) endedAt.push(world.clock.now());
      for (const { message, delaySeconds = 0 } of world.queues.collect.sent.splice(0))
        queue.push({ at: world.clock.now() + delaySeconds * 1000, message });
    }
  };
  world.outside.answer = async (job) => {
    const until = world.clock.now() + partMs;
    await playUntil(until);
    world.clock.at = until;
    const { part = 0 } = (job.checkpoint ?? {}) as { part?: number };
    return pageOf(job, part < parts - 1 ? { complete: false, next: { part: part + 1 } } : {});
  };
  await playUntil(begun + 3_600_000);
  expect(endedAt).toHaveLength(2);
  // Seven parts, and before each of them the source stands idle until the one who waits has come: 20 s at most.
  expect(Math.max(...endedAt) - begun).toBeLessThanOrEqual(deadMs + 7 * (partMs + 20_000));
});
