import { describe, expect, test } from 'vitest';
import { Guard, secretOf } from '../../../local/cloud/guard.ts';
import type { CloudModel } from '../../../local/model/types.ts';
import { functionModel } from '../workers/bundle-world.ts';
import { emptyModel, queue, REGION, role } from './model.ts';

const WORK = queue('work').arn;
const BUCKET = 'arn:aws:s3:::site';
const fn = functionModel({ roleArn: role('worker', '').arn });

function guardOf(over: Partial<CloudModel> = {}, statements: Parameters<typeof role>[2] = []): Guard {
  return new Guard(
    emptyModel({ roles: [role('worker', 'lambda.amazonaws.com', statements)], functions: [fn], ...over }),
    REGION,
    'secret',
  );
}
const ask = (guard: Guard, action: string, resource: string, context = {}) =>
  guard.checkFunction('tested', { action, resource, context });

describe('a request of a function', () => {
  test('is denied unless its own role allows that action on that resource', () => {
    const guard = guardOf({}, [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: WORK }]);
    expect(ask(guard, 'sqs:SendMessage', WORK).allowed).toBe(true);
    expect(ask(guard, 'sqs:SendMessage', queue('other').arn)).toMatchObject({
      allowed: false,
      reason: 'no matching allow',
    });
    expect(ask(guard, 'sqs:DeleteMessage', WORK).allowed).toBe(false);
    expect(guard.ledger.report().denied).toEqual([
      { function: 'tested', action: 'sqs:SendMessage', resource: queue('other').arn, count: 1 },
      { function: 'tested', action: 'sqs:DeleteMessage', resource: WORK, count: 1 },
    ]);
  });

  test('of a function whose role is not in the template is denied', () => {
    const guard = new Guard(
      emptyModel({ functions: [functionModel({ roleArn: 'arn:aws:iam::0:role/none' })] }),
      REGION,
      's',
    );
    expect(ask(guard, 'sqs:SendMessage', WORK).allowed).toBe(false);
  });

  test('is denied by the policy of the resource whatever the role allows', () => {
    const deny = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny' as const,
          Principal: '*' as const,
          Action: 'sqs:*',
          Resource: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    };
    const denyAll = {
      ...deny,
      Statement: [{ Effect: 'Deny' as const, Principal: '*' as const, Action: 'sqs:*', Resource: '*' }],
    };
    const all = [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }];
    expect(ask(guardOf({ queues: [queue('work', {}, deny)] }, all), 'sqs:SendMessage', WORK).allowed).toBe(true);
    expect(ask(guardOf({ queues: [queue('work', {}, denyAll)] }, all), 'sqs:SendMessage', WORK)).toMatchObject({
      allowed: false,
      reason: 'explicit deny',
    });
  });

  test('on an object stands under the policy of its bucket', () => {
    const policy = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Deny' as const, Principal: '*' as const, Action: 's3:*', Resource: [BUCKET, `${BUCKET}/*`] },
      ],
    };
    const guard = guardOf({ buckets: [{ name: 'site', arn: BUCKET, policy }] }, [
      { Effect: 'Allow', Action: '*', Resource: '*' },
    ]);
    expect(ask(guard, 's3:GetObject', `${BUCKET}/deep/index.html`).reason).toBe('explicit deny');
    expect(ask(guard, 's3:GetObject', 'arn:aws:s3:::site2/index.html').allowed).toBe(true);
  });

  test('carries region and account, which conditions may ask for', () => {
    const here = { StringEquals: { 'aws:RequestedRegion': REGION, 'aws:PrincipalAccount': '000000000000' } };
    const there = { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } };
    const statement = { Effect: 'Allow' as const, Action: 'sqs:SendMessage', Resource: WORK };
    expect(ask(guardOf({}, [{ ...statement, Condition: here }]), 'sqs:SendMessage', WORK).allowed).toBe(true);
    expect(ask(guardOf({}, [{ ...statement, Condition: there }]), 'sqs:SendMessage', WORK).allowed).toBe(false);
  });

  test('of a name that nobody has is a bug', () => {
    expect(() => guardOf().checkFunction('nobody', { action: 'a:b', resource: '*', context: {} })).toThrow('nobody');
  });
});

test('a policy with a condition key that no request carries stops the start, naming policy and key', () => {
  const statement = {
    Effect: 'Allow' as const,
    Action: 'sqs:*',
    Resource: '*',
    Condition: { StringEquals: { 'aws:userid': 'x' } },
  };
  expect(() => guardOf({}, [statement])).toThrow(/worker-policy.*aws:userid/);
});

describe('a service', () => {
  const invoke = {
    action: 'lambda:InvokeFunction',
    resource: fn.arn,
    context: { 'aws:SourceArn': 'arn:aws:execute-api:us-east-1:000000000000:api/$default/GET/health' },
  };
  const permitted = (Service: string, source: string): CloudModel['functions'][number] => ({
    ...fn,
    resourcePolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service },
          Action: 'lambda:InvokeFunction',
          Resource: fn.arn,
          Condition: { ArnLike: { 'aws:SourceArn': source } },
        },
      ],
    },
  });

  test.each([
    [
      'the permission of the function',
      permitted('apigateway.amazonaws.com', 'arn:aws:execute-api:us-east-1:000000000000:api/$default/GET/health'),
      true,
    ],
    [
      'the permission for another source',
      permitted('apigateway.amazonaws.com', 'arn:aws:execute-api:us-east-1:000000000000:api/$default/POST/health'),
      false,
    ],
    [
      'the permission for another service',
      permitted('sns.amazonaws.com', 'arn:aws:execute-api:us-east-1:000000000000:api/$default/GET/health'),
      false,
    ],
    ['no permission', fn, false],
  ])('with %s may invoke: %s', (_, permittedFn, allowed) => {
    const guard = guardOf({ functions: [permittedFn] });
    expect(guard.checkService('apigateway.amazonaws.com', 'http-api', invoke).allowed).toBe(allowed);
  });

  test('is not helped by what a role may do', () => {
    const guard = guardOf({}, [{ Effect: 'Allow', Action: '*', Resource: '*' }]);
    expect(guard.checkService('apigateway.amazonaws.com', 'http-api', invoke).allowed).toBe(false);
  });
});

describe('access keys', () => {
  test('each owner has its own, the same after a restart, others in another data folder', () => {
    const [one, again] = [guardOf(), guardOf()];
    const key = one.credentialsOf('tested', 'secret');
    expect(again.credentialsOf('tested', 'secret')).toEqual(key);
    expect(one.credentialsOf('operator', 'secret').accessKeyId).not.toBe(key.accessKeyId);
    expect(one.credentialsOf('tested', 'other').accessKeyId).not.toBe(key.accessKeyId);
    expect(one.identityOf(key.accessKeyId)?.owner).toBe('tested');
    expect(secretOf(key.accessKeyId, 'secret')).toBe(key.secretAccessKey);
    expect(one.identityOf('LOCALNOBODY')).toBeUndefined();
  });

  test('the operator may do everything, and is written down as such', () => {
    const guard = guardOf();
    const identity = guard.identityOf(guard.credentialsOf('operator', 'secret').accessKeyId);
    expect(identity && guard.check(identity, { action: 'dynamodb:PutItem', resource: 'x', context: {} }).allowed).toBe(
      true,
    );
    expect(guard.ledger.report().allowed).toMatchObject([{ function: 'operator' }]);
  });
});

test('grants that nothing used are listed until something does', () => {
  const guard = guardOf({}, [{ Effect: 'Allow', Action: ['sqs:SendMessage', 'sqs:DeleteMessage'], Resource: WORK }]);
  ask(guard, 'sqs:SendMessage', WORK);
  expect(guard.ledger.report().unused.map((r) => r.action)).toEqual(['sqs:DeleteMessage']);
});
