/** The services whose clients are not installed, as AWS documents their requests; and what is refused everywhere. */
import { describe, expect, test } from 'vitest';
import {
  type DescribedRequest,
  describeRequest,
  SERVICE_CONDITION_KEYS,
  UnsupportedRequest,
} from '../../../../local/gateway/actions.ts';
import { arn, ask, rows, WORLD } from '../world.ts';

const json = (operation: string) => ({ 'x-amz-target': `Prefix.${operation}` });
const SCHEDULE = arn('scheduler', 'schedule/default/collect-taara');
const Target = { Arn: arn('lambda', 'function:dispatch'), RoleArn: `arn:aws:iam::111122223333:role/scheduler` };

describe('other services', () => {
  test.each<[string, () => DescribedRequest[], readonly (readonly [string, string, object?])[]]>([
    [
      'Lambda Invoke by name',
      () => ask('lambda', 'POST', '/2015-03-31/functions/api/invocations'),
      [['lambda:InvokeFunction', arn('lambda', 'function:api')]],
    ],
    [
      'Lambda Invoke by ARN',
      () =>
        ask('lambda', 'POST', `/2015-03-31/functions/${encodeURIComponent(arn('lambda', 'function:api'))}/invocations`),
      [['lambda:InvokeFunction', arn('lambda', 'function:api')]],
    ],
    [
      'Lambda Invoke of an alias',
      () => ask('lambda', 'POST', '/2015-03-31/functions/api/invocations?Qualifier=live'),
      [['lambda:InvokeFunction', arn('lambda', 'function:api:live')]],
    ],
    [
      'Lambda GetFunction',
      () => ask('lambda', 'GET', '/2015-03-31/functions/api'),
      [['lambda:GetFunction', arn('lambda', 'function:api')]],
    ],
    [
      'CreateSchedule passes the role of its target',
      () => ask('scheduler', 'POST', '/schedules/collect-taara', { Target }),
      [
        ['scheduler:CreateSchedule', SCHEDULE],
        ['iam:PassRole', Target.RoleArn, { 'iam:PassedToService': 'scheduler.amazonaws.com' }],
      ],
    ],
    [
      'GetSchedule of a group',
      () => ask('scheduler', 'GET', '/schedules/x?groupName=g'),
      [['scheduler:GetSchedule', arn('scheduler', 'schedule/g/x')]],
    ],
    [
      'DeleteSchedule',
      () => ask('scheduler', 'DELETE', '/schedules/collect-taara'),
      [['scheduler:DeleteSchedule', SCHEDULE]],
    ],
    ['ListSchedules', () => ask('scheduler', 'GET', '/schedules'), [['scheduler:ListSchedules', '*']]],
    [
      'Cognito AdminGetUser',
      () => ask('cognito-idp', 'POST', '/', { UserPoolId: 'us-east-1_x', Username: 'u' }, json('AdminGetUser')),
      [['cognito-idp:AdminGetUser', arn('cognito-idp', 'userpool/us-east-1_x')]],
    ],
    [
      'SES SendEmail',
      () =>
        ask('ses', 'POST', '/v2/email/outbound-emails', {
          FromEmailAddress: 'Headroom <alerts@example.com>',
          Destination: { ToAddresses: ['a@example.org'], CcAddresses: ['b@example.org'] },
          Content: { Simple: {} },
        }),
      [
        [
          'ses:SendEmail',
          arn('ses', 'identity/example.com'),
          {
            'ses:FromAddress': 'alerts@example.com',
            'ses:FromDisplayName': 'Headroom',
            'ses:Recipients': ['a@example.org', 'b@example.org'],
          },
        ],
      ],
    ],
    [
      'SES raw',
      () =>
        ask('ses', 'POST', '/v2/email/outbound-emails', {
          FromEmailAddress: 'a@example.com',
          Content: { Raw: { Data: '' } },
        }),
      [['ses:SendRawEmail', arn('ses', 'identity/example.com')]],
    ],
    [
      'a connection by the host of its API',
      () =>
        ask(
          'execute-api',
          'POST',
          '/prod/@connections/abc%3D',
          {},
          { host: 'api1.execute-api.us-east-1.amazonaws.com' },
        ),
      [['execute-api:ManageConnections', arn('execute-api', 'api1/prod/POST/@connections/abc=')]],
    ],
    [
      'a connection where one host serves all',
      () => ask('execute-api', 'DELETE', '/api1/prod/@connections/abc'),
      [['execute-api:ManageConnections', arn('execute-api', 'api1/prod/DELETE/@connections/abc')]],
    ],
  ])('%s', (_, make, expected) => {
    expect(make()).toMatchObject(rows(expected));
  });

  test.each<[string, () => DescribedRequest[], string]>([
    ['an unknown service', () => ask('ec2', 'POST', '/'), 'the local cloud has no service "ec2"'],
    [
      'a service that every object has',
      () => ask('constructor', 'POST', '/'),
      'the local cloud has no service "constructor"',
    ],
    [
      'an unknown route of Lambda',
      () => ask('lambda', 'DELETE', '/2015-03-31/functions/api?x=1'),
      'does not know DELETE /2015-03-31/functions/api of lambda',
    ],
    [
      'an unknown route of the Scheduler',
      () => ask('scheduler', 'POST', '/schedule-groups/x'),
      'does not know POST /schedule-groups/x of scheduler',
    ],
    [
      'an unknown route of SES',
      () => ask('ses', 'GET', '/v2/email/identities'),
      'does not know GET /v2/email/identities of ses',
    ],
    ['a connection of no API', () => ask('execute-api', 'POST', '/prod/@connections/x'), 'does not know POST'],
    [
      'an operation for end users',
      () => ask('cognito-idp', 'POST', '/', {}, json('InitiateAuth')),
      'does not know the operation InitiateAuth of cognito-idp',
    ],
    ['a request without target', () => ask('sqs', 'POST', '/'), 'sqs: the request names no X-Amz-Target'],
    [
      'a required field that is missing',
      () => ask('sqs', 'POST', '/', {}, json('SendMessage')),
      'SendMessage without QueueUrl',
    ],
    [
      'a URL that is no queue',
      () => ask('sqs', 'POST', '/', { QueueUrl: 'http://127.0.0.1/x' }, json('SendMessage')),
      'http://127.0.0.1/x is not a queue',
    ],
    [
      'a batch of nothing',
      () => ask('dynamodb', 'POST', '/', { RequestItems: {} }, json('BatchWriteItem')),
      'BatchWriteItem names no table',
    ],
    [
      'a list of no parameters',
      () => ask('ssm', 'POST', '/', { Names: [] }, json('GetParameters')),
      'the request names no resource',
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(UnsupportedRequest);
    expect(make).toThrow(message);
  });

  test('refuses a body that is no JSON', () => {
    const request = { service: 'sqs', method: 'POST', url: '/', headers: json('SendMessage'), body: Buffer.from('{') };
    expect(() => describeRequest(request, WORLD)).toThrow('sqs: the body is not JSON');
  });

  test('every condition key they give is in the list', () => {
    const given = [
      ...ask('scheduler', 'POST', '/schedules/x', { Target }),
      ...ask('ssm', 'POST', '/', { Name: 'a', Recursive: true, Overwrite: true }, json('GetParameter')),
      ...ask('ses', 'POST', '/v2/email/outbound-emails', {
        FromEmailAddress: 'a <a@example.com>',
        Destination: { ToAddresses: ['b'] },
      }),
    ].flatMap((one) => Object.keys(one.context));
    expect(given.length).toBeGreaterThan(4);
    for (const key of given) expect(SERVICE_CONDITION_KEYS).toContain(key);
  });
});
