/** What a site sent, from its pack to the stored batch: the one pipeline, with nobody to call. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { QueuedCollectMessage } from '../../../shared/collect/collect.contract.ts';
import { collect } from '../../../shared/collect/pipeline.ts';
import { createPushCollector } from '../../../shared/interfaces/push-collector.ts';
import { isoInstant } from '../../../shared/platform/clock.ts';
import { startDynalite } from '../dynalite.ts';
import { deadlineOf, openWorld, type World } from './collect-world.ts';
import { sourceNamed } from './fakes.ts';

const PERIOD = 900_000;
let database: Awaited<ReturnType<typeof startDynalite>>;
let world: World;
let first: number;

beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());
beforeEach(async () => {
  world = await openWorld(database.table);
  first = Date.parse(world.message().slot);
  const site = { tenant: world.tenant, type: 'push', kind: 'interface' } as const;
  await world.sources.put(sourceNamed('branch', site));
});

const deps = () => ({ ...world.deps, types: ['push'] as const, collector: createPushCollector() });
const pushed = (n: number, octets = String(1000 * (n + 20))): QueuedCollectMessage =>
  world.message(n, {
    source: 'branch',
    checkpoint: {
      receivedAt: first + n * PERIOD + 2000,
      uptimeMs: 1e9 + n * PERIOD,
      interfaces: [{ name: 'ether1', inOctets: octets, outOctets: '7' }],
    },
  });
const run = (message: QueuedCollectMessage) => collect(deps(), message, deadlineOf(world));
const batches = () => world.samples.newestBatches({ tenant: world.tenant, kind: 'interface', target: 'branch' }, 50);
const values = async () =>
  (await batches()).reverse().map((b) => [(b.slot - first) / PERIOD, b.readings[0]?.values.ifHCInOctets]);

describe('a pack that was handed over', () => {
  test('is stored, described, logged, and judged', async () => {
    expect(await run(pushed(0))).toMatchObject({ outcome: 'success', read: 1, accepted: 1, rejected: 0 });
    expect(await values()).toEqual([[0, 20_000n]]);
    expect([...world.entities.recorded.keys()]).toEqual(['branch/ether1']);
    expect(world.queues.evaluate.sent.map(({ message }) => message.target)).toEqual(['branch']);
    expect(await world.runs.isDone({ tenant: world.tenant, source: 'branch', slot: first, part: 0 })).toBe(true);
  });

  test('comes twice, also with other numbers: the first stays', async () => {
    await run(pushed(0));
    expect(await run(pushed(0, '999'))).toMatchObject({ outcome: 'skipped', reason: 'duplicate' });
    expect(await values()).toEqual([[0, 20_000n]]);
  });

  test('is kept however late it comes, and in whichever order, for it is of its own slot', async () => {
    for (const n of [12, 3, 0, 7]) expect((await run(pushed(n))).outcome).toBe('success');
    expect(await values()).toEqual([
      [0, 20_000n],
      [3, 23_000n],
      [7, 27_000n],
      [12, 32_000n],
    ]);
  });

  test.each(['putBatch', 'advanceHead'] as const)(
    'and a crash at %s: the next delivery stores it once',
    async (step) => {
      const whole = world.samples[step];
      Object.assign(world.samples, { [step]: () => Promise.reject(new Error('crash')) });
      await expect(run(pushed(0))).rejects.toThrow('crash');
      Object.assign(world.samples, { [step]: whole });
      expect((await run(pushed(0))).outcome).toBe('success');
      expect(await values()).toEqual([[0, 20_000n]]);
    },
  );

  test('of a disabled source is not stored any more', async () => {
    const source = await world.sources.read(world.tenant, 'branch');
    if (source) await world.sources.put({ ...source, enabled: false });
    expect(await run(pushed(0))).toMatchObject({ outcome: 'skipped', reason: 'disabled' });
    expect(await values()).toEqual([]);
  });

  test('that nobody can read fails its run and pauses nothing', async () => {
    for (const n of [0, 1, 2]) {
      expect(await run(world.message(n, { source: 'branch', checkpoint: { interfaces: 'many' } }))).toMatchObject({
        outcome: 'failed',
        errorCode: 'SOURCE_MALFORMED',
      });
    }
    expect((await world.sources.read(world.tenant, 'branch'))?.pausedReason).toBeUndefined();
    expect((await run(pushed(3))).outcome).toBe('success');
  });
});

test('a message that only the clock wrote does nothing: no run, no failure, no word to the rules', async () => {
  await run(pushed(0));
  const told = world.queues.evaluate.sent.length;
  expect(await run(world.message(1, { source: 'branch' }))).toMatchObject({ outcome: 'skipped', reason: 'uncalled' });
  expect(world.queues.evaluate.sent.length).toBe(told);
  const head = await world.samples.readHead({ tenant: world.tenant, kind: 'interface', target: 'branch' });
  expect(head?.lastRun).toMatchObject({ ok: true, slot: first });
  expect(isoInstant(head?.newestSlot ?? 0)).toBe(isoInstant(first));
});
