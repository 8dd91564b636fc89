/** The copier to Timestream over real stores: what it copies, and how it bears Timestream's bad days (fault 7). */
import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTimestreamHandler } from '../../../functions/collect/timestream.ts';
import { createSampleSource } from '../../../shared/samples/copies.dynamodb.ts';
import type { Batch, TargetRef } from '../../../shared/samples/sample.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { createTimestreamWriter } from '../../../shared/samples/samples.timestream.ts';
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
import { startDynalite } from '../../shared/dynalite.ts';
import { batch, metricsOf, REF, SLOT_MS } from '../../shared/samples/router.ts';

const throttled = { status: 400, body: { __type: 'x#ThrottlingException', Message: 'slow down' } };
const down = { status: 503, body: { __type: 'x#ServiceUnavailable', Message: 'down' } };

let database: Awaited<ReturnType<typeof startDynalite>>;
let world: TimestreamWorld;
let targets = 0;
let ref: TargetRef;
let counts: Map<string, number>;
let lines: unknown[][];

beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());
beforeEach(async () => {
  world = await startWorld();
  ref = { ...REF, target: `core${++targets}` };
  counts = new Map();
  lines = [];
});
afterEach(() => world.close());

const slot = (n: number) => NOW - n * SLOT_MS;
const port = (n: number, entity = 'core1/ether1') => ({ entity, input: BigInt(n), output: BigInt(n) + 1n });

/** Stores parts as the collector does, and names them as it does. */
async function store(...batches: Batch[]): Promise<string[]> {
  const samples = createSampleStore(database.table, metricsOf, world.clock);
  for (const one of batches) await samples.putBatch(one);
  return batches.map((one) =>
    JSON.stringify({ version: 1, ...ref, slot: new Date(one.slot).toISOString(), part: one.part, later: 'field' }),
  );
}

async function handle(bodies: readonly string[], remainingMs = 60_000): Promise<string[]> {
  const log = (...args: unknown[]) => void lines.push(args);
  const handler = createTimestreamHandler({
    clock: world.clock,
    source: createSampleSource(database.table, world.clock),
    copy: createTimestreamWriter({
      client: world.writer,
      database: DATABASE,
      table: TABLE,
      clock: world.clock,
      pause: async (ms) => world.clock.moveTo(world.clock.now() + Math.max(ms, 50)),
    }),
    logger: { info: log, warn: log, error: log, debug: log } as never,
    metrics: {
      addMetric: (name: string, _: string, n: number) => void counts.set(name, (counts.get(name) ?? 0) + n),
      hasStoredMetrics: () => counts.size > 0,
      publishStoredMetrics: () => void counts.set('published', 1),
    } as never,
  });
  const event = { Records: bodies.map((body, i) => ({ messageId: `m${i}`, body, eventSource: 'aws:sqs' })) };
  const answer = await handler(event as SQSEvent, { getRemainingTimeInMillis: () => remainingMs } as Context);
  return answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

const stored = () =>
  query(world, 'SELECT entity, to_milliseconds(time), ifHCInOctets, ifHCOutOctets FROM headroom.samples ORDER BY 2, 1');
const line = (n: number, entity: string, ...values: (number | null)[]) => [
  entity,
  String(slot(n)),
  ...values.map((value) => (value === null ? null : String(value))),
];
const always =
  (answer: ReturnType<Fault>): Fault =>
  () =>
    answer;
const writes = () => world.calls.filter((call) => call === 'WriteRecords').length;

test('the parts that messages name are copied', async () => {
  const bodies = await store(
    batch(slot(1), [port(1), port(2, 'core1/ether2')], { ref }),
    batch(slot(0), [port(3)], { ref }),
  );
  expect(await handle(bodies)).toEqual([]);
  expect(await stored()).toEqual([
    line(1, 'core1/ether1', 1, 2),
    line(1, 'core1/ether2', 2, 3),
    line(0, 'core1/ether1', 3, 4),
  ]);
  expect(Object.fromEntries(counts)).toMatchObject({ TimestreamRowsStored: 3, published: 1 });
});

test('F2: a message delivered twice changes nothing', async () => {
  const bodies = await store(batch(slot(0), [port(1)], { ref }));
  expect(await handle([...bodies, ...bodies])).toEqual([]);
  expect(await handle(bodies)).toEqual([]);
  expect(await stored()).toEqual([line(0, 'core1/ether1', 1, 2)]);
});

describe('F15: a slot of several parts reads the same in whatever order their messages come', () => {
  test.each([[[0, 1, 2]], [[2, 1, 0]], [[1]], [[2, 0]]])('%j', async (order) => {
    const bodies = await store(
      batch(slot(0), [port(1)], { ref }),
      batch(slot(0), [{ entity: 'core1/ether1', input: 9n }], { ref, part: 1 }),
      batch(slot(0), [port(5, 'core1/ether2')], { ref, part: 2 }),
    );
    expect(await handle(order.map((n) => bodies[n] ?? ''))).toEqual([]);
    const expected = [
      ...(order.some((n) => n < 2) ? [line(0, 'core1/ether1', 9, 2)] : []),
      ...(order.includes(2) ? [line(0, 'core1/ether2', 5, 6)] : []),
    ];
    expect(await stored()).toEqual(expected);
  });

  test('also when the later part was stored after the first was copied', async () => {
    expect(await handle(await store(batch(slot(0), [port(1)], { ref })))).toEqual([]);
    const restated = batch(slot(0), [{ entity: 'core1/ether1', input: 9n }], { ref, part: 1 });
    expect(await handle(await store(restated))).toEqual([]);
    expect(await stored()).toEqual([line(0, 'core1/ether1', 9, 2)]);
  });
});

test('F21: a poison message goes back alone; its batch mates are copied', async () => {
  const [good = ''] = await store(batch(slot(0), [port(1)], { ref }));
  const wrong = (over: object) => JSON.stringify({ ...JSON.parse(good), ...over });
  const bodies = [
    'no json',
    wrong({ version: 2 }),
    wrong({ tenant: '@targets' }),
    good,
    wrong({ slot: 'soon' }),
    wrong({ part: -1 }),
  ];
  expect(await handle(bodies)).toEqual(['m0', 'm1', 'm2', 'm4', 'm5']);
  expect(await stored()).toHaveLength(1);
});

test('a part that is gone is counted and acknowledged', async () => {
  const [body = ''] = await store(batch(slot(0), [port(1)], { ref }));
  expect(await handle([JSON.stringify({ ...JSON.parse(body), part: 7 })])).toEqual([]);
  expect(counts.get('TimestreamPartsMissing')).toBe(1);
  expect(writes()).toBe(0);
});

describe('F7: Timestream rejects', () => {
  test('rows older than it keeps: counted, logged, acknowledged', async () => {
    expect(await handle(await store(batch(NOW - 500 * DAY, [port(1)], { ref })))).toEqual([]);
    expect(counts.get('TimestreamRejectedTooOld')).toBe(1);
    expect(lines).toContainEqual([
      'Timestream rejected rows',
      expect.objectContaining({ reason: 'tooOld', rows: 1, target: ref.target }),
    ]);
  });

  test('rows of which it has a newer version: counted, acknowledged', async () => {
    const bodies = await store(batch(slot(0), [port(1)], { ref }));
    const copy = createTimestreamWriter({ client: world.writer, database: DATABASE, table: TABLE, clock: world.clock });
    await copy.write(batch(slot(0), [port(7)], { ref }), 2_000_000, NOW + 5000);
    expect(await handle(bodies)).toEqual([]);
    expect(counts.get('TimestreamRejectedVersion')).toBe(1);
    expect(await stored()).toEqual([line(0, 'core1/ether1', 7, 8)]);
  });

  test('rows ahead of its clock: the message stays, and heals when their time has come', async () => {
    const bodies = await store(batch(NOW + HOUR, [port(1)], { ref }));
    expect(await handle(bodies)).toEqual(['m0']);
    world.clock.moveTo(NOW + HOUR);
    expect(await handle(bodies)).toEqual([]);
    expect(await stored()).toHaveLength(1);
  });

  test('rows that it can never take: the message goes to the dead letters with the cause, the other rows are stored', async () => {
    const bodies = await store(batch(slot(0), [port(1, 'x'.repeat(2100)), port(2)], { ref }));
    expect(await handle(bodies)).toEqual(['m0']);
    expect(await stored()).toEqual([line(0, 'core1/ether1', 2, 3)]);
    expect(counts.get('TimestreamRejectedLimit')).toBe(1);
    expect(lines.at(-1)?.[1]).toMatchObject({ error: { message: expect.stringContaining('can never take') } });
  });
});

describe('F7: Timestream does not answer', () => {
  test.each([
    ['throttles', throttled],
    ['is down', down],
  ])('%s: every message stays, and only the first asked', async (_, answer) => {
    const bodies = await store(...[0, 1, 2].map((n) => batch(slot(n), [port(n)], { ref })));
    world.fault = always(answer);
    expect(await handle(bodies)).toEqual(['m0', 'm1', 'm2']);
    expect(counts.get('TimestreamUnavailable')).toBe(1);
    // One message's time to wait, not three.
    expect(world.clock.now()).toBeLessThanOrEqual(NOW + 10_000);
  });

  test('throttling that passes costs nothing but time', async () => {
    const bodies = await store(...[0, 1].map((n) => batch(slot(n), [port(n)], { ref })));
    let left = 3;
    world.fault = (operation) => (operation === 'WriteRecords' && left-- > 0 ? throttled : undefined);
    expect(await handle(bodies)).toEqual([]);
    expect(await stored()).toHaveLength(2);
  });

  test('an invocation near its end stops before it is cut off', async () => {
    const bodies = await store(batch(slot(0), [port(1)], { ref }));
    world.fault = always(throttled);
    expect(await handle(bodies, 5000)).toEqual(['m0']);
    expect(world.clock.now()).toBeLessThanOrEqual(NOW + 2000);
  });

  test('an hour of outage: nothing waits for it, and what comes back from the queue fills the hour', async () => {
    const samples = createSampleStore(database.table, metricsOf, world.clock);
    const waiting: string[] = [];
    world.fault = always(down);
    for (let n = 12; n > 0; n--) {
      const bodies = await store(batch(slot(n), [port(100 - n)], { ref }));
      world.clock.moveTo(slot(n) + 1000);
      if ((await handle(bodies)).length > 0) waiting.push(...bodies);
      // The truth has it all the while.
      expect(await samples.newestBatches(ref, 1)).toMatchObject([{ slot: slot(n) }]);
    }
    expect(waiting).toHaveLength(12);
    world.fault = () => undefined;
    world.clock.moveTo(NOW);
    expect(await handle([...waiting, ...(await store(batch(slot(0), [port(100)], { ref })))])).toEqual([]);
    expect((await stored()).map(([, , value]) => value)).toEqual(Array.from({ length: 13 }, (_, i) => String(88 + i)));
  });
});
