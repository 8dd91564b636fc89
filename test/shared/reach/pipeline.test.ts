/** A device over many runs of the one pipeline, killed after any step and delivered again: no look counts twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricsOf } from '../../../shared/capability-metrics.ts';
import { collect } from '../../../shared/collect/pipeline.ts';
import type { CollectDeps } from '../../../shared/collect/run-context.ts';
import { createReachCollector } from '../../../shared/reach/collector.ts';
import { REACH_KIND, reachOfValues } from '../../../shared/reach/metrics.ts';
import type { Probe } from '../../../shared/reach/probe.ts';
import type { Reach } from '../../../shared/reach/reach.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { deadlineOf, INVOCATION_MS, openWorld, PERIOD_MS, type World } from '../collect/collect-world.ts';
import { sourceNamed } from '../collect/fakes.ts';
import { startDynalite } from '../dynalite.ts';
import { createFakeTable } from '../fake-table.ts';

let database: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());

const PROBES: Readonly<Record<string, Probe>> = {
  g: { sent: 5, received: 5, rtt: { minimum: 1, average: 1, maximum: 1 } },
  d: { sent: 5, received: 3 },
  b: { sent: 5, received: 0 },
};
const target = { name: 'page', host: '192.0.2.1', method: 'tcp', port: 443 };

/** The pipeline on a real store, around a device that is down, lossy or well from slot to slot. */
async function openReachWorld(looks: string) {
  const world = await openWorld(database.table);
  const { tenant, clock } = world;
  const source = sourceNamed('home', {
    ...{ tenant, type: 'ping', kind: REACH_KIND, periodSeconds: PERIOD_MS / 1000 },
    settings: { targets: [target] },
  });
  const samples = createSampleStore(createFakeTable(), metricsOf);
  const first = Date.parse(world.message().slot);
  const collector = createReachCollector({
    clock,
    resolve: async () => ({ address: '192.0.2.1', family: 4 }),
    connect: async () => PROBES[looks[Math.floor((clock.now() - first) / PERIOD_MS)] ?? 'g'] as Probe,
    openPing: async () => {
      throw new Error('no router here');
    },
  });
  const sources = { read: async () => source, pause: async () => true, restoreTarget: async () => undefined };
  const deps: CollectDeps = { ...world.deps, types: ['ping'], sources, samples, collector };
  const read = async (): Promise<Reach | undefined> => {
    const head = await samples.readHead({ tenant, kind: REACH_KIND, target: 'home' });
    return reachOfValues(head?.entities[0]?.values ?? {});
  };
  return { world, deps, read };
}

class Killed extends Error {}

/** Ports of a process that dies right after its k-th step on the store or the queues. */
function killedAfter(deps: CollectDeps, k: number): CollectDeps {
  let steps = 0;
  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(of, name) {
        const value = Reflect.get(of, name) as unknown;
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (steps >= k) throw new Killed();
          steps++;
          const result: unknown = await Reflect.apply(value, of, args);
          if (steps >= k) throw new Killed();
          return result;
        };
      },
    });
  const { samples, entities, runs, evaluateQueue, collector } = deps;
  return {
    ...deps,
    ...{ samples: wrap(samples), entities: wrap(entities), runs: wrap(runs), collector: wrap(collector) },
    evaluateQueue: wrap(evaluateQueue),
  };
}

/** Delivers the slot's message until it is acknowledged, and then once more. */
async function deliver(world: World, deps: CollectDeps, slot: number, kill: number): Promise<void> {
  const message = world.message(slot);
  world.clock.at = Date.parse(message.slot) + 1000;
  for (const k of [kill, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]) {
    try {
      await collect(killedAfter(deps, k), message, deadlineOf(world));
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      world.clock.advance(INVOCATION_MS + 1);
    }
  }
}

async function lifeOf(looks: string, kill: number): Promise<Reach | undefined> {
  const { world, deps, read } = await openReachWorld(looks);
  for (let slot = 0; slot < looks.length; slot++) await deliver(world, deps, slot, kill);
  const reach = await read();
  const start = Date.parse(world.message().slot);
  const relative = (at: number | undefined) => (at === undefined ? undefined : at - start);
  return reach && { ...reach, since: relative(reach.since), knownAt: relative(reach.knownAt) };
}

test('killed after any step, delivered again and once too often, a device has the same history', async () => {
  const looks = 'bgg';
  const undisturbed = await lifeOf(looks, Number.POSITIVE_INFINITY);
  expect(undisturbed).toMatchObject({ hard: 'up', trail: [false, true, true], since: PERIOD_MS });
  for (let k = 1; k <= 11; k++) expect(await lifeOf(looks, k), `killed after step ${k}`).toEqual(undisturbed);
});
