/**
 * Queries of Timestream as DuckDB says them: SELECT, WITH, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT over one table or
 * sub-select. Every word is one that is known here: anything else is refused, never handed on.
 */
import { sqlName } from './timestream-engine.ts';
import { createExpressions } from './timestream-expressions.ts';
import { invalid, unsupported } from './timestream-failure.ts';
import { TokenReader } from './timestream-reader.ts';

/** A source as a query sees it. */
export interface Source {
  readonly sql: string;
  readonly columns: readonly string[];
}

export interface TableName {
  readonly database: string;
  readonly table: string;
}

export interface TranslateOptions {
  /** Epoch ms. */
  readonly now: number;
  /** Throws where there is no such table. */
  source(name: TableName): Promise<Source>;
}

export interface Translated {
  readonly sql: string;
  readonly readsTable: boolean;
}

interface Scope {
  /** Common tables by name in lower case. */
  readonly common: ReadonlyMap<string, readonly string[]>;
}

interface Query {
  readonly sql: string;
  readonly columns: readonly string[];
}

const JOINS = ['join', 'inner', 'left', 'right', 'full', 'cross', 'union', 'intersect', 'except', 'window', 'offset'];

/** Throws ValidationException for what Timestream refuses and for what this emulator does not know. */
export async function translate(text: string, options: TranslateOptions): Promise<Translated> {
  const reader = new TokenReader(text);
  let readsTable = false;
  const translator = new Translator(reader, {
    ...options,
    source: (name) => {
      readsTable = true;
      return options.source(name);
    },
  });
  const first = reader.peek();
  if (first.kind !== 'word' || !['select', 'with'].includes(first.text)) {
    throw unsupported(`statements that begin with ${first.text.toUpperCase() || 'nothing'}`);
  }
  const { sql } = await translator.query({ common: new Map() });
  reader.accept(';');
  if (reader.peek().kind !== 'end') throw reader.unexpected();
  return { sql, readsTable };
}

class Translator {
  private readonly reader: TokenReader;
  private readonly options: TranslateOptions;

  constructor(reader: TokenReader, options: TranslateOptions) {
    this.reader = reader;
    this.options = options;
  }

  async query(scope: Scope): Promise<Query> {
    const { reader } = this;
    if (!reader.acceptWord('with')) return this.select(scope);
    const common = new Map(scope.common);
    const parts: string[] = [];
    do {
      const name = reader.name();
      reader.expectWord('as');
      reader.expect('(');
      const query = await this.query({ common });
      reader.expect(')');
      parts.push(`${sqlName(name)} AS (${query.sql})`);
      common.set(name.toLowerCase(), query.columns);
    } while (reader.accept(','));
    const { sql, columns } = await this.select({ common });
    return { sql: `WITH ${parts.join(', ')} ${sql}`, columns };
  }

  private async select(scope: Scope): Promise<Query> {
    const { reader } = this;
    reader.expectWord('select');
    const distinct = reader.acceptWord('distinct') ? 'DISTINCT ' : '';
    // The source is read first: only it tells which columns the selected expressions may name.
    const items = reader.position;
    const from = reader.findClause('from');
    let source: Source & { alias: string } = { sql: '', columns: [], alias: '' };
    let after: number | undefined;
    if (from !== undefined) {
      reader.position = from + 1;
      source = await this.source(scope);
      after = reader.position;
      reader.position = items;
    }
    const expressions = createExpressions(reader, source, this.options.now);
    const selected = this.items(expressions.read, source);
    if (after !== undefined) {
      reader.expectWord('from');
      reader.position = after;
    }
    const parts = [`SELECT ${distinct}${selected.map(({ sql }) => sql).join(', ')}`];
    if (source.sql) parts.push(`FROM ${source.sql} AS ${sqlName(source.alias)}`);
    if (reader.acceptWord('where')) parts.push(`WHERE ${expressions.read()}`);
    if (reader.acceptWord('group', 'by')) parts.push(`GROUP BY ${this.list(() => expressions.readOrPosition([]))}`);
    if (reader.acceptWord('having')) parts.push(`HAVING ${expressions.read()}`);
    const columns = selected.flatMap(({ names }) => names);
    if (reader.acceptWord('order', 'by')) {
      parts.push(`ORDER BY ${this.list(() => expressions.readOrPosition(columns) + this.direction())}`);
    }
    if (reader.acceptWord('limit')) parts.push(`LIMIT ${reader.wholeNumber()}`);
    const next = reader.peek();
    if (next.kind === 'word' && JOINS.includes(next.text)) throw unsupported(`${next.text.toUpperCase()} in a query`);
    return { sql: parts.join(' '), columns };
  }

  private items(read: () => string, source: Source): { sql: string; names: readonly string[] }[] {
    const { reader } = this;
    const selected: { sql: string; names: readonly string[] }[] = [];
    do {
      if (reader.accept('*')) {
        if (source.columns.length === 0) throw invalid('SELECT * not allowed in queries without FROM clause');
        selected.push({ sql: source.columns.map(sqlName).join(', '), names: source.columns });
        continue;
      }
      const start = reader.position;
      const sql = read();
      const plain = reader.nameBetween(start)?.toLowerCase();
      const own = source.columns.find((column) => column.toLowerCase() === plain) ?? `_col${selected.length}`;
      const alias = reader.acceptWord('as') || reader.atName() ? reader.name() : own;
      selected.push({ sql: `${sql} AS ${sqlName(alias)}`, names: [alias] });
    } while (reader.accept(','));
    return selected;
  }

  private async source(scope: Scope): Promise<Source & { alias: string }> {
    const { reader } = this;
    let found: Source;
    let alias = 's';
    if (reader.accept('(')) {
      const query = await this.query(scope);
      reader.expect(')');
      found = { sql: `(${query.sql})`, columns: query.columns };
    } else {
      const first = reader.name();
      alias = first;
      const columns = scope.common.get(first.toLowerCase());
      if (reader.accept('.')) {
        const table = reader.name();
        alias = table;
        const { sql, columns: shown } = await this.options.source({ database: first, table });
        found = { sql: `(${sql})`, columns: shown };
      } else if (columns) found = { sql: sqlName(first), columns };
      else throw invalid(`"${first}" is not a "database"."table"`);
    }
    if (reader.acceptWord('as') || reader.atName()) alias = reader.name();
    if (reader.peek().text === ',') throw unsupported('more than one source in FROM');
    return { ...found, alias };
  }

  private list(read: () => string): string {
    const items: string[] = [];
    do items.push(read());
    while (this.reader.accept(','));
    return items.join(', ');
  }

  private direction(): string {
    const { reader } = this;
    const order = reader.acceptWord('desc') ? ' DESC' : reader.acceptWord('asc') ? ' ASC' : '';
    if (reader.acceptWord('nulls', 'first')) return `${order} NULLS FIRST`;
    return reader.acceptWord('nulls', 'last') ? `${order} NULLS LAST` : order;
  }
}
