/** What the real CDK writes is read, ordered, resolved, and its policies are understood. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPolicy } from '../../../local/iam/check.ts';
import { type Assembly, readAssembly } from '../../../local/template/assembly.ts';
import { createResolver, type Resolved } from '../../../local/template/resolve.ts';

const ACCOUNT = '000000000000';
let folder: string;
let assembly: Assembly;
let resolved: Resolved;

/** Two stacks named against their order of deployment, and two functions with one bundle. */
function synthesize(outdir: string, bundle: string): void {
  const app = new App({ outdir, analyticsReporting: false });
  const later = new Stack(app, 'a-later');
  const first = new Stack(app, 'b-first');
  const topic = new Topic(first, 'Topic', { enforceSSL: true });
  new Bucket(first, 'Bucket', { enforceSSL: true });
  const queue = new Queue(later, 'Queue', {
    enforceSSL: true,
    deadLetterQueue: { queue: new Queue(later, 'Dead'), maxReceiveCount: 3 },
  });
  topic.addSubscription(new SqsSubscription(queue));
  for (const id of ['One', 'Two']) {
    const fn = new LambdaFunction(later, id, {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromAsset(bundle),
    });
    topic.grantPublish(fn);
    queue.grantConsumeMessages(fn);
  }
  app.synth();
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assembly-'));
  const bundle = mkdtempSync(join(folder, 'bundle-'));
  writeFileSync(join(bundle, 'index.js'), 'exports.handler = async () => 1;');
  synthesize(join(folder, 'out'), bundle);
  assembly = readAssembly(join(folder, 'out'));
  resolved = createResolver({ region: 'us-east-1', accountId: ACCOUNT, partition: 'aws' }, (stack, id, type) => ({
    ref: type === 'AWS::SNS::Topic' ? `arn:aws:sns:us-east-1:${ACCOUNT}:${id}` : `${stack}-${id}`,
    attributes: { Arn: `arn:aws:any:us-east-1:${ACCOUNT}:${id}`, TopicName: id },
  })).resolve(assembly.stacks);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an assembly', () => {
  test('has its stacks in order of deployment', () => {
    expect(assembly.stacks.map((stack) => stack.name)).toEqual(['b-first', 'a-later']);
  });

  test('loses what only checks the bootstrap of an account', () => {
    for (const { template } of assembly.stacks) {
      expect(template).not.toHaveProperty('Rules');
      expect(template).not.toHaveProperty('Parameters.BootstrapVersion');
    }
  });

  test('leads from the code of a function to its folder, also when two share it', () => {
    const functions = resolved.resources.filter((one) => one.type === 'AWS::Lambda::Function');
    const assets = functions.map(({ properties }) => assembly.assets.get((properties.Code as { S3Key: string }).S3Key));
    expect(assets).toHaveLength(2);
    for (const asset of assets) {
      expect(asset?.packaging).toBe('zip');
      expect(readFileSync(join(asset?.path ?? '', 'index.js'), 'utf8')).toContain('exports.handler');
    }
  });

  test('resolves across stacks', () => {
    const subscription = resolved.resources.find((one) => one.type === 'AWS::SNS::Subscription');
    expect(subscription?.properties.TopicArn).toMatch(new RegExp(`^arn:aws:sns:us-east-1:${ACCOUNT}:Topic`));
    expect(JSON.stringify(resolved.resources.map((one) => one.properties))).not.toMatch(/"(Ref|Fn::[A-Za-z]+)"/);
  });

  test('brings only policies that the evaluator understands', () => {
    const policies = resolved.resources.flatMap(
      ({ properties }) => properties.PolicyDocument ?? properties.AssumeRolePolicyDocument ?? [],
    );
    expect(policies.length).toBeGreaterThanOrEqual(7);
    expect(policies.flatMap((policy) => checkPolicy(policy))).toEqual([]);
  });

  test('that does not exist is named', () => {
    expect(() => readAssembly(join(folder, 'nowhere'))).toThrow('manifest.json');
  });
});
