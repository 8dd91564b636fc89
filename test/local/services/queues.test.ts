import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CloudModel } from '../../../local/model/types.ts';
import { type QueueService, startQueues } from '../../../local/services/queues.ts';
import { emptyModel, queue, REGION } from '../cloud/model.ts';

let folder: string;
let open: QueueService[];
const start = async (model: CloudModel): Promise<QueueService> => {
  const service = await startQueues(model, folder, REGION);
  open.push(service);
  return service;
};
const restart = async (model: CloudModel): Promise<QueueService> => {
  await open.pop()?.close();
  return start(model);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-queues-'));
  open = [];
});
afterEach(async () => {
  for (const one of open) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

const bodies = (service: QueueService, name: string): string[] =>
  (service.server.inspectQueue(name)?.messages.ready ?? []).map((m) => m.body);

async function receive(service: QueueService, name: string): Promise<{ Body: string; ReceiptHandle: string }[]> {
  const response = await fetch(service.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
    body: JSON.stringify({ QueueUrl: `${service.url}/000000000000/${name}`, MaxNumberOfMessages: 10 }),
    signal: AbortSignal.timeout(5000),
  });
  return ((await response.json()) as { Messages?: never[] }).Messages ?? [];
}

test('messages outlive a restart, also those that somebody was working on', async () => {
  const model = emptyModel({ queues: [queue('work', { VisibilityTimeout: '600' })] });
  const first = await start(model);
  first.server.sendMessage('work', 'one');
  first.server.sendMessage('work', 'two');
  expect(await receive(first, 'work')).toHaveLength(2);
  first.server.sendMessage('work', 'three');
  expect(bodies(first, 'work')).toEqual(['three']);
  const second = await restart(model);
  expect(bodies(second, 'work').sort()).toEqual(['one', 'three', 'two']);
  expect((await receive(second, 'work')).map((m) => m.Body).sort()).toEqual(['one', 'three', 'two']);
});

test('a delayed message is still delayed after a restart', async () => {
  const model = emptyModel({ queues: [queue('work')] });
  const first = await start(model);
  first.server.sendMessage('work', 'later', { delaySeconds: 600 });
  const second = await restart(model);
  expect(second.server.inspectQueue('work')?.messages.delayed.map((m) => m.body)).toEqual(['later']);
});

test('a changed attribute reaches a queue that is kept, and its messages stay', async () => {
  const first = await start(emptyModel({ queues: [queue('dead'), queue('work', { VisibilityTimeout: '30' })] }));
  first.server.sendMessage('work', 'kept');
  const policy = JSON.stringify({ deadLetterTargetArn: queue('dead').arn, maxReceiveCount: 2 });
  const changed = queue('work', { VisibilityTimeout: '90', RedrivePolicy: policy });
  const second = await restart(emptyModel({ queues: [changed, queue('dead')] }));
  const { attributes } = second.server.inspectQueue('work') ?? {};
  expect(attributes).toMatchObject({ VisibilityTimeout: '90' });
  expect(JSON.parse(attributes?.RedrivePolicy ?? '{}')).toMatchObject({ maxReceiveCount: 2 });
  expect(bodies(second, 'work')).toEqual(['kept']);
});

test('a message goes to the dead letters after as many receives as the template says', async () => {
  const policy = JSON.stringify({ deadLetterTargetArn: queue('dead').arn, maxReceiveCount: 2 });
  const work = queue('work', { VisibilityTimeout: '0', RedrivePolicy: policy });
  const service = await start(emptyModel({ queues: [work, queue('dead')] }));
  service.server.sendMessage('work', 'poison');
  for (let i = 0; i < 3; i++) await receive(service, 'work');
  expect(bodies(service, 'dead')).toEqual(['poison']);
});

test('a topic has the subscriptions that the template names now, once each', async () => {
  const topic = { name: 'news', arn: `arn:aws:sns:${REGION}:000000000000:news`, policy: undefined, subscriptions: [] };
  const model = emptyModel({ queues: [queue('a'), queue('b')], topics: [topic] });
  const subscribe = (service: QueueService, to: string, channel: string): void =>
    service.server.subscribe({
      topic: 'news',
      queue: to,
      region: REGION,
      attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify({ channel: [channel] }) },
    });
  const first = await start(model);
  subscribe(first, 'a', 'sms');
  subscribe(first, 'b', 'sms');
  const second = await restart(model);
  subscribe(second, 'a', 'whatsapp');
  const attribute = { channel: { DataType: 'String', StringValue: 'whatsapp' } };
  second.server.publish('news', 'hello', { messageAttributes: attribute });
  second.server.publish('news', 'old filter', {
    messageAttributes: { channel: { DataType: 'String', StringValue: 'sms' } },
  });
  expect([bodies(second, 'a'), bodies(second, 'b')]).toEqual([['hello'], []]);
});

test('objects of a bucket outlive a restart', async () => {
  const model = emptyModel({ buckets: [{ name: 'site-bucket', arn: 'arn:aws:s3:::site-bucket', policy: undefined }] });
  const first = await start(model);
  const put = await fetch(`${first.url}/site-bucket/index.html`, {
    method: 'PUT',
    body: '<p>',
    signal: AbortSignal.timeout(5000),
  });
  expect(put.status).toBe(200);
  const second = await restart(model);
  const got = await fetch(`${second.url}/site-bucket/index.html`, { signal: AbortSignal.timeout(5000) });
  expect(await got.text()).toBe('<p>');
});

test('a data file of a process that was killed in its first moments starts', async () => {
  new DatabaseSync(join(folder, 'fauxqs.db')).close();
  writeFileSync(join(folder, 'fauxqs.db'), '');
  const service = await start(emptyModel({ queues: [queue('work')] }));
  expect(service.server.inspectQueue('work')).toBeDefined();
});

test.skipIf(process.platform !== 'linux')('it listens on the loopback interface alone', async () => {
  const service = await start(emptyModel());
  const port = Number(new URL(service.url).port).toString(16).toUpperCase().padStart(4, '0');
  const listening = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${port}`) && fields[3] === '0A')
    .map((fields) => fields[1]);
  expect(listening).toEqual([`0100007F:${port}`]);
});

test('it keeps nobody waiting when it closes, open connections or not', async () => {
  const service = await start(emptyModel({ queues: [queue('work')] }));
  const waiting = fetch(service.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
    body: JSON.stringify({ QueueUrl: `${service.url}/000000000000/work`, WaitTimeSeconds: 20 }),
    signal: AbortSignal.timeout(15_000),
  }).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const at = Date.now();
  await open.pop()?.close();
  expect(Date.now() - at).toBeLessThan(5000);
  await waiting;
});
