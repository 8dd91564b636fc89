/** What Lambda does for a function behind a queue: poll, invoke, delete what succeeded, leave the rest to come back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSourceModel, FunctionModel, QueueModel } from '../model/types.ts';
import type { QueueService } from '../services/queues.ts';
import type { FunctionPool } from '../workers/pool.ts';
import type { Guard } from './guard.ts';

const LONG_POLL_SECONDS = 5;
const AFTER_FAULT_MS = 500;
const AFTER_DENIAL_MS = 1000;
/** A queue of this machine answers a long poll in its time, or it never will. */
const ANSWER_MS = 10_000;

interface WireMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, { StringValue?: string; DataType: string }>>;
}

export interface PollerParts {
  readonly mapping: EventSourceModel;
  readonly queue: QueueModel;
  readonly fn: FunctionModel;
  readonly pool: FunctionPool;
  readonly guard: Guard;
  readonly queues: QueueService;
  readonly region: string;
  /** One sentence worth a person's eye. */
  readonly notice: (sentence: string) => void;
}

export interface Poller {
  /** Batches being worked on now. */
  readonly busy: number;
  stop(): Promise<void>;
}

export function startPoller(parts: PollerParts): Poller {
  const abort = new AbortController();
  let busy = 0;
  let faulty = false;
  // Each loop is one concurrent batch; on this machine more than four only wait for threads.
  const loops = Array.from({ length: Math.min(parts.mapping.maxConcurrency, 4) }, async () => {
    while (!abort.signal.aborted) {
      try {
        const messages = await receive(parts, abort.signal);
        faulty = false;
        if (messages.length === 0) continue;
        busy += 1;
        await work(parts, messages).finally(() => {
          busy -= 1;
        });
      } catch (error) {
        if (abort.signal.aborted) return;
        if (!faulty) parts.notice(`the queue of ${parts.fn.shortName} cannot be worked on: ${String(error)}`);
        faulty = true;
        await sleep(AFTER_FAULT_MS);
      }
    }
  });
  return {
    get busy() {
      return busy;
    },
    async stop() {
      abort.abort();
      await Promise.all(loops);
    },
  };
}

/** The poller uses the function's own role: without its grant nothing is received, as in AWS. */
function mayPoll(parts: PollerParts): boolean {
  return ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'].every(
    (action) =>
      parts.guard.checkFunction(parts.fn.shortName, { action, resource: parts.queue.arn, context: {} }).allowed,
  );
}

async function receive(parts: PollerParts, signal: AbortSignal): Promise<WireMessage[]> {
  if (!mayPoll(parts)) {
    await sleep(AFTER_DENIAL_MS, undefined, { signal });
    return [];
  }
  const messages = await take(parts, LONG_POLL_SECONDS, signal);
  const { windowSeconds, batchSize } = parts.mapping;
  const until = Date.now() + windowSeconds * 1000;
  while (messages.length > 0 && messages.length < batchSize && Date.now() < until && !signal.aborted) {
    messages.push(...(await take(parts, 1, signal, batchSize - messages.length)));
  }
  return messages;
}

async function take(parts: PollerParts, wait: number, signal: AbortSignal, atMost = 10): Promise<WireMessage[]> {
  const answer = await call(parts, 'ReceiveMessage', signal, {
    MaxNumberOfMessages: Math.min(10, atMost, parts.mapping.batchSize),
    WaitTimeSeconds: wait,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return (answer.Messages as WireMessage[] | undefined) ?? [];
}

async function work(parts: PollerParts, messages: readonly WireMessage[]): Promise<void> {
  const result = await parts.pool.invoke({ Records: messages.map((m) => toRecord(parts, m)) });
  // A failed invocation leaves every message to the visibility time-out and the redrive policy.
  if (!result.ok) return;
  const done = parts.mapping.partialFailures ? succeeded(messages, result.value) : messages;
  const deleted = await Promise.allSettled(
    done.map((m) => call(parts, 'DeleteMessage', AbortSignal.timeout(ANSWER_MS), { ReceiptHandle: m.ReceiptHandle })),
  );
  for (const one of deleted) if (one.status === 'rejected') throw one.reason;
}

/** As Lambda reads the answer: nothing reported is all done; a report it cannot understand fails the whole batch. */
function succeeded(messages: readonly WireMessage[], value: unknown): readonly WireMessage[] {
  const { batchItemFailures: failures } = (value ?? {}) as { batchItemFailures?: unknown };
  if (failures === undefined || failures === null) return messages;
  if (!Array.isArray(failures)) return [];
  const ids = failures.map((f) => (f as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  const known = new Set<unknown>(messages.map((m) => m.MessageId));
  return ids.every((id) => known.has(id)) ? messages.filter((m) => !ids.includes(m.MessageId)) : [];
}

function toRecord(parts: PollerParts, message: WireMessage): Record<string, unknown> {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, a]) => [
    name,
    { stringValue: a.StringValue, dataType: a.DataType, stringListValues: [], binaryListValues: [] },
  ]);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    md5OfBody: message.MD5OfBody,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(attributes),
    eventSource: 'aws:sqs',
    eventSourceARN: parts.queue.arn,
    awsRegion: parts.region,
  };
}

async function call(
  parts: PollerParts,
  operation: string,
  signal: AbortSignal | undefined,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const response = await fetch(parts.queues.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
    body: JSON.stringify({ QueueUrl: `${parts.queues.url}/000000000000/${parts.queue.name}`, ...input }),
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw new Error(`${operation} on ${parts.queue.name}: HTTP ${response.status}`);
  const body = await response.text();
  return body ? (JSON.parse(body) as Record<string, unknown>) : {};
}
