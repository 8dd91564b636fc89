/** Condition operators of IAM: each compiled once into a test on the request's context. Pure. */
import { compileArnPattern, compilePattern, isArnPattern, type Pattern, type Variables } from './pattern.ts';

/** Values of a key by its lower-case name; undefined (never empty) when the request does not carry it. */
export type ContextLookup = (lowerCaseKey: string) => readonly string[] | undefined;

/** True when the condition holds for the request. */
export type ConditionTest = (lookup: ContextLookup, variables: Variables) => boolean;

type ValueTest = (value: string, variables: Variables) => boolean;

interface Compiled {
  /** One context value against all values of the policy: true when it fits at least one. */
  readonly fits: ValueTest;
  readonly resolves: (variables: Variables) => boolean;
}
interface Operator {
  readonly negated: boolean;
  /** What is wrong with a value of the policy, or undefined. */
  readonly fault: (value: string, variables: boolean) => string | undefined;
  readonly compile: (values: readonly string[], variables: boolean) => Compiled;
}

const noFault = () => undefined;

function ofPatterns(patterns: readonly Pattern[]): Compiled {
  return {
    fits: (value, variables) => patterns.some((pattern) => pattern.matches(value, variables)),
    resolves: (variables) => patterns.every((pattern) => pattern.resolves(variables)),
  };
}

function text(negated: boolean, wildcards: boolean, ignoreCase = false): Operator {
  return {
    negated,
    fault: noFault,
    compile: (values, variables) =>
      ofPatterns(values.map((value) => compilePattern(value, { wildcards, variables, ignoreCase }))),
  };
}

function arn(negated: boolean): Operator {
  return {
    negated,
    fault: (value, variables) => (isArnPattern(value, variables) ? undefined : 'is not an ARN of six parts'),
    compile: (values, variables) => ofPatterns(values.map((value) => compileArnPattern(value, variables))),
  };
}

function scalar(
  negated: boolean,
  what: string,
  parse: (value: string) => number,
  holds: (value: number, wanted: number) => boolean,
): Operator {
  return {
    negated,
    fault: (value) => (Number.isNaN(parse(value)) ? `is not ${what}` : undefined),
    compile: (values) => {
      const wanted = values.map(parse);
      return { fits: (value) => wanted.some((one) => holds(parse(value), one)), resolves: () => true };
    },
  };
}

const parseNumber = (value: string) => (value.trim() === '' ? Number.NaN : Number(value));
/** A date is ISO 8601 or epoch seconds. */
const parseDate = (value: string) =>
  /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : value.includes('-') ? Date.parse(value) : Number.NaN;
const parseBool = (value: string) => ({ true: 1, false: 0 })[value.toLowerCase()] ?? Number.NaN;

const COMPARISONS: Readonly<Record<string, { negated: boolean; holds: (a: number, b: number) => boolean }>> = {
  Equals: { negated: false, holds: (a, b) => a === b },
  NotEquals: { negated: true, holds: (a, b) => a === b },
  LessThan: { negated: false, holds: (a, b) => a < b },
  LessThanEquals: { negated: false, holds: (a, b) => a <= b },
  GreaterThan: { negated: false, holds: (a, b) => a > b },
  GreaterThanEquals: { negated: false, holds: (a, b) => a >= b },
};

function comparisons(prefix: string, what: string, parse: (value: string) => number): [string, Operator][] {
  return Object.entries(COMPARISONS).map(([name, { negated, holds }]) => [
    prefix + name,
    scalar(negated, what, parse, holds),
  ]);
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['StringEquals', text(false, false)],
  ['StringNotEquals', text(true, false)],
  ['StringEqualsIgnoreCase', text(false, false, true)],
  ['StringNotEqualsIgnoreCase', text(true, false, true)],
  ['StringLike', text(false, true)],
  ['StringNotLike', text(true, true)],
  ['ArnEquals', arn(false)],
  ['ArnLike', arn(false)],
  ['ArnNotEquals', arn(true)],
  ['ArnNotLike', arn(true)],
  ...comparisons('Numeric', 'a number', parseNumber),
  ...comparisons('Date', 'a date', parseDate),
  ['Bool', scalar(false, 'true or false', parseBool, (a, b) => a === b)],
]);

interface ParsedOperator {
  readonly quantifier: 'one' | 'all' | 'any';
  readonly base: string;
  readonly ifExists: boolean;
}

function parseOperator(name: string): ParsedOperator | undefined {
  const found = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name);
  const base = found?.[2];
  if (base === undefined) return undefined;
  const quantifier = found?.[1] === undefined ? 'one' : found[1] === 'ForAllValues' ? 'all' : 'any';
  const ifExists = found?.[3] !== undefined;
  if (base === 'Null') return quantifier === 'one' && !ifExists ? { quantifier, base, ifExists } : undefined;
  return OPERATORS.has(base) ? { quantifier, base, ifExists } : undefined;
}

/** What is not supported in one `{operator: {key: values}}`, as ends of a sentence; empty when all is. */
export function conditionFaults(name: string, values: readonly string[], variables: boolean): string[] {
  const parsed = parseOperator(name);
  if (parsed === undefined) return [`the condition operator ${name} is not known`];
  const fault = OPERATORS.get(parsed.base)?.fault ?? nullFault;
  return values.flatMap((value) => {
    const wrong = fault(value, variables);
    return wrong === undefined ? [] : [`${name}: ${JSON.stringify(value)} ${wrong}`];
  });
}

function nullFault(value: string): string | undefined {
  return Number.isNaN(parseBool(value)) ? 'is not true or false' : undefined;
}

/** One operator on one key. Call conditionFaults before: an unknown operator here is a bug. */
export function compileCondition(
  name: string,
  key: string,
  values: readonly string[],
  variables: boolean,
): ConditionTest {
  const parsed = parseOperator(name);
  const lowerCaseKey = key.toLowerCase();
  if (parsed?.base === 'Null') {
    const wantsAbsent = new Set(values.map((value) => value.toLowerCase() === 'true'));
    return (lookup) => wantsAbsent.has(lookup(lowerCaseKey) === undefined);
  }
  const operator = parsed && OPERATORS.get(parsed.base);
  if (!parsed || !operator) throw new Error(`assertion failed: unchecked condition operator ${name}`);
  const compiled = operator.compile(values, variables);
  const whenAbsent =
    parsed.ifExists || parsed.quantifier === 'all' || (parsed.quantifier === 'one' && operator.negated);
  return (lookup, known) => {
    const given = lookup(lowerCaseKey);
    // A negation of something unknown would let everything through.
    if (operator.negated && !compiled.resolves(known)) return false;
    if (given === undefined) return whenAbsent;
    const fits = (value: string) => compiled.fits(value, known);
    if (parsed.quantifier === 'all') return given.every((value) => fits(value) !== operator.negated);
    if (parsed.quantifier === 'any') return given.some((value) => fits(value) !== operator.negated);
    return given.some(fits) !== operator.negated;
  };
}
