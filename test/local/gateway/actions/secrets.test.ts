/** What real requests of the Secrets Manager and SSM clients ask for. */
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as ssm from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Capture, startCapture } from '../capture.ts';
import { arn, type Client, described, type Row, rows } from '../world.ts';

let capture: Capture;
beforeAll(async () => {
  capture = await startCapture();
});
afterAll(() => capture.close());

const SECRET = arn('secretsmanager', 'secret:headroom/tenants/demo-Ab12Cd');
const NEW_SECRET = arn('secretsmanager', 'secret:headroom/tenants/new-??????');
const SecretId = 'headroom/tenants/demo';
const SECRETS: Row[] = [
  [
    'GetSecretValue by name',
    new secretsmanager.GetSecretValueCommand({ SecretId }),
    [['secretsmanager:GetSecretValue', SECRET, { 'secretsmanager:SecretId': SecretId }]],
  ],
  [
    'GetSecretValue by ARN',
    new secretsmanager.GetSecretValueCommand({ SecretId: SECRET }),
    [['secretsmanager:GetSecretValue', SECRET]],
  ],
  [
    'GetSecretValue by part of the ARN',
    new secretsmanager.GetSecretValueCommand({ SecretId: SECRET.slice(0, -7) }),
    [['secretsmanager:GetSecretValue', SECRET]],
  ],
  [
    'an ARN that does not exist stays itself',
    new secretsmanager.GetSecretValueCommand({ SecretId: `${SECRET}-zzzzzz` }),
    [['secretsmanager:GetSecretValue', `${SECRET}-zzzzzz`]],
  ],
  [
    'GetSecretValue of what does not exist',
    new secretsmanager.GetSecretValueCommand({ SecretId: 'headroom/tenants/new' }),
    [['secretsmanager:GetSecretValue', NEW_SECRET]],
  ],
  [
    'PutSecretValue',
    new secretsmanager.PutSecretValueCommand({ SecretId, SecretString: '{}' }),
    [['secretsmanager:PutSecretValue', SECRET]],
  ],
  [
    'CreateSecret',
    new secretsmanager.CreateSecretCommand({ Name: 'headroom/tenants/new', SecretString: '{}' }),
    [['secretsmanager:CreateSecret', NEW_SECRET, { 'secretsmanager:Name': 'headroom/tenants/new' }]],
  ],
  ['DeleteSecret', new secretsmanager.DeleteSecretCommand({ SecretId }), [['secretsmanager:DeleteSecret', SECRET]]],
  [
    'DescribeSecret',
    new secretsmanager.DescribeSecretCommand({ SecretId }),
    [['secretsmanager:DescribeSecret', SECRET]],
  ],
  ['ListSecrets', new secretsmanager.ListSecretsCommand({}), [['secretsmanager:ListSecrets', '*']]],
  [
    'BatchGetSecretValue asks for each too',
    new secretsmanager.BatchGetSecretValueCommand({ SecretIdList: [SecretId] }),
    [
      ['secretsmanager:BatchGetSecretValue', '*'],
      ['secretsmanager:GetSecretValue', SECRET],
    ],
  ],
];

const parameter = (name: string) => arn('ssm', `parameter/${name}`);
const SSM: Row[] = [
  [
    'GetParameter with a leading slash',
    new ssm.GetParameterCommand({ Name: '/headroom/a' }),
    [['ssm:GetParameter', parameter('headroom/a')]],
  ],
  ['GetParameter without', new ssm.GetParameterCommand({ Name: 'a' }), [['ssm:GetParameter', parameter('a')]]],
  [
    'GetParameter of a version',
    new ssm.GetParameterCommand({ Name: '/headroom/a:3' }),
    [['ssm:GetParameter', parameter('headroom/a')]],
  ],
  [
    'GetParameter by ARN',
    new ssm.GetParameterCommand({ Name: parameter('a') }),
    [['ssm:GetParameter', parameter('a')]],
  ],
  [
    'GetParameters asks for each',
    new ssm.GetParametersCommand({ Names: ['/a', 'b'] }),
    [
      ['ssm:GetParameters', parameter('a')],
      ['ssm:GetParameters', parameter('b')],
    ],
  ],
  [
    'GetParametersByPath',
    new ssm.GetParametersByPathCommand({ Path: '/headroom/', Recursive: true }),
    [['ssm:GetParametersByPath', parameter('headroom'), { 'ssm:Recursive': 'true' }]],
  ],
  [
    'PutParameter',
    new ssm.PutParameterCommand({ Name: '/a', Value: 'x', Overwrite: true }),
    [['ssm:PutParameter', parameter('a'), { 'ssm:Overwrite': 'true' }]],
  ],
];

const openSecrets = (settings: object) => new secretsmanager.SecretsManagerClient(settings) as Client;
const openSsm = (settings: object) => new ssm.SSMClient(settings) as Client;

describe('Secrets Manager', () => {
  test.each(SECRETS)('%s', async (_, command, expected) => {
    expect(await described(capture, openSecrets, command)).toMatchObject(rows(expected));
  });
});

describe('SSM', () => {
  test.each(SSM)('%s', async (_, command, expected) => {
    expect(await described(capture, openSsm, command)).toMatchObject(rows(expected));
  });
});
