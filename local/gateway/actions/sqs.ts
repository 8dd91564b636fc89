/** SQS (JSON protocol): queues by URL, name or ARN; a batch asks for the permission of its single form. Pure. */
import {
  arnOf,
  type DescribedRequest,
  type Fields,
  readJson,
  requiredText,
  UnsupportedRequest,
  unknownOperation,
  type WireRequest,
  type World,
} from './wire.ts';

type QueueOf = (fields: Fields, world: World, operation: string) => string;

/** `http://host/<account>/<name>`: the account is the URL's own. */
const byUrl: QueueOf = (fields, world, operation) => {
  const url = requiredText(fields, 'QueueUrl', operation);
  const [account, name, more] = url.replace(/^[a-z]+:\/\/[^/]*\//, '').split('/');
  if (!account || !name || more) throw new UnsupportedRequest(`${operation}: ${url} is not a queue's URL`);
  return arnOf({ ...world, accountId: account }, 'sqs', name);
};
const byName: QueueOf = (fields, world, operation) => arnOf(world, 'sqs', requiredText(fields, 'QueueName', operation));
const bySource: QueueOf = (fields, _world, operation) => requiredText(fields, 'SourceArn', operation);
const anywhere: QueueOf = () => '*';

const OPERATIONS: Readonly<Record<string, readonly [action: string, queueOf: QueueOf]>> = {
  SendMessage: ['SendMessage', byUrl],
  SendMessageBatch: ['SendMessage', byUrl],
  ReceiveMessage: ['ReceiveMessage', byUrl],
  DeleteMessage: ['DeleteMessage', byUrl],
  DeleteMessageBatch: ['DeleteMessage', byUrl],
  ChangeMessageVisibility: ['ChangeMessageVisibility', byUrl],
  ChangeMessageVisibilityBatch: ['ChangeMessageVisibility', byUrl],
  PurgeQueue: ['PurgeQueue', byUrl],
  GetQueueAttributes: ['GetQueueAttributes', byUrl],
  SetQueueAttributes: ['SetQueueAttributes', byUrl],
  DeleteQueue: ['DeleteQueue', byUrl],
  ListQueueTags: ['ListQueueTags', byUrl],
  TagQueue: ['TagQueue', byUrl],
  UntagQueue: ['UntagQueue', byUrl],
  ListDeadLetterSourceQueues: ['ListDeadLetterSourceQueues', byUrl],
  GetQueueUrl: ['GetQueueUrl', byName],
  CreateQueue: ['CreateQueue', byName],
  StartMessageMoveTask: ['StartMessageMoveTask', bySource],
  ListMessageMoveTasks: ['ListMessageMoveTasks', bySource],
  ListQueues: ['ListQueues', anywhere],
};

/** JSON 1.0, `AmazonSQS.<Operation>`. */
export function describeSqs(request: WireRequest, world: World): DescribedRequest[] {
  const { operation, fields } = readJson(request);
  const known = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (known === undefined) throw unknownOperation('sqs', operation);
  const [action, queueOf] = known;
  return [{ action: `sqs:${action}`, resource: queueOf(fields, world, operation), context: {}, operation }];
}
