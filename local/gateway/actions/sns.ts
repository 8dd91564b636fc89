/** SNS (query protocol): topics, subscriptions, and messages to a phone. Pure. */
import {
  arnOf,
  contextOf,
  type DescribedRequest,
  readForm,
  UnsupportedRequest,
  unknownOperation,
  type WireRequest,
  type World,
} from './wire.ts';

type TopicOf = (form: URLSearchParams, world: World, operation: string) => string;

const byField =
  (name: string): TopicOf =>
  (form, _world, operation) =>
    required(form, name, operation);
/** A subscription's ARN is its topic's and one part more. */
const bySubscription: TopicOf = (form, _world, operation) =>
  required(form, 'SubscriptionArn', operation).replace(/:[^:]*$/, '');
const anywhere: TopicOf = () => '*';

/** A message to a phone concerns no topic: AWS allows it only to policies whose resource is `*`. */
const published: TopicOf = (form, _world, operation) =>
  form.has('PhoneNumber') ? '*' : (form.get('TargetArn') ?? required(form, 'TopicArn', operation));

const OPERATIONS: Readonly<Record<string, readonly [action: string, topicOf: TopicOf]>> = {
  Publish: ['Publish', published],
  PublishBatch: ['Publish', byField('TopicArn')],
  Subscribe: ['Subscribe', byField('TopicArn')],
  ConfirmSubscription: ['ConfirmSubscription', byField('TopicArn')],
  Unsubscribe: ['Unsubscribe', bySubscription],
  GetSubscriptionAttributes: ['GetSubscriptionAttributes', bySubscription],
  SetSubscriptionAttributes: ['SetSubscriptionAttributes', bySubscription],
  CreateTopic: ['CreateTopic', (form, world, operation) => arnOf(world, 'sns', required(form, 'Name', operation))],
  DeleteTopic: ['DeleteTopic', byField('TopicArn')],
  GetTopicAttributes: ['GetTopicAttributes', byField('TopicArn')],
  SetTopicAttributes: ['SetTopicAttributes', byField('TopicArn')],
  ListSubscriptionsByTopic: ['ListSubscriptionsByTopic', byField('TopicArn')],
  ListTagsForResource: ['ListTagsForResource', byField('ResourceArn')],
  TagResource: ['TagResource', byField('ResourceArn')],
  ListTopics: ['ListTopics', anywhere],
  ListSubscriptions: ['ListSubscriptions', anywhere],
  GetSMSAttributes: ['GetSMSAttributes', anywhere],
  SetSMSAttributes: ['SetSMSAttributes', anywhere],
  CheckIfPhoneNumberIsOptedOut: ['CheckIfPhoneNumberIsOptedOut', anywhere],
};

/** A form, `Action=<Operation>`. */
export function describeSns(request: WireRequest, world: World): DescribedRequest[] {
  const { operation, form } = readForm(request);
  const known = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (known === undefined) throw unknownOperation('sns', operation);
  const [action, topicOf] = known;
  const context =
    operation === 'Subscribe'
      ? contextOf({
          'sns:Protocol': form.get('Protocol') ?? undefined,
          'sns:Endpoint': form.get('Endpoint') ?? undefined,
        })
      : {};
  return [{ action: `sns:${action}`, resource: topicOf(form, world, operation), context, operation }];
}

function required(form: URLSearchParams, name: string, operation: string): string {
  const value = form.get(name);
  if (!value) throw new UnsupportedRequest(`${operation} without ${name}`);
  return value;
}
