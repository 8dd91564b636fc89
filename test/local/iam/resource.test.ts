/** The table of decisions by resource policies: roles, accounts, services, sources. */
import { describe, expect, test } from 'vitest';
import type { PolicyStatement } from '../../../local/iam/policy.ts';
import { ACCOUNT, allow, type Case, decide, deny, FUNCTION, QUEUE, ROLE_ARN, service, TOPIC } from './cases.ts';

const granted = (
  Principal: PolicyStatement['Principal'],
  Condition?: PolicyStatement['Condition'],
): PolicyStatement => ({
  ...allow('sqs:SendMessage', QUEUE, Condition),
  ...(Principal && { Principal }),
});
const send = { action: 'sqs:SendMessage', on: QUEUE };
const SNS = service('sns.amazonaws.com');
const fromTopic = { ArnEquals: { 'aws:SourceArn': TOPIC } };
const API = `arn:aws:execute-api:us-east-1:${ACCOUNT}:abc123`;
const invoke = { action: 'lambda:InvokeFunction', on: FUNCTION, principal: service('apigateway.amazonaws.com') };
const permission = (sourceArn: string): PolicyStatement => ({
  ...allow('lambda:InvokeFunction', FUNCTION, { ArnLike: { 'AWS:SourceArn': sourceArn } }),
  Principal: { Service: 'apigateway.amazonaws.com' },
});
const insecure: PolicyStatement = {
  ...deny('s3:*', ['arn:aws:s3:::site', 'arn:aws:s3:::site/*'], { Bool: { 'aws:SecureTransport': 'false' } }),
  Principal: { AWS: '*' },
};
const readSite = {
  identity: [allow('s3:GetObject', 'arn:aws:s3:::site/*')],
  action: 's3:GetObject',
  on: 'arn:aws:s3:::site/index.html',
};

const RESOURCE: Case[] = [
  {
    sentence: 'the queue alone may allow a role of the account',
    ...send,
    resource: [granted({ AWS: ROLE_ARN })],
    allowed: true,
  },
  { sentence: 'the queue names another role', ...send, resource: [granted({ AWS: `${ROLE_ARN}2` })], allowed: false },
  {
    sentence: 'one of several principals is enough',
    ...send,
    resource: [granted({ AWS: [`${ROLE_ARN}2`, ROLE_ARN] })],
    allowed: true,
  },
  {
    sentence: 'a session acts as its role',
    ...send,
    principal: { type: 'aws', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/collector/run`, accountId: ACCOUNT },
    resource: [granted({ AWS: ROLE_ARN })],
    allowed: true,
  },
  { sentence: 'everyone is allowed', ...send, resource: [granted('*')], allowed: true },
  { sentence: 'everyone among AWS is everyone', ...send, resource: [granted({ AWS: '*' })], allowed: true },
  {
    sentence: 'everyone includes nobody known',
    ...send,
    principal: { type: 'anonymous' },
    resource: [granted('*')],
    allowed: true,
  },
  {
    sentence: 'nobody known is not the account',
    ...send,
    principal: { type: 'anonymous' },
    resource: [granted({ AWS: ACCOUNT })],
    allowed: false,
  },
  {
    sentence: 'naming the account leaves the decision to identity policies',
    ...send,
    resource: [granted({ AWS: `arn:aws:iam::${ACCOUNT}:root` })],
    allowed: false,
  },
  {
    sentence: 'naming the account and an allow of the identity',
    ...send,
    identity: [allow('sqs:SendMessage', QUEUE)],
    resource: [granted({ AWS: `arn:aws:iam::${ACCOUNT}:root` })],
    allowed: true,
  },
  {
    sentence: 'a deny for the account strikes its roles',
    ...send,
    identity: [allow('*')],
    resource: [{ ...deny('sqs:*', QUEUE), Principal: { AWS: ACCOUNT } }],
    allowed: false,
  },
  {
    sentence: 'a deny for another account does not',
    ...send,
    identity: [allow('*')],
    resource: [{ ...deny('sqs:*', QUEUE), Principal: { AWS: '444455556666' } }],
    allowed: true,
  },
  {
    sentence: 'a deny of the queue wins over the role',
    ...send,
    identity: [allow('*')],
    resource: [{ ...deny('sqs:SendMessage', QUEUE), Principal: '*' }],
    allowed: false,
  },
  {
    sentence: 'the role alone is enough where the queue is silent',
    ...send,
    identity: [allow('sqs:SendMessage', QUEUE)],
    resource: [],
    allowed: true,
  },
  {
    sentence: 'a topic may send where the queue allows it',
    ...send,
    principal: SNS,
    resource: [granted({ Service: 'sns.amazonaws.com' }, fromTopic)],
    context: { 'aws:SourceArn': TOPIC },
    allowed: true,
  },
  {
    sentence: 'another topic may not',
    ...send,
    principal: SNS,
    resource: [granted({ Service: 'sns.amazonaws.com' }, fromTopic)],
    context: { 'aws:SourceArn': `${TOPIC}2` },
    allowed: false,
  },
  {
    sentence: 'a topic that is not named may not',
    ...send,
    principal: SNS,
    resource: [granted({ Service: 'sns.amazonaws.com' }, fromTopic)],
    allowed: false,
  },
  {
    sentence: 'another service may not',
    ...send,
    principal: service('events.amazonaws.com'),
    resource: [granted({ Service: 'sns.amazonaws.com' })],
    allowed: false,
  },
  { sentence: 'a service has no rights without the policy of the resource', ...send, principal: SNS, allowed: false },
  {
    sentence: 'a service is not a role of the account',
    ...send,
    principal: SNS,
    resource: [granted({ AWS: [ACCOUNT, ROLE_ARN] })],
    allowed: false,
  },
  {
    sentence: 'a role is not a service',
    ...send,
    resource: [granted({ Service: 'sns.amazonaws.com' })],
    allowed: false,
  },
  {
    sentence: 'a permission fits its route, braces and all',
    ...invoke,
    resource: [permission(`${API}/*/*/v1/bundles/{id}`)],
    context: { 'aws:SourceArn': `${API}/$default/GET/v1/bundles/{id}` },
    allowed: true,
  },
  {
    sentence: 'a permission does not fit the path a client asked for',
    ...invoke,
    resource: [permission(`${API}/*/*/v1/bundles/{id}`)],
    context: { 'aws:SourceArn': `${API}/$default/GET/v1/bundles/taara-1` },
    allowed: false,
  },
  {
    sentence: 'a permission does not fit a deeper route',
    ...invoke,
    resource: [permission(`${API}/*/*/v1/bundles/{id}`)],
    context: { 'aws:SourceArn': `${API}/$default/GET/v1/bundles/{id}/samples` },
    allowed: false,
  },
  {
    sentence: 'a permission does not fit another API',
    ...invoke,
    resource: [permission(`${API}/*/*/v1/bundles`)],
    context: { 'aws:SourceArn': `${API.replace('abc', 'xyz')}/$default/GET/v1/bundles` },
    allowed: false,
  },
  {
    sentence: 'a permission covers its own function only',
    ...invoke,
    on: `${FUNCTION}-two`,
    resource: [permission(`${API}/*/*/v1/bundles`)],
    context: { 'aws:SourceArn': `${API}/$default/GET/v1/bundles` },
    allowed: false,
  },
  {
    sentence: 'plain transport is denied',
    ...readSite,
    resource: [insecure],
    context: { 'aws:SecureTransport': 'false' },
    allowed: false,
  },
  {
    sentence: 'encrypted transport is not',
    ...readSite,
    resource: [insecure],
    context: { 'aws:SecureTransport': 'true' },
    allowed: true,
  },
  {
    sentence: 'a deny of transport alone allows nothing',
    ...readSite,
    identity: [],
    resource: [insecure],
    context: { 'aws:SecureTransport': 'true' },
    allowed: false,
  },
  {
    sentence: 'a trust policy names no resource and fits its own',
    action: 'sts:AssumeRole',
    on: ROLE_ARN,
    principal: service('lambda.amazonaws.com'),
    resource: [
      {
        Effect: 'Allow',
        Principal: { Service: ['lambda.amazonaws.com', 'scheduler.amazonaws.com'] },
        Action: 'sts:AssumeRole',
      },
    ],
    allowed: true,
  },
];

describe('resource policies', () => {
  test.each(RESOURCE)('$sentence', (one) => {
    expect(decide(one).allowed).toBe(one.allowed);
  });
});
