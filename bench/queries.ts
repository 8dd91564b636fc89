/** Row c: seven questions to Headroom and, where they are installed, to Prometheus, VictoriaMetrics and PostgreSQL. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { inOctets } from '../shared/interfaces/metrics.ts';
import { openClient, openTable, type Table } from '../shared/platform/table.dynamodb.ts';
import { chunksPk, rollupKey, topKey } from '../shared/samples/keys.ts';
import { createMonthStore } from '../shared/samples/months.dynamodb.ts';
import { packTops } from '../shared/samples/percentile.ts';
import { packRollup } from '../shared/samples/rollup.ts';
import { createSampleStore } from '../shared/samples/samples.dynamodb.ts';
import { itemBytes } from '../test/shared/meter.ts';
import { type BenchCloud, startBenchCloud, startFunction } from './cloud.ts';
import { type LoadReport, loadDataSet, metricsOf, ZONE } from './generate.ts';
import { answersOfApi, answersOfHandlers, answersOfStore, eventsOf } from './headroom-answers.ts';
import {
  digits,
  expectSame,
  interleaved,
  load,
  machine,
  option,
  type Run,
  say,
  type Timing,
  table,
  timingText,
} from './measure.ts';
import { type Counts, meterClient } from './metered-client.ts';
import { startPostgres } from './postgres.ts';
import { temporaryFolder } from './programs.ts';
import { startPrometheus, startVictoriaMetrics, writeText } from './prometheus.ts';
import { type Figures, NAMES, type Peer, QUESTIONS, type Question, subjectOf, truthOf } from './questions.ts';
import * as set from './series.ts';

/** Half a bit a second of each of 50 is rounded. */
const ROUNDING = 1e-5;
const CPU_RUNS = 50;
/** All subscribers in one tenant, for the questions whose cost depends on that. */
const WIDE = 'wide';
const GOALS: Readonly<Record<Question, { text: string; p95Ms?: number }>> = {
  Q1a: { text: 'p95 < 20 ms', p95Ms: 20 },
  Q1b: { text: 'p95 < 20 ms', p95Ms: 20 },
  Q2: { text: 'faster than VictoriaMetrics' },
  Q3: { text: 'faster than VictoriaMetrics' },
  Q4: { text: 'p95 < 20 ms', p95Ms: 20 },
  Q5: { text: 'p95 < 60 ms', p95Ms: 60 },
  Q6: { text: 'p95 < 20 ms', p95Ms: 20 },
  Q7: { text: 'faster than VictoriaMetrics' },
};

type Variant = 'API' | 'store' | 'store, one tenant';

interface Asked {
  readonly question: Question;
  readonly variant: Variant;
  readonly ask: () => Promise<number>;
  readonly tolerance: number;
}

interface Cost {
  readonly calls: number;
  readonly readUnits: number;
  readonly cpuMs: number;
}

async function main(): Promise<void> {
  const data = set.generate(option('series', 1000), option('days', 30));
  say(machine());
  const truth = truthOf(data);
  const cloud = await startBenchCloud({ startAt: set.slotAt(data.slots) });
  const client = houseClient(cloud);
  const counts = meterClient(client);
  const bench = openTable(cloud.table, client);
  const peers: Peer[] = [];
  try {
    const loaded = await loadDataSet({ table: cloud.table, client, counts }, data);
    await copyToOneTenant(bench, data);
    await startPeers(data, peers);
    await showLoad(bench, data, loaded, peers);
    const asked = await headroomAsks(cloud, bench, data);
    await showTimes(asked, peers, truth);
    await showCosts(cloud, bench, counts, asked, data);
  } finally {
    for (const peer of peers) await peer.stop();
    client.destroy();
    await cloud.stop();
  }
}

/** The functions' own, straight to the emulator. */
function houseClient(cloud: BenchCloud) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return openClient({ endpoint: cloud.tablesUrl, region: 'us-east-1', credentials, maxAttempts: 2 });
}

/** Each is in the list as soon as it runs, so that it is stopped whatever comes after. */
async function startPeers(data: set.DataSet, peers: Peer[]): Promise<void> {
  const text = join(temporaryFolder('text'), 'usage.om');
  await writeText(data, text);
  for (const start of [startPrometheus, startVictoriaMetrics, startPostgres]) {
    const peer = await start(data, text);
    if (peer) peers.push(peer);
  }
  rmSync(text);
}

/** The month of every subscriber once more, as if all of them were one tenant's. */
async function copyToOneTenant(bench: Table, data: set.DataSet): Promise<void> {
  const clock = { now: () => set.slotAt(data.slots) };
  const store = createSampleStore(bench, metricsOf, clock);
  const months = createMonthStore(bench, clock);
  for (let t = 0; t < set.TENANTS; t++) {
    const { tenant } = set.refOf(t);
    const rollups = await store.readRollups(tenant, inOctets.id, set.MONTH);
    const tops = await store.readTops(tenant, inOctets.id, set.MONTH);
    for (const [entity, days] of rollups) {
      const keys = [rollupKey, topKey].map((keyOf) => keyOf(WIDE, inOctets.id, set.MONTH, `${tenant}-${entity}`));
      const bytes = [packRollup(days, ZONE), packTops(tops.get(entity) ?? [])];
      for (const [i, key] of keys.entries()) {
        const none = { key, rev: 0, generation: 0, zone: '' };
        await months.write(none, { bytes: bytes[i] ?? new Uint8Array(), zone: ZONE, generation: 1 });
      }
    }
  }
}

async function showLoad(bench: Table, data: set.DataSet, loaded: LoadReport, peers: readonly Peer[]): Promise<void> {
  const { day, pastSeconds, samples } = loaded;
  const units = (...shelves: string[]) =>
    digits(shelves.reduce((total, shelf) => total + (day.writeUnits.get(shelf) ?? 0), 0) / day.samples);
  const past = samples - day.samples - data.counters.length * set.RUNNING_SLOTS;
  table(
    `Loading ${samples} samples: ${data.counters.length} series, ${data.days} days, ${set.TENANTS} tenants`,
    ['store', 'way', 'samples/s', 'bytes a sample', 'write units a sample'],
    [
      ['Headroom', `fold of ${data.days - 1} days, batches in memory`, digits(past / pastSeconds), '', ''],
      [
        'Headroom',
        'one day as collectors write it: lease, batch, head, folds',
        digits(day.samples / day.seconds),
        `${digits(await chunkBytes(bench, data))} (items of chunks)`,
        `${units('B', 'names', 'S', 'R', 'P')} batch and fold, ${units(...day.writeUnits.keys())} with head and lease`,
      ],
      ...peers.map((p) => [p.name, 'bulk load', digits(samples / p.loadSeconds), digits(p.bytesPerSample), '']),
    ],
  );
}

/** Of one tenant's chunks, everything in their items counted. */
async function chunkBytes(bench: Table, data: set.DataSet): Promise<number> {
  const { tenant, kind } = set.refOf(5);
  let bytes = 0;
  for (let subscriber = 0; subscriber < set.subscribersOf(data); subscriber++) {
    const pk = chunksPk({ tenant, kind, entity: set.entityName(subscriber) });
    const items = await bench.queryAll({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
    });
    bytes += items.reduce((total, item) => total + itemBytes(item), 0);
  }
  return bytes / (set.subscribersOf(data) * data.days * set.DAY_SLOTS);
}

async function headroomAsks(cloud: BenchCloud, bench: Table, data: set.DataSet): Promise<Asked[]> {
  const [about, now] = [subjectOf(data), set.slotAt(data.slots)];
  const token = await cloud.token(set.tenantName(about.tenant), 'viewer');
  const tenants = Array.from({ length: set.TENANTS }, (_, t) => set.tenantName(t));
  const api = answersOfApi(cloud.publicUrl, token, data, about);
  const store = answersOfStore(bench, tenants, about, now);
  const wide = answersOfStore(bench, [WIDE], about, now);
  const of = (variant: Variant, answers: Partial<Record<Question, () => Promise<number>>>) =>
    Object.entries(answers).map(([question, ask]) => {
      return { question: question as Question, variant, ask, tolerance: question === 'Q4' ? ROUNDING : 0 };
    });
  const { Q2, Q3, Q7 } = wide;
  const all = [...of('API', api), ...of('store', store), ...of('store, one tenant', { Q2, Q3, Q7 })];
  return all.sort((a, b) => NAMES.indexOf(a.question) - NAMES.indexOf(b.question));
}

async function showTimes(asked: readonly Asked[], peers: readonly Peer[], truth: Figures): Promise<void> {
  const rows: string[][] = [];
  for (const question of NAMES) {
    const busy = load();
    const own = asked.filter((one) => one.question === question);
    const contenders: Record<string, Run> = {};
    for (const { variant, ask, tolerance } of own) {
      contenders[variant] = async () => expectSame(`Headroom ${question}`, truth[question], await ask(), tolerance);
    }
    for (const { name, ask, tolerance, expected } of peers) {
      const right = expected?.[question] ?? truth[question];
      contenders[name] = async () =>
        expectSame(`${name} ${question}`, right, await ask[question](), tolerance[question]);
    }
    const times = await interleaved(contenders);
    for (const [i, { variant }] of own.entries()) {
      const others = peers.map((peer) => (i === 0 ? timingText(times.get(peer.name)) : ''));
      const goal = `${GOALS[question].text}: ${verdict(question, times.get(variant), times.get('VictoriaMetrics'))}`;
      rows.push([`${question} ${QUESTIONS[question]}`, variant, timingText(times.get(variant)), ...others, goal, busy]);
    }
  }
  const columns = ['question', 'by', 'Headroom ms', ...peers.map((p) => `${p.name} ms`), 'goal', 'load'];
  table('Row c: the same questions, the same answers (median, p95)', columns, rows);
}

function verdict(question: Question, own: Timing | undefined, victoria: Timing | undefined): string {
  const { p95Ms } = GOALS[question];
  if (!own) return '-';
  if (p95Ms !== undefined) return own.p95Ms < p95Ms ? 'met' : 'MISSED';
  if (!victoria) return 'not beside it';
  return own.medianMs < victoria.medianMs ? 'met' : 'MISSED';
}

async function showCosts(
  cloud: BenchCloud,
  bench: Table,
  counts: Counts,
  asked: readonly Asked[],
  data: set.DataSet,
): Promise<void> {
  const about = subjectOf(data);
  const handlers = answersOfHandlers(bench, about, set.slotAt(data.slots));
  const events = eventsOf(await cloud.token(set.tenantName(about.tenant), 'viewer'), about);
  const fn = cloud.functions['api-interfaces'];
  if (!fn) throw new Error('there is no function api-interfaces');
  const lone = await startFunction(fn, cloud.clockOffsetMs);
  const rows: string[][] = [];
  for (const { question, variant, ask } of asked) {
    const busy = load();
    const key = question as keyof typeof handlers;
    const cost =
      variant === 'API'
        ? await costOf(counts, handlers[key], () => lone.invoke(events[key]), lone.cpuMs)
        : await costOf(counts, ask, ask, async () => processMs());
    const by = variant === 'API' && question === 'Q5' ? 'API, each of the 50 requests' : variant;
    const row = [String(cost.calls), digits(cost.readUnits), digits(cost.cpuMs), cost.cpuMs < 5 ? 'met' : 'MISSED'];
    rows.push([question, by, ...row, busy]);
  }
  await lone.stop();
  const columns = ['question', 'by', 'store calls', 'read units', 'CPU ms', 'CPU < 5 ms', 'load'];
  table('Row c: what an answer costs (the membership of the caller is cached)', columns, rows);
}

async function costOf(counts: Counts, counted: Run, repeated: Run, cpuMs: () => Promise<number>): Promise<Cost> {
  counts.reset();
  await counted();
  const { calls, readUnits } = counts;
  for (let i = 0; i < CPU_RUNS; i++) await repeated();
  const before = await cpuMs();
  for (let i = 0; i < CPU_RUNS; i++) await repeated();
  return { calls, readUnits, cpuMs: ((await cpuMs()) - before) / CPU_RUNS };
}

function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

await main();
