/** DuckDB behind the emulated Timestream: one file, bounded memory, no way out of it; loaded when first needed. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { Measure, MeasureType } from './timestream-records.ts';

/** Columns and rows of an answer, in the engine's own values. */
export interface EngineAnswer {
  readonly names: readonly string[];
  /** DuckDB's names of types. */
  readonly types: readonly string[];
  readonly rows: readonly (readonly DuckDBValue[])[];
  /** False when there were more rows than asked for. */
  readonly complete: boolean;
}

export interface EngineTable {
  readonly schema: string;
  readonly table: string;
}

export type Cell = Measure | { readonly type: 'INTEGER'; readonly value: number } | undefined;

export interface Engine {
  /** On the connection of the writer, which sees its own open transaction. */
  write(sql: string): Promise<EngineAnswer>;
  /** Many rows at once, columns in the table's order. */
  append(table: EngineTable, rows: readonly (readonly Cell[])[]): Promise<void>;
  /** On the connection of readers. */
  read(sql: string, maxRows: number): Promise<EngineAnswer>;
  close(): void;
}

const FILE = 'timestream.duckdb';
/** A month of the reference load is scanned within it; more would only be taken from the rest of the machine. */
const MEMORY = '256MB';
const THREADS = 2;
const UNLIMITED = Number.MAX_SAFE_INTEGER;

export const SQL_TYPE: Readonly<Record<MeasureType, string>> = {
  BIGINT: 'BIGINT',
  DOUBLE: 'DOUBLE',
  VARCHAR: 'VARCHAR',
  BOOLEAN: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
};

/** A statement that is acknowledged is in the write-ahead log on disk. */
export async function openEngine(folder: string): Promise<Engine> {
  const { DuckDBInstance, DuckDBTimestampValue } = await import('@duckdb/node-api');
  mkdirSync(folder, { recursive: true });
  const instance = await DuckDBInstance.create(join(folder, FILE));
  const writer = await instance.connect();
  const settings = [
    `threads = ${THREADS}`,
    `memory_limit = '${MEMORY}'`,
    `temp_directory = ${sqlText(join(folder, 'spill'))}`,
    'autoinstall_known_extensions = false',
    'autoload_known_extensions = false',
    // A query may name no file of this machine.
    'enable_external_access = false',
  ];
  for (const setting of settings) await writer.run(`SET ${setting}`);
  const reader = await instance.connect();
  // As in Timestream, whole numbers divide to whole numbers; by zero they give NULL here and an error there.
  await reader.run('SET integer_division = true');
  await writer.run('SET lock_configuration = true');
  return {
    write: (sql) => run(writer, sql, UNLIMITED),
    read: (sql, maxRows) => run(reader, sql, maxRows),
    async append({ schema, table }, rows) {
      const appender = await writer.createAppender(table, schema);
      for (const row of rows) {
        for (const cell of row) {
          if (cell === undefined) appender.appendNull();
          else if (cell.type === 'INTEGER') appender.appendInteger(Number(cell.value));
          else if (cell.type === 'BIGINT') appender.appendBigInt(BigInt(cell.value));
          else if (cell.type === 'DOUBLE') appender.appendDouble(Number(cell.value));
          else if (cell.type === 'BOOLEAN') appender.appendBoolean(cell.value === true);
          else if (cell.type === 'TIMESTAMP') appender.appendTimestamp(new DuckDBTimestampValue(BigInt(cell.value)));
          else appender.appendVarchar(String(cell.value));
        }
        appender.endRow();
      }
      appender.closeSync();
    },
    close() {
      reader.closeSync();
      writer.closeSync();
      instance.closeSync();
    },
  };
}

async function run(connection: DuckDBConnection, sql: string, maxRows: number): Promise<EngineAnswer> {
  const reader = await connection.streamAndReadUntil(sql, maxRows);
  const complete = reader.done && reader.currentRowCount <= maxRows;
  const names = reader.columnNames();
  return { names, types: reader.columnTypes().map(String), rows: reader.getRows(), complete };
}

/** Quotes a name for DuckDB. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text for DuckDB. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
