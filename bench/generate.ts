/**
 * Fills a table with the generated data set through the product's own store: the past by one fold per target, the last
 * day as collectors write it (measured), and three hours of today that no fold has seen.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createEntityStore } from '../shared/entities/entities.dynamodb.ts';
import { createTenantStore } from '../shared/entities/tenants.dynamodb.ts';
import { interfaceDraft } from '../shared/interfaces/interface.ts';
import { INTERFACE_KIND, inOctets } from '../shared/interfaces/metrics.ts';
import type { Clock } from '../shared/platform/clock.ts';
import { type Item, type Key, openTable, type Table } from '../shared/platform/table.dynamodb.ts';
import type { BatchStore } from '../shared/samples/batches.dynamodb.ts';
import { createChunkStore } from '../shared/samples/chunks.dynamodb.ts';
import { CHUNK_MS } from '../shared/samples/fold.ts';
import { createHeadStore } from '../shared/samples/heads.dynamodb.ts';
import { createLateChunks } from '../shared/samples/late-chunks.dynamodb.ts';
import { createMonthStore } from '../shared/samples/months.dynamodb.ts';
import { inParallel } from '../shared/samples/parallel.ts';
import { createSampleStore, type DynamoSampleStore } from '../shared/samples/samples.dynamodb.ts';
import { createTargetFold } from '../shared/samples/targets.dynamodb.ts';
import type { Counts } from './metered-client.ts';
import * as set from './series.ts';

/** One metric an interface: what the peers hold too. */
export const metricsOf = () => [inOctets];
export const ZONE = 'UTC';
const LEASE_MS = 60_000;
const CHUNK_SLOTS = CHUNK_MS / set.SLOT_MS;
/** Targets under way at once: what keeps two cores busy. */
const WIDTH = 4;
const BULK_ITEMS = 25;
const BULK_CALLS = 8;

export interface LoadReport {
  readonly samples: number;
  readonly pastSeconds: number;
  readonly day: {
    readonly samples: number;
    readonly seconds: number;
    readonly writeUnits: ReadonlyMap<string, number>;
  };
}

export interface LoadTo {
  readonly table: string;
  readonly client: DynamoDBClient;
  /** Of that client. */
  readonly counts: Counts;
}

export async function loadDataSet(to: LoadTo, data: set.DataSet): Promise<LoadReport> {
  const table = openTable(to.table, to.client);
  const tenants = Array.from({ length: set.TENANTS }, (_, t) => t);
  await inParallel(tenants, WIDTH, (t) => addTenant(table, data, t));
  const lastDay = (data.days - 1) * set.DAY_SLOTS;
  const pastStarted = performance.now();
  await inParallel(tenants, WIDTH, (t) => loadPast(to, table, data, t, lastDay));
  const pastSeconds = (performance.now() - pastStarted) / 1000;
  to.counts.reset();
  const dayStarted = performance.now();
  const today = data.days * set.DAY_SLOTS;
  await inParallel(tenants, WIDTH, (t) => collect(table, data, t, { from: lastDay, to: today }));
  const seconds = (performance.now() - dayStarted) / 1000;
  const writeUnits = new Map(to.counts.writeUnits);
  await inParallel(tenants, WIDTH, (t) => collect(table, data, t, { from: today, to: data.slots }));
  const series = data.counters.length;
  return { samples: series * data.slots, pastSeconds, day: { samples: series * set.DAY_SLOTS, seconds, writeUnits } };
}

async function addTenant(table: Table, data: set.DataSet, t: number): Promise<void> {
  const { tenant, target } = set.refOf(t);
  const tenants = createTenantStore(table);
  await tenants.addTenant({
    tenant,
    name: tenant,
    zone: ZONE,
    simulated: true,
    allowedNetworks: [],
    createdAt: set.START,
  });
  await tenants.putMember({ subject: `local:${tenant}:viewer`, tenant, role: 'viewer', disabled: false });
  const router = { id: target, name: 'Core', simulated: true };
  const drafts = Array.from({ length: set.subscribersOf(data) }, (_, subscriber) => {
    const port = { ifIndex: subscriber + 1, ifName: `ether${subscriber + 1}`, speedBitsPerSecond: 1_000_000_000 };
    return interfaceDraft(router, set.entityName(subscriber), port);
  });
  await createEntityStore(table).record(tenant, INTERFACE_KIND, target, drafts, { now: set.START, complete: true });
}

/** Slots before `until`: the fold finds their batches in memory instead of in the table, everything else is the product's. */
async function loadPast(to: LoadTo, table: Table, data: set.DataSet, t: number, until: number): Promise<void> {
  if (until === 0) return;
  const ref = set.refOf(t);
  const clock: Clock = { now: () => set.slotAt(until) };
  const bulk = bulkWriter(to, table);
  const heads = createHeadStore(table);
  const chunks = createChunkStore(bulk, batchesInMemory(data, t, until), clock);
  const fold = createTargetFold({
    heads,
    chunks,
    months: createMonthStore(table, clock),
    late: createLateChunks(table, clock),
    metricsOf,
  });
  const marks = Array.from({ length: until / CHUNK_SLOTS }, (_, chunk) => chunk * CHUNK_SLOTS);
  const batches = [...marks, until - 2, until - 1].map((k) => set.batchOf(data, t, k));
  await heads.markUnfolded(ref, batches, metricsOf());
  await fold.fold(ref, ZONE, clock.now());
}

function batchesInMemory(data: set.DataSet, t: number, until: number): BatchStore {
  const refuse = () => Promise.reject(new Error('the past is only read'));
  return {
    put: refuse,
    newest: refuse,
    async range(_ref, from, to) {
      const first = Math.max(0, Math.ceil((from - set.START) / set.SLOT_MS));
      const end = Math.min(until, Math.ceil((to - set.START) / set.SLOT_MS));
      return Array.from({ length: Math.max(0, end - first) }, (_, i) => set.batchOf(data, t, first + i));
    },
  };
}

/** Chunks of an empty table, 25 a call: the same items in a fifth of the time. */
function bulkWriter(to: LoadTo, table: Table): Table {
  const documents = DynamoDBDocumentClient.from(to.client);
  let waiting: (Item & Key)[] = [];
  const send = async () => {
    const items = waiting;
    waiting = [];
    const calls = Array.from({ length: Math.ceil(items.length / BULK_ITEMS) }, (_, i) =>
      items.slice(i * BULK_ITEMS, (i + 1) * BULK_ITEMS),
    );
    await inParallel(calls, BULK_CALLS, (some) => {
      const requests = some.map((Item) => ({ PutRequest: { Item } }));
      return documents.send(new BatchWriteCommand({ RequestItems: { [to.table]: requests } }));
    });
  };
  // One after the other: whoever reads then finds what was put before.
  let sent = Promise.resolve();
  const flush = () => {
    sent = sent.then(send);
    return sent;
  };
  return {
    ...table,
    // Nothing was there before, and nobody else writes.
    get: async () => undefined,
    async put(item) {
      waiting.push(item);
      if (waiting.length >= BULK_ITEMS * BULK_CALLS) await flush();
      return true;
    },
    async query(input) {
      await flush();
      return table.query(input);
    },
    async queryAll(input, most) {
      await flush();
      return table.queryAll(input, most);
    },
  };
}

/** As a collector does it, slot after slot, with a fold every six hours. */
async function collect(table: Table, data: set.DataSet, t: number, slots: { from: number; to: number }): Promise<void> {
  let now = set.slotAt(slots.from);
  const store = createSampleStore(table, metricsOf, { now: () => now });
  for (let k = slots.from; k < slots.to; k++) {
    now = set.slotAt(k) + 2000;
    await recordSlot(store, data, t, k, now);
    if ((k + 1) % CHUNK_SLOTS === 0) await store.fold(set.refOf(t), ZONE, set.slotAt(k + 1));
  }
}

/** The writes of one run, in the pipeline's order; a finished run leaves its lease to run out. */
export async function recordSlot(
  store: DynamoSampleStore,
  data: set.DataSet,
  t: number,
  k: number,
  now: number,
): Promise<void> {
  const lease = await store.acquireLease(set.refOf(t), now, LEASE_MS);
  if (!lease) throw new Error('nobody else can hold the lease');
  const { batch } = await store.putBatch(set.batchOf(data, t, k));
  await store.advanceHead(lease, batch, { slot: batch.slot, at: now, ok: true, failures: 0 });
}
