/** Walks over the words of a query. Pure. */
import { invalid, type TimestreamFailure, unsupported } from './timestream-failure.ts';
import { type Token, tokensOf } from './timestream-tokens.ts';

/** Words that end an expression or a source, so that none of them is taken for an alias. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'select distinct from where group by having order limit offset with as and or not between in like is null true ' +
    'false case when then else end cast over partition asc desc nulls union intersect except join inner left right ' +
    'full cross on using window unnest values exists'
  ).split(' '),
);

export class TokenReader {
  /** Index of the next token. */
  position = 0;
  private readonly tokens: readonly Token[];

  constructor(sql: string) {
    this.tokens = tokensOf(sql);
  }

  peek(ahead = 0): Token {
    const at = Math.min(this.position + ahead, this.tokens.length - 1);
    return this.tokens[at] as Token;
  }

  next(): Token {
    const token = this.peek();
    this.position++;
    return token;
  }

  accept(symbol: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== 'symbol' || text !== symbol) return false;
    this.position++;
    return true;
  }

  expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.unexpected(symbol);
  }

  /** All of the words in a row, or none. */
  acceptWord(...words: readonly string[]): boolean {
    const all = words.every((word, at) => this.peek(at).kind === 'word' && this.peek(at).text === word);
    if (all) this.position += words.length;
    return all;
  }

  expectWord(word: string): void {
    if (!this.acceptWord(word)) throw this.unexpected(word.toUpperCase());
  }

  atName(): boolean {
    const { kind, text } = this.peek();
    return kind === 'quoted' || (kind === 'word' && !RESERVED.has(text));
  }

  name(): string {
    if (!this.atName()) throw this.unexpected('a name');
    return this.next().name;
  }

  /** The column's name when everything read since `start` is one column. */
  nameBetween(start: number): string | undefined {
    const read = this.tokens.slice(start, this.position);
    const last = read.at(-1);
    const plain = read.length === 1 || (read.length === 3 && read[1]?.text === '.');
    return plain && last && (last.kind === 'quoted' || (last.kind === 'word' && !RESERVED.has(last.text)))
      ? last.name
      : undefined;
  }

  wholeNumber(): number {
    const { kind, text } = this.next();
    if (kind !== 'number' || !/^\d+$/.test(text)) throw invalid(`LIMIT wants a whole number, not '${text}'`);
    return Number(text);
  }

  /** Where the clause of this select begins, outside all parentheses; undefined when it has none. */
  findClause(word: string): number | undefined {
    let depth = 0;
    for (let at = this.position; at < this.tokens.length; at++) {
      const { kind, text } = this.tokens[at] as Token;
      if (kind === 'symbol' && text === '(') depth++;
      if (kind === 'symbol' && text === ')') depth--;
      if (depth < 0) return undefined;
      if (depth === 0 && kind === 'word' && text === word) return at;
    }
    return undefined;
  }

  unexpected(wanted?: string): TimestreamFailure {
    const { kind, text, at } = this.peek();
    if (kind === 'word' && RESERVED.has(text) && wanted === undefined) return unsupported(`${text.toUpperCase()} here`);
    const instead = wanted === undefined ? '' : `. Expecting: ${wanted}`;
    return invalid(`line 1:${at + 1}: mismatched input '${text || '<EOF>'}'${instead}`);
  }
}
