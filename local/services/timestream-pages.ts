/** Results of queries, page by page: the first page of a table's query is empty, as AWS may answer while it runs. */
import { randomUUID } from 'node:crypto';
import { invalid } from './timestream-failure.ts';
import type { ColumnInfo, QueryRow } from './timestream-values.ts';

export interface QueryResult {
  readonly columns: readonly ColumnInfo[];
  readonly rows: readonly QueryRow[];
  /** False for `SELECT 1` and its like, which AWS answers at once. */
  readonly readsTable: boolean;
}

export interface QueryPages {
  open(sql: string, result: QueryResult, maxRows: number): Answer;
  next(sql: string, token: string, maxRows: number): Answer;
  cancel(queryId: string): Answer;
}

type Answer = Readonly<Record<string, unknown>>;

/** Results that wait for their next page; whoever opens more loses the oldest. */
const OPEN_RESULTS = 32;

export function createQueryPages(): QueryPages {
  const open = new Map<string, { sql: string; result: QueryResult }>();
  const page = (id: string, { result }: { result: QueryResult }, from: number, size: number): Answer => {
    const end = from + size;
    const more = end < result.rows.length;
    if (!more) open.delete(id);
    return answer(id, result, result.rows.slice(from, end), more ? end : undefined);
  };
  return {
    open(sql, result, maxRows) {
      const id = `Q${randomUUID().replaceAll('-', '').toUpperCase()}`;
      if (!result.readsTable && result.rows.length <= maxRows) return answer(id, result, result.rows, undefined);
      const oldest = open.keys().next().value;
      if (open.size >= OPEN_RESULTS && oldest !== undefined) open.delete(oldest);
      open.set(id, { sql, result });
      return answer(id, result, [], 0);
    },
    next(sql, token, maxRows) {
      const { id, from } = decode(token);
      const found = open.get(id);
      if (!found) throw invalid('The NextToken is no longer valid: begin the query again');
      if (found.sql !== sql) throw invalid('The NextToken belongs to another query string');
      return page(id, found, from, maxRows);
    },
    cancel(queryId) {
      if (!open.delete(queryId)) throw invalid(`no query ${queryId.slice(0, 64)} is running`);
      return { CancellationMessage: `Query ${queryId} was cancelled` };
    },
  };
}

function answer(id: string, result: QueryResult, rows: readonly QueryRow[], next: number | undefined): Answer {
  const done = next === undefined || result.rows.length === 0 ? 1 : next / result.rows.length;
  const bytes = result.readsTable ? 10_000_000 : 0;
  return {
    QueryId: id,
    ColumnInfo: result.columns,
    Rows: rows,
    // AWS meters no query below 10 MB.
    QueryStatus: { ProgressPercentage: done * 100, CumulativeBytesScanned: 0, CumulativeBytesMetered: bytes },
    ...(next === undefined ? {} : { NextToken: encode(id, next) }),
  };
}

function encode(id: string, from: number): string {
  return Buffer.from(`${id}.${from}`).toString('base64url');
}

function decode(token: string): { id: string; from: number } {
  const [, id = '', from = ''] = /^(Q[0-9A-F]{32})\.(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (id === '') throw invalid('The NextToken is invalid');
  return { id, from: Number(from) };
}
