import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Guard } from '../../../local/cloud/guard.ts';
import { type Poller, startPoller } from '../../../local/cloud/pollers.ts';
import type { EventSourceModel, QueueModel } from '../../../local/model/types.ts';
import { type QueueService, startQueues } from '../../../local/services/queues.ts';
import type { FunctionPool } from '../../../local/workers/pool.ts';
import { type BundleWorld, functionModel, openBundleWorld, until } from '../workers/bundle-world.ts';
import { emptyModel, queue, REGION, role } from './model.ts';

const ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
let folder: string;
let queues: QueueService;
let world: BundleWorld;
let pollers: Poller[];
let notices: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-pollers-'));
  world = openBundleWorld();
  pollers = [];
  notices = [];
});
afterEach(async () => {
  await Promise.all(pollers.map((p) => p.stop()));
  await world.close();
  await queues.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  readonly handler: string;
  readonly mapping?: Partial<EventSourceModel>;
  readonly attributes?: Record<string, string>;
  readonly actions?: string[];
  readonly timeoutSeconds?: number;
  /** In the queue before anybody polls: one receive takes them all. */
  readonly messages?: string[];
}

async function open({
  handler,
  mapping = {},
  attributes = {},
  actions = ACTIONS,
  timeoutSeconds = 20,
  messages = [],
}: Asked): Promise<FunctionPool> {
  const dead = queue('dead');
  const work: QueueModel = queue('work', { VisibilityTimeout: '1', ...attributes });
  const allow = { Effect: 'Allow' as const, Action: actions, Resource: work.arn };
  const taken = role('worker', 'lambda.amazonaws.com', actions.length > 0 ? [allow] : []);
  const fn = functionModel({ roleArn: taken.arn, timeoutSeconds });
  queues = await startQueues(emptyModel({ queues: [dead, work] }), folder, REGION);
  const guard = new Guard(emptyModel({ roles: [taken], functions: [fn] }), REGION, 'secret');
  const pool = world.pool(`exports.handler = ${handler};`, { model: fn });
  for (const body of messages) queues.server.sendMessage('work', body);
  const whole: EventSourceModel = {
    queueArn: work.arn,
    functionArn: fn.arn,
    batchSize: 10,
    windowSeconds: 0,
    maxConcurrency: 1,
    partialFailures: true,
    ...mapping,
  };
  const notice = (sentence: string) => notices.push(sentence);
  pollers.push(startPoller({ mapping: whole, queue: work, fn, pool, guard, queues, region: REGION, notice }));
  return pool;
}

const counts = (name = 'work') => {
  const { ready, inflight } = queues.server.inspectQueue(name)?.messages ?? { ready: [], inflight: [] };
  return { ready: ready.length, inFlight: inflight.length };
};

test('a message arrives as Lambda hands it over, and is deleted when it succeeded', async () => {
  const pool = await open({
    handler: '(event) => { console.log(JSON.stringify(event.Records[0])); return { batchItemFailures: [] }; }',
  });
  queues.server.sendMessage('work', '{"a":1}', {
    messageAttributes: { channel: { DataType: 'String', StringValue: 'sms' } },
  });
  await until(() => pool.log.newestLines().length > 0);
  expect(JSON.parse(pool.log.newestLines()[0] ?? '')).toMatchObject({
    body: '{"a":1}',
    eventSource: 'aws:sqs',
    eventSourceARN: queue('work').arn,
    awsRegion: REGION,
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: { channel: { stringValue: 'sms', dataType: 'String' } },
    messageId: expect.any(String),
    receiptHandle: expect.any(String),
    md5OfBody: expect.any(String),
  });
  await until(() => counts().inFlight === 0 && counts().ready === 0);
});

test('of a batch only what failed comes back', async () => {
  const pool = await open({
    handler: `(event) => console.log(event.Records.map((r) => r.body).join()) ?? ({ batchItemFailures: event.Records.filter((r) => r.body === 'bad').map((r) => ({ itemIdentifier: r.messageId })) })`,
    messages: ['good', 'bad', 'fine'],
  });
  await until(() => pool.log.newestLines().length >= 2);
  expect(pool.log.newestLines().slice(0, 2)).toEqual(['good,bad,fine', 'bad']);
});

test.each([
  ['is nothing', 'undefined', 0],
  ['is null', 'null', 0],
  ['has an empty list', '{ batchItemFailures: [] }', 0],
  ['has null for a list', '{ batchItemFailures: null }', 0],
  ['is of another shape', '{ statusCode: 200 }', 0],
  ['names a message that was not in the batch', '{ batchItemFailures: [{ itemIdentifier: "other" }] }', 2],
  ['has an empty identifier', '{ batchItemFailures: [{ itemIdentifier: "" }] }', 2],
  ['has an entry without identifier', '{ batchItemFailures: [{ id: event.Records[0].messageId }] }', 2],
  ['has a text for a list', '{ batchItemFailures: "all" }', 2],
])('an answer that %s means that of two messages %s come back', async (_, answer, left) => {
  const pool = await open({
    handler: `(event) => { console.log(event.Records.length); return ${answer}; }`,
    messages: ['one', 'two'],
    attributes: { VisibilityTimeout: '600' },
  });
  await until(() => pool.log.newestLines().length === 1 && pollers[0]?.busy === 0);
  expect(pool.log.newestLines()).toEqual(['2']);
  await until(() => counts().inFlight === left);
});

test('without partial failures an answer that reports some deletes all the same', async () => {
  await open({
    handler: '(event) => ({ batchItemFailures: event.Records.map((r) => ({ itemIdentifier: r.messageId })) })',
    mapping: { partialFailures: false },
    attributes: { VisibilityTimeout: '600' },
  });
  queues.server.sendMessage('work', 'one');
  await until(() => counts().ready === 0 && counts().inFlight === 0);
});

test.each([
  ['throws', '() => { throw new Error("no"); }', 20],
  ['does not end in time', '() => new Promise(() => {})', 0.4],
  ['kills its thread', '() => process.exit(1)', 20],
])('a batch whose handler %s comes back until the dead letters take it', async (_, handler, timeoutSeconds) => {
  const policy = JSON.stringify({ deadLetterTargetArn: queue('dead').arn, maxReceiveCount: 2 });
  const pool = await open({ handler, timeoutSeconds, attributes: { RedrivePolicy: policy, VisibilityTimeout: '0' } });
  queues.server.sendMessage('work', 'poison');
  await until(() => counts('dead').ready === 1);
  expect(pool.log.errors).toBe(2);
  expect(queues.server.inspectQueue('dead')?.messages.ready[0]?.body).toBe('poison');
});

test('the window gathers what comes within it, up to the size of a batch', async () => {
  const pool = await open({
    handler: '(event) => console.log(event.Records.length)',
    mapping: { windowSeconds: 2, batchSize: 3 },
    attributes: { VisibilityTimeout: '600' },
  });
  queues.server.sendMessage('work', 'one');
  await new Promise((resolve) => setTimeout(resolve, 300));
  queues.server.sendMessage('work', 'two');
  queues.server.sendMessage('work', 'three');
  queues.server.sendMessage('work', 'four');
  await until(() => pool.log.newestLines().length === 2);
  expect(pool.log.newestLines()).toEqual(['3', '1']);
});

test.each(ACTIONS)('without %s in the role of the function nothing is received', async (missing) => {
  const pool = await open({ handler: '() => undefined', actions: ACTIONS.filter((a) => a !== missing) });
  queues.server.sendMessage('work', 'one');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([pool.log.count, counts().ready]).toEqual([0, 1]);
});

test('so many batches are worked on at once as the mapping allows, four at most', async () => {
  const pool = await open({
    handler: '() => new Promise((r) => setTimeout(r, 150))',
    mapping: { batchSize: 1, maxConcurrency: 20 },
  });
  for (let i = 0; i < 8; i++) queues.server.sendMessage('work', String(i));
  let most = 0;
  await until(() => {
    most = Math.max(most, pollers[0]?.busy ?? 0);
    return pool.log.count === 8;
  });
  expect(most).toBe(4);
});

test('a queue that cannot be reached is told once, not with every try', async () => {
  const pool = await open({ handler: '() => undefined' });
  queues.server.deleteQueue('work', { region: REGION });
  await until(() => notices.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(notices).toEqual([expect.stringMatching(/^the queue of tested cannot be worked on: /)]);
  queues.server.createQueue('work', { region: REGION, attributes: {} });
  queues.server.sendMessage('work', 'one');
  await until(() => pool.log.count === 1);
});

test('stopping ends a long poll at once, and a batch under way leaves its message in the queue', async () => {
  const pool = await open({ handler: '() => new Promise(() => {})', attributes: { VisibilityTimeout: '600' } });
  queues.server.sendMessage('work', 'one');
  await until(() => pollers[0]?.busy === 1);
  const at = Date.now();
  await Promise.all([pollers[0]?.stop(), pool.stop()]);
  expect(Date.now() - at).toBeLessThan(3000);
  expect(counts()).toEqual({ ready: 0, inFlight: 1 });
});
