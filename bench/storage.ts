/** The numbers that the storage has to hold: write units a sample, bytes a value, calls and read units of the usual reads. */
import { metricsOf } from '../shared/capability-metrics.ts';
import { INTERFACE_KIND, inOctets } from '../shared/interfaces/metrics.ts';
import { openTable, type Table } from '../shared/platform/table.dynamodb.ts';
import { createHeadStore } from '../shared/samples/heads.dynamodb.ts';
import { chunkStart, packChunk } from '../shared/samples/packing.ts';
import { inParallel } from '../shared/samples/parallel.ts';
import type { RawPoint } from '../shared/samples/sample.ts';
import { startDynalite } from '../test/shared/dynalite.ts';
import { digits, interleaved, load, machine, option, type Run, say, table, timingText } from './measure.ts';
import { type Counts, meterClient } from './metered-client.ts';
import { type BenchRouter, openRouter, PORTS, REF } from './router.ts';
import * as set from './series.ts';

/** What is paid once is paid before: names, lives, the first head. */
const HISTORY_DAYS = 8;
const DAY = set.DAY_SLOTS;
/** A target is folded every six hours, 10 to 69 minutes after a chunk has ended. */
const FOLD_EVERY = 72;
const FOLD_AT = 8;
/** So many slots of a running chunk are not folded when the questions are asked. */
const UNFOLDED = 44;
const CHUNK_SLOTS = 72;
/** In the middle of a month rollups and tops have half their size. */
const START = Date.parse(`${set.MONTH}-07T00:00:00Z`);
const TARGETS = 1000;
const WEEK_MS = 7 * 86_400_000;

type Verdict = readonly [goal: string, met: boolean];

async function main(): Promise<void> {
  const days = option('days', HISTORY_DAYS);
  say(machine());
  const { client, close } = await startDynalite();
  const counts = meterClient(client);
  const bench = openTable('test', client);
  const rows: string[][] = [];
  const add = (what: string, figure: string, [goal, met]: Verdict, note = '') =>
    rows.push([what, figure, `${goal}: ${met ? 'met' : 'MISSED'}`, note, load()]);
  try {
    bytesRows(add);
    const data = set.generate(2 * PORTS, days + 2);
    const router = await openRouter(bench, data, START);
    await importHistory(router, days);
    await writeRows(add, router, counts, days * DAY);
    await readRows(add, router, counts, days * DAY + DAY + UNFOLDED);
    await headRows(add, bench, counts);
  } finally {
    await close();
  }
  table('Storage', ['what', 'measured', 'goal', 'how', 'load'], rows);
}

type Add = (what: string, figure: string, verdict: Verdict, note?: string) => void;

function bytesRows(add: Add): void {
  for (const [jitterMs, most] of [
    [100, 5.0],
    [0, 4.5],
  ] as const) {
    const data = set.generate(100, 7, jitterMs);
    let [bytes, values] = [0, 0];
    for (const counters of data.counters) {
      for (let from = 0; from + CHUNK_SLOTS <= 7 * DAY; from += CHUNK_SLOTS) {
        bytes += packChunk(pointsOf(data, counters, from)).length;
        values += CHUNK_SLOTS;
      }
    }
    const measured = bytes / values;
    const what = `bytes a value, ${jitterMs === 0 ? 'without jitter' : `with ${jitterMs} ms jitter`}`;
    add(what, digits(measured), [`<= ${most.toFixed(1)}`, measured <= most], `${values} values in chunks of six hours`);
  }
}

function pointsOf(data: set.DataSet, counters: Float64Array, from: number): RawPoint[] {
  return Array.from({ length: CHUNK_SLOTS }, (_, i) => {
    const [slot, lag] = [set.slotAt(from + i), set.lagOf(data, from + i)];
    const askedAt = slot + set.ASKED_AFTER_MS;
    const life = set.lifeOf(inOctets.id, askedAt, askedAt + lag, 1);
    return { slot, receivedAt: askedAt + lag, value: BigInt(counters[from + i] ?? 0), boundary: true, life };
  });
}

async function importHistory(router: BenchRouter, days: number): Promise<void> {
  const batches = Array.from({ length: days * DAY }, (_, k) => router.batchOf(k));
  router.setClock(router.slotOf(days * DAY) - 1000);
  await router.store.importPoints(REF, batches);
  await router.store.fold(REF, 'UTC', router.slotOf(days * DAY) - 1000);
}

async function writeRows(add: Add, router: BenchRouter, counts: Counts, from: number): Promise<void> {
  const run = async (k: number) => {
    await router.runOnce(k);
    if (k % FOLD_EVERY === FOLD_AT) await router.store.fold(REF, 'UTC', chunkStart(router.slotOf(k)));
  };
  for (let k = from; k < from + UNFOLDED; k++) await run(k);
  counts.reset();
  // A whole day: four chunks end in it, and one day.
  for (let k = from + UNFOLDED; k < from + UNFOLDED + DAY; k++) await run(k);
  const samples = PORTS * DAY;
  const units = (...shelves: string[]) =>
    shelves.reduce((total, shelf) => total + (counts.writeUnits.get(shelf) ?? 0), 0) / samples;
  const all = [...counts.writeUnits.keys()];
  const each = all.map((shelf) => `${NAMES[shelf] ?? shelf} ${units(shelf).toFixed(4)}`).join(', ');
  const fold = units('B', 'names', 'S', 'R', 'P');
  add(`write units a sample, batch and fold, router of ${PORTS} ports`, fold.toFixed(4), ['<= 0.05', fold <= 0.05]);
  const total = units(...all);
  add('write units a sample, everything counted', total.toFixed(4), ['<= 0.10', total <= 0.1], each);
}

const NAMES: Readonly<Record<string, string>> = {
  ...{ B: 'batches', S: 'chunks', R: 'rollups', P: 'tops', H: 'head' },
  ...{ L: 'run log', E: 'entities', A: 'alerts', C: 'sources' },
};

async function readRows(add: Add, router: BenchRouter, counts: Counts, end: number): Promise<void> {
  const to = router.slotOf(end);
  const series = { ...REF, entity: `${REF.target}/sfp-sfpplus8`, metric: inOctets.id };
  const week = async () => {
    const points = await router.store.readSeries(series, to - WEEK_MS, to);
    if (points.length !== 7 * DAY) throw new Error(`7 days are ${7 * DAY} readings, not ${points.length}`);
  };
  await readRow(add, `7 days raw of one series, ${UNFOLDED} slots not folded yet`, counts, week);
  await router.store.fold(REF, 'UTC', to);
  await readRow(add, '7 days raw of one series, all folded', counts, week);
}

async function readRow(add: Add, what: string, counts: Counts, run: Run): Promise<void> {
  counts.reset();
  await run();
  const { calls, readUnits } = counts;
  const times = await interleaved({ run });
  const figure = `${calls} calls, ${readUnits} read units`;
  add(
    what,
    figure,
    ['<= 2 calls, <= 12 read units', calls <= 2 && readUnits <= 12],
    `${timingText(times.get('run'))} ms`,
  );
}

async function headRows(add: Add, bench: Table, counts: Counts): Promise<void> {
  const heads = createHeadStore(bench);
  const slot = set.slotAt(0);
  await inParallel(
    Array.from({ length: TARGETS }, (_, i) => `account${i}`),
    8,
    async (target) => {
      const ref = { tenant: 'many', kind: INTERFACE_KIND, target };
      const reading = { entity: `${target}/main`, receivedAt: slot, values: { [inOctets.id]: 1_000_000n } };
      const batch = { slot, part: 0, receivedAt: slot, periodSeconds: 300, boundary: true, readings: [reading] };
      await heads.markUnfolded(ref, [{ ...ref, ...batch }], metricsOf(INTERFACE_KIND));
    },
  );
  const newest = async () => {
    const found = await heads.list('many', INTERFACE_KIND);
    if (found.length !== TARGETS) throw new Error(`there are ${TARGETS} heads, not ${found.length}`);
  };
  counts.reset();
  await newest();
  const { calls, readUnits } = counts;
  const times = await interleaved({ newest });
  const note = `${timingText(times.get('newest'))} ms`;
  add(
    `newest values of ${TARGETS} targets`,
    `${calls} call, ${readUnits} read units`,
    ['one query', calls === 1],
    note,
  );
}

await main();
