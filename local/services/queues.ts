/** SQS, SNS and S3 of this machine: fauxqs with its data folder, on the loopback interface only. */
import { existsSync } from 'node:fs';
import { Server } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { ACCOUNT } from '../model/identify.ts';
import type { CloudModel, QueueModel } from '../model/types.ts';

const CALL_MS = 5000;

export interface QueueService {
  readonly url: string;
  readonly server: FauxqsServer;
  /** Every visible message of one queue, into another; resolves to how many. */
  moveAll(from: string, to: string): Promise<number>;
  close(): Promise<void>;
}

export async function startQueues(model: CloudModel, dataFolder: string, region: string): Promise<QueueService> {
  releaseInFlight(join(dataFolder, 'fauxqs.db'));
  const server = await onLoopback(() =>
    startFauxqs({ port: 0, logger: false, defaultRegion: region, dataDir: dataFolder }),
  );
  // Dead-letter queues first: a redrive policy names a queue that must exist.
  const queues = [...model.queues].sort(
    (a, b) => Number('RedrivePolicy' in a.attributes) - Number('RedrivePolicy' in b.attributes),
  );
  const url = `http://127.0.0.1:${server.port}`;
  for (const queue of queues) await ensureQueue(server, url, queue, region);
  for (const topic of model.topics) {
    // Subscriptions of an earlier run go with the topic: the template says which there are, and how they filter.
    server.deleteTopic(topic.name, { region });
    server.createTopic(topic.name, { region });
  }
  for (const bucket of model.buckets) server.createBucket(bucket.name);
  return { url, server, moveAll: (from, to) => moveAll(url, server, from, to), close: () => server.stop() };
}

interface Received {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

/** The copy before the deletion: a crash in between leaves a message twice, never lost. */
async function moveAll(url: string, server: FauxqsServer, from: string, to: string): Promise<number> {
  const QueueUrl = `${url}/${ACCOUNT}/${from}`;
  for (let moved = 0; ; ) {
    const answer = await call(url, 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
    const messages = (answer.Messages as Received[] | undefined) ?? [];
    if (messages.length === 0) return moved;
    for (const { Body, ReceiptHandle } of messages) {
      server.sendMessage(to, Body);
      await call(url, 'DeleteMessage', { QueueUrl, ReceiptHandle });
      moved += 1;
    }
  }
}

async function call(
  url: string,
  operation: string,
  input: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(CALL_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${operation}: HTTP ${response.status} ${text}`);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

/** To create a queue that is there already would empty it: what is kept is only brought to the template's attributes. */
async function ensureQueue(server: FauxqsServer, url: string, queue: QueueModel, region: string): Promise<void> {
  const attributes = { ...queue.attributes };
  const kept = server.inspectQueue(queue.name);
  if (!kept) {
    server.createQueue(queue.name, { region, attributes });
    return;
  }
  if (Object.entries(attributes).every(([name, value]) => kept.attributes[name] === value)) return;
  await call(url, 'SetQueueAttributes', { QueueUrl: `${url}/${ACCOUNT}/${queue.name}`, Attributes: attributes });
}

/** After a kill -9, messages that were being worked on would stay invisible for their whole time-out. */
function releaseInFlight(file: string): void {
  if (!existsSync(file)) return;
  const database = new DatabaseSync(file);
  try {
    // A process that was killed in its first moments leaves a file without tables.
    if (!database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'sqs_messages'").get()) return;
    database.exec('UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL');
  } finally {
    database.close();
  }
}

/** fauxqs listens on every interface and has no option for it: while it starts, "every" means loopback. */
async function onLoopback<T>(start: () => Promise<T>): Promise<T> {
  const listen = Server.prototype.listen;
  Server.prototype.listen = function (this: Server, ...parts: unknown[]) {
    const [first, ...rest] = parts;
    const options = typeof first === 'object' && first !== null ? { ...first, host: '127.0.0.1' } : first;
    return (listen as (...all: unknown[]) => Server).call(this, options, ...rest);
  } as typeof listen;
  try {
    return await start();
  } finally {
    Server.prototype.listen = listen;
  }
}
