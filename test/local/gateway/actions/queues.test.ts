/** What real requests of the SQS and SNS clients ask for. */
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Capture, startCapture } from '../capture.ts';
import { ACCOUNT, arn, type Client, described, QUEUE_URL, type Row, rows, TOPIC } from '../world.ts';

let capture: Capture;
beforeAll(async () => {
  capture = await startCapture();
});
afterAll(() => capture.close());

const QueueUrl = QUEUE_URL;
const QUEUE = arn('sqs', 'outbox');
const SQS: Row[] = [
  ['SendMessage', new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'x' }), [['sqs:SendMessage', QUEUE]]],
  [
    'SendMessageBatch is SendMessage',
    new sqs.SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', MessageBody: 'x' }] }),
    [['sqs:SendMessage', QUEUE]],
  ],
  ['ReceiveMessage', new sqs.ReceiveMessageCommand({ QueueUrl }), [['sqs:ReceiveMessage', QUEUE]]],
  [
    'DeleteMessageBatch is DeleteMessage',
    new sqs.DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', ReceiptHandle: 'r' }] }),
    [['sqs:DeleteMessage', QUEUE]],
  ],
  [
    'ChangeMessageVisibilityBatch',
    new sqs.ChangeMessageVisibilityBatchCommand({
      QueueUrl,
      Entries: [{ Id: '1', ReceiptHandle: 'r', VisibilityTimeout: 1 }],
    }),
    [['sqs:ChangeMessageVisibility', QUEUE]],
  ],
  ['GetQueueUrl', new sqs.GetQueueUrlCommand({ QueueName: 'outbox' }), [['sqs:GetQueueUrl', QUEUE]]],
  [
    'a queue of another account stays one',
    new sqs.SendMessageCommand({ QueueUrl: QUEUE_URL.replace(ACCOUNT, '444455556666'), MessageBody: 'x' }),
    [['sqs:SendMessage', QUEUE.replace(ACCOUNT, '444455556666')]],
  ],
  [
    'StartMessageMoveTask',
    new sqs.StartMessageMoveTaskCommand({ SourceArn: QUEUE }),
    [['sqs:StartMessageMoveTask', QUEUE]],
  ],
  ['ListQueues', new sqs.ListQueuesCommand({}), [['sqs:ListQueues', '*']]],
];

const SNS: Row[] = [
  ['Publish to a topic', new sns.PublishCommand({ TopicArn: TOPIC, Message: 'x' }), [['sns:Publish', TOPIC]]],
  ['Publish to a target', new sns.PublishCommand({ TargetArn: TOPIC, Message: 'x' }), [['sns:Publish', TOPIC]]],
  [
    'Publish to a phone',
    new sns.PublishCommand({ PhoneNumber: '+447700900000', Message: 'a&TopicArn=x' }),
    [['sns:Publish', '*']],
  ],
  [
    'PublishBatch is Publish',
    new sns.PublishBatchCommand({ TopicArn: TOPIC, PublishBatchRequestEntries: [{ Id: '1', Message: 'x' }] }),
    [['sns:Publish', TOPIC]],
  ],
  [
    'Subscribe',
    new sns.SubscribeCommand({ TopicArn: TOPIC, Protocol: 'sqs', Endpoint: QUEUE }),
    [['sns:Subscribe', TOPIC, { 'sns:Protocol': 'sqs', 'sns:Endpoint': QUEUE }]],
  ],
  ['Unsubscribe', new sns.UnsubscribeCommand({ SubscriptionArn: `${TOPIC}:1234` }), [['sns:Unsubscribe', TOPIC]]],
  ['CreateTopic', new sns.CreateTopicCommand({ Name: 'delivery' }), [['sns:CreateTopic', TOPIC]]],
];

const openSqs = (settings: object) => new sqs.SQSClient(settings) as Client;
const openSns = (settings: object) => new sns.SNSClient(settings) as Client;

describe('SQS', () => {
  test.each(SQS)('%s', async (_, command, expected) => {
    expect(await described(capture, openSqs, command)).toMatchObject(rows(expected));
  });
});

describe('SNS', () => {
  test.each(SNS)('%s', async (_, command, expected) => {
    expect(await described(capture, openSns, command)).toMatchObject(rows(expected));
  });
});

test('an operation that is not known is refused by name', async () => {
  const task = new sqs.CancelMessageMoveTaskCommand({ TaskHandle: 'x' });
  await expect(described(capture, openSqs, task)).rejects.toThrow('the operation CancelMessageMoveTask of sqs');
  const numbers = new sns.ListOriginationNumbersCommand({});
  await expect(described(capture, openSns, numbers)).rejects.toThrow('the operation ListOriginationNumbers of sns');
});
