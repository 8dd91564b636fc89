/** A router of 48 ports that the whole pipeline of the product reads, its answers made of the generated counters. */

import { createEvaluate } from '../functions/evaluate/evaluate.ts';
import { createAlertStore } from '../shared/alerts/alerts.dynamodb.ts';
import { capabilityOf } from '../shared/capabilities.ts';
import { metricsOf } from '../shared/capability-metrics.ts';
import { openBreakerStore } from '../shared/collect/breaker.dynamodb.ts';
import type { Page } from '../shared/collect/collector.port.ts';
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
import { isoInstant } from '../shared/platform/clock.ts';
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

/** Series 2i and 2i + 1 of the data are what port i receives and sends; `startAt` is about when run 0 is. */
export async function openRouter(bench: Table, data: set.DataSet, startAt: number): Promise<BenchRouter> {
  let now = startAt;
  const clock = { now: () => now };
  const source: Source = {
    ...{ ...REF, id: REF.target, type: 'snmp', name: 'Core', enabled: true, periodSeconds: set.PERIOD_SECONDS },
    ...{ settings: {}, simulated: false, createdAt: startAt, version: 0 },
  };
  const tenants = createTenantStore(bench);
  const owner = { tenant: REF.tenant, name: REF.tenant, zone: 'UTC', simulated: false };
  await tenants.addTenant({ ...owner, allowedNetworks: [], createdAt: startAt });
  const sources = openSourceStore({ table: bench, tenants });
  await sources.put(source);
  const store = createSampleStore(bench, metricsOf, clock);
  const stores = { tenants, sources, entities: createEntityStore(bench), samples: store };
  let page: Page | undefined;
  const deps: CollectDeps = {
    ...{ ...stores, types: ['snmp'], clock, runs: openRunStore({ table: bench, clock }) },
    breakers: openBreakerStore(bench),
    secrets: { readSecret: async () => ({}) },
    tokens: () => ({ read: async () => undefined, write: async () => undefined, forget: async () => undefined }),
    collector: {
      kind: INTERFACE_KIND,
      async read() {
        if (!page) throw new Error('nobody asked for a run');
        return page;
      },
    },
    collectQueue: silentQueue(),
    evaluateQueue: silentQueue(),
  };
  const evaluate = createEvaluate({
    ...{ ...stores, clock, capabilityOf, outbox: silentQueue(), rules: createRuleStore(bench) },
    ...{ watch: createWatchStore(bench), receivers: createReceiverStore(bench), alerts: createAlertStore(bench) },
  });
  const first = firstSlot(startAt);
  const slotOf = (k: number) => first + k * set.SLOT_MS;
  return {
    store,
    slotOf,
    batchOf: (k) => batchOf(data, k, slotOf(k)),
    setClock: (at) => {
      now = at;
    },
    async runOnce(k) {
      const batch = batchOf(data, k, slotOf(k));
      now = batch.receivedAt + 50;
      page = pageOf(batch);
      const message = { version: 1, tenant: REF.tenant, source: source.id, part: 0, boundary: true } as const;
      const report = await collect(
        deps,
        { ...message, slot: isoInstant(batch.slot) },
        { deadline: now + INVOCATION_MS },
      );
      if (report.outcome !== 'success') throw new Error(`run ${k}: ${JSON.stringify(report)}`);
      await evaluate(JSON.stringify({ version: 1, ...REF }));
    },
  };
}

function silentQueue<M>(): Queue<M> {
  return { send: async () => undefined, sendMany: async () => undefined };
}

function firstSlot(startAt: number): number {
  const target = { tenant: REF.tenant, source: REF.target, type: 'snmp', kind: REF.kind } as const;
  const full = { ...target, periodSeconds: set.PERIOD_SECONDS, enabled: true, paused: false };
  for (let minute = startAt; ; minute += MINUTE_MS) {
    const slot = slotInMinute(full, minute);
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
