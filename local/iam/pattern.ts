/** Wildcard patterns with policy variables, parsed once and matched in time linear for the usual shapes. Pure. */

/** Resolves a policy variable by name; undefined when the request does not have it. */
export type Variables = (name: string) => string | undefined;

interface Variable {
  readonly name: string;
  readonly fallback: string | undefined;
}
/** Text stands for itself; `*` any run of characters; `?` one character. */
type Token = { readonly text: string } | { readonly wild: '*' | '?' } | { readonly variable: Variable };

/** How the text of a policy is to be read. */
export interface PatternOptions {
  /** `*` and `?` are wildcards; else they stand for themselves. */
  readonly wildcards: boolean;
  /** `${name}` is a variable (policy version 2012-10-17); else plain text. */
  readonly variables: boolean;
  readonly ignoreCase?: boolean;
}

/** A parsed text of a policy. */
export interface Pattern {
  readonly source: string;
  /** Names of its variables; each without a default must resolve for `matches` to be true. */
  readonly variables: readonly string[];
  /** False when a variable without default is unknown. */
  resolves(variables: Variables): boolean;
  matches(text: string, variables: Variables): boolean;
}

const VARIABLE = /\$\{([^}]*)\}/g;
const ANY = -1;
const ONE = -2;

function tokenize(source: string, options: PatternOptions): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  if (options.variables) {
    for (const found of source.matchAll(VARIABLE)) {
      tokens.push(...plainTokens(source.slice(from, found.index), options), variableToken(found[1] ?? ''));
      from = found.index + found[0].length;
    }
  }
  tokens.push(...plainTokens(source.slice(from), options));
  return tokens;
}

function plainTokens(text: string, options: PatternOptions): Token[] {
  if (!options.wildcards) return text === '' ? [] : [{ text }];
  return text
    .split(/([*?])/)
    .filter((part) => part !== '')
    .map((part) => (part === '*' || part === '?' ? { wild: part } : { text: part }));
}

/** `${*}`, `${?}` and `${$}` are the characters themselves; `${name, 'default'}` has a default. */
function variableToken(inner: string): Token {
  if (inner === '*' || inner === '?' || inner === '$') return { text: inner };
  const found = /^([^,]+),\s*'(.*)'\s*$/.exec(inner);
  return { variable: { name: (found?.[1] ?? inner).trim(), fallback: found?.[2] } };
}

/** Character codes with ANY and ONE in them; undefined when a variable is unknown. */
function codesOf(tokens: readonly Token[], variables: Variables, ignoreCase: boolean): number[] | undefined {
  const codes: number[] = [];
  for (const token of tokens) {
    if ('wild' in token) {
      codes.push(token.wild === '*' ? ANY : ONE);
      continue;
    }
    const text = 'text' in token ? token.text : (variables(token.variable.name) ?? token.variable.fallback);
    if (text === undefined) return undefined;
    const cased = ignoreCase ? text.toLowerCase() : text;
    for (let i = 0; i < cased.length; i++) codes.push(cased.charCodeAt(i));
  }
  return codes;
}

function matchCodes(codes: readonly number[], text: string): boolean {
  let at = 0;
  let star = -1;
  let resumeAt = 0;
  let i = 0;
  while (i < text.length) {
    const code = codes[at];
    if (code === ONE || code === text.charCodeAt(i)) {
      at++;
      i++;
    } else if (code === ANY) {
      star = at++;
      resumeAt = i;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resumeAt;
    } else return false;
  }
  while (codes[at] === ANY) at++;
  return at === codes.length;
}

function fromTokens(source: string, tokens: readonly Token[], ignoreCase: boolean): Pattern {
  const named = tokens.flatMap((token) => ('variable' in token ? [token.variable] : []));
  const required = named.filter((variable) => variable.fallback === undefined).map((variable) => variable.name);
  const resolves = (variables: Variables) => required.every((name) => variables(name) !== undefined);
  const base = { source, variables: named.map((variable) => variable.name), resolves };
  if (named.length > 0) {
    return {
      ...base,
      matches(text, variables) {
        const codes = codesOf(tokens, variables, ignoreCase);
        return codes !== undefined && matchCodes(codes, ignoreCase ? text.toLowerCase() : text);
      },
    };
  }
  const fixed = fixedMatcher(tokens, ignoreCase);
  return { ...base, matches: ignoreCase ? (text) => fixed(text.toLowerCase()) : fixed };
}

function fixedMatcher(tokens: readonly Token[], ignoreCase: boolean): (text: string) => boolean {
  const codes = codesOf(tokens, () => undefined, ignoreCase) ?? [];
  const firstWild = codes.findIndex((code) => code < 0);
  const literal = (to: number) => String.fromCharCode(...codes.slice(0, to));
  if (firstWild < 0) {
    const whole = literal(codes.length);
    return (text) => text === whole;
  }
  if (firstWild === codes.length - 1 && codes[firstWild] === ANY) {
    const start = literal(firstWild);
    return (text) => text.startsWith(start);
  }
  return (text) => matchCodes(codes, text);
}

/** Compares the whole text, across the parts of an ARN, as Resource and the String operators do. */
export function compilePattern(source: string, options: PatternOptions): Pattern {
  return fromTokens(source, tokenize(source, options), options.ignoreCase ?? false);
}

/** An ARN has six parts; the last keeps its colons. */
export const ARN_PARTS = 6;

/** Splits at the first five colons that are not inside a variable. */
function splitTokens(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (!('text' in token)) {
      parts.at(-1)?.push(token);
      continue;
    }
    const pieces = token.text.split(':');
    pieces.forEach((piece, index) => {
      if (index > 0 && parts.length < ARN_PARTS) parts.push([]);
      else if (index > 0) parts.at(-1)?.push({ text: ':' });
      if (piece !== '') parts.at(-1)?.push({ text: piece });
    });
  }
  return parts;
}

/** The six parts of an ARN; fewer when the text is none. */
export function splitArn(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= ARN_PARTS ? parts : [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(':')];
}

/** True for `*` and for text with the six parts of an ARN, counted outside variables. */
export function isArnPattern(source: string, variables: boolean): boolean {
  return source === '*' || splitTokens(tokenize(source, { wildcards: true, variables })).length === ARN_PARTS;
}

/** As ArnLike and ArnEquals compare: part by part, so that a wildcard never reaches across a colon of the first five. */
export function compileArnPattern(source: string, variables: boolean): Pattern {
  const tokens = tokenize(source, { wildcards: true, variables });
  const whole = fromTokens(source, tokens, false);
  if (source === '*') return whole;
  const parts = splitTokens(tokens).map((part) => fromTokens(source, part, false));
  return {
    ...whole,
    matches(text, known) {
      const texts = splitArn(text);
      return texts.length === parts.length && parts.every((part, i) => part.matches(texts[i] ?? '', known));
    },
  };
}
