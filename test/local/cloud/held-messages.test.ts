import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { type CloudClock, virtualClock } from '../../../local/cloud/clock.ts';
import { createHeldMessages, type HeldMessages } from '../../../local/cloud/held-messages.ts';
import type { QueueService } from '../../../local/services/queues.ts';

const URL = 'http://127.0.0.1:1/000000000000/work';
let clock: CloudClock;
let sent: unknown[][];
let held: HeldMessages;
beforeEach(() => {
  clock = virtualClock(Date.parse('2026-11-20T09:00:00Z'));
  sent = [];
  const server = { sendMessage: (...all: unknown[]) => sent.push(all) };
  held = createHeldMessages({ server } as unknown as QueueService, clock);
});

test('a message without delay goes on at once, with its attributes and the digest that the SDK checks', () => {
  const attributes = { channel: { DataType: 'String', StringValue: 'sms' } };
  const answer = held.send('SendMessage', { QueueUrl: URL, MessageBody: 'now', MessageAttributes: attributes });
  expect(sent).toEqual([['work', 'now', { messageAttributes: attributes }]]);
  expect(JSON.parse(String(answer.body))).toMatchObject({
    MD5OfMessageBody: createHash('md5').update('now').digest('hex'),
  });
  expect(held.nextDueAt()).toBeUndefined();
});

test('delayed ones wait for the virtual clock, each for its own instant, and keep their attributes', () => {
  const start = clock.now();
  const attributes = { n: { DataType: 'Number', StringValue: '1' } };
  const answer = held.send('SendMessageBatch', {
    QueueUrl: URL,
    Entries: [
      { Id: 'a', MessageBody: 'later', DelaySeconds: 60, MessageAttributes: attributes },
      { Id: 'b', MessageBody: 'soon', DelaySeconds: 10 },
      { Id: 'c', MessageBody: 'now', DelaySeconds: 0 },
    ],
  });
  expect((JSON.parse(String(answer.body)) as { Successful: { Id: string }[] }).Successful.map((e) => e.Id)).toEqual([
    'a',
    'b',
    'c',
  ]);
  expect(sent.map((s) => s[1])).toEqual(['now']);
  expect(Math.abs((held.nextDueAt() ?? 0) - (start + 10_000))).toBeLessThan(1000);
  clock.moveBy(11_000);
  held.release();
  expect(sent.map((s) => s[1])).toEqual(['now', 'soon']);
  clock.moveBy(60_000);
  held.release();
  held.release();
  expect(sent.at(-1)).toEqual(['work', 'later', { messageAttributes: attributes }]);
  expect(sent).toHaveLength(3);
});
