import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createCollectorHandler } from '../../../functions/collect/collector.ts';
import { failing, openWorld, pageOf, type World } from '../../shared/collect/collect-world.ts';
import { sourceNamed } from '../../shared/collect/fakes.ts';
import { startDynalite } from '../../shared/dynalite.ts';

let database: Awaited<ReturnType<typeof startDynalite>>;
let world: World;
let lines: unknown[][];
let counts: Map<string, number>;

beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());
beforeEach(async () => {
  world = await openWorld(database.table);
  lines = [];
  counts = new Map();
});

function handle(bodies: readonly string[], remainingMs = 60_000) {
  const log = (...args: unknown[]) => void lines.push(args);
  const handler = createCollectorHandler({
    ...world.deps,
    logger: { info: log, warn: log, error: log, debug: log } as never,
    metrics: {
      addMetric: (name: string, _unit: string, value: number) => void counts.set(name, (counts.get(name) ?? 0) + value),
      hasStoredMetrics: () => counts.size > 0,
      publishStoredMetrics: () => void counts.set('published', 1),
    } as never,
  });
  const event = { Records: bodies.map((body, i) => ({ messageId: `m${i}`, body, eventSource: 'aws:sqs' })) };
  return handler(event as SQSEvent, { getRemainingTimeInMillis: () => remainingMs } as Context);
}
const body = (over = {}) => JSON.stringify({ ...world.message(), ...over });

test('F21: a poison message goes back alone; its batch mates are processed', async () => {
  const answer = await handle(['no json', body({ version: 2 }), body({ tenant: '@targets' }), body(), '{}']);
  expect(answer).toEqual({ batchItemFailures: ['m0', 'm1', 'm2', 'm4'].map((itemIdentifier) => ({ itemIdentifier })) });
  expect(world.samples.batches.size).toBe(1);
  expect(Object.fromEntries(counts)).toMatchObject({ RunsSucceeded: 1, ReadingsAccepted: 2, published: 1 });
  const causes = lines.filter(([text]) => text === 'a message cannot be read').map(([, fields]) => fields);
  expect(causes).toEqual(['m0', 'm1', 'm2', 'm4'].map((messageId) => ({ messageId, error: expect.any(Error) })));
});

test('a batch of which everything failed goes back record by record, not as a crash', async () => {
  expect(await handle(['x', 'y'])).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm1' }] });
});

test('F26: a field that a newer version adds is let pass', async () => {
  expect(await handle([body({ later: { thing: 1 } })])).toEqual({ batchItemFailures: [] });
  expect(world.samples.batches.size).toBe(1);
});

test('a failure of the source is acknowledged and counted', async () => {
  world.outside.answer = failing('SOURCE_UNAVAILABLE');
  expect(await handle([body()])).toEqual({ batchItemFailures: [] });
  expect(counts.get('RunsFailed')).toBe(1);
  expect(lines.at(-1)).toEqual([
    'collected',
    expect.objectContaining({ outcome: 'failed', errorCode: 'SOURCE_UNAVAILABLE' }),
  ]);
});

test('F17: a source that is slow holds up no other of its batch', async () => {
  await world.sources.put(sourceNamed('slow', { tenant: world.tenant }));
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  world.outside.answer = async (job) => {
    if (job.source.id === 'slow') await held;
    // The other one ends the wait: were they run one after the other, nobody ever would.
    else release();
    return pageOf(job);
  };
  expect(await handle([body({ source: 'slow' }), body()])).toEqual({ batchItemFailures: [] });
  expect(counts.get('RunsSucceeded')).toBe(2);
});

test('F5: with too little time left the message is put back', async () => {
  await handle([body()], 5000);
  expect(counts.get('RunsDeferred')).toBe(1);
  expect(world.queues.collect.sent).toHaveLength(1);
});

test('a line of the log names tenant, source and slot, and no credentials', async () => {
  world.secrets.cached = world.secrets.stored = { passcode: 'planted-secret' };
  await handle([body()]);
  expect(lines.at(-1)?.[1]).toMatchObject({ tenant: world.tenant, source: 'home', slot: world.message().slot });
  expect(JSON.stringify(lines)).not.toContain('planted');
});
