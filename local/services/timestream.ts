/** Timestream for LiveAnalytics of this machine: writes and queries over its wire protocol, on DuckDB in the data folder. */
import type { TimestreamModel } from '../model/types.ts';
import type { JsonAnswer } from './secrets.ts';
import { type Engine, openEngine } from './timestream-engine.ts';
import { invalid, missing, rejection, TimestreamFailure, unsupported } from './timestream-failure.ts';
import { createQueryPages } from './timestream-pages.ts';
import { parseRecords } from './timestream-records.ts';
import { placeOf, type TimestreamTable } from './timestream-retention.ts';
import { type TableName, translate } from './timestream-sql.ts';
import { createTableStore, type TableStore } from './timestream-store.ts';
import { columnsOf, rowsOf } from './timestream-values.ts';

export interface TimestreamService {
  /** `operation` is what stands behind the dot of X-Amz-Target; never rejects. */
  handle(operation: string, input: Readonly<Record<string, unknown>>): Promise<JsonAnswer>;
  close(): Promise<void>;
}

type Input = Readonly<Record<string, unknown>>;
type Output = Readonly<Record<string, unknown>>;

/** A result is kept in memory until its last page is fetched. */
const MAX_RESULT_ROWS = 200_000;
const MAX_PAGE_ROWS = 1000;
const MAX_QUERY_LENGTH = 262_144;
/** Bare, without a port: the SDK takes an Address for a host name and keeps the port of its own endpoint. */
const ADDRESS = '127.0.0.1';

/** Costs nothing before its first write or query. `clock` decides what is too old, too new and expired. */
export async function startTimestream(
  model: TimestreamModel,
  folder: string,
  clock: { now(): number },
): Promise<TimestreamService> {
  const service = new Timestream(model, folder, clock);
  return {
    async handle(operation, input) {
      try {
        return { status: 200, body: await service.carryOut(operation, input) };
      } catch (error) {
        return refusal(error);
      }
    },
    close: () => service.close(),
  };
}

class Timestream {
  private readonly model: TimestreamModel;
  private readonly folder: string;
  private readonly clock: { now(): number };
  private readonly stores = new Map<TimestreamTable, TableStore>();
  private readonly pages = createQueryPages();
  private engine: Promise<Engine> | undefined;
  /** The writer's connection holds one transaction at a time. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(model: TimestreamModel, folder: string, clock: { now(): number }) {
    this.model = model;
    this.folder = folder;
    this.clock = clock;
  }

  async carryOut(operation: string, input: Input): Promise<Output> {
    switch (operation) {
      case 'DescribeEndpoints':
        return { Endpoints: [{ Address: ADDRESS, CachePeriodInMinutes: 1440 }] };
      case 'WriteRecords':
        return this.writeRecords(input);
      case 'Query':
        return this.query(input);
      case 'CancelQuery':
        return this.pages.cancel(String(input.QueryId ?? ''));
      case 'DescribeDatabase':
        return { Database: this.describeDatabase(String(input.DatabaseName ?? '')) };
      case 'ListDatabases':
        return { Databases: this.model.databases.map((name) => this.describeDatabase(name)) };
      case 'DescribeTable':
        return { Table: describeTable(this.tableNamed(tableNameOf(input))) };
      case 'ListTables': {
        const tables = this.model.tables.filter((t) => [undefined, t.database].includes(input.DatabaseName as string));
        return { Tables: tables.map(describeTable) };
      }
      default:
        throw new TimestreamFailure('UnknownOperationException', `the local cloud does not carry out ${operation}`);
    }
  }

  async close(): Promise<void> {
    const opening = this.engine;
    await this.queue;
    (await opening)?.close();
    this.engine = undefined;
    this.stores.clear();
  }

  private async writeRecords(input: Input): Promise<Output> {
    const table = this.tableNamed(tableNameOf(input));
    const { records, rejected } = parseRecords(input);
    const now = this.clock.now();
    const places = records.map((record) => ({ record, place: placeOf(record.timeUs, table, now) }));
    for (const { record, place } of places) {
      if (typeof place === 'object') rejected.push({ RecordIndex: record.index, Reason: place.reason });
    }
    const timely = places.filter(({ place }) => typeof place === 'string').map(({ record }) => record);
    if (timely.length > 0) rejected.push(...(await this.inTurn(async () => (await this.store(table)).write(timely))));
    if (rejected.length > 0) throw rejection(rejected.sort((a, b) => a.RecordIndex - b.RecordIndex));
    const memory = places.filter(({ place }) => place === 'memory').length;
    return { RecordsIngested: { Total: records.length, MemoryStore: memory, MagneticStore: records.length - memory } };
  }

  private async query(input: Input): Promise<Output> {
    const { QueryString: sql, NextToken: token, MaxRows: most = MAX_PAGE_ROWS } = input;
    if (typeof sql !== 'string' || sql === '' || sql.length > MAX_QUERY_LENGTH) {
      throw invalid(`QueryString must have 1 to ${MAX_QUERY_LENGTH} characters`);
    }
    if (typeof most !== 'number' || !Number.isInteger(most) || most < 1 || most > MAX_PAGE_ROWS) {
      throw invalid(`MaxRows must be a whole number from 1 to ${MAX_PAGE_ROWS}`);
    }
    if (token !== undefined) return this.pages.next(sql, String(token), most);
    const { sql: translated, readsTable } = await translate(sql, {
      now: this.clock.now(),
      source: (name) => this.inTurn(async () => (await this.store(this.tableNamed(name))).shown()),
    });
    const engine = await this.openEngine();
    const answer = await engine.read(translated, MAX_RESULT_ROWS).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      // What passed the translation fails here for its types or values, which AWS refuses in the same way.
      throw /^(Binder|Conversion|Out of Range|Invalid Input|Parser) Error/.test(message)
        ? invalid(message.split('\n')[0] ?? message)
        : error;
    });
    if (!answer.complete) throw unsupported(`results of more than ${MAX_RESULT_ROWS} rows: add a LIMIT`);
    return this.pages.open(sql, { columns: columnsOf(answer), rows: rowsOf(answer), readsTable }, most);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private openEngine(): Promise<Engine> {
    this.engine ??= openEngine(this.folder).catch((error: unknown) => {
      this.engine = undefined;
      throw error;
    });
    return this.engine;
  }

  private async store(table: TimestreamTable): Promise<TableStore> {
    const engine = await this.openEngine();
    const known = this.stores.get(table) ?? createTableStore(engine, table, () => this.clock.now());
    this.stores.set(table, known);
    return known;
  }

  private tableNamed({ database, table }: TableName): TimestreamTable {
    const found = this.model.tables.find((t) => t.database === database && t.name === table);
    if (!found) throw missing(`The table ${table} does not exist in the database ${database}.`);
    return found;
  }

  private describeDatabase(name: string): Output {
    if (!this.model.databases.includes(name)) throw missing(`The database ${name} does not exist.`);
    const tables = this.model.tables.filter(({ database }) => database === name);
    return { DatabaseName: name, TableCount: tables.length };
  }
}

function tableNameOf(input: Input): TableName {
  return { database: String(input.DatabaseName ?? ''), table: String(input.TableName ?? '') };
}

function describeTable(table: TimestreamTable): Output {
  return {
    DatabaseName: table.database,
    TableName: table.name,
    TableStatus: 'ACTIVE',
    RetentionProperties: {
      MemoryStoreRetentionPeriodInHours: table.memoryHours,
      MagneticStoreRetentionPeriodInDays: table.magneticDays,
    },
    MagneticStoreWriteProperties: { EnableMagneticStoreWrites: table.magneticWrites },
  };
}

function refusal(error: unknown): JsonAnswer {
  if (error instanceof TimestreamFailure) {
    const { type, status, message, fields } = error;
    return { status, body: { __type: `com.amazonaws.timestream.v20181101#${type}`, Message: message, ...fields } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    status: 500,
    body: { __type: 'com.amazonaws.timestream.v20181101#InternalServerException', Message: message },
  };
}
