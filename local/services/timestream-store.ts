/**
 * Tables of the emulated Timestream: rows hold time, version and measures and point to their series. Newest instants
 * stand in memory: what is newer than all of its series is new, and only the rest is looked up.
 */
import { type Cell, type Engine, type EngineTable, SQL_TYPE, sqlName, sqlText } from './timestream-engine.ts';
import type { RejectedRecord } from './timestream-failure.ts';
import type { Measure, Measures, MeasureType, ParsedRecord } from './timestream-records.ts';
import { oldestShown, type TimestreamTable } from './timestream-retention.ts';
import { judgeVersion, type Stored } from './timestream-versions.ts';

export interface TableStore {
  /** One call's records; those rejected are named, the others are on disk when it resolves. */
  write(records: readonly ParsedRecord[]): Promise<RejectedRecord[]>;
  /** The table as a query sees it: SQL of a sub-select, and its columns. */
  shown(): Promise<{ readonly sql: string; readonly columns: readonly string[] }>;
}

interface TableState {
  readonly rows: EngineTable;
  readonly series: EngineTable;
  /** Id by series. */
  readonly ids: Map<string, number>;
  /** Epoch microseconds by id. */
  readonly newest: Map<number, number>;
  readonly dimensions: string[];
  readonly measures: Map<string, MeasureType>;
}

interface Row {
  readonly id: number;
  readonly timeUs: number;
  readonly version: number;
  readonly measures: Measures;
}

const PURGE_EVERY_MS = 24 * 3_600_000;
/** Prefixes keep a dimension, a measure and our own columns apart whatever they are called. */
const [DIMENSION, MEASURE] = ['d_', 'm_'];

export function createTableStore(engine: Engine, table: TimestreamTable, now: () => number): TableStore {
  let loading: Promise<TableState> | undefined;
  let purgedAt = Number.NEGATIVE_INFINITY;
  const state = (): Promise<TableState> => {
    loading ??= loadState(engine, table);
    return loading;
  };
  return {
    async write(records) {
      const known = await state();
      if (now() - purgedAt >= PURGE_EVERY_MS) {
        purgedAt = now();
        await engine.write(
          `DELETE FROM ${named(known.rows)} WHERE time < ${instant(oldestShown(table, now()) * 1000)}`,
        );
      }
      try {
        return await writeRecords(engine, known, records);
      } catch (error) {
        // What is remembered may be ahead of what was rolled back.
        loading = undefined;
        throw error;
      }
    },
    async shown() {
      const { rows, series, dimensions, measures } = await state();
      const columns = [
        ...dimensions.map((name) => `s.${sqlName(DIMENSION + name)} AS ${sqlName(name)}`),
        's.measure_name',
        'r.time',
        ...[...measures.keys()].map((name) => `r.${sqlName(MEASURE + name)} AS ${sqlName(name)}`),
      ];
      const from = `FROM ${named(rows)} r JOIN ${named(series)} s ON s.id = r.series`;
      const sql = `SELECT ${columns.join(', ')} ${from} WHERE r.time >= ${instant(oldestShown(table, now()) * 1000)}`;
      return { sql, columns: [...dimensions, 'measure_name', 'time', ...measures.keys()] };
    },
  };
}

async function loadState(engine: Engine, { database, name }: TimestreamTable): Promise<TableState> {
  const rows = { schema: database, table: `${name}#rows` };
  const series = { schema: database, table: `${name}#series` };
  await engine.write(`CREATE SCHEMA IF NOT EXISTS ${sqlName(database)}`);
  await engine.write(
    `CREATE TABLE IF NOT EXISTS ${named(series)} (id INTEGER NOT NULL, key VARCHAR NOT NULL, measure_name VARCHAR NOT NULL)`,
  );
  await engine.write(
    `CREATE TABLE IF NOT EXISTS ${named(rows)} (series INTEGER NOT NULL, time TIMESTAMP NOT NULL, version BIGINT NOT NULL)`,
  );
  const ids = await engine.write(`SELECT key, id FROM ${named(series)}`);
  const newest = await engine.write(`SELECT series, epoch_us(max(time)) FROM ${named(rows)} GROUP BY series`);
  const dimensions = await columnsOf(engine, series, DIMENSION);
  const measures = await columnsOf(engine, rows, MEASURE);
  return {
    rows,
    series,
    ids: new Map(ids.rows.map(([key, id]) => [String(key), Number(id)])),
    newest: new Map(newest.rows.map(([id, time]) => [Number(id), Number(time)])),
    dimensions: dimensions.map(([column]) => column),
    measures: new Map(measures as [string, MeasureType][]),
  };
}

async function columnsOf(engine: Engine, { schema, table }: EngineTable, prefix: string): Promise<[string, string][]> {
  const found = await engine.write(
    `SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = ${sqlText(schema)} AND table_name = ${sqlText(table)} ORDER BY ordinal_position`,
  );
  return found.rows
    .filter(([column]) => String(column).startsWith(prefix))
    .map(([column, type]) => [String(column).slice(prefix.length), String(type)]);
}

async function writeRecords(
  engine: Engine,
  state: TableState,
  records: readonly ParsedRecord[],
): Promise<RejectedRecord[]> {
  const rejected: RejectedRecord[] = [];
  const fitting = records.filter((record) => {
    const reason = schemaConflict(state, record);
    if (reason !== undefined) rejected.push({ RecordIndex: record.index, Reason: reason });
    return reason === undefined;
  });
  await addColumns(engine, state, fitting);
  const newIds = new Map<string, { id: number; record: ParsedRecord }>();
  const idOf = (record: ParsedRecord): number => {
    const known = state.ids.get(record.series) ?? newIds.get(record.series)?.id;
    if (known !== undefined) return known;
    const id = state.ids.size + newIds.size + 1;
    newIds.set(record.series, { id, record });
    return id;
  };
  const placed = fitting.map((record) => ({ record, id: idOf(record) }));
  const stored = await lookUp(engine, state, placed);
  const changed = new Map<string, Row>();
  const replaced = new Set<string>();
  for (const { record, id } of placed) {
    const { timeUs, version, measures } = record;
    const key = `${id}@${timeUs}`;
    const verdict = judgeVersion(changed.get(key) ?? stored.get(key), version, measures);
    if (verdict.kind === 'reject') {
      const { reason: Reason, existingVersion: ExistingVersion } = verdict;
      rejected.push({ RecordIndex: record.index, Reason, ExistingVersion });
    } else if (verdict.kind !== 'keep') {
      changed.set(key, { id, timeUs, version, measures });
      if (stored.has(key)) replaced.add(key);
    }
  }
  await commit(engine, state, { newIds: [...newIds.values()], rows: [...changed.values()], replaced: [...replaced] });
  return rejected.sort((a, b) => a.RecordIndex - b.RecordIndex);
}

/** A name keeps the type and the role it came with first; DuckDB tells names apart without regard to case. */
function schemaConflict(state: TableState, { dimensions, measures }: ParsedRecord): string | undefined {
  for (const [name, { type }] of measures) {
    const known = state.measures.get(name);
    if (known !== undefined && known !== type) return `The measure ${name} is of the type ${known}, not ${type}.`;
  }
  const columns = [...state.dimensions, ...state.measures.keys()];
  for (const name of [...dimensions.keys(), ...measures.keys()]) {
    const twin = columns.find((column) => column !== name && column.toLowerCase() === name.toLowerCase());
    if (twin !== undefined) return `The local cloud cannot hold ${name} beside ${twin}.`;
  }
  const clash =
    [...measures.keys()].find((name) => state.dimensions.includes(name) || dimensions.has(name)) ??
    [...dimensions.keys()].find((name) => state.measures.has(name));
  return clash === undefined ? undefined : `${clash} cannot be a dimension and a measure.`;
}

async function addColumns(engine: Engine, state: TableState, records: readonly ParsedRecord[]): Promise<void> {
  for (const { dimensions, measures } of records) {
    for (const name of dimensions.keys()) {
      if (state.dimensions.includes(name)) continue;
      await engine.write(`ALTER TABLE ${named(state.series)} ADD COLUMN ${sqlName(DIMENSION + name)} VARCHAR`);
      state.dimensions.push(name);
    }
    for (const [name, { type }] of measures) {
      if (state.measures.has(name)) continue;
      await engine.write(`ALTER TABLE ${named(state.rows)} ADD COLUMN ${sqlName(MEASURE + name)} ${SQL_TYPE[type]}`);
      state.measures.set(name, type);
    }
  }
}

/** Stored rows of the records that are not newer than all of their series. */
async function lookUp(
  engine: Engine,
  state: TableState,
  placed: readonly { record: ParsedRecord; id: number }[],
): Promise<Map<string, Stored>> {
  const asked = placed.filter(({ record, id }) => record.timeUs <= (state.newest.get(id) ?? Number.NEGATIVE_INFINITY));
  if (asked.length === 0) return new Map();
  const times = asked.map(({ record }) => record.timeUs);
  const keys = asked.map(({ record, id }) => `(${id}, ${instant(record.timeUs)})`).join(', ');
  const names = [...state.measures];
  // The stretch lets the engine skip the blocks of other times; the pairs alone would make it read all.
  const found = await engine.write(
    `SELECT series, epoch_us(time), version${names.map(([name]) => `, ${measureOf(name, state)}`).join('')} FROM ${named(state.rows)} WHERE time BETWEEN ${instant(Math.min(...times))} AND ${instant(Math.max(...times))} AND (series, time) IN (${keys})`,
  );
  return new Map(
    found.rows.map(([id, time, version, ...values]) => {
      const measures = new Map<string, Measure>();
      names.forEach(([name, type], at) => {
        const value = values[at];
        if (value === null || value === undefined) return;
        // Instants come as whole microseconds, as records hold them.
        measures.set(name, { type, value: type === 'TIMESTAMP' ? Number(value) : (value as Measure['value']) });
      });
      return [`${Number(id)}@${Number(time)}`, { version: Number(version), measures }];
    }),
  );
}

function measureOf(name: string, state: TableState): string {
  const column = sqlName(MEASURE + name);
  return state.measures.get(name) === 'TIMESTAMP' ? `epoch_us(${column})` : column;
}

interface Change {
  readonly newIds: readonly { id: number; record: ParsedRecord }[];
  readonly rows: readonly Row[];
  readonly replaced: readonly string[];
}

/** All of a call or nothing: series, deletions and rows in one transaction. */
async function commit(engine: Engine, state: TableState, { newIds, rows, replaced }: Change): Promise<void> {
  if (rows.length === 0) return;
  await engine.write('BEGIN');
  try {
    await engine.append(
      state.series,
      newIds.map(({ id, record }) => [
        integer(id),
        varchar(record.series),
        varchar(record.measureName),
        ...cells(record, state),
      ]),
    );
    if (replaced.length > 0) await engine.write(deletion(state, replaced));
    await engine.append(
      state.rows,
      rows.map(({ id, timeUs, version, measures }): Cell[] => [
        integer(id),
        { type: 'TIMESTAMP', value: timeUs },
        { type: 'BIGINT', value: BigInt(version) },
        ...[...state.measures.keys()].map((name) => measures.get(name)),
      ]),
    );
    await engine.write('COMMIT');
  } catch (error) {
    // A failed COMMIT has ended the transaction already; what matters is why.
    await engine.write('ROLLBACK').catch(() => undefined);
    throw error;
  }
  for (const { id, record } of newIds) state.ids.set(record.series, id);
  for (const { id, timeUs } of rows) state.newest.set(id, Math.max(timeUs, state.newest.get(id) ?? timeUs));
}

function deletion(state: TableState, replaced: readonly string[]): string {
  const pairs = replaced.map((key) => key.split('@').map(Number) as [number, number]);
  const times = pairs.map(([, timeUs]) => timeUs);
  const keys = pairs.map(([id, timeUs]) => `(${id}, ${instant(timeUs)})`).join(', ');
  return `DELETE FROM ${named(state.rows)} WHERE time BETWEEN ${instant(Math.min(...times))} AND ${instant(Math.max(...times))} AND (series, time) IN (${keys})`;
}

function cells(record: ParsedRecord, { dimensions }: TableState): Cell[] {
  return dimensions.map((name) => {
    const value = record.dimensions.get(name);
    return value === undefined ? undefined : varchar(value);
  });
}

function integer(value: number): Cell {
  return { type: 'INTEGER', value };
}

function varchar(value: string): Cell {
  return { type: 'VARCHAR', value };
}

function named({ schema, table }: EngineTable): string {
  return `${sqlName(schema)}.${sqlName(table)}`;
}

/** An instant as SQL, from epoch microseconds. */
export function instant(timeUs: number): string {
  return `make_timestamp(${Math.round(timeUs)})`;
}
