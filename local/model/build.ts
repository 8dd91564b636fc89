/** Turns the resolved template into the model that the services of this machine carry out. Pure but for the asset map. */
import { join } from 'node:path';
import type { PolicyDocument, PolicyStatement } from '../iam/policy.ts';
import type { Resolved, ResolvedResource } from '../template/resolve.ts';
import { buildHttpApi } from './build-api.ts';
import { buildSite } from './build-site.ts';
import { array, number, object, optionalText, text } from './read.ts';
import type {
  BucketModel,
  CloudModel,
  EventSourceModel,
  FunctionModel,
  QueueModel,
  RoleModel,
  ScheduleModel,
  TableModel,
  TimestreamModel,
  TopicModel,
} from './types.ts';

/** Local folder of a file asset, by the S3 key that the template names. */
export type AssetFolder = (s3Key: string) => string;

export function buildModel(resolved: Resolved, assetFolder: AssetFolder): CloudModel {
  const all = resolved.resources;
  const of = (type: string): ResolvedResource[] => all.filter((r) => r.type === type);
  const policies = of('AWS::IAM::Policy');
  return {
    roles: of('AWS::IAM::Role').map((r) => buildRole(r, policies)),
    functions: of('AWS::Lambda::Function').map((r) =>
      buildFunction(r, of('AWS::Lambda::Permission'), of('AWS::Lambda::EventInvokeConfig'), assetFolder),
    ),
    queues: of('AWS::SQS::Queue').map((r) => buildQueue(r, of('AWS::SQS::QueuePolicy'))),
    topics: of('AWS::SNS::Topic').map((r) => buildTopic(r, of('AWS::SNS::TopicPolicy'), of('AWS::SNS::Subscription'))),
    tables: of('AWS::DynamoDB::GlobalTable').map(buildTable),
    eventSources: of('AWS::Lambda::EventSourceMapping').map((r) => buildEventSource(r, of('AWS::Lambda::Function'))),
    schedules: of('AWS::Scheduler::Schedule').map(buildSchedule),
    httpApi: buildHttpApi(all),
    userPool: buildUserPool(of('AWS::Cognito::UserPool'), of('AWS::Cognito::UserPoolClient')),
    buckets: of('AWS::S3::Bucket').map((r) => buildBucket(r, of('AWS::S3::BucketPolicy'))),
    site: buildSite(all),
    timestream: buildTimestream(of('AWS::Timestream::Database'), of('AWS::Timestream::Table')),
    parameters: Object.fromEntries(
      of('AWS::SSM::Parameter').map((r) => [text(r.properties, 'Name'), text(r.properties, 'Value')]),
    ),
  };
}

function arnOf(resource: ResolvedResource): string {
  return resource.attributes.Arn ?? resource.ref;
}

function buildRole(role: ResolvedResource, policies: readonly ResolvedResource[]): RoleModel {
  const inline = array(role.properties, 'Policies').map((p) => ({
    name: text(p, 'PolicyName'),
    document: object(p, 'PolicyDocument') as unknown as PolicyDocument,
  }));
  const attached = policies
    .filter((p) => (array(p.properties, 'Roles') as unknown[]).includes(role.ref))
    .map((p) => ({ name: p.logicalId, document: object(p.properties, 'PolicyDocument') as unknown as PolicyDocument }));
  return {
    arn: arnOf(role),
    name: role.ref,
    trust: object(role.properties, 'AssumeRolePolicyDocument') as unknown as PolicyDocument,
    policies: [...inline, ...attached],
  };
}

function buildFunction(
  fn: ResolvedResource,
  permissions: readonly ResolvedResource[],
  invokeConfigs: readonly ResolvedResource[],
  assetFolder: AssetFolder,
): FunctionModel {
  const p = fn.properties;
  const [file, exportName] = text(p, 'Handler').split('.') as [string, string];
  const environment = object(object(p, 'Environment'), 'Variables') as Record<string, string>;
  const config = invokeConfigs.find((c) => c.properties.FunctionName === fn.ref);
  return {
    name: fn.ref,
    shortName: environment.POWERTOOLS_SERVICE_NAME ?? fn.logicalId,
    arn: arnOf(fn),
    roleArn: text(p, 'Role'),
    bundle: join(assetFolder(text(object(p, 'Code'), 'S3Key')), `${file}.cjs`),
    exportName,
    environment,
    timeoutSeconds: number(p, 'Timeout', 3),
    memoryMb: number(p, 'MemorySize', 128),
    logGroup: optionalText(object(p, 'LoggingConfig'), 'LogGroup') ?? `/aws/lambda/${fn.ref}`,
    resourcePolicy: {
      Version: '2012-10-17',
      Statement: permissions
        .filter((s) => [fn.ref, arnOf(fn)].includes(String(s.properties.FunctionName)))
        .map((s) => permissionStatement(s, fn)),
    },
    asyncRetries: config ? number(config.properties, 'MaximumRetryAttempts', 2) : 2,
  };
}

function permissionStatement(permission: ResolvedResource, fn: ResolvedResource): PolicyStatement {
  const p = permission.properties;
  const sourceArn = optionalText(p, 'SourceArn');
  return {
    Sid: permission.logicalId,
    Effect: 'Allow',
    Principal: { Service: text(p, 'Principal') },
    Action: text(p, 'Action'),
    Resource: arnOf(fn),
    ...(sourceArn ? { Condition: { ArnLike: { 'aws:SourceArn': sourceArn } } } : {}),
  };
}

/** CloudFormation's numbers and objects as SQS takes them: text. */
const QUEUE_ATTRIBUTES = [
  'VisibilityTimeout',
  'MessageRetentionPeriod',
  'DelaySeconds',
  'MaximumMessageSize',
  'ReceiveMessageWaitTimeSeconds',
];

function buildQueue(queue: ResolvedResource, policies: readonly ResolvedResource[]): QueueModel {
  const p = queue.properties;
  const attributes: Record<string, string> = {};
  for (const name of QUEUE_ATTRIBUTES) if (p[name] !== undefined) attributes[name] = String(p[name]);
  if (p.RedrivePolicy) attributes.RedrivePolicy = JSON.stringify(p.RedrivePolicy);
  const policy = policies.find((x) => (array(x.properties, 'Queues') as unknown[]).includes(queue.ref));
  return {
    name: queue.attributes.QueueName ?? queue.ref,
    arn: arnOf(queue),
    attributes,
    policy: policy ? (object(policy.properties, 'PolicyDocument') as unknown as PolicyDocument) : undefined,
  };
}

function buildTopic(
  topic: ResolvedResource,
  policies: readonly ResolvedResource[],
  subscriptions: readonly ResolvedResource[],
): TopicModel {
  const policy = policies.find((x) => (array(x.properties, 'Topics') as unknown[]).includes(topic.ref));
  return {
    name: topic.attributes.TopicName ?? topic.ref,
    arn: topic.ref,
    policy: policy ? (object(policy.properties, 'PolicyDocument') as unknown as PolicyDocument) : undefined,
    subscriptions: subscriptions.filter((s) => s.properties.TopicArn === topic.ref).map(buildSubscription),
  };
}

function buildSubscription(subscription: ResolvedResource): TopicModel['subscriptions'][number] {
  const p = subscription.properties;
  if (p.Protocol !== 'sqs')
    throw new Error(`${subscription.logicalId}: only sqs subscriptions run here, not ${String(p.Protocol)}`);
  const attributes: Record<string, string> = {};
  if (p.RawMessageDelivery !== undefined) attributes.RawMessageDelivery = String(p.RawMessageDelivery);
  if (p.FilterPolicy) attributes.FilterPolicy = JSON.stringify(p.FilterPolicy);
  if (p.RedrivePolicy) attributes.RedrivePolicy = JSON.stringify(p.RedrivePolicy);
  return { queueArn: text(p, 'Endpoint'), attributes };
}

function buildTable(table: ResolvedResource): TableModel {
  const p = table.properties;
  const indexes = array(p, 'GlobalSecondaryIndexes').map((i) => ({
    IndexName: text(i, 'IndexName'),
    KeySchema: i.KeySchema,
    Projection: i.Projection,
  }));
  return {
    name: table.ref,
    arn: arnOf(table),
    create: {
      TableName: table.ref,
      BillingMode: text(p, 'BillingMode'),
      AttributeDefinitions: p.AttributeDefinitions,
      KeySchema: p.KeySchema,
      ...(indexes.length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
    },
    ttlAttribute: optionalText(object(p, 'TimeToLiveSpecification'), 'AttributeName'),
  };
}

function buildEventSource(mapping: ResolvedResource, functions: readonly ResolvedResource[]): EventSourceModel {
  const p = mapping.properties;
  const named = text(p, 'FunctionName');
  const fn = functions.find((f) => f.ref === named || arnOf(f) === named);
  if (!fn) throw new Error(`${mapping.logicalId}: no function ${named}`);
  return {
    queueArn: text(p, 'EventSourceArn'),
    functionArn: arnOf(fn),
    batchSize: number(p, 'BatchSize', 10),
    windowSeconds: number(p, 'MaximumBatchingWindowInSeconds', 0),
    maxConcurrency: number(object(p, 'ScalingConfig'), 'MaximumConcurrency', 4),
    partialFailures: (array(p, 'FunctionResponseTypes') as unknown[]).includes('ReportBatchItemFailures'),
  };
}

function buildSchedule(schedule: ResolvedResource): ScheduleModel {
  const p = schedule.properties;
  const target = object(p, 'Target');
  const name = schedule.ref;
  const deadLetter = object(target, 'DeadLetterConfig');
  return {
    name,
    shortName: name.startsWith(`${schedule.stack}-`) ? name.slice(schedule.stack.length + 1) : name,
    arn: arnOf(schedule),
    expression: text(p, 'ScheduleExpression'),
    zone: optionalText(p, 'ScheduleExpressionTimezone') ?? 'UTC',
    enabled: (optionalText(p, 'State') ?? 'ENABLED') === 'ENABLED',
    functionArn: text(target, 'Arn'),
    roleArn: text(target, 'RoleArn'),
    input: optionalText(target, 'Input') ?? '{}',
    retries: number(object(target, 'RetryPolicy'), 'MaximumRetryAttempts', 185),
    deadLetterArn: optionalText(deadLetter, 'Arn'),
  };
}

function buildUserPool(
  pools: readonly ResolvedResource[],
  clients: readonly ResolvedResource[],
): CloudModel['userPool'] {
  const pool = pools[0];
  if (!pool) return undefined;
  if (pools.length > 1) throw new Error('more than one user pool in the template');
  return { id: pool.ref, clientIds: clients.filter((c) => c.properties.UserPoolId === pool.ref).map((c) => c.ref) };
}

function buildBucket(bucket: ResolvedResource, policies: readonly ResolvedResource[]): BucketModel {
  const policy = policies.find((p) => p.properties.Bucket === bucket.ref);
  return {
    name: bucket.ref,
    arn: arnOf(bucket),
    policy: policy ? (object(policy.properties, 'PolicyDocument') as unknown as PolicyDocument) : undefined,
  };
}

function buildTimestream(databases: readonly ResolvedResource[], tables: readonly ResolvedResource[]): TimestreamModel {
  return {
    databases: databases.map((d) => d.ref),
    tables: tables.map((t) => {
      const retention = object(t.properties, 'RetentionProperties');
      const magnetic = object(t.properties, 'MagneticStoreWriteProperties');
      return {
        database: text(t.properties, 'DatabaseName'),
        name: t.attributes.Name ?? t.ref,
        memoryHours: number(retention, 'MemoryStoreRetentionPeriodInHours', 6),
        magneticDays: number(retention, 'MagneticStoreRetentionPeriodInDays', 73_000),
        magneticWrites: magnetic.EnableMagneticStoreWrites === true,
      };
    }),
  };
}
