/** What is deployed: each stage is synthesized once, checked by every rule, held against the golden template and the promises. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../functions/manifest.ts';
import { RUNBOOK } from '../../lib/runbook.ts';
import { STAGES, type Stage, stageNamed } from '../../lib/stages.ts';
import { type Resource, type Synthesized, synthesize } from './synthesized.ts';

const GOLDEN = join(import.meta.dirname, 'golden', 'prod.jsonl');
const UPDATE = 'HEADROOM_UPDATE_GOLDEN=1 npx vitest run test/lib/app.test.ts';
const ALL = ['local', 'dev', 'prod'] as const;
/** The first run spares itself one: dev is prod with less. */
const NAMES = process.env.HEADROOM_FULL === '1' ? ALL : (['local', 'prod'] as const);
const stages = new Map<Stage['name'], Synthesized>();
const stage = (name: Stage['name']): Synthesized => {
  const one = stages.get(name);
  if (!one) throw new Error(`${name} was not synthesized`);
  return one;
};

beforeAll(async () => {
  // Two at a time would be no faster on two cores, and holds twice the memory.
  for (const name of NAMES) stages.set(name, await synthesize(name));
}, 240_000);

/** Where it stands comes first, so that sorting keeps stacks together. */
function inOrder({ stack, id, ...rest }: Resource): object {
  return { stack, id, ...rest };
}

/** One resource a line, in order; assets are named by their content, which is not what this is about. */
function lines(of: Synthesized): string[] {
  return of.resources
    .map((one) => JSON.stringify(inOrder(one)))
    .map((line) => line.replace(/[0-9a-f]{64}/g, '<asset>'))
    .sort();
}

test('the template of prod is the golden one', () => {
  const now = lines(stage('prod'));
  if (process.env.HEADROOM_UPDATE_GOLDEN) {
    mkdirSync(join(GOLDEN, '..'), { recursive: true });
    writeFileSync(GOLDEN, `${now.join('\n')}\n`);
  }
  const golden = readFileSync(GOLDEN, 'utf8').trimEnd().split('\n');
  const added = now.filter((line) => !golden.includes(line));
  const gone = golden.filter((line) => !now.includes(line));
  expect({ added, gone }, `read what changed; if it is meant: ${UPDATE}`).toEqual({ added: [], gone: [] });
});

describe.each(NAMES)('stage %s', (name) => {
  test('every rule of cdk-nag and of CDK itself is kept, or answered with a reason', () => {
    const { pluginReports } = stage(name).report;
    expect(pluginReports.flatMap((report) => report.violations.map((one) => one.ruleName))).toEqual([]);
  });

  test('nothing is looked up and no custom resource runs', () => {
    expect(stage(name).manifest.missing).toBeUndefined();
    expect(stage(name).resources.filter((one) => /^Custom::|CustomResource/.test(one.Type))).toEqual([]);
  });

  test('every function of the manifest is there once, bounded, on arm64 and the newest Node, with logs that end', () => {
    const functions = stage(name).of('AWS::Lambda::Function');
    const wanted = FUNCTIONS.filter((row) => row.name !== 'timestream-write' || stageNamed(name).timestream);
    expect(functions.map(shortName).sort()).toEqual(wanted.map((row) => row.name).sort());
    for (const fn of functions) {
      const row = FUNCTIONS.find((one) => one.name === shortName(fn));
      expect(fn.Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Timeout: row?.timeoutSeconds,
        MemorySize: row?.memoryMb,
        LoggingConfig: { LogGroup: { Ref: expect.any(String) } },
      });
      const logs = stage(name).resources.find((one) => one.id === fn.Properties.LoggingConfig.LogGroup.Ref);
      expect(logs).toMatchObject({
        Type: 'AWS::Logs::LogGroup',
        Properties: { RetentionInDays: stageNamed(name).logRetentionDays },
      });
    }
  });

  test('every function has a role of its own, without policies of others', () => {
    const roles = stage(name)
      .of('AWS::Lambda::Function')
      .map((fn) => JSON.stringify(fn.Properties.Role));
    expect(new Set(roles).size).toBe(roles.length);
    for (const role of stage(name).of('AWS::IAM::Role')) expect(role.Properties.ManagedPolicyArns).toBeUndefined();
  });

  test('no action is a wildcard, and each wildcard resource is one of the explained', () => {
    const statements = stage(name)
      .of('AWS::IAM::Policy')
      .flatMap((one) => one.Properties.PolicyDocument.Statement);
    const actions = statements.flatMap((one) => [one.Action].flat());
    expect(actions.length).toBeGreaterThan(50);
    expect(actions.filter((action) => String(action).includes('*'))).toEqual([]);
    const open = statements.flatMap((one) =>
      [one.Resource ?? one.NotResource]
        .flat()
        .map((resource) => flatten(resource))
        .filter((resource) => resource.includes('*'))
        .map((resource) => `${[one.Action].flat().join(' ')} ${one.NotResource ? 'but on ' : 'on '}${resource}`),
    );
    expect([...new Set(open)].sort()).toEqual(explainedWildcards(name));
  });

  test('only what works on a queue may put work back for itself as often as it takes', () => {
    const onQueues = FUNCTIONS.filter((row) => row.trigger.on === 'queue').map((row) => `Headroom ${row.name}`);
    const looping = stage(name)
      .of('AWS::Lambda::Function')
      .filter((one) => one.Properties.RecursiveLoop === 'Allow');
    const there = onQueues.filter((one) => one !== 'Headroom timestream-write' || stageNamed(name).timestream);
    expect(looping.map((one) => one.Properties.Description).sort()).toEqual(there.sort());
  });

  test('grants on the table name their shelves, and none scans', () => {
    const statements = stage(name)
      .of('AWS::IAM::Policy')
      .flatMap((one) => one.Properties.PolicyDocument.Statement);
    const onTable = statements.filter((one) =>
      [one.Action].flat().some((action: string) => action.startsWith('dynamodb:')),
    );
    expect(onTable.length).toBeGreaterThan(10);
    for (const one of onTable) {
      expect(one.Condition['ForAllValues:StringLike']['dynamodb:LeadingKeys'].length).toBeGreaterThan(0);
      expect([one.Action].flat()).not.toContain('dynamodb:Scan');
      expect([one.Action].flat().filter((action: string) => action.includes('PartiQL'))).toEqual([]);
    }
  });

  test('what cannot be worked on ends in a dead-letter queue: of each queue, each schedule, each subscription', () => {
    const queues = stage(name).of('AWS::SQS::Queue');
    for (const mapping of stage(name).of('AWS::Lambda::EventSourceMapping')) {
      const arn = mapping.Properties.EventSourceArn;
      const id: string = arn['Fn::GetAtt']?.[0] ?? String(arn['Fn::ImportValue']).match(/FnGetAtt(\w+)Arn/)?.[1];
      const queue = queues.find((one) => id.startsWith(one.id));
      expect(queue?.Properties.RedrivePolicy.maxReceiveCount, mapping.id).toBeGreaterThanOrEqual(3);
      expect(mapping.Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    }
    expect(stage(name).of('AWS::Scheduler::Schedule').length).toBe(7);
    for (const schedule of stage(name).of('AWS::Scheduler::Schedule')) {
      expect(schedule.Properties.Target.DeadLetterConfig.Arn, schedule.id).toBeDefined();
      expect(schedule.Properties.Target.RetryPolicy.MaximumRetryAttempts).toBeGreaterThan(0);
    }
    const toQueues = stage(name)
      .of('AWS::SNS::Subscription')
      .filter((one) => one.Properties.Protocol === 'sqs');
    expect(toQueues.length).toBe(2);
    for (const one of toQueues) expect(one.Properties.RedrivePolicy.deadLetterTargetArn).toBeDefined();
  });

  test('queues and topics are closed to what is not encrypted', () => {
    for (const queue of stage(name).of('AWS::SQS::Queue')) expect(queue.Properties.SqsManagedSseEnabled).toBe(true);
    for (const kind of ['AWS::SQS::Queue', 'AWS::SNS::Topic'] as const) {
      const policies = stage(name).of(`${kind}Policy`);
      expect(policies.length).toBe(stage(name).of(kind).length);
      for (const policy of policies) {
        expect(policy.Properties.PolicyDocument.Statement).toContainEqual(
          expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        );
      }
    }
  });

  test('the table can be brought back to any second, and a stage that protects its data does not let it go', () => {
    const { protectData } = stageNamed(name);
    const [table, ...more] = stage(name).of('AWS::DynamoDB::GlobalTable');
    expect(more).toEqual([]);
    expect(table?.DeletionPolicy).toBe(protectData ? 'Retain' : 'Delete');
    expect(table?.Properties.Replicas).toMatchObject([
      {
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: protectData,
      },
    ]);
    expect(table?.Properties.TimeToLiveSpecification.Enabled).toBe(true);
    expect(table?.Properties.BillingMode).toBe('PAY_PER_REQUEST');
    const [users] = stage(name).of('AWS::Cognito::UserPool');
    expect(users?.DeletionPolicy).toBe(protectData ? 'Retain' : 'Delete');
  });

  test('buckets are private, encrypted, and read over TLS by the distribution alone', () => {
    for (const bucket of stage(name).of('AWS::S3::Bucket')) {
      expect(Object.values(bucket.Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
      expect(bucket.Properties.BucketEncryption).toBeDefined();
    }
    const allowed = stage(name)
      .of('AWS::S3::BucketPolicy')
      .flatMap((one) => one.Properties.PolicyDocument.Statement)
      .filter((one) => one.Effect === 'Allow');
    expect(allowed).toMatchObject([
      { Action: 's3:GetObject', Principal: { Service: 'cloudfront.amazonaws.com' }, Condition: { StringEquals: {} } },
    ]);
  });

  test('the archive keeps what is written over, grows cheaper, and stays where the stage protects its data', () => {
    const { protectData } = stageNamed(name);
    const [archive, ...more] = stage(name)
      .of('AWS::S3::Bucket')
      .filter((one) => one.stack.endsWith('-storage'));
    expect(more).toEqual([]);
    expect(archive?.DeletionPolicy).toBe(protectData ? 'Retain' : 'Delete');
    expect(archive?.Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(archive?.Properties.LifecycleConfiguration.Rules).toMatchObject([
      { Status: 'Enabled', Transitions: [{ StorageClass: 'GLACIER_IR' }], NoncurrentVersionExpiration: {} },
    ]);
    // Nothing of the current versions ends by itself.
    expect(JSON.stringify(archive)).not.toContain('"ExpirationInDays"');
  });

  test('two functions write the archive and none deletes of it; who reads it may learn that something is not there', () => {
    const grants = stage(name)
      .of('AWS::IAM::Policy')
      .map((one) => ({ id: one.id, actions: statementsOn(one, 'Archive').flatMap(({ Action }) => Action) }))
      .filter(({ actions }) => actions.length > 0);
    const read = ['s3:GetObject', 's3:ListBucket'];
    const write = ['s3:GetObject', 's3:ListBucket', 's3:PutObject'];
    expect(Object.fromEntries(grants.map(({ id, actions }) => [id.split('Role')[0], actions.toSorted()]))).toEqual({
      ...{ archive: write, archiveplan: write },
      ...{
        apiarchives: read,
        apibundles: read,
        apiinterfaces: read,
        apiresellers: read,
        apisims: read,
        apisources: read,
      },
    });
  });

  test('every route of the contracts is there exactly once, throttled, and logged without addresses', () => {
    const keys = stage(name)
      .of('AWS::ApiGatewayV2::Route')
      .map((one) => one.Properties.RouteKey);
    const wanted = FUNCTIONS.flatMap((row) => (row.trigger.on === 'http' ? row.trigger.routes : []));
    expect(keys.toSorted()).toEqual(wanted.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
    const [api, ...more] = stage(name).of('AWS::ApiGatewayV2::Stage');
    expect(more).toEqual([]);
    const { throttle } = stageNamed(name);
    expect(api?.Properties.DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: throttle.rate,
      ThrottlingBurstLimit: throttle.burst,
    });
    expect(api?.Properties.AccessLogSettings.Format).not.toMatch(/sourceIp|userAgent|querystring|\.path/i);
  });

  test('no environment holds a secret or a simulator', () => {
    for (const fn of stage(name).of('AWS::Lambda::Function')) {
      const row = FUNCTIONS.find((one) => one.name === shortName(fn));
      const variables: Record<string, unknown> = fn.Properties.Environment.Variables;
      const known = [...Object.keys(row?.config.shape ?? {}), 'POWERTOOLS_SERVICE_NAME'];
      for (const [key, value] of Object.entries(variables)) {
        expect(known, `${row?.name} has ${key}`).toContain(key);
        expect(key).not.toMatch(/^SIMULATOR_|PASSWORD|PASSCODE|TOKEN|AUTH|PRIVATE/);
        expect(JSON.stringify(value), key).not.toMatch(/resolve:(secretsmanager|ssm-secure)|AKIA|AC[0-9a-f]{32}/);
      }
    }
  });

  test('each alarm says what happened, names a heading of the runbook, and tells one topic when it comes and goes', () => {
    const runbook = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
    const alarms = stage(name).of('AWS::CloudWatch::Alarm');
    for (const { Properties } of alarms) {
      const heading = /^[A-Za-z].+\. See docs\/runbook\.md, "(.+)"\.$/.exec(Properties.AlarmDescription)?.[1];
      expect(runbook.split('\n'), Properties.AlarmName).toContain(`## ${heading}`);
      expect(Properties.AlarmActions).toHaveLength(1);
      expect(Properties.OKActions).toEqual(Properties.AlarmActions);
    }
    expect(new Set(alarms.map((one) => one.Properties.AlarmName)).size).toBe(alarms.length);
  });

  test('there is an alarm for every dead-letter queue, both clocks, the API and the ages', () => {
    const alarms = stage(name).of('AWS::CloudWatch::Alarm');
    const withRedrive = stage(name)
      .of('AWS::SQS::Queue')
      .filter((one) => one.Properties.RedrivePolicy);
    const metrics = alarms.map((one) => one.Properties.MetricName ?? 'expression');
    expect(metrics.filter((one) => one === 'ApproximateNumberOfMessagesVisible')).toHaveLength(withRedrive.length);
    const ages = ['DataAgePeriods', 'OldestUnevaluatedAge', 'OldestOutboxAge', 'UnfoldedAge', 'UnarchivedAge'];
    for (const metric of [...ages, 'Throttles']) expect(metrics, metric).toContain(metric);
    const silent = alarms.filter((one) => one.Properties.AlarmName.endsWith('-silent'));
    expect(silent.map((one) => [one.Properties.EvaluationPeriods, one.Properties.TreatMissingData]).sort()).toEqual([
      [3, 'breaching'],
      [5, 'breaching'],
    ]);
    // Whatever is not looked at for two days would expire unseen: the archive's age rings for its own silence as well.
    const unarchived = alarms.filter((one) => one.Properties.MetricName === 'UnarchivedAge');
    expect(unarchived.map((one) => one.Properties)).toMatchObject([
      { Threshold: 20 * 86_400, Period: 43_200, EvaluationPeriods: 4, TreatMissingData: 'breaching' },
    ]);
    const breaching = alarms.filter((one) => one.Properties.TreatMissingData === 'breaching');
    expect(breaching).toHaveLength(silent.length + 1);
    expect(breaching).toEqual(expect.arrayContaining([...silent, ...unarchived]));
  });

  test('the alarms cost what docs/deploy.md says', () => {
    const metrics = stage(name)
      .of('AWS::CloudWatch::Alarm')
      .map((one) => one.Properties.Metrics?.filter((m: object) => 'MetricStat' in m).length ?? 1);
    const total = metrics.reduce((a, b) => a + b, 0);
    expect({ alarms: metrics.length, metrics: total }).toEqual(
      name === 'dev' ? { alarms: 26, metrics: 28 } : { alarms: 87, metrics: 119 },
    );
    if (name === 'local') return;
    const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'deploy.md'), 'utf8');
    expect(guide).toContain(`${name}: ${metrics.length} alarms over ${total} metrics, ${(total / 10).toFixed(2)} $`);
  });
});

test('every heading that alarms may name is in the runbook, and the runbook has none that nothing names', () => {
  const runbook = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
  const headings = [...runbook.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(headings.toSorted()).toEqual(Object.values(RUNBOOK).toSorted());
});

test('alarms go to the address in the parameter of the stage, which the template only refers to', () => {
  const mails = (of: Synthesized) =>
    of.of('AWS::SNS::Subscription').filter((one) => one.Properties.Protocol === 'email');
  expect(mails(stage('prod')).map((one) => one.Properties.Endpoint)).toEqual([
    '{{resolve:ssm:/headroom/prod/alarm-email}}',
  ]);
  expect(mails(stage('local'))).toEqual([]);
  const policies = stage('prod')
    .of('AWS::SNS::TopicPolicy')
    .flatMap((one) => one.Properties.PolicyDocument.Statement);
  expect(policies).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Action: 'sns:Publish',
      Principal: { Service: ['budgets.amazonaws.com', 'cloudwatch.amazonaws.com'] },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    }),
  );
});

test('local and prod differ in nothing but what lib/stages.ts says', () => {
  const [local, prod] = [byId(stage('local')), byId(stage('prod'))];
  const only = (a: Map<string, Resource>, b: Map<string, Resource>) =>
    [...a].filter(([id]) => !b.has(id)).map(([, one]) => one.Type);
  expect(only(local, prod)).toEqual([]);
  expect(only(prod, local).toSorted()).toEqual(['AWS::Budgets::Budget', 'AWS::SNS::Subscription']);
  const differing = [...local].flatMap(([id, one]) => paths(one, prod.get(id)).map((path) => `${one.Type} ${path}`));
  expect([...new Set(differing)].sort()).toEqual([
    // throttle
    'AWS::ApiGatewayV2::Stage Properties.DefaultRouteSettings.ThrottlingBurstLimit',
    'AWS::ApiGatewayV2::Stage Properties.DefaultRouteSettings.ThrottlingRateLimit',
    // CDK makes the name from the stage's, with a hash over it
    'AWS::CloudFront::OriginAccessControl Properties.OriginAccessControlConfig.Name',
    // secondFactor, protectData
    'AWS::Cognito::UserPool DeletionPolicy',
    'AWS::Cognito::UserPool Properties.DeletionProtection',
    'AWS::Cognito::UserPool Properties.EnabledMfas',
    'AWS::Cognito::UserPool Properties.MfaConfiguration',
    'AWS::Cognito::UserPool UpdateReplacePolicy',
    // protectData
    'AWS::DynamoDB::GlobalTable DeletionPolicy',
    'AWS::DynamoDB::GlobalTable Properties.Replicas.0.DeletionProtectionEnabled',
    'AWS::DynamoDB::GlobalTable UpdateReplacePolicy',
    // logRetentionDays
    'AWS::Logs::LogGroup Properties.RetentionInDays',
    // protectData
    'AWS::S3::Bucket DeletionPolicy',
    'AWS::S3::Bucket UpdateReplacePolicy',
  ]);
  expect(STAGES.map((one) => one.name)).toEqual(ALL);
});

/** Statements of a policy whose resource is an import of that name. */
function statementsOn(policy: Resource, named: string) {
  const statements = policy.Properties.PolicyDocument.Statement as { Action: string | string[]; Resource: unknown }[];
  return statements.filter(({ Resource }) => JSON.stringify(Resource ?? '').includes(`ExportsOutputFnGetAtt${named}`));
}

/** Resources with the stage's own name and region replaced, so that only what is different differs. */
function byId(of: Synthesized): Map<string, Resource> {
  const text = JSON.stringify(of.resources)
    .replace(/headroom-local/g, 'headroom-prod')
    // Ids of what ties two stacks together hold the stack's name, and a hash over it.
    .replace(/headroom(?:local|prod)(\w+?)(?:[0-9A-F]{8}){1,2}\b/g, 'headroomprod$1')
    .replace(/us-east-1/g, 'eu-west-1')
    .replace(/Headroom local/g, 'Headroom prod')
    .replace(/headroom local/g, 'headroom prod')
    .replace(/"(Value|STAGE|stage)":"local"/g, '"$1":"prod"');
  return new Map((JSON.parse(text) as Resource[]).map((one) => [`${one.stack}/${one.id}`, one]));
}

function paths(a: unknown, b: unknown, at = ''): string[] {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b ? [] : [at.slice(1)];
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) => paths(left[key], right[key], `${at}.${key}`));
}

function shortName(fn: Resource): string {
  return String(fn.Properties.Description).replace('Headroom ', '');
}

function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, inner] = []] = Object.entries(value as Record<string, unknown>);
  if (name === 'Fn::Join') return (inner as [string, unknown[]])[1].map(flatten).join('');
  if (name === 'Fn::GetAtt') return `<${(inner as string[])[0]?.replace(/[0-9A-F]{8}$/, '')}>`;
  return `<${String(inner).replace(/(ExportsOutputFnGetAtt\w+?)[0-9A-F]{8}Arn[0-9A-F]{8}$/, '$1')}>`;
}

function explainedWildcards(name: Stage['name']): string[] {
  const archive = `<headroom-${name}-storage:ExportsOutputFnGetAttArchive>`;
  const secrets = `arn:<AWS::Partition>:secretsmanager:${stageNamed(name).region}:<AWS::AccountId>:secret:headroom-${name}/tenants/*`;
  return [
    'lambda:InvokeFunction on <archiveplanFunction>:*',
    'lambda:InvokeFunction on <collectdispatchFunction>:*',
    'lambda:InvokeFunction on <comparelimitsFunction>:*',
    'lambda:InvokeFunction on <sweepFunction>:*',
    `secretsmanager:CreateSecret secretsmanager:GetSecretValue secretsmanager:PutSecretValue secretsmanager:TagResource on ${secrets}`,
    `secretsmanager:GetSecretValue on ${secrets}`,
    `s3:GetObject on ${archive}/*`,
    `s3:GetObject s3:PutObject on ${archive}/*`,
    'sns:Publish but on arn:<AWS::Partition>:sns:*:*:*',
    ...(stageNamed(name).timestream ? ['timestream:DescribeEndpoints on *'] : []),
  ].sort();
}
