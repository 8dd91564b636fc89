/** The writer against the emulated Timestream: calls, versions, rejections, retries within the deadline. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTimestreamReader, createTimestreamWriter } from '../../../shared/samples/samples.timestream.ts';
import { type SampleRow, versionOf } from '../../../shared/samples/timestream-rows.ts';
import {
  DATABASE,
  DAY,
  type Fault,
  HOUR,
  NOW,
  query,
  startWorld,
  TABLE,
  type TimestreamWorld,
} from '../../local/services/timestream-world.ts';
import { batch, REF } from './router.ts';

const names = { database: DATABASE, table: TABLE };
let world: TimestreamWorld;
let waits: number[];
beforeEach(async () => {
  world = await startWorld();
  waits = [];
});
afterEach(() => world.close());

/** A pause takes no time, but the clock goes on. */
const open = () =>
  createTimestreamWriter({
    client: world.writer,
    ...names,
    clock: world.clock,
    pause: async (ms) => {
      waits.push(ms);
      world.clock.moveTo(world.clock.now() + ms);
    },
  });
const deadline = NOW + 10_000;
const row = (over: Partial<SampleRow> = {}): SampleRow => ({
  ...{ entity: 'core1/ether1', slot: NOW, receivedAt: NOW + 1200, boundary: true, values: { ifHCInOctets: 5n } },
  ...over,
});
const rows = (n: number) => Array.from({ length: n }, (_, i) => row({ entity: `core1/ether${i}` }));
const count = async () => Number((await query(world, 'SELECT count(*) FROM headroom.samples'))[0]?.[0]);

test('a batch becomes one record an entity, with tenant, kind and entity as dimensions and the slot as time', async () => {
  const result = await open().write(
    batch(NOW, [
      { entity: 'core1/ether1', input: 5n, output: 6n },
      { entity: 'core1/ether2', input: 7n },
    ]),
    versionOf(1, 1),
    deadline,
  );
  expect(result).toEqual({ stored: 2, rejected: [] });
  const sql =
    'SELECT tenant, kind, entity, measure_name, to_milliseconds(time), ifHCInOctets, ifHCOutOctets, receivedAt, boundary FROM headroom.samples ORDER BY entity';
  const common = ['demo', 'interface'];
  expect(await query(world, sql)).toEqual([
    [...common, 'core1/ether1', 'sample', String(NOW), '5', '6', String(NOW + 1200), 'true'],
    [...common, 'core1/ether2', 'sample', String(NOW), '7', null, String(NOW + 1200), 'true'],
  ]);
});

test.each([
  [0, 0],
  [1, 1],
  [100, 1],
  [101, 2],
  [250, 3],
])('%i rows are written in %i calls', async (n, calls) => {
  expect(await open().writeRows(REF, rows(n), 1_000_001, deadline)).toEqual({ stored: n, rejected: [] });
  expect(world.calls.filter((call) => call === 'WriteRecords')).toHaveLength(calls);
});

test('rows of many instants are written like those of one', async () => {
  const many = Array.from({ length: 150 }, (_, i) => row({ slot: NOW - i * 300_000, values: { a: BigInt(i) } }));
  expect((await open().writeRows(REF, many, 1_000_001, deadline)).stored).toBe(150);
  const reader = createTimestreamReader({ client: world.querier, ...names, clock: world.clock });
  const points = await reader.readSeries({ ...REF, entity: 'core1/ether1', metric: 'a' }, 0, NOW + 1);
  expect(points.map((p) => p.value)).toEqual(many.map((_, i) => BigInt(149 - i)));
});

test('F2: the same written twice, or by an older reader of the slot, changes nothing', async () => {
  const copy = open();
  await copy.writeRows(REF, [row()], versionOf(1, 2), deadline);
  expect(await copy.writeRows(REF, [row()], versionOf(1, 2), deadline)).toEqual({ stored: 1, rejected: [] });
  const older = await copy.writeRows(REF, [row({ values: { ifHCInOctets: 4n } })], versionOf(1, 1), deadline);
  expect(older).toMatchObject({
    stored: 0,
    rejected: [{ entity: 'core1/ether1', slot: NOW, reason: 'version', existingVersion: 1_000_002 }],
  });
});

test('rejected rows are named with their reason; the others are stored', async () => {
  const given = [
    row({ entity: 'old', slot: NOW - 500 * DAY }),
    row({ entity: 'ahead', slot: NOW + HOUR }),
    row({ entity: 'x'.repeat(3000) }),
    row({ entity: 'good' }),
  ];
  const { stored, rejected } = await open().writeRows(REF, given, 1_000_001, deadline);
  expect(stored).toBe(1);
  expect(rejected.map(({ entity, reason }) => [entity.slice(0, 5), reason])).toEqual([
    ['old', 'tooOld'],
    ['ahead', 'tooNew'],
    ['xxxxx', 'limit'],
  ]);
  expect(await count()).toBe(1);
});

describe('F7: when Timestream does not do what it should', () => {
  const throttled = { status: 400, body: { __type: 'x#ThrottlingException', Message: 'slow down' } };
  const broken = { status: 500, body: { __type: 'x#InternalServerException', Message: 'oops' } };
  const first = (n: number, answer: ReturnType<Fault>, of = 'WriteRecords'): Fault => {
    let left = n;
    return (operation) => (operation === of && left-- > 0 ? answer : undefined);
  };

  test.each([
    ['throttles twice', first(2, throttled), 2],
    ['fails three times', first(3, broken), 3],
    ['answers with no JSON once', first(1, { status: 502, body: 'bad gateway' }), 1],
    ['throttles the discovery of its endpoint', first(1, throttled, 'DescribeEndpoints'), 1],
  ])('and %s, the write is tried again with jitter', async (_, fault, pauses) => {
    world.fault = fault;
    expect(await open().writeRows(REF, rows(3), 1_000_001, deadline)).toEqual({ stored: 3, rejected: [] });
    expect(waits).toHaveLength(pauses);
    expect(waits.every((ms, n) => ms >= 0 && ms <= 100 * 2 ** n)).toBe(true);
  });

  test('and goes on throttling, the write ends before its deadline and says so', async () => {
    world.fault = first(1e9, throttled);
    await expect(open().writeRows(REF, rows(1), 1_000_001, deadline)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('ThrottlingException'),
    });
    expect(world.clock.now()).toBeLessThanOrEqual(deadline);
    expect(waits.length).toBeGreaterThan(3);
  });

  test('and hangs, the call is cut off at the deadline', async () => {
    world.fault = () => 'hang';
    const startedAt = performance.now();
    const writing = open().writeRows(REF, rows(1), 1_000_001, world.clock.now() + 200);
    await expect(writing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  test('a refusal that no retry mends is thrown as it is, at once', async () => {
    world.fault = first(1, { status: 400, body: { __type: 'x#AccessDeniedException', Message: 'no' } });
    await expect(open().writeRows(REF, rows(1), 1_000_001, deadline)).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    expect(waits).toEqual([]);
  });
});
