import { createHash } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openQueue } from '../../../shared/platform/queue.sqs.ts';
import { refusal, startJsonServer } from '../collect/json-server.ts';

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
}

let server: Awaited<ReturnType<typeof startJsonServer>>;
/** Bodies taken; how each attempt at a body ends is up to `verdict`. */
let taken: { body: string; delay: number }[] = [];
let batchSizes: number[] = [];
let verdict: (entry: Entry, attempt: number) => 'take' | 'fail' | 'refuse' = () => 'take';
let attempts = new Map<string, number>();

beforeAll(async () => {
  server = await startJsonServer({
    SendMessage: (input) => {
      const entry = { Id: '0', ...input } as unknown as Entry;
      taken.push({ body: entry.MessageBody, delay: entry.DelaySeconds ?? 0 });
      return { body: { MessageId: '1', MD5OfMessageBody: createHash('md5').update(entry.MessageBody).digest('hex') } };
    },
    SendMessageBatch: ({ QueueUrl, Entries }) => {
      if (String(QueueUrl).endsWith('denied')) return refusal('AccessDeniedException');
      if (String(QueueUrl).endsWith('down')) return { status: 503, body: {} };
      const entries = Entries as Entry[];
      batchSizes.push(entries.length);
      const failed: { Id: string; SenderFault: boolean; Code: string }[] = [];
      for (const entry of entries) {
        const attempt = (attempts.get(entry.MessageBody) ?? 0) + 1;
        attempts.set(entry.MessageBody, attempt);
        const end = verdict(entry, attempt);
        if (end === 'take') taken.push({ body: entry.MessageBody, delay: entry.DelaySeconds ?? 0 });
        else failed.push({ Id: entry.Id, SenderFault: end === 'refuse', Code: 'Internal' });
      }
      return { body: { Successful: [], Failed: failed } };
    },
  });
});
afterAll(() => server.close());
beforeEach(() => {
  taken = [];
  batchSizes = [];
  attempts = new Map();
  verdict = () => 'take';
});

function queue(name = 'q') {
  return openQueue<{ n: number; text?: string }>(
    `${server.endpoint}/000000000000/${name}`,
    new SQSClient(server.client),
  );
}
const many = (count: number, text?: string) =>
  Array.from({ length: count }, (_, n) => ({ message: { n, ...(text ? { text } : {}) } }));

test('one message goes out as JSON with its delay', async () => {
  await queue().send({ n: 1 }, { delaySeconds: 30 });
  await queue().send({ n: 2 });
  expect(taken).toEqual([
    { body: '{"n":1}', delay: 30 },
    { body: '{"n":2}', delay: 0 },
  ]);
});

test('many messages go in batches of ten, none lost, none twice', async () => {
  await queue().sendMany(many(95).map((e) => ({ ...e, delaySeconds: 59 })));
  expect(batchSizes.every((size) => size <= 10)).toBe(true);
  expect(new Set(taken.map((t) => t.body)).size).toBe(95);
  expect(taken).toHaveLength(95);
  expect(taken.every((t) => t.delay === 59)).toBe(true);
});

test('no batch is larger than the queue takes', async () => {
  await queue().sendMany(many(10, 'é'.repeat(45_000)));
  expect(batchSizes).toEqual([2, 2, 2, 2, 2]);
});

test('nothing to send is no call', async () => {
  await queue().sendMany([]);
  expect(batchSizes).toEqual([]);
});

test('F6: what the queue did not take is sent again, and only that', async () => {
  verdict = ({ MessageBody }, attempt) => (MessageBody.includes('3') && attempt < 3 ? 'fail' : 'take');
  await queue().sendMany(many(10));
  expect(taken.map((t) => t.body).sort()).toEqual(many(10).map((e) => JSON.stringify(e.message)));
  expect(batchSizes).toEqual([10, 1, 1]);
});

test('F6: messages that are never taken are an error, not a loss', async () => {
  verdict = ({ MessageBody }) => (MessageBody.includes('3') ? 'fail' : 'take');
  await expect(queue().sendMany(many(10))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
});

test.each([
  ['a message refused for ever is a bug', 'q', 'refuse', /for ever/],
  ['a missing grant stays what it is', 'denied', 'take', /AccessDenied/],
  ['a queue that is down is worth a retry', 'down', 'take', /did not answer/],
] as const)('%s', async (_, name, end, message) => {
  verdict = () => end;
  await expect(queue(name).sendMany(many(1))).rejects.toThrow(message);
});

test.each([-1, 901, 0.5])('a delay of %s s is a bug', async (delaySeconds) => {
  await expect(queue().send({ n: 1 }, { delaySeconds })).rejects.toThrow(/delay/);
});
