/** Conditions on keys of many values, above all the leading keys of DynamoDB. */
import { expect, test } from 'vitest';
import { allow, type ConditionRow, decide, TABLE } from './cases.ts';

const leading = (operator: string, ...values: string[]) => ({ [operator]: { 'dynamodb:LeadingKeys': values } });
const LIKE = 'ForAllValues:StringLike';

const ROWS: ConditionRow[] = [
  [
    'leading keys: the one tenant asked for',
    leading(LIKE, 'demo#*'),
    { 'dynamodb:LeadingKeys': ['demo#H#bundle'] },
    true,
  ],
  [
    'leading keys: several of the tenant',
    leading(LIKE, 'demo#*'),
    { 'dynamodb:LeadingKeys': ['demo#A', 'demo#B'] },
    true,
  ],
  [
    'leading keys: one of another tenant',
    leading(LIKE, 'demo#*'),
    { 'dynamodb:LeadingKeys': ['demo#A', 'other#B'] },
    false,
  ],
  [
    'leading keys: a tenant whose name begins alike',
    leading(LIKE, 'demo#*'),
    { 'dynamodb:LeadingKeys': ['demo2#A'] },
    false,
  ],
  [
    'leading keys: any of two patterns',
    leading(LIKE, '*#H#*', '@tenants#*'),
    { 'dynamodb:LeadingKeys': ['demo#H#bundle', '@tenants#x'] },
    true,
  ],
  ['leading keys: absent as in a Scan, and ForAllValues is true', leading(LIKE, 'demo#*'), {}, true],
  [
    'leading keys: absent, and a Null check catches it',
    { ...leading(LIKE, 'demo#*'), Null: { 'dynamodb:LeadingKeys': 'false' } },
    {},
    false,
  ],
  [
    'leading keys: present passes the Null check',
    { ...leading(LIKE, 'demo#*'), Null: { 'dynamodb:LeadingKeys': 'false' } },
    { 'dynamodb:LeadingKeys': ['demo#A'] },
    true,
  ],
  [
    'leading keys: an empty list is absent',
    { Null: { 'dynamodb:LeadingKeys': true } },
    { 'dynamodb:LeadingKeys': [] },
    true,
  ],
  [
    'ForAllValues:StringEquals compares each',
    leading('ForAllValues:StringEquals', 'a', 'b'),
    { 'dynamodb:LeadingKeys': ['a', 'b'] },
    true,
  ],
  [
    'ForAllValues:StringNotLike excludes each',
    leading('ForAllValues:StringNotLike', '@*'),
    { 'dynamodb:LeadingKeys': ['demo#A', '@x'] },
    false,
  ],
  [
    'ForAnyValue:StringEquals needs one',
    leading('ForAnyValue:StringEquals', 'a'),
    { 'dynamodb:LeadingKeys': ['b', 'a'] },
    true,
  ],
  [
    'ForAnyValue:StringEquals fails when none fits',
    leading('ForAnyValue:StringEquals', 'a'),
    { 'dynamodb:LeadingKeys': ['b'] },
    false,
  ],
  ['ForAnyValue fails without the key', leading('ForAnyValue:StringEquals', 'a'), {}, false],
  ['ForAnyValue of a negation fails without the key too', leading('ForAnyValue:StringNotEquals', 'a'), {}, false],
  [
    'ForAnyValue of a negation needs one that differs',
    leading('ForAnyValue:StringNotEquals', 'a'),
    { 'dynamodb:LeadingKeys': ['a', 'b'] },
    true,
  ],
  ['ForAnyValue with IfExists passes without the key', leading('ForAnyValue:StringEqualsIfExists', 'a'), {}, true],
  [
    'a plain operator on many values needs one',
    leading('StringEquals', 'a'),
    { 'dynamodb:LeadingKeys': ['b', 'a'] },
    true,
  ],
  [
    'a plain negation on many values needs all to differ',
    leading('StringNotEquals', 'a'),
    { 'dynamodb:LeadingKeys': ['b', 'a'] },
    false,
  ],
];

test.each(ROWS)('%s', (sentence, condition, context, allowed) => {
  const identity = [allow('dynamodb:Query', TABLE, condition)];
  expect(decide({ sentence, identity, action: 'dynamodb:Query', context, allowed }).allowed).toBe(allowed);
});
