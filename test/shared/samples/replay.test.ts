/** Replay from DynamoDB to Timestream: a gap is filled, nothing newer is touched, a second run is harmless. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSampleSource } from '../../../shared/samples/copies.dynamodb.ts';
import { type ReplayProgress, replay } from '../../../shared/samples/replay.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { createTimestreamReader, createTimestreamWriter } from '../../../shared/samples/samples.timestream.ts';
import { rowsOf, versionOf } from '../../../shared/samples/timestream-rows.ts';
import {
  DATABASE,
  DAY,
  HOUR,
  NOW,
  startWorld,
  TABLE,
  type TimestreamWorld,
} from '../../local/services/timestream-world.ts';
import { startDynalite } from '../dynalite.ts';
import { batch, metricsOf, REF, SLOT_MS } from './router.ts';

const SLOTS = 600;
const FROM = NOW - SLOTS * SLOT_MS;
const slot = (n: number) => FROM + n * SLOT_MS;
const entities = ['core1/ether1', 'core1/ether2'];
const names = { database: DATABASE, table: TABLE };
const batches = Array.from({ length: SLOTS }, (_, n) =>
  batch(slot(n), [
    { entity: 'core1/ether1', input: BigInt(n), output: BigInt(2 * n) },
    { entity: 'core1/ether2', input: BigInt(3 * n) },
  ]),
);

let database: Awaited<ReturnType<typeof startDynalite>>;
let world: TimestreamWorld;
beforeAll(async () => {
  database = await startDynalite();
  const store = createSampleStore(database.table, metricsOf, { now: () => NOW });
  // Two thirds folded into chunks, the rest in batches only.
  await store.importPoints(REF, batches.slice(0, 400));
  await store.fold(REF, 'UTC', NOW);
  await store.importPoints(REF, batches.slice(400));
});
afterAll(() => database.close());
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const copyOf = () => createTimestreamWriter({ client: world.writer, ...names, clock: world.clock });
const run = (over: Partial<Parameters<typeof replay>[1]> = {}, onProgress: (p: ReplayProgress) => void = () => {}) =>
  replay(
    { clock: world.clock, source: createSampleSource(database.table, world.clock), copy: copyOf(), onProgress },
    {
      entities: entities.map((entity) => ({ entity, ref: REF })),
      from: FROM,
      to: NOW,
      generation: 1,
      dryRun: false,
      ...over,
    },
  );
const read = async (entity: string, metric = 'ifHCInOctets') => {
  const reader = createTimestreamReader({ client: world.querier, ...names, clock: world.clock });
  return (await reader.readSeries({ ...REF, entity, metric }, 0, NOW)).map((p) => p.value);
};
const none = { tooOld: 0, tooNew: 0, version: 0, limit: 0 };

test('F7: a gap is filled from chunks and from what is not folded yet, with every metric', async () => {
  const seen: string[] = [];
  const counts = await run({}, ({ entity, at }) => void seen.push(`${entity} ${(at - FROM) / HOUR}`));
  expect(counts).toEqual({ rows: 2 * SLOTS, stored: 2 * SLOTS, rejected: none });
  expect(await read('core1/ether1')).toEqual(batches.map((_, n) => BigInt(n)));
  expect(await read('core1/ether1', 'ifHCOutOctets')).toEqual(batches.map((_, n) => BigInt(2 * n)));
  expect(await read('core1/ether2')).toEqual(batches.map((_, n) => BigInt(3 * n)));
  expect(seen).toEqual(entities.flatMap((entity) => [24, 48, 50].map((hours) => `${entity} ${hours}`)));
});

test('a second run stores nothing new and is no error', async () => {
  await run();
  expect(await run()).toEqual({ rows: 2 * SLOTS, stored: 2 * SLOTS, rejected: none });
  expect(await read('core1/ether1')).toHaveLength(SLOTS);
});

test('what is there already stays as it is, and a higher generation replaces it', async () => {
  const other = batch(slot(7), [{ entity: 'core1/ether1', input: 7777n }]);
  await copyOf().writeRows(REF, rowsOf([other]), versionOf(1, 1), NOW + 5000);
  expect(await run()).toMatchObject({ stored: 2 * SLOTS - 1, rejected: { ...none, version: 1 } });
  expect((await read('core1/ether1'))[7]).toBe(7777n);
  expect(await run({ generation: 2 })).toMatchObject({ rejected: none });
  expect((await read('core1/ether1'))[7]).toBe(7n);
});

test('a live part that comes after a replay takes its place', async () => {
  await run();
  const restated = batch(slot(7), [{ entity: 'core1/ether1', input: 7777n }]);
  const { stored } = await copyOf().writeRows(REF, rowsOf([restated]), versionOf(1, 1), NOW + 5000);
  expect(stored).toBe(1);
});

test('a dry run reads and counts, and writes nothing', async () => {
  expect(await run({ dryRun: true })).toEqual({ rows: 2 * SLOTS, stored: 0, rejected: none });
  expect(world.calls).toEqual([]);
});

test('the end is not included, and an entity without samples is no error', async () => {
  const one = { entities: [{ entity: 'core1/ether1', ref: REF }], from: slot(10), to: slot(12) };
  expect(await run(one)).toMatchObject({ rows: 2 });
  expect(await read('core1/ether1')).toEqual([10n, 11n]);
  expect(await run({ entities: [{ entity: 'nobody', ref: REF }] })).toMatchObject({ rows: 0, stored: 0 });
});

test('rows that have left the retention are counted as too old', async () => {
  world.clock.moveTo(NOW + 399 * DAY);
  const counts = await run({ entities: [{ entity: 'core1/ether1', ref: REF }], from: slot(0), to: slot(300) });
  expect(counts.rejected.tooOld).toBeGreaterThan(0);
  expect(counts.stored + counts.rejected.tooOld).toBe(counts.rows);
});
