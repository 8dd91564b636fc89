/** A router of 48 ports that the whole pipeline of the product reads, its answers made of the generated counters. */

import { createEvaluate } from '../functions/evaluate/evaluate.ts';
import { createAlertStore } from '../shared/alerts/alerts.dynamodb.ts';
import { capabilityOf } from '../shared/capabilities.ts';
import { metricsOf } from '../shared/capability-metrics.ts';
import { openBreakerStore } from '../shared/collect/breaker.dynamodb.ts';
import type { Collector, Page } from '../shared/collect/collector.port.ts';
import { collect } from '../shared/collect/pipeline.ts';
import type { CollectDeps } from '../shared/collect/run-context.ts';
import { openRunStore } from '../shared/collect/runs.dynamodb.ts';
import { slotInMinute } from '../shared/collect/schedule.ts';
import type { Source } from '../shared/collect/source.ts';
import { openSourceStore } from '../shared/collect/sources.dynamodb.ts';
import { createEntityStore } from '../shared/entities/entities.dynamodb.ts';
import { createTenantStore } from '../shared/entities/tenants.dynamodb.ts';
import { interfaceDraft } from '../shared/interfaces/interface.ts';
import { INTERFACE_KIND, inOctets, operStatus, outOctets } from '../shared/interfaces/metrics.ts';
import { createReceiverStore } from '../shared/notify/receivers.dynamodb.ts';
import { type Clock, isoInstant } from '../shared/platform/clock.ts';
import type { Queue } from '../shared/platform/queue.port.ts';
import type { Table } from '../shared/platform/table.dynamodb.ts';
import { createRuleStore } from '../shared/rules/rules.dynamodb.ts';
import { createWatchStore } from '../shared/rules/watch.dynamodb.ts';
import type { Batch, Reading, TargetRef } from '../shared/samples/sample.ts';
import { createSampleStore, type DynamoSampleStore } from '../shared/samples/samples.dynamodb.ts';
import * as set from './series.ts';

export const PORTS = 48;
export const REF: TargetRef = { tenant: 'bench', kind: INTERFACE_KIND, target: 'core1' };
const INVOCATION_MS = 60_000;
const MINUTE_MS = 60_000;

export interface BenchRouter {
  readonly store: DynamoSampleStore;
  /** Instant of run `k`, on the grid of the tenant's own phase. */
  slotOf(k: number): number;
  /** What run `k` brings, as a batch. */
  batchOf(k: number): Batch;
  /** Run `k` through the pipeline and the evaluation after it. */
  runOnce(k: number): Promise<void>;
  setClock(at: number): void;
}

/** What is collected, by whom, at whose time. */
export interface Collected {
  readonly source: Source;
  readonly collector: Collector;
  readonly clock: Clock;
  readonly secret?: Readonly<Record<string, string>>;
  /** Beside public addresses. */
  readonly allowedNetworks?: readonly string[];
}

export interface Pipeline {
  readonly store: DynamoSampleStore;
  /** One run at its slot, up to what is in the table and is judged next. */
  run(slot: number): ReturnType<typeof collect>;
  evaluate(): Promise<void>;
}

/** The stages of the product between a collector and a rule, for one source and a tenant of its own. */
export async function openPipeline(bench: Table, collected: Collected): Promise<Pipeline> {
  const { source, collector, clock, secret = {}, allowedNetworks = [] } = collected;
  const { tenant, id, kind, type } = source;
  const tenants = createTenantStore(bench);
  const owner = { tenant, name: tenant, zone: 'UTC', simulated: false };
  await tenants.putTenant({ ...owner, allowedNetworks, createdAt: clock.now() });
  const sources = openSourceStore({ table: bench, tenants });
  await sources.put(source);
  const store = createSampleStore(bench, metricsOf, clock);
  const stores = { tenants, sources, entities: createEntityStore(bench), samples: store };
  const deps: CollectDeps = {
    ...{ ...stores, types: [type], clock, collector, runs: openRunStore({ table: bench, clock }) },
    breakers: openBreakerStore(bench),
    secrets: { readSecret: async () => secret },
    tokens: () => ({ read: async () => undefined, write: async () => undefined, forget: async () => undefined }),
    collectQueue: silentQueue(),
    evaluateQueue: silentQueue(),
  };
  const evaluate = createEvaluate({
    ...{ ...stores, clock, capabilityOf, outbox: silentQueue(), rules: createRuleStore(bench) },
    ...{ watch: createWatchStore(bench), receivers: createReceiverStore(bench), alerts: createAlertStore(bench) },
  });
  return {
    store,
    run: (slot) => {
      const message = { version: 1, tenant, source: id, part: 0, boundary: true, slot: isoInstant(slot) } as const;
      return collect(deps, message, { deadline: clock.now() + INVOCATION_MS });
    },
    evaluate: async () => void (await evaluate(JSON.stringify({ version: 1, tenant, kind, target: id }))),
  };
}

/** Series 2i and 2i + 1 of the data are what port i receives and sends; `startAt` is about when run 0 is. */
export async function openRouter(bench: Table, data: set.DataSet, startAt: number): Promise<BenchRouter> {
  let now = startAt;
  const source: Source = {
    ...{ ...REF, id: REF.target, type: 'snmp', name: 'Core', enabled: true, periodSeconds: set.PERIOD_SECONDS },
    ...{ settings: {}, simulated: false, createdAt: startAt, version: 0 },
  };
  let page: Page | undefined;
  const collector: Collector = {
    kind: INTERFACE_KIND,
    async read() {
      if (!page) throw new Error('nobody asked for a run');
      return page;
    },
  };
  const pipeline = await openPipeline(bench, { source, collector, clock: { now: () => now } });
  const first = firstSlot(source, startAt);
  const slotOf = (k: number) => first + k * set.SLOT_MS;
  return {
    store: pipeline.store,
    slotOf,
    batchOf: (k) => batchOf(data, k, slotOf(k)),
    setClock: (at) => {
      now = at;
    },
    async runOnce(k) {
      const batch = batchOf(data, k, slotOf(k));
      now = batch.receivedAt + 50;
      page = pageOf(batch);
      const report = await pipeline.run(batch.slot);
      if (report.outcome !== 'success') throw new Error(`run ${k}: ${JSON.stringify(report)}`);
      await pipeline.evaluate();
    },
  };
}

function silentQueue<M>(): Queue<M> {
  return { send: async () => undefined, sendMany: async () => undefined };
}

/** The first at or after `startAt`, on the grid of the tenant's own phase. */
export function firstSlot(source: Source, startAt: number): number {
  const { tenant, id, type, kind, periodSeconds } = source;
  const target = { tenant, source: id, type, kind, periodSeconds, enabled: true, paused: false };
  for (let minute = startAt; ; minute += MINUTE_MS) {
    const slot = slotInMinute(target, minute);
    if (slot !== undefined) return slot;
  }
}

function batchOf(data: set.DataSet, k: number, slot: number): Batch {
  const lag = set.lagOf(data, k);
  const readings = Array.from({ length: PORTS }, (_, port): Reading => {
    const askedAt = slot + set.ASKED_AFTER_MS + set.BETWEEN_PORTS_MS * port;
    const value = (series: number) => BigInt(data.counters[series]?.[k] ?? 0);
    const life = (metric: string) => set.lifeOf(metric, askedAt, askedAt + lag, port + 1);
    return {
      entity: `${REF.target}/sfp-sfpplus${port + 1}`,
      receivedAt: askedAt + lag,
      values: { [inOctets.id]: value(2 * port), [outOctets.id]: value(2 * port + 1), [operStatus.id]: 1n },
      lives: { [inOctets.id]: life(inOctets.id), [outOctets.id]: life(outOctets.id) },
    };
  });
  const receivedAt = readings.at(-1)?.receivedAt ?? slot;
  return { ...REF, slot, part: 0, receivedAt, periodSeconds: set.PERIOD_SECONDS, boundary: true, readings };
}

function pageOf(batch: Batch): Page {
  const router = { id: REF.target, name: 'Core', simulated: false };
  const entities = batch.readings.map(({ entity }, port) => {
    const ifName = entity.slice(REF.target.length + 1);
    return interfaceDraft(router, entity, { ifIndex: port + 1, ifName, ifType: 6, speedBitsPerSecond: 1e9 });
  });
  const operations = ['resolve', 'walk interface tables'].map((name) => ({ name, ok: true, responseMs: 40 }));
  return { readings: batch.readings, entities, rejected: [], operations, complete: true };
}
