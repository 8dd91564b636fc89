/** Samples in Timestream for LiveAnalytics: written as multi-measure records, read back as raw points. */
import {
  QueryCommand,
  type QueryCommandOutput,
  type Row,
  type TimestreamQueryClient,
} from '@aws-sdk/client-timestream-query';
import { type _Record, type TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { RejectedRow, RejectReason, SampleCopy, SampleReader } from './copies.port.ts';
import { errorNamed, type Pause, withinDeadline } from './deadline.timestream.ts';
import type { RawPoint } from './sample.ts';
import {
  BOUNDARY,
  MEASURE_NAME,
  measuresOf,
  metricIn,
  RECEIVED_AT,
  rowsOf,
  type SampleRow,
} from './timestream-rows.ts';

export interface TimestreamNames {
  readonly database: string;
  readonly table: string;
}

export interface TimestreamWriterOptions extends TimestreamNames {
  /** Its own retries should be off: those here know the deadline. */
  readonly client: TimestreamWriteClient;
  readonly clock?: Clock;
  readonly pause?: Pause;
}

/** Documented limit of one call. */
const RECORDS_PER_CALL = 100;
/** A query may wait for its turn in AWS, but not for ever. */
const QUERY_MS = 30_000;

export function createTimestreamWriter(options: TimestreamWriterOptions): SampleCopy {
  const { client, database, table, clock = systemClock, pause } = options;
  const writeCall = async (common: _Record, rows: readonly SampleRow[], deadline: number): Promise<RejectedRow[]> => {
    const command = new WriteRecordsCommand({
      DatabaseName: database,
      TableName: table,
      CommonAttributes: common,
      Records: rows.map((row) => recordOf(row, common.Time === undefined)),
    });
    try {
      await withinDeadline((abortSignal) => client.send(command, { abortSignal }), { clock, deadline, pause });
      return [];
    } catch (error) {
      return rejectedOf(error, rows, clock.now());
    }
  };
  const writeRows: SampleCopy['writeRows'] = async (ref, rows, version, deadline) => {
    const common: _Record = {
      Dimensions: [
        { Name: 'tenant', Value: ref.tenant },
        { Name: 'kind', Value: ref.kind },
      ],
      MeasureName: MEASURE_NAME,
      MeasureValueType: 'MULTI',
      TimeUnit: 'MILLISECONDS',
      Version: version,
      // What all records share is sent, and paid for, once.
      ...(new Set(rows.map(({ slot }) => slot)).size === 1 ? { Time: String(rows[0]?.slot) } : {}),
    };
    const rejected: RejectedRow[] = [];
    for (let from = 0; from < rows.length; from += RECORDS_PER_CALL) {
      rejected.push(...(await writeCall(common, rows.slice(from, from + RECORDS_PER_CALL), deadline)));
    }
    return { stored: rows.length - rejected.length, rejected };
  };
  return { writeRows, write: (batch, version, deadline) => writeRows(batch, rowsOf([batch]), version, deadline) };
}

function recordOf(row: SampleRow, withTime: boolean): _Record {
  return {
    Dimensions: [{ Name: 'entity', Value: row.entity }],
    MeasureValues: measuresOf(row),
    ...(withTime ? { Time: String(row.slot) } : {}),
  };
}

/** Rows that were rejected while the others of their call were stored; any other error is thrown on. */
function rejectedOf(error: unknown, rows: readonly SampleRow[], now: number): RejectedRow[] {
  const { RejectedRecords: records } = error as { RejectedRecords?: unknown };
  if (errorNamed(error) !== 'RejectedRecordsException' || !Array.isArray(records)) throw error;
  return records.map(({ RecordIndex, Reason = '', ExistingVersion }: RejectedWire) => {
    const row = rows[RecordIndex];
    if (row === undefined) throw error;
    const { entity, slot } = row;
    const reason = reasonOf(Reason, ExistingVersion, slot > now);
    const existing = ExistingVersion === undefined ? {} : { existingVersion: ExistingVersion };
    return { entity, slot, reason, message: Reason, ...existing };
  });
}

interface RejectedWire {
  readonly RecordIndex: number;
  readonly Reason?: string;
  readonly ExistingVersion?: number;
}

/** Reasons come as sentences only; which side of the window a time lies on is told by the clock. */
function reasonOf(sentence: string, existingVersion: number | undefined, ahead: boolean): RejectReason {
  if (existingVersion !== undefined || /record version/i.test(sentence)) return 'version';
  if (!/timestamp|time range|retention/i.test(sentence)) return 'limit';
  return ahead ? 'tooNew' : 'tooOld';
}

export interface TimestreamReaderOptions extends TimestreamNames {
  readonly client: TimestreamQueryClient;
  readonly clock?: Clock;
  readonly pause?: Pause;
}

/** For ad hoc questions and for comparing the copy with the truth: no route reads it. Points carry no lives. */
export function createTimestreamReader(options: TimestreamReaderOptions): SampleReader {
  const { client, database, table, clock = systemClock, pause } = options;
  return {
    async readSeries({ tenant, kind, entity, metric }, from, to) {
      if (from >= to) return [];
      // All columns: one that was never written does not exist, and naming it would be an error.
      const sql = `SELECT * FROM ${quoted(database)}.${quoted(table)} WHERE tenant = ${literal(tenant)} AND kind = ${literal(kind)} AND entity = ${literal(entity)} AND measure_name = ${literal(MEASURE_NAME)} AND time >= from_milliseconds(${from}) AND time < from_milliseconds(${to}) ORDER BY time`;
      const points: RawPoint[] = [];
      let token: string | undefined;
      do {
        const command = new QueryCommand({ QueryString: sql, NextToken: token });
        const send = (abortSignal: AbortSignal) => client.send(command, { abortSignal });
        const deadline = clock.now() + QUERY_MS;
        const page = await withinDeadline<QueryCommandOutput>(send, { clock, deadline, pause }).catch(nothingWritten);
        // The first page may be empty and still have a successor.
        const names = (page?.ColumnInfo ?? []).map(({ Name = '' }) => Name);
        for (const row of page?.Rows ?? []) points.push(...pointOf(row, names, metric));
        token = page?.NextToken;
      } while (token !== undefined);
      return points;
    },
  };
}

/** Before the first write there are no dimensions to ask for. */
function nothingWritten(error: unknown): undefined {
  if (errorNamed(error) === 'ValidationException' && /Column '\w+' does not exist/i.test(String(error)))
    return undefined;
  throw error;
}

function pointOf(row: Row, names: readonly string[], metric: string): RawPoint[] {
  const columns = new Map<string, string>();
  (row.Data ?? []).forEach(({ ScalarValue }, at) => {
    if (ScalarValue !== undefined) columns.set(names[at] ?? '', ScalarValue);
  });
  const value = metricIn(columns, metric);
  if (value === undefined) return [];
  // `2026-01-01 00:00:00.000000000`, always UTC.
  const slot = Date.parse(`${columns.get('time')?.slice(0, 23).replace(' ', 'T')}Z`);
  return [{ slot, receivedAt: Number(columns.get(RECEIVED_AT)), value, boundary: columns.get(BOUNDARY) === 'true' }];
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
