/** A fleet's whole way through the pipeline: real stores on the table in memory, and a provider that tests script. */
import { openBreakerStore } from '../../../shared/collect/breaker.dynamodb.ts';
import type { QueuedCollectMessage } from '../../../shared/collect/collect.contract.ts';
import { collect } from '../../../shared/collect/pipeline.ts';
import type { CollectDeps, CollectReport } from '../../../shared/collect/run-context.ts';
import { openRunStore } from '../../../shared/collect/runs.dynamodb.ts';
import { phaseSeconds } from '../../../shared/collect/schedule.ts';
import type { EvaluateMessage, FoldMessage } from '../../../shared/collect/source.ts';
import { openSourceStore } from '../../../shared/collect/sources.dynamodb.ts';
import { createEntityStore } from '../../../shared/entities/entities.dynamodb.ts';
import { isoInstant } from '../../../shared/platform/clock.ts';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { createFleetCollector } from '../../../shared/sims/collector.ts';
import { createFleetStore } from '../../../shared/sims/fleet.dynamodb.ts';
import { FLEET_KIND, fleetMetrics, SIM_KIND, simMetrics } from '../../../shared/sims/metrics.ts';
import { createSimNoteStore } from '../../../shared/sims/notes.dynamodb.ts';
import { shardTargets, simId } from '../../../shared/sims/shards.ts';
import { createSimLog } from '../../../shared/sims/simlog.dynamodb.ts';
import { createUsageStore } from '../../../shared/sims/usage.dynamodb.ts';
import { createWalkStore } from '../../../shared/sims/walk.dynamodb.ts';
import { MovableClock, memoryQueue, memoryTenants, sourceNamed, tenantNamed } from '../collect/fakes.ts';
import { createFakeTable, type FakeOptions } from '../fake-table.ts';
import { FleetProvider } from './fleet-provider.ts';

export const TENANT = 'demo';
export const ACCOUNT = 'fleet';
const PERIOD = 900;
const INVOCATION_MS = 120_000;
/** Noon, on the grid of the tenant's slots. */
export const FIRST_SLOT =
  Math.floor(Date.parse('2030-03-15T12:00:00Z') / (PERIOD * 1000)) * PERIOD * 1000 +
  phaseSeconds(TENANT, PERIOD) * 1000;

export async function openFleetWorld(sims: number, settings: Record<string, unknown> = {}) {
  const memory = createFakeTable();
  const clock = new MovableClock();
  clock.at = FIRST_SLOT;
  const provider = new FleetProvider(clock, sims);
  const queue: (QueuedCollectMessage & { delaySeconds?: number })[] = [];
  const evaluated = memoryQueue<EvaluateMessage>();
  const folds = memoryQueue<FoldMessage>();
  const tenants = memoryTenants(tenantNamed(TENANT, { zone: 'Africa/Nairobi' }));
  const source = sourceNamed(ACCOUNT, {
    type: 'onence',
    kind: FLEET_KIND,
    name: 'Fleet',
    periodSeconds: PERIOD,
    settings: { requestsPerSecond: 100, ...settings },
  });
  await openSourceStore({ table: memory, tenants }).put(source);
  const stores = (table: Table) => ({
    entities: createEntityStore(table),
    samples: createSampleStore(table, (kind) => (kind === SIM_KIND ? simMetrics : fleetMetrics), clock),
    fleets: createFleetStore(table),
    usage: createUsageStore({ table, clock }),
    log: createSimLog({ table, clock }),
    notes: createSimNoteStore(table),
    walks: createWalkStore(table),
  });
  const depsOn = (table: Table): CollectDeps => {
    const own = stores(table);
    return {
      ...{ types: ['onence'], clock, tenants, entities: own.entities, samples: own.samples },
      sources: openSourceStore({ table, tenants }),
      runs: openRunStore({ table, clock }),
      breakers: openBreakerStore(table),
      secrets: { readSecret: async () => ({ clientId: 'id', clientSecret: 'secret' }) },
      tokens: () => ({ read: async () => undefined, write: async () => undefined, forget: async () => undefined }),
      collector: createFleetCollector({ ...own, clock, openClient: () => provider }),
      collectQueue: {
        send: async (message, options) => void queue.push({ ...message, ...options }),
        sendMany: async () => undefined,
      },
      evaluateQueue: evaluated,
      foldQueue: folds,
    };
  };
  const reading = stores(memory);
  const world = {
    ...reading,
    ...{ memory, clock, provider, queue, evaluated, folds, source, runs: openRunStore({ table: memory, clock }) },
    message: (slot = clock.at, over: Partial<QueuedCollectMessage> = {}): QueuedCollectMessage => ({
      ...{ version: 1, tenant: TENANT, source: ACCOUNT, slot: isoInstant(slot), part: 0, boundary: true },
      ...over,
    }),
    /** One delivery of one message; `before` may play a crash. */
    deliver: (message: QueuedCollectMessage, before?: FakeOptions['before']): Promise<CollectReport> =>
      collect(depsOn(before ? memory.view(before) : memory), message, { deadline: clock.now() + INVOCATION_MS }),
    /** The message and whatever follows from it; delays pass on the clock. */
    async run(message: QueuedCollectMessage): Promise<CollectReport[]> {
      const reports = [await world.deliver(message)];
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { delaySeconds = 0, ...rest } = next;
        clock.advance(delaySeconds * 1000);
        reports.push(await world.deliver(rest));
        if (reports.length > 500) throw new Error('the run does not end');
      }
      return reports;
    },
    /** The next slot of the schedule. */
    async nextSlot(): Promise<CollectReport[]> {
      const behind = (clock.at - FIRST_SLOT) % (PERIOD * 1000);
      clock.at += PERIOD * 1000 - behind;
      return world.run(world.message());
    },
    /** Newest values of every SIM by ICCID, over all shards. */
    async newest() {
      const fleet = await reading.fleets.read(TENANT, ACCOUNT);
      const targets = fleet ? shardTargets(fleet) : [];
      const heads = await Promise.all(
        targets.map((target) => reading.samples.readHead({ tenant: TENANT, kind: SIM_KIND, target })),
      );
      const all = heads.flatMap((head) => head?.entities ?? []);
      return new Map(all.map((one) => [one.entity.slice(one.entity.indexOf('/') + 1), one]));
    },
    async entityOf(iccid: string) {
      const fleet = await reading.fleets.read(TENANT, ACCOUNT);
      return fleet && reading.entities.read(TENANT, SIM_KIND, simId(ACCOUNT, fleet.shards, iccid));
    },
    async living() {
      const all = await reading.entities.list(TENANT, SIM_KIND);
      return all.filter((entity) => entity.removedAt === undefined).map((entity) => entity.name);
    },
  };
  return world;
}

export type FleetWorld = Awaited<ReturnType<typeof openFleetWorld>>;

/** A world whose fleet was read once; the calls of that are forgotten. */
export async function connected(sims: number, settings = {}): Promise<FleetWorld> {
  const world = await openFleetWorld(sims, settings);
  await world.run(world.message());
  world.provider.calls.length = 0;
  return world;
}

/** The values of the account as a whole. */
export const fleetOf = (world: FleetWorld) =>
  world.samples.readHead({ tenant: 'demo', kind: 'fleet', target: 'fleet' });
