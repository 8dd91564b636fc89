/** What the evaluator refuses to load, each fault in its own words. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written with braces
import { describe, expect, test } from 'vitest';
import { checkPolicy } from '../../../local/iam/check.ts';
import { compile } from '../../../local/iam/evaluate.ts';
import type { PolicyDocument } from '../../../local/iam/policy.ts';
import { allow, QUEUE, TABLE } from './cases.ts';

const of = (statement: unknown) => ({ Version: '2012-10-17', Statement: [statement] });
const good = allow('dynamodb:GetItem', TABLE);

const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ['a list', [], 'the policy document is not an object'],
  ['an unknown version', { Version: '2030-01-01', Statement: [] }, 'the policy version "2030-01-01" is not known'],
  ['a document without statements', { Version: '2012-10-17' }, 'the document has no Statement'],
  [
    'an unknown element of the document',
    { Statement: [], Rules: 1 },
    'the element Rules of the document is not supported',
  ],
  ['a statement that is text', of('allow'), 'Statement[0]: is not an object'],
  ['an unknown effect', of({ ...good, Effect: 'Maybe' }), 'Statement[0]: Effect is neither Allow nor Deny'],
  [
    'NotPrincipal',
    of({ ...good, NotPrincipal: '*' }),
    'Statement[0]: the element NotPrincipal of the statement is not supported',
  ],
  ['no action', of({ Effect: 'Allow', Resource: '*' }), 'Statement[0]: exactly one of Action and NotAction is needed'],
  [
    'both kinds of action',
    of({ ...good, NotAction: 'a:B' }),
    'Statement[0]: exactly one of Action and NotAction is needed',
  ],
  ['an empty list of actions', of({ ...good, Action: [] }), 'Statement[0]: Action is empty'],
  [
    'an action without a service',
    of({ ...good, Action: 'GetItem' }),
    'Statement[0]: Action "GetItem" is not service:Operation',
  ],
  ['no resource', of({ Effect: 'Allow', Action: 'a:B' }), 'Statement[0]: a Resource is needed'],
  [
    'both kinds of resource',
    of({ ...good, NotResource: '*' }),
    'Statement[0]: Resource and NotResource exclude each other',
  ],
  [
    'half an ARN',
    of({ ...good, Resource: 'arn:aws:dynamodb:*' }),
    'Statement[0]: Resource "arn:aws:dynamodb:*" is neither * nor a full ARN',
  ],
  [
    'an unresolved resource',
    of({ ...good, Resource: { Ref: 'Table' } }),
    'Statement[0]: Resource {"Ref":"Table"} is neither * nor a full ARN',
  ],
  [
    'a federated principal',
    of({ ...good, Principal: { Federated: 'x' } }),
    'Statement[0]: Principal.Federated is not supported',
  ],
  [
    'a principal with a wildcard',
    of({ ...good, Principal: { AWS: 'arn:aws:iam::111122223333:role/*' } }),
    'Statement[0]: Principal.AWS "arn:aws:iam::111122223333:role/*" is no principal',
  ],
  [
    'a service that is none',
    of({ ...good, Principal: { Service: 'sns' } }),
    'Statement[0]: Principal.Service "sns" is no service',
  ],
  [
    'an unknown operator, by the name of its statement',
    of({ Sid: 'Net', ...good, Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }),
    'Statement[0] (Net): the condition operator IpAddress is not known',
  ],
  [
    'Null with IfExists',
    of({ ...good, Condition: { NullIfExists: { 'aws:SourceArn': 'true' } } }),
    'Statement[0]: the condition operator NullIfExists is not known',
  ],
  [
    'an operator on all of some',
    of({ ...good, Condition: { 'ForMostValues:StringLike': { k: 'v' } } }),
    'Statement[0]: the condition operator ForMostValues:StringLike is not known',
  ],
  [
    'an operator that an object inherits',
    of({ ...good, Condition: { constructor: { k: 'v' } } }),
    'Statement[0]: the condition operator constructor is not known',
  ],
  [
    'a number that is none',
    of({ ...good, Condition: { NumericLessThan: { 's3:max-keys': 'ten' } } }),
    'Statement[0]: NumericLessThan: "ten" is not a number',
  ],
  [
    'a date that is none',
    of({ ...good, Condition: { DateLessThan: { 'aws:CurrentTime': 'soon' } } }),
    'Statement[0]: DateLessThan: "soon" is not a date',
  ],
  [
    'a truth that is none',
    of({ ...good, Condition: { Bool: { 'aws:SecureTransport': 'yes' } } }),
    'Statement[0]: Bool: "yes" is not true or false',
  ],
  [
    'an ARN of too few parts',
    of({ ...good, Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns' } } }),
    'Statement[0]: ArnLike: "arn:aws:sns" is not an ARN of six parts',
  ],
  [
    'a condition without a value',
    of({ ...good, Condition: { StringEquals: { k: [] } } }),
    'Statement[0]: Condition.StringEquals.k has no value',
  ],
  [
    'a condition on an object',
    of({ ...good, Condition: { StringEquals: { k: [{ Ref: 'X' }] } } }),
    'Statement[0]: Condition.StringEquals.k holds something that is not text',
  ],
];

describe('checkPolicy', () => {
  test.each(REFUSED)('refuses %s', (_, document, sentence) => {
    expect(checkPolicy(document)).toEqual([sentence]);
    expect(() => compile(document as PolicyDocument, 'role of collector')).toThrow(
      `policy role of collector: ${sentence}`,
    );
  });

  test('lists every fault at once', () => {
    const faults = checkPolicy({
      Version: '2012-10-17',
      Statement: [good, { ...good, Action: 'x', Condition: { IpAddress: { a: 'b' }, Nope: { a: 'b' } } }],
    });
    expect(faults).toHaveLength(3);
  });

  test('a policy belongs to an identity or to a resource', () => {
    const faults = checkPolicy({ Version: '2012-10-17', Statement: [good, { ...good, Principal: '*' }] });
    expect(faults).toEqual([expect.stringContaining('belongs to an identity or to a resource')]);
  });

  test('accepts what CDK writes for a queue, a bucket, a role and a permission', () => {
    const statements = [
      {
        ...allow('sqs:SendMessage', QUEUE, { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:us-east-1:111122223333:t' } }),
        Principal: { Service: 'sns.amazonaws.com' },
      },
      {
        Effect: 'Deny',
        Action: 's3:*',
        Principal: { AWS: '*' },
        Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
    ];
    expect(checkPolicy({ Version: '2012-10-17', Statement: statements })).toEqual([]);
    expect(checkPolicy({ Version: '2012-10-17', Statement: good })).toEqual([]);
  });

  test('names condition keys and variables that the gateway does not provide', () => {
    const document = of({ ...good, Condition: { StringEquals: { 'dynamodb:Attributes': '${aws:username}' } } });
    expect(checkPolicy(document, { conditionKeys: ['dynamodb:leadingkeys'] })).toEqual([
      'Statement[0]: the condition key dynamodb:Attributes is not known here',
      'Statement[0]: the policy variable aws:username is not known here',
    ]);
    const known = { conditionKeys: ['dynamodb:attributes', 'aws:UserName'] };
    expect(checkPolicy(document, known)).toEqual([]);
  });
});
