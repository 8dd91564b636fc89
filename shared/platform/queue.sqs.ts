/** A queue on SQS: batches of ten, bounded in bytes; what SQS did not take is sent again a few times, then told. */
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { assert } from './assert.ts';
import { AppError } from './errors.ts';
import { MAX_DELAY_SECONDS, type Queue, type QueueEntry } from './queue.port.ts';

const BATCH_ENTRIES = 10;
/** SQS refuses a batch whose bodies exceed 256 KiB together; room is left for its own envelope. */
const BATCH_BYTES = 250_000;
/** Batches under way at once: a dispatcher with thousands of messages finishes in seconds and stays polite. */
const PARALLEL_BATCHES = 8;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 50;

/** Refusals that a retry cannot mend: they are bugs or missing grants, and stay as the SDK threw them. */
const BUGS: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'InvalidMessageContents',
  'UnsupportedOperation',
]);

export function openQueue<M>(url: string, client: SQSClient = new SQSClient({ maxAttempts: 5 })): Queue<M> {
  return {
    async send(message, options = {}) {
      const delay = delayOf(options.delaySeconds);
      await guarded(() =>
        client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(message), ...delay })),
      );
    },
    async sendMany(entries) {
      const batches = inBatches(entries);
      for (let at = 0; at < batches.length; at += PARALLEL_BATCHES) {
        await Promise.all(batches.slice(at, at + PARALLEL_BATCHES).map((batch) => sendBatch(client, url, batch)));
      }
    },
  };
}

function delayOf(delaySeconds = 0): { DelaySeconds?: number } {
  assert(
    Number.isInteger(delaySeconds) && delaySeconds >= 0 && delaySeconds <= MAX_DELAY_SECONDS,
    `a delay of ${delaySeconds} s is not 0 to ${MAX_DELAY_SECONDS}`,
  );
  return delaySeconds === 0 ? {} : { DelaySeconds: delaySeconds };
}

function inBatches<M>(entries: readonly QueueEntry<M>[]): SendMessageBatchRequestEntry[][] {
  const batches: SendMessageBatchRequestEntry[][] = [];
  let bytes = 0;
  for (const { message, delaySeconds } of entries) {
    const body = JSON.stringify(message);
    const size = Buffer.byteLength(body);
    const last = batches.at(-1);
    const open = last !== undefined && last.length < BATCH_ENTRIES && bytes + size <= BATCH_BYTES ? last : undefined;
    bytes = open ? bytes + size : size;
    const batch = open ?? [];
    if (!open) batches.push(batch);
    batch.push({ Id: String(batch.length), MessageBody: body, ...delayOf(delaySeconds) });
  }
  return batches;
}

async function sendBatch(client: SQSClient, url: string, batch: SendMessageBatchRequestEntry[]): Promise<void> {
  let rest = batch;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await pause(FIRST_PAUSE_MS * 2 ** attempt * (0.5 + Math.random()));
    const out = await guarded(() => client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: rest })));
    const failed = out.Failed ?? [];
    const ours = failed.find((f) => f.SenderFault);
    if (ours) throw new Error(`the queue refuses a message for ever: ${ours.Code ?? 'unknown'} ${ours.Message ?? ''}`);
    if (failed.length === 0) return;
    const again = new Set(failed.map((f) => f.Id));
    rest = rest.filter((entry) => again.has(entry.Id));
  }
  throw new AppError('STORE_UNAVAILABLE', `the queue did not take ${rest.length} of ${batch.length} messages`);
}

async function guarded<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof Error && BUGS.has(error.name)) throw error;
    throw new AppError('STORE_UNAVAILABLE', 'the queue did not answer', { cause: error });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
