/** The gate itself, and a stage with a network of its own: apps built in this process, without bundles. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp } from '../../lib/app.ts';
import type { Bundles } from '../../lib/bundles.ts';
import { addChecks } from '../../lib/checks.ts';
import { acknowledgeWildcard } from '../../lib/constructs/acknowledge.ts';
import { type Stage, stageNamed } from '../../lib/stages.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-checks-'));
  mkdirSync(join(folder, 'bundle'));
  writeFileSync(join(folder, 'bundle', 'index.cjs'), 'exports.handler = async () => {};');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bundles: Bundles = { folderOf: () => join(folder, 'bundle'), dispose: () => undefined };

async function appWith(context: Record<string, unknown>, explained: boolean): Promise<App> {
  const app = new App({ context, outdir: mkdtempSync(join(folder, 'out-')) });
  const stack = new Stack(app, 'one');
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::one/*'] }));
  if (explained) acknowledgeWildcard(role, 'arn:aws:s3:::one/*', 'an example');
  await addChecks(app);
  return app;
}

test('a finding without a reason stops the synthesis that asks for checks, and no other', async () => {
  const asked = await appWith({ nag: 'true' }, false);
  expect(() => asked.synth()).toThrow(/AwsSolutions-IAM5/);
  const withReason = await appWith({ nag: 'true' }, true);
  expect(() => withReason.synth()).not.toThrow();
  const unasked = await appWith({}, false);
  expect(() => unasked.synth()).not.toThrow();
});

const VPC: NonNullable<Stage['vpc']> = {
  vpcId: 'vpc-00000000000000001',
  availabilityZones: ['eu-west-1a', 'eu-west-1b'],
  privateSubnetIds: ['subnet-00000000000000001', 'subnet-00000000000000002'],
  securityGroupId: 'sg-00000000000000001',
};

test('a stage with a network puts the functions that reach routers into it, and no other; nothing is looked up', async () => {
  const app = new App({ outdir: mkdtempSync(join(folder, 'out-')), context: { nag: 'true' } });
  buildApp(app, { ...stageNamed('dev'), vpc: VPC }, bundles);
  await addChecks(app);
  const assembly = app.synth();
  expect(assembly.manifest.missing).toBeUndefined();
  const resources: { Type: string; Properties: Record<string, unknown> }[] = assembly.stacks.flatMap((stack) =>
    Object.values(stack.template.Resources),
  );
  const placed = resources.filter((one) => one.Type === 'AWS::Lambda::Function' && one.Properties.VpcConfig);
  const network = { SecurityGroupIds: [VPC.securityGroupId], SubnetIds: VPC.privateSubnetIds };
  expect(placed.map((one) => [one.Properties.Description, one.Properties.VpcConfig]).sort()).toEqual(
    ['act-limits', 'api-resellers', 'api-routers', 'collect-interfaces'].map((name) => [`Headroom ${name}`, network]),
  );
  const grants = JSON.stringify(resources.filter((one) => one.Type === 'AWS::IAM::Policy')).match(/ec2:\w+/g);
  expect(new Set(grants)).toEqual(
    new Set([
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
    ]),
  );
  expect(resources.filter((one) => one.Type.startsWith('AWS::EC2::'))).toEqual([]);
}, 60_000);

test('a stage that does not exist is refused with the names of those that do', () => {
  expect(() => stageNamed('production')).toThrow('no stage is named "production": use one of local, dev, prod');
});
