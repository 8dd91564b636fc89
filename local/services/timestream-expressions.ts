/** Expressions of a query: operators, literals, columns, functions; each column is one of the source's. Pure. */
import { sqlName, sqlText } from './timestream-engine.ts';
import { invalid, unsupported } from './timestream-failure.ts';
import { CAST_TYPES, FUNCTIONS, intervalSql, timestampSql } from './timestream-functions.ts';
import type { TokenReader } from './timestream-reader.ts';

export interface Expressions {
  read(): string;
  /** For GROUP BY and ORDER BY: a position in the list, one of these output names, or an expression. */
  readOrPosition(outputs: readonly string[]): string;
}

interface Named {
  readonly alias: string;
  readonly columns: readonly string[];
}

/** What may follow a position or an output name; anything else makes it a part of an expression. */
const ENDS: ReadonlySet<string> = new Set(['', ',', ')', ';', 'asc', 'desc', 'nulls', 'having', 'order', 'limit']);
const COMPARISONS: ReadonlySet<string> = new Set(['=', '<>', '!=', '<', '<=', '>', '>=']);
const MAX_BIGINT = 2n ** 63n - 1n;
const MAX_INTEGER = 2n ** 31n - 1n;

export function createExpressions(reader: TokenReader, source: Named, now: number): Expressions {
  const parser = new ExpressionParser(reader, source, now);
  return {
    read: () => parser.or(),
    readOrPosition(outputs) {
      const { kind, text } = reader.peek();
      const ends = ENDS.has(reader.peek(1).text);
      if (kind === 'number' && /^\d+$/.test(text) && ends) {
        reader.next();
        return text;
      }
      const output = reader.atName() && ends ? outputs.find((o) => o.toLowerCase() === text.toLowerCase()) : undefined;
      if (output === undefined) return parser.or();
      reader.next();
      return sqlName(output);
    },
  };
}

class ExpressionParser {
  private readonly reader: TokenReader;
  private readonly source: Named;
  private readonly now: number;

  constructor(reader: TokenReader, source: Named, now: number) {
    this.reader = reader;
    this.source = source;
    this.now = now;
  }

  or(): string {
    let left = this.and();
    while (this.reader.acceptWord('or')) left = `(${left} OR ${this.and()})`;
    return left;
  }

  private and(): string {
    let left = this.not();
    while (this.reader.acceptWord('and')) left = `(${left} AND ${this.not()})`;
    return left;
  }

  private not(): string {
    return this.reader.acceptWord('not') ? `(NOT ${this.not()})` : this.comparison();
  }

  private comparison(): string {
    const { reader } = this;
    const left = this.sum();
    const { kind, text } = reader.peek();
    if (kind === 'symbol' && COMPARISONS.has(text)) {
      reader.next();
      return `(${left} ${text} ${this.sum()})`;
    }
    if (reader.acceptWord('is', 'not', 'null')) return `(${left} IS NOT NULL)`;
    if (reader.acceptWord('is', 'null')) return `(${left} IS NULL)`;
    const negated = reader.acceptWord('not') ? 'NOT ' : '';
    if (reader.acceptWord('between')) {
      const low = this.sum();
      reader.expectWord('and');
      return `(${left} ${negated}BETWEEN ${low} AND ${this.sum()})`;
    }
    if (reader.acceptWord('in')) {
      reader.expect('(');
      const values = this.list();
      reader.expect(')');
      return `(${left} ${negated}IN (${values.join(', ')}))`;
    }
    if (reader.acceptWord('like')) return `(${left} ${negated}LIKE ${this.sum()})`;
    if (negated) throw reader.unexpected('BETWEEN, IN, LIKE');
    return left;
  }

  private sum(): string {
    return this.binary(['+', '-', '||'], () => this.product());
  }

  private product(): string {
    return this.binary(['*', '/', '%'], () => this.unary());
  }

  private binary(operators: readonly string[], read: () => string): string {
    let left = read();
    for (;;) {
      const operator = operators.find((symbol) => this.reader.accept(symbol));
      if (operator === undefined) return left;
      left = `(${left} ${operator} ${read()})`;
    }
  }

  private unary(): string {
    if (this.reader.accept('-')) return `(- ${this.unary()})`;
    return this.reader.accept('+') ? this.unary() : this.primary();
  }

  private primary(): string {
    const { reader } = this;
    const { kind, text } = reader.peek();
    if (reader.accept('(')) {
      if (reader.peek().text === 'select') throw unsupported('a sub-select in an expression');
      const inner = this.or();
      reader.expect(')');
      return `(${inner})`;
    }
    if (kind === 'number') return numberSql(reader.next().text);
    if (kind === 'interval') return intervalSql(reader.next().text);
    // Typed, so that nothing is cast in silence: Timestream compares no time with a text.
    if (kind === 'text') return `CAST(${sqlText(reader.next().text)} AS VARCHAR)`;
    if (reader.acceptWord('true')) return 'TRUE';
    if (reader.acceptWord('false')) return 'FALSE';
    if (reader.acceptWord('null')) return 'NULL';
    if (reader.acceptWord('case')) return this.caseOf();
    if (reader.acceptWord('cast')) return this.cast();
    if (!reader.atName()) throw reader.unexpected();
    if (kind === 'word' && text === 'timestamp' && reader.peek(1).kind === 'text') {
      reader.next();
      return timestampSql(reader.next().text);
    }
    return kind === 'word' && reader.peek(1).text === '(' ? this.call() : this.column();
  }

  private column(): string {
    const { reader, source } = this;
    const first = reader.name();
    const qualified = reader.accept('.');
    const name = qualified ? reader.name() : first;
    const column = source.columns.find((known) => known.toLowerCase() === name.toLowerCase());
    if ((qualified && first.toLowerCase() !== source.alias.toLowerCase()) || column === undefined) {
      throw invalid(`Column '${qualified ? `${first}.` : ''}${name}' does not exist`);
    }
    return `${sqlName(source.alias)}.${sqlName(column)}`;
  }

  private call(): string {
    const { reader } = this;
    const name = reader.next().text;
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) throw unsupported(`the function ${name}`);
    reader.expect('(');
    const distinct = name === 'count' && reader.acceptWord('distinct') ? 'DISTINCT ' : '';
    if (name === 'count' && !distinct) reader.accept('*');
    const args = reader.peek().text === ')' ? [] : this.list();
    reader.expect(')');
    const [fewest, most] = known.arity;
    if (args.length < fewest || args.length > most || (distinct && args.length !== 1)) {
      throw invalid(`Unexpected parameters for function ${name}: ${args.length} given`);
    }
    const written = known.write(distinct ? [`${distinct}${args[0]}`] : args, this.now);
    if (!known.window) return written;
    reader.expectWord('over');
    return `${written} OVER (${this.window()})`;
  }

  private window(): string {
    const { reader } = this;
    const parts: string[] = [];
    reader.expect('(');
    if (reader.acceptWord('partition', 'by')) parts.push(`PARTITION BY ${this.list().join(', ')}`);
    reader.expectWord('order');
    reader.expectWord('by');
    const order: string[] = [];
    do order.push(this.or() + (reader.acceptWord('desc') ? ' DESC' : reader.acceptWord('asc') ? ' ASC' : ''));
    while (reader.accept(','));
    reader.expect(')');
    return [...parts, `ORDER BY ${order.join(', ')}`].join(' ');
  }

  private caseOf(): string {
    const { reader } = this;
    const parts = ['CASE'];
    if (reader.peek().text !== 'when') parts.push(this.or());
    while (reader.acceptWord('when')) {
      const when = this.or();
      reader.expectWord('then');
      parts.push(`WHEN ${when} THEN ${this.or()}`);
    }
    if (reader.acceptWord('else')) parts.push(`ELSE ${this.or()}`);
    reader.expectWord('end');
    return `${parts.join(' ')} END`;
  }

  private cast(): string {
    const { reader } = this;
    reader.expect('(');
    const value = this.or();
    reader.expectWord('as');
    const { text } = reader.next();
    const type = Object.hasOwn(CAST_TYPES, text) ? CAST_TYPES[text] : undefined;
    if (type === undefined) throw unsupported(`the type ${text}`);
    reader.expect(')');
    return `CAST(${value} AS ${type})`;
  }

  private list(): string[] {
    const items: string[] = [];
    do items.push(this.or());
    while (this.reader.accept(','));
    return items;
  }
}

/** With its type, as Timestream gives it: a whole number is INTEGER or BIGINT, any other DOUBLE. */
function numberSql(text: string): string {
  if (!/^\d+$/.test(text)) return `CAST(${text} AS DOUBLE)`;
  const value = BigInt(text);
  if (value > MAX_BIGINT) throw invalid(`Invalid numeric literal: ${text}`);
  return `CAST(${value} AS ${value > MAX_INTEGER ? 'BIGINT' : 'INTEGER'})`;
}
