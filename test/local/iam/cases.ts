/** Shorthand for tables of access decisions: policies are written as AWS documents, requests as few words. */
import { type CompiledPolicy, compile, type Decision, evaluate } from '../../../local/iam/evaluate.ts';
import type { PolicyStatement, Principal, RequestContext } from '../../../local/iam/policy.ts';

export const ACCOUNT = '111122223333';
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/collector`;
export const ROLE: Principal = { type: 'aws', arn: ROLE_ARN, accountId: ACCOUNT };
export const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/store`;
export const QUEUE = `arn:aws:sqs:us-east-1:${ACCOUNT}:outbox`;
export const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:delivery`;
export const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:api`;

export const service = (name: string): Principal => ({ type: 'service', service: name });

export interface Case {
  readonly sentence: string;
  readonly identity?: readonly PolicyStatement[];
  readonly resource?: readonly PolicyStatement[];
  readonly version?: string;
  readonly principal?: Principal;
  readonly action?: string;
  readonly on?: string;
  readonly context?: RequestContext;
  readonly allowed: boolean;
}

export type ConditionRow = readonly [
  sentence: string,
  condition: PolicyStatement['Condition'],
  context: RequestContext,
  allowed: boolean,
];

function policies(name: string, statements: readonly PolicyStatement[] | undefined, version: string): CompiledPolicy[] {
  return statements === undefined ? [] : [compile({ Version: version, Statement: statements }, name)];
}

export function decide(one: Case): Decision {
  const version = one.version ?? '2012-10-17';
  return evaluate(
    {
      principal: one.principal ?? ROLE,
      action: one.action ?? 'dynamodb:GetItem',
      resource: one.on ?? TABLE,
      context: one.context ?? {},
    },
    {
      identity: policies('role policy', one.identity, version),
      resource: policies('resource policy', one.resource, version),
    },
  );
}

/** `Allow` of one action on one resource, under a condition. */
export function allow(
  Action: string | readonly string[],
  Resource: string | readonly string[] = '*',
  Condition?: PolicyStatement['Condition'],
): PolicyStatement {
  return { Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) };
}

export function deny(
  Action: string | readonly string[],
  Resource: string | readonly string[] = '*',
  Condition?: PolicyStatement['Condition'],
): PolicyStatement {
  return { ...allow(Action, Resource, Condition), Effect: 'Deny' };
}
