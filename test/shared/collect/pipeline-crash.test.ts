import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QueuedCollectMessage } from '../../../shared/collect/collect.contract.ts';
import { collect } from '../../../shared/collect/pipeline.ts';
import type { CollectDeps } from '../../../shared/collect/run-context.ts';
import { startDynalite } from '../dynalite.ts';
import { deadlineOf, draftOf, failing, INVOCATION_MS, openWorld, pageOf, type World } from './collect-world.ts';

let database: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());

class Killed extends Error {}

/** Ports of a process that dies right after its k-th step: nothing it does afterwards has an effect. */
function killedAfter(deps: CollectDeps, k: number): { deps: CollectDeps; steps: () => number; names: string[] } {
  let steps = 0;
  const names: string[] = [];
  const wrap = <T extends object>(port: T, label: string): T =>
    new Proxy(port, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (steps >= k) throw new Killed();
          steps++;
          names.push(`${label}.${String(name)}`);
          const mine = steps;
          const result: unknown = await Reflect.apply(value, target, args);
          if (mine >= k) throw new Killed();
          return result;
        };
      },
    });
  const ports = ['tenants', 'sources', 'secrets', 'breakers', 'runs', 'entities', 'samples', 'collector'] as const;
  const queues = ['collectQueue', 'evaluateQueue', 'storedPartQueue'] as const;
  const wrapped = Object.fromEntries([...ports, ...queues].map((name) => [name, wrap(deps[name] ?? {}, name)]));
  return { deps: { ...deps, ...wrapped }, steps: () => steps, names };
}

/** Everything that a run leaves behind, without what may honestly be doubled. */
async function traceOf(world: World) {
  const slot0 = Date.parse(world.message().slot);
  const unique = (values: unknown[]) => [...new Set(values.map((v) => JSON.stringify(v)))].sort();
  return {
    batches: [...world.samples.batches.values()].map((b) => [b.slot - slot0, b.part, b.readings.map((r) => r.entity)]),
    newest: (world.samples.heads.get('home')?.newestSlot ?? slot0 - 1) - slot0,
    ok: world.samples.heads.get('home')?.lastRun?.ok,
    failures: world.samples.heads.get('home')?.lastRun?.failures,
    entities: [...world.entities.recorded.keys()].sort(),
    evaluated: world.queues.evaluate.sent.length > 0,
    stored: unique(world.queues.stored.sent.map((s) => s.message.part)),
    onward: unique(world.queues.collect.sent.map((s) => [s.message.part, s.message.checkpoint])),
    breaker: await world.deps.breakers
      .read(world.tenant, 'home')
      .then(({ unavailable, rejections }) => [unavailable, rejections]),
    paused: (await world.sources.read(world.tenant, 'home'))?.pausedReason !== undefined,
    rows: (await world.runs.list(world.tenant, { limit: 50 })).runs.map((r) => [r.slot - slot0, r.part, r.status]),
  };
}

/** The queue delivers until somebody acknowledges; in between the dead process's lease runs out. */
async function deliver(world: World, message: QueuedCollectMessage, kills: readonly number[]): Promise<string[]> {
  let names: string[] = [];
  for (const k of [...kills, Number.POSITIVE_INFINITY]) {
    const attempt = killedAfter(world.deps, k);
    try {
      await collect(attempt.deps, message, deadlineOf(world));
      return attempt.names;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      names = attempt.names;
    }
    world.clock.advance(INVOCATION_MS + 1);
  }
  return names;
}

const STORIES: readonly [string, (world: World) => void][] = [
  ['a good page', () => undefined],
  [
    'the first page of a long walk',
    (world) => {
      world.outside.answer = (job) => pageOf(job, { complete: false, next: { at: 7 }, entities: [draftOf('home/a')] });
    },
  ],
  [
    'a page with rejected values',
    (world) => {
      world.outside.answer = (job) => pageOf(job, { rejected: [{ path: 'x', message: 'y' }] });
    },
  ],
  [
    'a source that is down',
    (world) => {
      world.outside.answer = failing('SOURCE_UNAVAILABLE', { rawText: 'gone' });
    },
  ],
  [
    'refused credentials',
    (world) => {
      world.outside.answer = failing('SOURCE_REJECTED');
    },
  ],
];

async function worldOf(prepare: (world: World) => void): Promise<World> {
  const world = await openWorld(database.table);
  prepare(world);
  return world;
}

test.each(STORIES)(
  'F1: %s ends in the same state after a crash behind any step and a second delivery',
  async (_, prepare) => {
    const calm = await worldOf(prepare);
    const names = await deliver(calm, calm.message(), []);
    const expected = await traceOf(calm);
    expect(names.length).toBeGreaterThan(12);
    for (let k = 1; k <= names.length; k++) {
      const world = await worldOf(prepare);
      await deliver(world, world.message(), [k]);
      const where = `killed after step ${k}, ${names[k - 1]}`;
      expect(await traceOf(world), where).toEqual(expected);
    }
  },
);

test('F1: a second refusal pauses the source, whatever step the crash follows', async () => {
  const story = async (kills: number[]) => {
    const world = await worldOf((w) => {
      w.outside.answer = failing('SOURCE_REJECTED');
    });
    await deliver(world, world.message(0), []);
    world.clock.at = Date.parse(world.message(1).slot);
    const names = await deliver(world, world.message(1), kills);
    return { names, trace: await traceOf(world) };
  };
  const calm = await story([]);
  expect(calm.trace.paused).toBe(true);
  for (let k = 1; k <= calm.names.length; k++) {
    expect((await story([k])).trace, `killed after ${calm.names[k - 1]}`).toEqual(calm.trace);
  }
});

test('F1, F2: any row of crashes and duplicates over three slots loses nothing and doubles nothing', async () => {
  const kills = fc.array(fc.integer({ min: 1, max: 24 }), { maxLength: 3 });
  const deliveries = fc.array(fc.record({ slot: fc.integer({ min: 0, max: 2 }), kills }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(kills, { minLength: 3, maxLength: 3 }), deliveries, async (main, duplicates) => {
      const world = await worldOf(() => undefined);
      for (const [slot, slotKills] of main.entries()) {
        world.clock.at = Math.max(world.clock.at, Date.parse(world.message(slot).slot));
        await deliver(world, world.message(slot), slotKills);
        for (const d of duplicates.filter((one) => one.slot === slot))
          await deliver(world, world.message(d.slot), d.kills);
      }
      const trace = await traceOf(world);
      const both = ['home/a', 'home/b'];
      expect(trace.batches).toEqual([0, 900_000, 1_800_000].map((slot) => [slot, 0, both]));
      expect(trace.rows).toEqual([1_800_000, 900_000, 0].map((slot) => [slot, 0, 'success']));
      expect(trace).toMatchObject({ newest: 1_800_000, ok: true, evaluated: true });
    }),
    { numRuns: process.env.HEADROOM_LONG ? 500 : 15 },
  );
});

test('F1: the rules are always asked after the head has moved', async () => {
  const calm = await worldOf(() => undefined);
  const names = await deliver(calm, calm.message(), []);
  for (let k = 1; k <= names.length; k++) {
    const world = await worldOf(() => undefined);
    const journal: string[] = [];
    const { samples, evaluateQueue } = world.deps;
    const advance = samples.advanceHead.bind(samples);
    const note = async <T>(what: string, done: Promise<T>): Promise<T> => {
      const result = await done;
      journal.push(what);
      return result;
    };
    samples.advanceHead = (...args) => note('head', advance(...args));
    const send = evaluateQueue.send.bind(evaluateQueue);
    evaluateQueue.send = (...args) => note('evaluate', send(...args));
    await deliver(world, world.message(), [k]);
    expect(journal.at(-1), `killed after ${names[k - 1]}`).toBe('evaluate');
  }
});
