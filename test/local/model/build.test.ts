import { describe, expect, test } from 'vitest';
import { checkAccepted } from '../../../local/model/accepted.ts';
import { buildModel } from '../../../local/model/build.ts';
import { identifyAt } from '../../../local/model/identify.ts';
import type { ResolvedResource } from '../../../local/template/resolve.ts';

const identify = identifyAt({ region: 'us-east-1', gatewayUrl: 'http://127.0.0.1:1', publicUrl: 'http://127.0.0.1:2' });
const STACK = 'headroom-local-x';

function resource(logicalId: string, type: string, properties: Record<string, unknown> = {}): ResolvedResource {
  const { ref, attributes } = identify(STACK, logicalId, type, properties as never);
  return { stack: STACK, logicalId, type, properties, ref, attributes } as unknown as ResolvedResource;
}
const build = (...resources: ResolvedResource[]) => buildModel({ resources } as never, (key) => `/assets/${key}`);
const arn = (r: ResolvedResource): string => r.attributes.Arn ?? r.ref;

const ROLE = resource('Role', 'AWS::IAM::Role', { AssumeRolePolicyDocument: { Statement: [] } });
const lambda = (over: Record<string, unknown> = {}) =>
  resource('Fn', 'AWS::Lambda::Function', {
    Handler: 'index.handler',
    Role: arn(ROLE),
    Code: { S3Key: 'abc.zip' },
    Environment: { Variables: { POWERTOOLS_SERVICE_NAME: 'evaluate', A: '1' } },
    ...over,
  });

describe('a function', () => {
  test('has its bundle, environment, bounds and the permissions that name it', () => {
    const fn = lambda({ Timeout: 30, MemorySize: '256', LoggingConfig: { LogGroup: '/logs' } });
    const permission = (id: string, FunctionName: string, SourceArn?: string) =>
      resource(id, 'AWS::Lambda::Permission', {
        FunctionName,
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
        ...(SourceArn ? { SourceArn } : {}),
      });
    const config = resource('Config', 'AWS::Lambda::EventInvokeConfig', {
      FunctionName: fn.ref,
      MaximumRetryAttempts: 0,
    });
    const [model] = build(
      ROLE,
      fn,
      config,
      permission('P1', arn(fn), 'arn:x'),
      permission('P2', fn.ref),
      permission('P3', 'other'),
    ).functions;
    expect(model).toMatchObject({
      shortName: 'evaluate',
      bundle: '/assets/abc.zip/index.cjs',
      exportName: 'handler',
      environment: { A: '1' },
      timeoutSeconds: 30,
      memoryMb: 256,
      logGroup: '/logs',
      asyncRetries: 0,
    });
    expect(model?.resourcePolicy.Statement).toMatchObject([
      { Sid: 'P1', Resource: arn(fn), Condition: { ArnLike: { 'aws:SourceArn': 'arn:x' } } },
      { Sid: 'P2' },
    ]);
  });

  test('has what CloudFormation assumes where the template is silent', () => {
    expect(build(ROLE, lambda()).functions[0]).toMatchObject({ timeoutSeconds: 3, memoryMb: 128, asyncRetries: 2 });
  });

  test.each([
    ['without handler', { Handler: undefined }, /Handler must be a text/],
    ['with a timeout that is no number', { Timeout: 'soon' }, /Timeout must be a number/],
    ['without code', { Code: {} }, /S3Key must be a text/],
  ])('%s stops the start', (_, over, message) => expect(() => build(ROLE, lambda(over))).toThrow(message));
});

test('a role has the policies inside it and those attached to it, and no others', () => {
  const inline = resource('Role', 'AWS::IAM::Role', {
    AssumeRolePolicyDocument: { Statement: [] },
    Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: [] } }],
  });
  const policy = (id: string, ...Roles: string[]) =>
    resource(id, 'AWS::IAM::Policy', { PolicyName: id, Roles, PolicyDocument: { Statement: [] } });
  const [role] = build(inline, policy('Attached', inline.ref), policy('Foreign', 'other')).roles;
  expect(role?.policies.map((p) => p.name)).toEqual(['own', 'Attached']);
});

test('a queue has its attributes as text, its redrive policy, and the policy that names it', () => {
  const dead = resource('Dead', 'AWS::SQS::Queue');
  const work = resource('Work', 'AWS::SQS::Queue', {
    VisibilityTimeout: 540,
    RedrivePolicy: { deadLetterTargetArn: arn(dead), maxReceiveCount: 4 },
  });
  const policy = resource('P', 'AWS::SQS::QueuePolicy', { Queues: [work.ref], PolicyDocument: { Statement: [1] } });
  const [first, second] = build(dead, work, policy).queues;
  expect(first).toMatchObject({ attributes: {}, policy: undefined });
  expect(second?.attributes).toEqual({
    VisibilityTimeout: '540',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(dead), maxReceiveCount: 4 }),
  });
  expect(second?.policy).toEqual({ Statement: [1] });
});

test('a topic has its own subscriptions, to queues only', () => {
  const topic = resource('Topic', 'AWS::SNS::Topic');
  const to = (id: string, over: Record<string, unknown>) =>
    resource(id, 'AWS::SNS::Subscription', { Protocol: 'sqs', Endpoint: 'arn:queue', TopicArn: topic.ref, ...over });
  const filter = { FilterPolicy: { channel: ['sms'] }, RawMessageDelivery: true };
  expect(build(topic, to('A', filter), to('B', { TopicArn: 'other' })).topics[0]?.subscriptions).toEqual([
    { queueArn: 'arn:queue', attributes: { FilterPolicy: '{"channel":["sms"]}', RawMessageDelivery: 'true' } },
  ]);
  expect(() => build(topic, to('C', { Protocol: 'email' }))).toThrow('C: only sqs subscriptions run here, not email');
});

test('an event source finds its function by name or ARN, and refuses an unknown one', () => {
  const fn = lambda();
  const mapping = (FunctionName: string, over = {}) =>
    resource('M', 'AWS::Lambda::EventSourceMapping', { EventSourceArn: 'arn:queue', FunctionName, ...over });
  const full = {
    BatchSize: 5,
    MaximumBatchingWindowInSeconds: 2,
    ScalingConfig: { MaximumConcurrency: 20 },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  };
  expect(build(ROLE, fn, mapping(fn.ref, full)).eventSources).toEqual([
    {
      queueArn: 'arn:queue',
      functionArn: arn(fn),
      batchSize: 5,
      windowSeconds: 2,
      maxConcurrency: 20,
      partialFailures: true,
    },
  ]);
  expect(build(ROLE, fn, mapping(arn(fn))).eventSources[0]).toMatchObject({
    batchSize: 10,
    windowSeconds: 0,
    partialFailures: false,
  });
  expect(() => build(mapping('nobody'))).toThrow('M: no function nobody');
});

test('a schedule is known by its name without that of its stack', () => {
  const target = {
    Arn: 'arn:fn',
    RoleArn: 'arn:role',
    Input: '{"a":1}',
    DeadLetterConfig: { Arn: 'arn:dead' },
    RetryPolicy: { MaximumRetryAttempts: 3 },
  };
  const one = resource('S', 'AWS::Scheduler::Schedule', {
    Name: `${STACK}-sweep`,
    ScheduleExpression: 'rate(1 minute)',
    State: 'DISABLED',
    Target: target,
  });
  expect(build(one).schedules[0]).toMatchObject({
    shortName: 'sweep',
    zone: 'UTC',
    enabled: false,
    input: '{"a":1}',
    deadLetterArn: 'arn:dead',
    retries: 3,
  });
});

test('a table becomes what DynamoDB takes', () => {
  const table = resource('T', 'AWS::DynamoDB::GlobalTable', {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    Replicas: [{ Region: 'us-east-1' }],
  });
  const [model] = build(table).tables;
  expect(model).toMatchObject({
    name: table.ref,
    ttlAttribute: 'expiresAt',
    create: { TableName: table.ref, BillingMode: 'PAY_PER_REQUEST' },
  });
  expect(model?.create).not.toHaveProperty('Replicas');
  expect(model?.create).not.toHaveProperty('GlobalSecondaryIndexes');
});

describe('the HTTP API', () => {
  const api = resource('Api', 'AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' });
  const integration = resource('I', 'AWS::ApiGatewayV2::Integration', {
    ApiId: api.ref,
    IntegrationUri: 'arn:fn',
    PayloadFormatVersion: '2.0',
  });
  const route = (RouteKey: string, over = {}) =>
    resource('R', 'AWS::ApiGatewayV2::Route', {
      ApiId: api.ref,
      RouteKey,
      Target: `integrations/${integration.ref}`,
      ...over,
    });

  test('has routes and its throttling', () => {
    const stage = resource('St', 'AWS::ApiGatewayV2::Stage', {
      ApiId: api.ref,
      DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 },
    });
    expect(build(api, integration, route('GET /v1/x/{id}'), stage).httpApi).toMatchObject({
      routes: [{ method: 'GET', path: '/v1/x/{id}', functionArn: 'arn:fn' }],
      throttle: { rate: 5, burst: 7 },
    });
    expect(build().httpApi).toBeUndefined();
  });

  test.each([
    ['the default route', '$default', {}],
    ['a greedy part', 'GET /v1/{proxy+}', {}],
    ['an authorizer', 'GET /v1/x', { AuthorizationType: 'JWT' }],
    ['an unknown integration', 'GET /v1/x', { Target: 'integrations/nothing' }],
  ])('with %s stops the start, naming the route', (_, key, over) => {
    expect(() => build(api, integration, route(key, over))).toThrow(/^R: /);
  });

  test('of another payload format stops the start; so does a second one', () => {
    const old = resource('I', 'AWS::ApiGatewayV2::Integration', {
      ApiId: api.ref,
      IntegrationUri: 'arn:fn',
      PayloadFormatVersion: '1.0',
    });
    expect(() => build(api, old, route('GET /x'))).toThrow('I: payload format 2.0 only');
    expect(() => build(api, resource('Api2', 'AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' }))).toThrow(
      'more than one HTTP API',
    );
  });
});

test('the site has its bucket, the paths of the API and every header of the distribution', () => {
  const bucket = resource('Site', 'AWS::S3::Bucket');
  const policy = resource('Headers', 'AWS::CloudFront::ResponseHeadersPolicy', {
    ResponseHeadersPolicyConfig: {
      Name: 'x',
      SecurityHeadersConfig: {
        ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'none'" },
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: 'DENY' },
        ReferrerPolicy: { ReferrerPolicy: 'no-referrer' },
      },
      CustomHeadersConfig: { Items: [{ Header: 'Permissions-Policy', Value: 'camera=()' }] },
    },
  });
  const distribution = (DomainName: string | undefined) =>
    resource('D', 'AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Origins: [{ DomainName }],
        DefaultCacheBehavior: { ResponseHeadersPolicyId: policy.ref },
        CacheBehaviors: [{ PathPattern: '/v1/*' }],
        DefaultRootObject: 'index.html',
      },
    });
  expect(build(bucket, policy, distribution(bucket.attributes.RegionalDomainName)).site).toEqual({
    bucket: bucket.ref,
    apiPatterns: ['/v1/*'],
    defaultFile: 'index.html',
    headers: {
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=()',
    },
  });
  expect(() => build(bucket, distribution('elsewhere'))).toThrow('D: no bucket of the template is its origin');
});

describe('what is accepted', () => {
  const check = (...resources: ResolvedResource[]) => checkAccepted({ resources } as never);

  test('a known type with known properties', () => {
    expect(() => check(resource('Q', 'AWS::SQS::Queue', { VisibilityTimeout: 30, Tags: [] }))).not.toThrow();
  });

  test('all unknown types and properties stop the start at once, each by its place', () => {
    const unknown = [
      resource('A', 'AWS::StepFunctions::StateMachine'),
      resource('B', 'AWS::SQS::Queue', { FifoQueue: true }),
      resource('C', 'AWS::Lambda::Function', { Code: { ImageUri: 'x' }, VpcConfig: {} }),
    ];
    const failing = () => check(...unknown);
    for (const part of [
      `${STACK}/A`,
      'AWS::StepFunctions::StateMachine',
      `${STACK}/B`,
      'FifoQueue',
      `${STACK}/C`,
      'Code.ImageUri',
      'VpcConfig',
    ])
      expect(failing).toThrow(part);
  });
});

describe('names on this machine', () => {
  test('a queue is reached at the gateway, a table and a bucket by their names', () => {
    const queue = resource('Q', 'AWS::SQS::Queue', { QueueName: 'work' });
    expect(queue.ref).toBe('http://127.0.0.1:1/000000000000/work');
    expect(queue.attributes.Arn).toBe('arn:aws:sqs:us-east-1:000000000000:work');
    expect(resource('T', 'AWS::DynamoDB::GlobalTable', { TableName: 'things' }).attributes.Arn).toBe(
      'arn:aws:dynamodb:us-east-1:000000000000:table/things',
    );
  });
  test('a name that the template does not give is the same at every start, and another for another resource', () => {
    const name = (id: string) => resource(id, 'AWS::SQS::Queue').attributes.QueueName;
    expect(name('Q')).toBe(name('Q'));
    expect(name('Q')).not.toBe(name('R'));
    expect(name('Q')?.length).toBeLessThanOrEqual(80);
  });
  test('a user pool has an id as Cognito gives, so that verifiers take it', () => {
    expect(resource('Users', 'AWS::Cognito::UserPool').ref).toMatch(/^us-east-1_[A-Za-z0-9]+$/);
  });
});
