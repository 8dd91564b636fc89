/** Lists what a policy holds that the evaluator would not understand, so that the start fails and nothing is guessed. Pure. */
import { conditionFaults } from './condition.ts';
import { compilePattern, isArnPattern } from './pattern.ts';

/** What the caller knows beyond the policy. */
export interface CheckOptions {
  /** Condition keys the gateway provides; when given, any other key is listed (it could never be judged rightly). */
  readonly conditionKeys?: readonly string[];
}

const DOCUMENT_ELEMENTS = new Set(['Version', 'Id', 'Statement']);
const STATEMENT_ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);
const VERSIONS = new Set(['2012-10-17', '2008-10-17']);
const ACTION = /^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/;
const AWS_PRINCIPAL =
  /^(\*|\d{12}|arn:[a-z-]+:iam::\d{12}:(root|(role|user)\/[^*?]+)|arn:[a-z-]+:sts::\d{12}:assumed-role\/[^*?]+)$/;
const SERVICE_PRINCIPAL = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$/;

type Dictionary = Readonly<Record<string, unknown>>;

function isDictionary(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sentences, empty when the whole document is supported. */
export function checkPolicy(document: unknown, options: CheckOptions = {}): string[] {
  if (!isDictionary(document)) return ['the policy document is not an object'];
  const faults = unknownElements(document, DOCUMENT_ELEMENTS, 'the document');
  const version = document.Version;
  if (version !== undefined && !(typeof version === 'string' && VERSIONS.has(version))) {
    faults.push(`the policy version ${JSON.stringify(version)} is not known`);
  }
  const statements = listOf(document.Statement);
  // An empty list is a resource that nobody was given permission to.
  if (document.Statement === undefined) faults.push('the document has no Statement');
  const variables = version === '2012-10-17';
  statements.forEach((statement, index) => {
    const named = isDictionary(statement) && typeof statement.Sid === 'string' ? ` (${statement.Sid})` : '';
    faults.push(
      ...statementFaults(statement, variables, options).map((fault) => `Statement[${index}]${named}: ${fault}`),
    );
  });
  const principals = statements.filter((one) => isDictionary(one) && one.Principal !== undefined).length;
  if (principals > 0 && principals < statements.length) {
    faults.push('some statements name a Principal and some do not: a policy belongs to an identity or to a resource');
  }
  return faults;
}

function statementFaults(statement: unknown, variables: boolean, options: CheckOptions): string[] {
  if (!isDictionary(statement)) return ['is not an object'];
  const faults = unknownElements(statement, STATEMENT_ELEMENTS, 'the statement');
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') faults.push('Effect is neither Allow nor Deny');
  const action = statement.Action ?? statement.NotAction;
  if ((statement.Action === undefined) === (statement.NotAction === undefined)) {
    faults.push('exactly one of Action and NotAction is needed');
  } else faults.push(...textFaults(action, 'Action', (text) => ACTION.test(text), 'is not service:Operation'));
  faults.push(...resourceFaults(statement, variables), ...principalFaults(statement.Principal));
  faults.push(...conditionBlockFaults(statement.Condition, variables, options));
  return faults;
}

/** Only a trust policy has neither Resource nor NotResource: its resource is the role that carries it. */
function resourceFaults(statement: Dictionary, variables: boolean): string[] {
  const { Resource, NotResource, Principal } = statement;
  if (Resource !== undefined && NotResource !== undefined) return ['Resource and NotResource exclude each other'];
  const resource = Resource ?? NotResource;
  if (resource === undefined) return Principal === undefined ? ['a Resource is needed'] : [];
  return textFaults(resource, 'Resource', (text) => isArnPattern(text, variables), 'is neither * nor a full ARN');
}

function principalFaults(principal: unknown): string[] {
  if (principal === undefined || principal === '*') return [];
  if (!isDictionary(principal)) return [`Principal ${JSON.stringify(principal)} is not supported`];
  return Object.entries(principal).flatMap(([kind, value]) => {
    if (kind === 'AWS')
      return textFaults(value, 'Principal.AWS', (text) => AWS_PRINCIPAL.test(text), 'is no principal');
    if (kind === 'Service') {
      return textFaults(value, 'Principal.Service', (text) => SERVICE_PRINCIPAL.test(text), 'is no service');
    }
    return [`Principal.${kind} is not supported`];
  });
}

function conditionBlockFaults(block: unknown, variables: boolean, options: CheckOptions): string[] {
  if (block === undefined) return [];
  if (!isDictionary(block)) return ['Condition is not an object'];
  const known = options.conditionKeys && new Set(options.conditionKeys.map((key) => key.toLowerCase()));
  return Object.entries(block).flatMap(([operator, keys]) => {
    if (!isDictionary(keys)) return [`Condition.${operator} is not an object`];
    return Object.entries(keys).flatMap(([key, values]) => [
      ...(known && !known.has(key.toLowerCase()) ? [`the condition key ${key} is not known here`] : []),
      ...(listOf(values).length === 0 ? [`Condition.${operator}.${key} has no value`] : []),
      ...(listOf(values).every(isConditionValue)
        ? conditionFaults(operator, listOf(values).map(String), variables)
        : [`Condition.${operator}.${key} holds something that is not text`]),
      ...variableFaults(listOf(values).map(String), variables, known),
    ]);
  });
}

/** A variable is a condition key too, so a misspelled one is found at start. */
function variableFaults(
  values: readonly string[],
  variables: boolean,
  known: ReadonlySet<string> | undefined,
): string[] {
  if (!known) return [];
  return values
    .flatMap((value) => compilePattern(value, { wildcards: true, variables }).variables)
    .filter((name) => !known.has(name.toLowerCase()))
    .map((name) => `the policy variable ${name} is not known here`);
}

function isConditionValue(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function textFaults(value: unknown, where: string, valid: (text: string) => boolean, otherwise: string): string[] {
  const values = listOf(value);
  if (values.length === 0) return [`${where} is empty`];
  return values.flatMap((one) =>
    typeof one === 'string' && valid(one) ? [] : [`${where} ${JSON.stringify(one)} ${otherwise}`],
  );
}

function unknownElements(value: Dictionary, known: ReadonlySet<string>, where: string): string[] {
  return Object.keys(value)
    .filter((key) => !known.has(key))
    .map((key) => `the element ${key} of ${where} is not supported`);
}

function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
