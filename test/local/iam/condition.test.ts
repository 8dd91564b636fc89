/** The table of condition operators, over present and absent keys. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written with braces
import { describe, expect, test } from 'vitest';
import { ACCOUNT, allow, type ConditionRow, decide, deny, QUEUE, ROLE_ARN, service, TABLE, TOPIC } from './cases.ts';

const tagged = (operator: string, value: string | string[]) => ({ [operator]: { 'aws:RequestTag/stage': value } });

const ROWS: ConditionRow[] = [
  ['StringEquals holds for the same text', tagged('StringEquals', 'prod'), { 'aws:RequestTag/stage': 'prod' }, true],
  ['StringEquals minds case', tagged('StringEquals', 'prod'), { 'aws:RequestTag/stage': 'Prod' }, false],
  ['StringEquals knows no wildcard', tagged('StringEquals', 'p*'), { 'aws:RequestTag/stage': 'prod' }, false],
  [
    'StringEquals takes any of its values',
    tagged('StringEquals', ['dev', 'prod']),
    { 'aws:RequestTag/stage': 'prod' },
    true,
  ],
  ['StringEquals fails without the key', tagged('StringEquals', 'prod'), {}, false],
  ['StringEqualsIfExists passes without the key', tagged('StringEqualsIfExists', 'prod'), {}, true],
  [
    'StringEqualsIfExists still compares',
    tagged('StringEqualsIfExists', 'prod'),
    { 'aws:RequestTag/stage': 'dev' },
    false,
  ],
  [
    'StringEqualsIgnoreCase ignores case',
    tagged('StringEqualsIgnoreCase', 'PROD'),
    { 'aws:RequestTag/stage': 'prod' },
    true,
  ],
  [
    'StringNotEqualsIgnoreCase ignores case',
    tagged('StringNotEqualsIgnoreCase', 'PROD'),
    { 'aws:RequestTag/stage': 'prod' },
    false,
  ],
  [
    'StringNotEquals holds for another text',
    tagged('StringNotEquals', 'prod'),
    { 'aws:RequestTag/stage': 'dev' },
    true,
  ],
  [
    'StringNotEquals demands that no value fits',
    tagged('StringNotEquals', ['dev', 'prod']),
    { 'aws:RequestTag/stage': 'dev' },
    false,
  ],
  ['StringNotEquals holds without the key', tagged('StringNotEquals', 'prod'), {}, true],
  ['StringLike knows wildcards', tagged('StringLike', 'p?o*'), { 'aws:RequestTag/stage': 'prod' }, true],
  ['StringLike is about the whole text', tagged('StringLike', 'ro*'), { 'aws:RequestTag/stage': 'prod' }, false],
  ['StringNotLike is its opposite', tagged('StringNotLike', 'p*'), { 'aws:RequestTag/stage': 'prod' }, false],
  [
    'a key is found in any case',
    { StringEquals: { 'AWS:requesttag/STAGE': 'prod' } },
    { 'aws:RequestTag/stage': 'prod' },
    true,
  ],
  [
    'two keys are both needed',
    { StringEquals: { 'aws:RequestTag/a': '1', 'aws:RequestTag/b': '2' } },
    { 'aws:RequestTag/a': '1' },
    false,
  ],
  [
    'two operators are both needed',
    { StringEquals: { 'aws:RequestTag/a': '1' }, Bool: { 'aws:SecureTransport': 'true' } },
    { 'aws:RequestTag/a': '1', 'aws:SecureTransport': 'false' },
    false,
  ],
  [
    'a variable is resolved',
    { StringEquals: { 'aws:RequestTag/stage': '${aws:PrincipalTag/stage}' } },
    { 'aws:RequestTag/stage': 'x', 'aws:PrincipalTag/stage': 'x' },
    true,
  ],
  [
    'an unknown variable equals nothing',
    { StringEquals: { 'aws:RequestTag/stage': '${aws:PrincipalTag/stage}' } },
    { 'aws:RequestTag/stage': '' },
    false,
  ],
  [
    'an unknown variable differs from nothing either',
    { StringNotEquals: { 'aws:RequestTag/stage': '${aws:PrincipalTag/stage}' } },
    { 'aws:RequestTag/stage': 'x' },
    false,
  ],
  ['who asks is known to conditions', { ArnEquals: { 'aws:PrincipalArn': ROLE_ARN } }, {}, true],
  ['the account of who asks is known', { StringEquals: { 'aws:PrincipalAccount': ACCOUNT } }, {}, true],

  ['ArnEquals holds', { ArnEquals: { 'aws:SourceArn': TOPIC } }, { 'aws:SourceArn': TOPIC }, true],
  [
    'ArnEquals knows wildcards as ArnLike does',
    { ArnEquals: { 'aws:SourceArn': TOPIC.replace('delivery', '*') } },
    { 'aws:SourceArn': TOPIC },
    true,
  ],
  [
    'ArnLike does not reach across a colon',
    { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:delivery:x:y' } },
    { 'aws:SourceArn': TOPIC },
    false,
  ],
  [
    'ArnLike lets the last part have colons',
    { ArnLike: { 'aws:SourceArn': `arn:aws:lambda:*:${ACCOUNT}:function:*` } },
    { 'aws:SourceArn': `arn:aws:lambda:us-east-1:${ACCOUNT}:function:api:live` },
    true,
  ],
  [
    'ArnLike does not fit what is no ARN',
    { ArnLike: { 'aws:SourceArn': 'arn:*:*:*:*:*' } },
    { 'aws:SourceArn': 'delivery' },
    false,
  ],
  ['ArnNotLike is its opposite', { ArnNotLike: { 'aws:SourceArn': TOPIC } }, { 'aws:SourceArn': TOPIC }, false],
  ['ArnNotEquals holds for another', { ArnNotEquals: { 'aws:SourceArn': TOPIC } }, { 'aws:SourceArn': QUEUE }, true],
  ['ArnLikeIfExists passes without the key', { ArnLikeIfExists: { 'aws:SourceArn': TOPIC } }, {}, true],

  ['Bool compares true', { Bool: { 'aws:SecureTransport': 'true' } }, { 'aws:SecureTransport': 'true' }, true],
  [
    'Bool takes a JSON boolean and any case',
    { Bool: { 'aws:SecureTransport': true } },
    { 'aws:SecureTransport': 'True' },
    true,
  ],
  ['Bool fails for false', { Bool: { 'aws:SecureTransport': 'true' } }, { 'aws:SecureTransport': 'false' }, false],
  ['Bool fails without the key', { Bool: { 'aws:SecureTransport': 'false' } }, {}, false],
  ['BoolIfExists passes without the key', { BoolIfExists: { 'aws:SecureTransport': 'true' } }, {}, true],
  ['Null true demands absence', { Null: { 'aws:SourceArn': 'true' } }, {}, true],
  ['Null true fails for a present key', { Null: { 'aws:SourceArn': 'true' } }, { 'aws:SourceArn': TOPIC }, false],
  ['Null false demands presence', { Null: { 'aws:SourceArn': 'false' } }, {}, false],

  ['NumericLessThan holds below', { NumericLessThan: { 's3:max-keys': '10' } }, { 's3:max-keys': '9' }, true],
  [
    'NumericLessThan compares numbers, not texts',
    { NumericLessThan: { 's3:max-keys': 10 } },
    { 's3:max-keys': '9' },
    true,
  ],
  ['NumericLessThan fails at the bound', { NumericLessThan: { 's3:max-keys': '10' } }, { 's3:max-keys': '10' }, false],
  [
    'NumericLessThanEquals holds at the bound',
    { NumericLessThanEquals: { 's3:max-keys': '10' } },
    { 's3:max-keys': '10' },
    true,
  ],
  ['NumericGreaterThan holds above', { NumericGreaterThan: { 's3:max-keys': '10' } }, { 's3:max-keys': '11' }, true],
  [
    'NumericGreaterThanEquals holds at the bound',
    { NumericGreaterThanEquals: { 's3:max-keys': '10' } },
    { 's3:max-keys': '10' },
    true,
  ],
  [
    'NumericEquals holds for another spelling',
    { NumericEquals: { 's3:max-keys': '10' } },
    { 's3:max-keys': '10.0' },
    true,
  ],
  ['NumericNotEquals is its opposite', { NumericNotEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': '10' }, false],
  ['what is no number is not less', { NumericLessThan: { 's3:max-keys': '10' } }, { 's3:max-keys': 'few' }, false],
  [
    'DateGreaterThan compares instants',
    { DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } },
    { 'aws:CurrentTime': '2026-11-20T10:00:00Z' },
    true,
  ],
  [
    'DateLessThan takes epoch seconds too',
    { DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } },
    { 'aws:CurrentTime': '1767225599' },
    true,
  ],
];

describe('conditions', () => {
  test.each(ROWS)('%s', (sentence, condition, context, allowed) => {
    const identity = [allow('dynamodb:Query', TABLE, condition)];
    expect(decide({ sentence, identity, action: 'dynamodb:Query', context, allowed }).allowed).toBe(allowed);
  });

  test('a deny under a condition strikes only when it holds', () => {
    const identity = [
      allow('*'),
      deny('dynamodb:*', TABLE, { StringNotEquals: { 'aws:RequestedRegion': 'us-east-1' } }),
    ];
    const at = (region: string) =>
      decide({ sentence: '', identity, context: { 'aws:RequestedRegion': region }, allowed: true }).reason;
    expect([at('us-east-1'), at('eu-west-1')]).toEqual(['allowed by role policy', 'explicit deny']);
  });

  test('a service is known as a service', () => {
    const statement = {
      ...allow('sqs:SendMessage', QUEUE, { Bool: { 'aws:PrincipalIsAWSService': 'true' } }),
      Principal: '*',
    } as const;
    const ask = { sentence: '', resource: [statement], action: 'sqs:SendMessage', on: QUEUE, allowed: true };
    expect(decide({ ...ask, principal: service('sns.amazonaws.com') }).allowed).toBe(true);
    expect(decide(ask).allowed).toBe(false);
  });
});
