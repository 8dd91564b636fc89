import type { Context, SQSEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import { countDelivery } from '../../functions/notify/delivery-metrics.ts';
import { createRecordHandler } from '../../functions/records.ts';
import { conclude } from '../../shared/notify/ladder.ts';
import { delivery, T0 } from '../shared/notify/examples.ts';

function event(...bodies: string[]): SQSEvent {
  const attributes = { ApproximateReceiveCount: '3' };
  return { Records: bodies.map((body, i) => ({ messageId: `m${i}`, body, attributes })) } as unknown as SQSEvent;
}

it('fault 21: a poison message returns alone, its batch mates are done, its cause is in the log', async () => {
  const done: string[] = [];
  const log: unknown[] = [];
  let batches = 0;
  const handler = createRecordHandler(
    async (body) => {
      if (body === 'poison') throw new Error('cannot');
      done.push(body);
    },
    { error: (message, fields) => void log.push([message, fields]) },
    () => void batches++,
  );
  expect(await handler(event('a', 'poison', 'b'), {} as Context)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm1' }],
  });
  expect(done).toEqual(['a', 'b']);
  expect(log).toEqual([
    [
      'a message was not handled',
      { messageId: 'm1', receives: 3, error: expect.objectContaining({ message: 'cannot' }) },
    ],
  ]);
  expect(await handler(event('poison'), {} as Context)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  expect(batches).toBe(2);
});

it.each([
  [
    'delivered',
    { acceptedAt: T0 + 900, deliveredAt: T0 + 2_000 },
    ['DeliveryDelivered 1', 'DetectedToAccepted 900', 'DetectedToDelivered 2000'],
  ],
  ['final', { acceptedAt: T0 + 900 }, ['DeliveryAccepted 1', 'DetectedToAccepted 900']],
  ['unconfirmed', { acceptedAt: T0 + 900 }, ['DeliveryUnconfirmed 1', 'DetectedToAccepted 900']],
  ['failed', {}, ['DeliveryFailed 1']],
  ['failed', { step: 1 }, ['DeliveryFailed 1', 'AlertUndelivered 1']],
] as const)('a delivery that is %s (%j) counts %j', (outcome, part, expected) => {
  const counted: string[] = [];
  countDelivery({ addMetric: (name, _, value) => counted.push(`${name} ${value}`) })(
    conclude(delivery(part), outcome, T0),
    outcome,
  );
  expect(counted).toEqual(expected);
});
