import { expect, test } from 'vitest';
import { Guard } from '../../../local/cloud/guard.ts';
import { subscribeTopics } from '../../../local/cloud/subscriptions.ts';
import type { QueueService } from '../../../local/services/queues.ts';
import { emptyModel, queue, REGION } from './model.ts';

const TOPIC = `arn:aws:sns:${REGION}:000000000000:news`;

function run(source: string): { subscribed: unknown[]; notices: string[] } {
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow' as const,
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queue('sms').arn,
        Condition: { ArnEquals: { 'aws:SourceArn': source } },
      },
    ],
  };
  const subscription = { queueArn: queue('sms').arn, attributes: { RawMessageDelivery: 'true' } };
  const topic = { name: 'news', arn: TOPIC, policy: undefined, subscriptions: [subscription] };
  const model = emptyModel({ queues: [queue('sms', {}, policy)], topics: [topic] });
  const subscribed: unknown[] = [];
  const notices: string[] = [];
  const queues = { server: { subscribe: (asked: unknown) => subscribed.push(asked) } } as unknown as QueueService;
  subscribeTopics(model, queues, new Guard(model, REGION, 's'), REGION, (sentence) => notices.push(sentence));
  return { subscribed, notices };
}

test('a topic reaches a queue whose policy lets it', () => {
  expect(run(TOPIC)).toEqual({
    subscribed: [{ topic: 'news', queue: 'sms', region: REGION, attributes: { RawMessageDelivery: 'true' } }],
    notices: [],
  });
});

test('where the policy of the queue does not, nothing is delivered, and that is said aloud', () => {
  const { subscribed, notices } = run(`${TOPIC}-other`);
  expect(subscribed).toEqual([]);
  expect(notices).toEqual([
    expect.stringMatching(/^topic news is not allowed to sqs:SendMessage on arn:aws:sqs:.*:sms: no matching allow$/),
  ]);
});
