/** A collector's whole surroundings for tests: real stores on dynalite, the other ports in memory, a source that can be told how to behave. */
import { openBreakerStore } from '../../../shared/collect/breaker.dynamodb.ts';
import type { QueuedCollectMessage, StoredPartMessage } from '../../../shared/collect/collect.contract.ts';
import type { CollectJob, Page } from '../../../shared/collect/collector.port.ts';
import type { CollectDeps } from '../../../shared/collect/run-context.ts';
import { openRunStore } from '../../../shared/collect/runs.dynamodb.ts';
import { slotInMinute } from '../../../shared/collect/schedule.ts';
import type { SecretFields } from '../../../shared/collect/secrets.port.ts';
import type { EvaluateMessage } from '../../../shared/collect/source.ts';
import { openSourceStore } from '../../../shared/collect/sources.dynamodb.ts';
import { isoInstant } from '../../../shared/platform/clock.ts';
import { AppError, type ErrorCode, type ErrorContext } from '../../../shared/platform/errors.ts';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import {
  MemorySamples,
  MovableClock,
  memoryEntities,
  memoryQueue,
  memoryTenants,
  NOON,
  sourceNamed,
  tenantNamed,
} from './fakes.ts';

export const PERIOD_MS = 900_000;
export const INVOCATION_MS = 60_000;

let worlds = 0;

export async function openWorld(table: Table) {
  const tenant = `demo-${++worlds}`;
  const clock = new MovableClock();
  const tenants = memoryTenants(tenantNamed(tenant));
  const sources = openSourceStore({ table, tenants });
  await sources.put(sourceNamed('home', { tenant }));
  const samples = new MemorySamples();
  const entities = memoryEntities();
  const queues = {
    collect: memoryQueue<QueuedCollectMessage>(),
    evaluate: memoryQueue<EvaluateMessage>(),
    stored: memoryQueue<StoredPartMessage>(),
  };
  /** What is stored, and what a process that started earlier still believes. */
  const secrets: { stored: SecretFields; cached: SecretFields } = {
    stored: { passcode: '0' },
    cached: { passcode: '0' },
  };
  const jobs: CollectJob[] = [];
  const outside = { answer: (job: CollectJob): Page | Promise<Page> => pageOf(job) };
  const runs = openRunStore({ table, clock });
  const deps: CollectDeps = {
    ...{ types: ['taara'], clock, tenants, sources, runs, entities, samples },
    breakers: openBreakerStore(table),
    secrets: { readSecret: async (_t, _s, options) => (options?.refresh ? secrets.stored : secrets.cached) },
    tokens: () => ({ read: async () => undefined, write: async () => undefined, forget: async () => undefined }),
    collector: {
      kind: 'bundle',
      read: async (job) => {
        jobs.push(job);
        return outside.answer(job);
      },
    },
    collectQueue: queues.collect,
    evaluateQueue: queues.evaluate,
    storedPartQueue: queues.stored,
  };
  const first = slotFrom(tenant, NOON);
  clock.at = first;
  /** The message of the n-th slot. */
  const message = (n = 0, over: Partial<QueuedCollectMessage> = {}): QueuedCollectMessage => ({
    ...{ version: 1, tenant, source: 'home', slot: isoInstant(first + n * PERIOD_MS), part: 0, boundary: true },
    ...over,
  });
  return { tenant, clock, tenants, sources, samples, entities, queues, secrets, jobs, outside, runs, deps, message };
}
export type World = Awaited<ReturnType<typeof openWorld>>;

export function deadlineOf(world: Pick<World, 'clock'>): { deadline: number } {
  return { deadline: world.clock.now() + INVOCATION_MS };
}

function slotFrom(tenant: string, from: number): number {
  for (let at = from; ; at += 60_000) {
    const slot = slotInMinute(
      { type: 'taara', tenant, source: 'home', kind: 'bundle', periodSeconds: 900, enabled: true, paused: false },
      at,
    );
    if (slot !== undefined) return slot;
  }
}

/** Two bundles, read in one page. */
export function pageOf(job: CollectJob, over: Partial<Page> = {}): Page {
  const ids = ['home/a', 'home/b'];
  return {
    readings: ids.map((entity) => ({ entity, receivedAt: job.slot + 2000, values: { remainingOctets: 9n } })),
    entities: ids.map((id) => draftOf(id)),
    rejected: [],
    operations: [{ name: 'data', ok: true, responseMs: 400, status: 200 }],
    complete: true,
    rawText: '{"data":{}}',
    ...over,
  };
}

export function draftOf(id: string) {
  return { id, target: 'home', name: id, attributes: {}, labels: {}, simulated: false };
}

export function failing(code: ErrorCode, context: ErrorContext = {}): () => never {
  return () => {
    const operations = [{ name: 'data', ok: false, responseMs: 30, error: 'no' }];
    throw new AppError(code, 'it does not work', { context: { operations, ...context } });
  };
}
