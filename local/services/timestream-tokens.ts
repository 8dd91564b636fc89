/** Cuts a query of Timestream into its words. Pure. */
import { invalid } from './timestream-failure.ts';

export interface Token {
  readonly kind: 'word' | 'quoted' | 'number' | 'interval' | 'text' | 'symbol' | 'end';
  /** Words in lower case; quoted names and texts without their quotes. */
  readonly text: string;
  /** Words as they were written. */
  readonly name: string;
  /** Position in the query, from 0. */
  readonly at: number;
}

const SPACE = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const RULES: readonly (readonly [Token['kind'], RegExp])[] = [
  ['interval', /\d+(?:ns|us|ms|mo|s|m|h|d|y)(?![A-Za-z0-9_])/y],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![A-Za-z0-9_])/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['quoted', /"(?:[^"]|"")+"/y],
  ['text', /'(?:[^']|'')*'/y],
  ['symbol', /<>|!=|<=|>=|\|\||[-+*/%=<>(),.;]/y],
];

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(sql)?.[0];
  };
  for (;;) {
    at += match(SPACE)?.length ?? 0;
    if (at >= sql.length) return [...tokens, { kind: 'end', text: '', name: '', at }];
    const token = RULES.map(([kind, pattern]) => ({ kind, raw: match(pattern) })).find(({ raw }) => raw !== undefined);
    if (token?.raw === undefined) throw invalid(`line 1:${at + 1}: mismatched input '${sql.slice(at, at + 10)}'`);
    const name = plain(token.kind, token.raw);
    tokens.push({ kind: token.kind, text: token.kind === 'word' ? name.toLowerCase() : name, name, at });
    at += token.raw.length;
  }
}

function plain(kind: Token['kind'], raw: string): string {
  if (kind === 'quoted') return raw.slice(1, -1).replaceAll('""', '"');
  return kind === 'text' ? raw.slice(1, -1).replaceAll("''", "'") : raw;
}
