/** The words of an IAM policy as JSON carries them, who asks, and what is answered. Pure. */

/** AWS lets a single value stand for a list of one. */
export type OneOrMany<T> = T | readonly T[];

/** `Principal` of a resource policy; the evaluator knows `*`, AWS (account, role, user ARN or `*`) and Service. */
export type PrincipalElement = '*' | { readonly AWS?: OneOrMany<string>; readonly Service?: OneOrMany<string> };

/** `{operator: {key: values}}`; booleans and numbers appear in hand-written policies and mean their text. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, OneOrMany<string | number | boolean>>>>>;

/** One statement, element by element as AWS names them. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: PrincipalElement;
  readonly Action?: OneOrMany<string>;
  readonly NotAction?: OneOrMany<string>;
  readonly Resource?: OneOrMany<string>;
  readonly NotResource?: OneOrMany<string>;
  readonly Condition?: ConditionBlock;
}

/** A policy as JSON carries it. */
export interface PolicyDocument {
  /** Absent means 2008-10-17, in which `${…}` is plain text. */
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: OneOrMany<PolicyStatement>;
}

/** Who asks: a role or user by its ARN, an AWS service acting for itself, or nobody known. */
export type Principal =
  | { readonly type: 'aws'; readonly arn: string; readonly accountId: string }
  | { readonly type: 'service'; readonly service: string }
  | { readonly type: 'anonymous' };

/** Condition keys of one request, in any case; an absent key is undefined, which differs from an empty list. */
export type RequestContext = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One question: may this principal do this? */
export interface AccessRequest {
  readonly principal: Principal;
  /** `service:Operation` */
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}
