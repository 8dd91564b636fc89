/** AWS policy evaluation within one account: an explicit deny wins, then any allow of identity or resource. Pure. */
import { checkPolicy } from './check.ts';
import { type ConditionTest, type ContextLookup, compileCondition } from './condition.ts';
import { compilePattern, type Pattern, type Variables } from './pattern.ts';
import type {
  AccessRequest,
  OneOrMany,
  PolicyDocument,
  PolicyStatement,
  Principal,
  PrincipalElement,
} from './policy.ts';

/** A grant as the ledger counts it: one action pattern on one resource pattern, as the policy writes them. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
}
/** A statement ready to be held against requests. */
export interface CompiledStatement {
  readonly sid: string | undefined;
  readonly policyName: string;
  readonly effect: 'Allow' | 'Deny';
  /** Every pair of patterns it holds. */
  readonly grants: readonly Grant[];
  readonly principals: CompiledPrincipals | undefined;
  /** The first pair of patterns that fits, conditions not yet looked at; undefined when none does. */
  readonly fits: (action: string, resource: string, variables: Variables) => Grant | undefined;
  readonly conditions: readonly ConditionTest[];
}
/** A policy ready to be held against requests; made once by `compile`. */
export interface CompiledPolicy {
  readonly name: string;
  /** `resource` when its statements name a Principal; without any statement it may stand for either. */
  readonly kind: 'identity' | 'resource' | 'empty';
  readonly statements: readonly CompiledStatement[];
}
/** A statement that took part in a decision, with the pair of patterns that fitted. */
export interface MatchedStatement {
  readonly statement: CompiledStatement;
  readonly grant: Grant;
}
/** The answer, and why. */
export interface Decision {
  readonly allowed: boolean;
  /** 'explicit deny', 'no matching allow' or 'allowed by <policy>'. */
  readonly reason: string;
  readonly matched?: { readonly sid?: string; readonly policyName: string };
  /** All statements that allowed it, or the one that denied it: food for the ledger. */
  readonly matchedStatements: readonly MatchedStatement[];
}

interface CompiledPrincipals {
  readonly everyone: boolean;
  readonly arns: ReadonlySet<string>;
  readonly accounts: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
}

/** Done once per policy. Throws naming every element, operator or pattern that checkPolicy lists. */
export function compile(document: PolicyDocument, policyName: string): CompiledPolicy {
  const faults = checkPolicy(document);
  if (faults.length > 0) throw new Error(`policy ${policyName}: ${faults.join('; ')}`);
  const variables = document.Version === '2012-10-17';
  const statements = listOf(document.Statement).map((statement) => compileStatement(statement, policyName, variables));
  const [first] = statements;
  return {
    name: policyName,
    kind: first === undefined ? 'empty' : first.principals === undefined ? 'identity' : 'resource',
    statements,
  };
}

function compileStatement(statement: PolicyStatement, policyName: string, variables: boolean): CompiledStatement {
  const action = choice(
    statement.Action,
    statement.NotAction,
    // The operation's name is not case sensitive, and policies do write sns:publish.
    (text) => compilePattern(text, { wildcards: true, variables: false, ignoreCase: true }),
  );
  const resource = choice(
    statement.Resource ?? (statement.NotResource ? undefined : '*'),
    statement.NotResource,
    (text) => compilePattern(text, { wildcards: true, variables }),
  );
  return {
    sid: statement.Sid,
    policyName,
    effect: statement.Effect,
    grants: action.sources.flatMap((a) => resource.sources.map((r) => ({ action: a, resource: r }))),
    principals: statement.Principal === undefined ? undefined : compilePrincipals(statement.Principal),
    fits(asked, on, known) {
      const a = action.find(asked, known);
      const r = a === undefined ? undefined : resource.find(on, known);
      return a === undefined || r === undefined ? undefined : { action: a, resource: r };
    },
    conditions: Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) =>
        compileCondition(operator, key, listOf(values).map(String), variables),
      ),
    ),
  };
}

interface Choice {
  readonly sources: readonly string[];
  /** The source of the pattern that fits. */
  readonly find: (text: string, variables: Variables) => string | undefined;
}

/** `X` or `NotX`. An unknown variable in `NotX` fits nothing: else a misspelling would open everything. */
function choice(
  wanted: OneOrMany<string> | undefined,
  unwanted: OneOrMany<string> | undefined,
  pattern: (text: string) => Pattern,
): Choice {
  if (wanted !== undefined) {
    const patterns = listOf(wanted).map(pattern);
    return {
      sources: patterns.map((one) => one.source),
      find: (text, variables) => patterns.find((one) => one.matches(text, variables))?.source,
    };
  }
  const patterns = listOf(unwanted ?? []).map(pattern);
  const source = `not ${patterns.map((one) => one.source).join(', ')}`;
  const excludes = (one: Pattern, text: string, variables: Variables) =>
    !one.resolves(variables) || one.matches(text, variables);
  return {
    sources: [source],
    find: (text, variables) => (patterns.some((one) => excludes(one, text, variables)) ? undefined : source),
  };
}

function compilePrincipals(element: PrincipalElement): CompiledPrincipals {
  const aws = element === '*' ? ['*'] : listOf(element.AWS ?? []);
  const accountOf = (text: string) => /^(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?$/.exec(text)?.[1];
  return {
    everyone: aws.includes('*'),
    arns: new Set(aws.filter((text) => accountOf(text) === undefined)),
    accounts: new Set(aws.flatMap((text) => accountOf(text) ?? [])),
    services: new Set(element === '*' ? [] : listOf(element.Service ?? [])),
  };
}

/** `account`: only the account is named, which hands the decision to its identity policies and allows nothing itself. */
function principalFits(wanted: CompiledPrincipals, principal: Principal): 'named' | 'account' | undefined {
  if (wanted.everyone) return 'named';
  if (principal.type === 'anonymous') return undefined;
  if (principal.type === 'service') return wanted.services.has(principal.service) ? 'named' : undefined;
  if (wanted.arns.has(principal.arn) || wanted.arns.has(roleArn(principal.arn))) return 'named';
  return wanted.accounts.has(principal.accountId) ? 'account' : undefined;
}

/** A session `arn:…:sts::…:assumed-role/Name/session` acts as the role `arn:…:iam::…:role/Name`. */
function roleArn(arn: string): string {
  return arn.replace(/^(arn:[a-z-]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, '$1:iam::$2:role/$3');
}

/** Keys that AWS derives from who asks; the request's own context comes first. */
function principalContext(principal: Principal): Record<string, string> {
  if (principal.type === 'anonymous') return { 'aws:principaltype': 'Anonymous', 'aws:principalisawsservice': 'false' };
  if (principal.type === 'service') {
    return { 'aws:principalisawsservice': 'true', 'aws:principalservicename': principal.service };
  }
  return {
    'aws:principalarn': roleArn(principal.arn),
    'aws:principalaccount': principal.accountId,
    'aws:principaltype': /:user\//.test(principal.arn) ? 'User' : 'AssumedRole',
    'aws:principalisawsservice': 'false',
  };
}

function contextLookup(request: AccessRequest): ContextLookup {
  let byKey: Map<string, readonly string[]> | undefined;
  const build = () => {
    const built = new Map<string, readonly string[]>();
    for (const [key, value] of Object.entries(principalContext(request.principal))) built.set(key, [value]);
    for (const [key, value] of Object.entries(request.context)) {
      const values = value === undefined ? [] : typeof value === 'string' ? [value] : value;
      if (values.length > 0) built.set(key.toLowerCase(), values);
    }
    return built;
  };
  // Most statements are settled by action and resource alone, so the map is built only when a condition asks.
  return (key) => {
    byKey ??= build();
    return byKey.get(key);
  };
}

/** Deny by default; a service needs the resource's policy, for it has no identity policies. */
export function evaluate(
  request: AccessRequest,
  policies: { readonly identity: readonly CompiledPolicy[]; readonly resource?: readonly CompiledPolicy[] },
): Decision {
  const lookup = contextLookup(request);
  // A variable stands for one value; a key of several has no single text to stand for.
  const variables: Variables = (name) => {
    const values = lookup(name.toLowerCase());
    return values?.length === 1 ? values[0] : undefined;
  };
  const allows: MatchedStatement[] = [];
  for (const [kind, list] of [
    ['identity', policies.identity] as const,
    ['resource', policies.resource ?? []] as const,
  ]) {
    for (const policy of list) {
      if (policy.kind !== kind && policy.kind !== 'empty')
        throw new Error(`assertion failed: ${policy.name} is not an ${kind} policy`);
      for (const statement of policy.statements) {
        const who = statement.principals ? principalFits(statement.principals, request.principal) : 'named';
        if (who === undefined || (who === 'account' && statement.effect === 'Allow')) continue;
        const grant = statement.fits(request.action, request.resource, variables);
        if (grant === undefined || !statement.conditions.every((test) => test(lookup, variables))) continue;
        if (statement.effect === 'Deny') return decide(false, 'explicit deny', [{ statement, grant }]);
        allows.push({ statement, grant });
      }
    }
  }
  const first = allows[0];
  if (first === undefined) return decide(false, 'no matching allow', []);
  return decide(true, `allowed by ${first.statement.policyName}`, allows);
}

function decide(allowed: boolean, reason: string, matchedStatements: readonly MatchedStatement[]): Decision {
  const first = matchedStatements[0]?.statement;
  if (first === undefined) return { allowed, reason, matchedStatements };
  const { sid, policyName } = first;
  return { allowed, reason, matched: sid === undefined ? { policyName } : { sid, policyName }, matchedStatements };
}

function listOf<T>(value: OneOrMany<T>): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
