/** The table of decisions by identity policies: actions, resources, variables. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written with braces
import { describe, expect, test } from 'vitest';
import { ACCOUNT, allow, type Case, decide, deny, QUEUE, TABLE, TOPIC } from './cases.ts';

const INDEX = `${TABLE}/index/byIndex`;
const SECRET = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:headroom/tenants/demo-Ab12Cd`;

const IDENTITY: Case[] = [
  { sentence: 'nothing is allowed by default', allowed: false },
  { sentence: 'an empty list of statements allows nothing', identity: [], allowed: false },
  {
    sentence: 'the exact action on the exact resource is allowed',
    identity: [allow('dynamodb:GetItem', TABLE)],
    allowed: true,
  },
  { sentence: 'another action is not', identity: [allow('dynamodb:PutItem', TABLE)], allowed: false },
  { sentence: 'another resource is not', identity: [allow('dynamodb:GetItem', `${TABLE}2`)], allowed: false },
  { sentence: 'the action ignores case', identity: [allow('DynamoDB:getitem', TABLE)], allowed: true },
  {
    sentence: 'the resource does not ignore case',
    identity: [allow('dynamodb:GetItem', TABLE.replace('store', 'Store'))],
    allowed: false,
  },
  { sentence: 'an action may end in a wildcard', identity: [allow('dynamodb:Get*', TABLE)], allowed: true },
  { sentence: 'an action may begin with a wildcard', identity: [allow('dynamodb:*Item', TABLE)], allowed: true },
  {
    sentence: 'an action wildcard in the middle spans nothing too',
    identity: [allow('dynamodb:Get*Item', TABLE)],
    allowed: true,
  },
  { sentence: 'two wildcards go back as far as needed', identity: [allow('dynamodb:*et*em', TABLE)], allowed: true },
  { sentence: 'a question mark is one character', identity: [allow('dynamodb:?etItem', TABLE)], allowed: true },
  { sentence: 'a question mark is not nothing', identity: [allow('dynamodb:?GetItem', TABLE)], allowed: false },
  { sentence: 'a star allows everything', identity: [allow('*', '*')], allowed: true },
  { sentence: 'a star of another service does not', identity: [allow('sqs:*', '*')], allowed: false },
  {
    sentence: 'any entry of the action list counts',
    identity: [allow(['sqs:SendMessage', 'dynamodb:GetItem'], TABLE)],
    allowed: true,
  },
  {
    sentence: 'any entry of the resource list counts',
    identity: [allow('dynamodb:GetItem', [QUEUE, TABLE])],
    allowed: true,
  },
  {
    sentence: 'the table is not its index',
    identity: [allow('dynamodb:Query', TABLE)],
    action: 'dynamodb:Query',
    on: INDEX,
    allowed: false,
  },
  {
    sentence: 'an index wildcard covers the index',
    identity: [allow('dynamodb:Query', `${TABLE}/index/*`)],
    action: 'dynamodb:Query',
    on: INDEX,
    allowed: true,
  },
  {
    sentence: 'an index wildcard does not cover the table',
    identity: [allow('dynamodb:Query', `${TABLE}/index/*`)],
    action: 'dynamodb:Query',
    allowed: false,
  },
  {
    sentence: 'a secret is matched by its six unknown characters',
    identity: [allow('secretsmanager:GetSecretValue', SECRET.replace('Ab12Cd', '??????'))],
    action: 'secretsmanager:GetSecretValue',
    on: SECRET,
    allowed: true,
  },
  {
    sentence: 'five question marks do not match six characters',
    identity: [allow('secretsmanager:GetSecretValue', SECRET.replace('Ab12Cd', '?????'))],
    action: 'secretsmanager:GetSecretValue',
    on: SECRET,
    allowed: false,
  },
  {
    sentence: 'a secret is matched by name and star',
    identity: [allow('secretsmanager:GetSecretValue', SECRET.replace('demo-Ab12Cd', '*'))],
    action: 'secretsmanager:GetSecretValue',
    on: SECRET,
    allowed: true,
  },
  {
    sentence: 'a region may be a wildcard',
    identity: [allow('dynamodb:GetItem', TABLE.replace('us-east-1', '*'))],
    allowed: true,
  },
  {
    sentence: 'permission to pass a role permits nothing else',
    identity: [allow('iam:PassRole', '*')],
    allowed: false,
  },
  {
    sentence: 'a call does not need permission to pass a role',
    identity: [allow('dynamodb:GetItem', TABLE), deny('iam:PassRole')],
    allowed: true,
  },
  { sentence: 'a deny wins over an allow', identity: [allow('*'), deny('dynamodb:GetItem', TABLE)], allowed: false },
  {
    sentence: 'a deny wins wherever it stands',
    identity: [deny('dynamodb:GetItem', TABLE), allow('*')],
    allowed: false,
  },
  { sentence: 'a deny of something else does nothing', identity: [allow('*'), deny('dynamodb:Scan')], allowed: true },
  {
    sentence: 'all but an action: that action',
    identity: [{ Effect: 'Allow', NotAction: 'dynamodb:Scan', Resource: '*' }],
    action: 'dynamodb:Scan',
    allowed: false,
  },
  {
    sentence: 'all but an action: another one',
    identity: [{ Effect: 'Allow', NotAction: ['dynamodb:Scan', 'iam:*'], Resource: '*' }],
    allowed: true,
  },
  {
    sentence: 'all but an action denied',
    identity: [allow('*'), { Effect: 'Deny', NotAction: 'dynamodb:GetItem', Resource: '*' }],
    action: 'dynamodb:Query',
    allowed: false,
  },
  {
    sentence: 'all but a resource: that resource',
    identity: [{ Effect: 'Allow', Action: 'dynamodb:*', NotResource: TABLE }],
    allowed: false,
  },
  {
    sentence: 'all but a resource: another one',
    identity: [{ Effect: 'Allow', Action: 'dynamodb:*', NotResource: TABLE }],
    on: INDEX,
    allowed: true,
  },
  {
    sentence: 'a message to a phone needs the resource *',
    identity: [allow('sns:Publish', TOPIC)],
    action: 'sns:Publish',
    on: '*',
    allowed: false,
  },
  {
    sentence: 'all but topics lets messages to phones through',
    identity: [{ Effect: 'Allow', Action: 'sns:Publish', NotResource: 'arn:aws:sns:*:*:*' }],
    action: 'sns:Publish',
    on: '*',
    allowed: true,
  },
  {
    sentence: 'all but topics keeps topics out',
    identity: [{ Effect: 'Allow', Action: 'sns:Publish', NotResource: 'arn:aws:sns:*:*:*' }],
    action: 'sns:Publish',
    on: TOPIC,
    allowed: false,
  },
  {
    sentence: 'a variable in the resource is resolved',
    identity: [allow('s3:GetObject', 'arn:aws:s3:::data/${aws:PrincipalTag/tenant}/*')],
    action: 's3:GetObject',
    on: 'arn:aws:s3:::data/demo/x',
    context: { 'aws:PrincipalTag/tenant': 'demo' },
    allowed: true,
  },
  {
    sentence: 'a variable has the value of the request only',
    identity: [allow('s3:GetObject', 'arn:aws:s3:::data/${aws:PrincipalTag/tenant}/*')],
    action: 's3:GetObject',
    on: 'arn:aws:s3:::data/other/x',
    context: { 'aws:PrincipalTag/tenant': 'demo' },
    allowed: false,
  },
  {
    sentence: 'an unknown variable matches nothing',
    identity: [allow('s3:GetObject', 'arn:aws:s3:::data/${aws:PrincipalTag/tenant}/*')],
    action: 's3:GetObject',
    on: 'arn:aws:s3:::data//x',
    allowed: false,
  },
  {
    sentence: 'a wildcard inside the value of a variable is one character',
    identity: [allow('s3:GetObject', 'arn:aws:s3:::data/${aws:PrincipalTag/tenant}/*')],
    action: 's3:GetObject',
    on: 'arn:aws:s3:::data/demo/x',
    context: { 'aws:PrincipalTag/tenant': '*' },
    allowed: false,
  },
  {
    sentence: 'an unknown variable takes its default',
    identity: [allow('s3:GetObject', "arn:aws:s3:::data/${aws:PrincipalTag/tenant, 'shared'}/*")],
    action: 's3:GetObject',
    on: 'arn:aws:s3:::data/shared/x',
    allowed: true,
  },
  {
    sentence: 'an unknown variable in NotResource opens nothing',
    identity: [{ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::data/${aws:PrincipalTag/tenant}/*' }],
    allowed: false,
  },
  {
    sentence: 'an escaped star is a star: another key',
    identity: [allow('s3:GetObject', 'arn:aws:s3:::data/${*}')],
    action: 's3:GetObject',
    on: 'arn:aws:s3:::data/x',
    allowed: false,
  },
  {
    sentence: 'an escaped star is a star: that key',
    identity: [allow('s3:GetObject', 'arn:aws:s3:::data/${*}')],
    action: 's3:GetObject',
    on: 'arn:aws:s3:::data/*',
    allowed: true,
  },
  {
    sentence: 'the older version has no variables',
    version: '2008-10-17',
    identity: [allow('s3:GetObject', 'arn:aws:s3:::data/${aws:PrincipalTag/tenant}')],
    action: 's3:GetObject',
    on: 'arn:aws:s3:::data/demo',
    context: { 'aws:PrincipalTag/tenant': 'demo' },
    allowed: false,
  },
];

describe('identity policies', () => {
  test.each(IDENTITY)('$sentence', (one) => {
    expect(decide(one).allowed).toBe(one.allowed);
  });
});
