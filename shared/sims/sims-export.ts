/** SIMs as a sheet: which columns, in which words, as CSV or XLSX, row by row so that memory stays flat. Pure. */
import { type Instant, isoInstant } from '../platform/clock.ts';
import { type Cell, writeCsv } from '../platform/spreadsheet-text.ts';
import { writeXlsx } from '../platform/xlsx-write.ts';
import type { SimNote } from './note.ts';
import { lastSeenOf, newestValue, percentOf, quotaLevelOf, type ShownSim, usedToday } from './shown-sim.ts';
import { type MicroMegabytes, megabytesText } from './sim.ts';
import { statusOf } from './sims-list.ts';

/** What is said of one SIM; what is absent is unknown, and its cell is empty. */
export interface SimExportRow {
  readonly iccid: string;
  /** Id of the source. */
  readonly account: string;
  readonly label?: string | undefined;
  /** enabled, disabled, or the provider's own word where it is another. */
  readonly status?: string | undefined;
  /** Of the data quota: sufficient, low, exhausted. */
  readonly dataLevel?: string | undefined;
  readonly dataRemaining?: MicroMegabytes | undefined;
  readonly dataTotal?: MicroMegabytes | undefined;
  readonly dataExpiresAt?: Instant | undefined;
  readonly smsRemaining?: bigint | undefined;
  readonly usageToday?: MicroMegabytes | undefined;
  readonly lastSeenAt?: Instant | undefined;
  readonly countryCode?: string | undefined;
  readonly operatorName?: string | undefined;
  readonly imei?: string | undefined;
  readonly msisdn?: string | undefined;
  readonly tags: readonly string[];
  readonly group?: string | undefined;
  readonly thresholdPercent?: number | undefined;
  /** When the newest of these values was read. */
  readonly readAt?: Instant | undefined;
}

interface Column {
  readonly title: string;
  readonly isText: boolean;
  readonly cellOf: (row: SimExportRow) => Cell;
}

const text = (title: string, cellOf: Column['cellOf']): Column => ({ title, isText: true, cellOf });
const number = (title: string, cellOf: Column['cellOf']): Column => ({ title, isText: false, cellOf });

const COLUMNS: readonly Column[] = [
  text('iccid', (r) => r.iccid),
  text('label', (r) => importable(r.label)),
  text('status', (r) => r.status),
  text('quota', (r) => r.dataLevel),
  number('data remaining MB', (r) => megabytes(r.dataRemaining)),
  number('data total MB', (r) => megabytes(r.dataTotal)),
  number('percent', (r) => percentOf(r.dataRemaining, r.dataTotal)),
  text('data expires', (r) => instant(r.dataExpiresAt)),
  number('sms remaining', (r) => r.smsRemaining),
  number('usage today MB', (r) => megabytes(r.usageToday)),
  text('last seen', (r) => instant(r.lastSeenAt)),
  text('country', (r) => r.countryCode),
  text('operator', (r) => r.operatorName),
  text('imei', (r) => r.imei),
  text('msisdn', (r) => r.msisdn),
  text('tags', (r) => importable(r.tags.join(';'))),
  text('group', (r) => importable(r.group)),
  number('threshold percent', (r) => r.thresholdPercent),
  text('account', (r) => r.account),
  text('read at', (r) => instant(r.readAt)),
];

/** Titles of the columns, in their order; an import takes them all. */
export const EXPORT_COLUMNS: readonly string[] = COLUMNS.map(({ title }) => title);

/** `note` as it is stored, for a SIM shows the one of its last collection. */
export function exportRow(sim: ShownSim, note: SimNote | undefined, now: Instant): SimExportRow {
  const { attributes, newest } = sim;
  const expires = newestValue(sim, 'dataExpires')?.value;
  const status = statusOf(sim);
  return {
    iccid: sim.iccid,
    account: sim.account.id,
    label: attributes.label,
    status: status === 'unknown' ? attributes.status : status,
    dataLevel: quotaLevelOf(sim, 'data'),
    dataRemaining: newestValue(sim, 'dataRemaining')?.value,
    dataTotal: newestValue(sim, 'dataTotal')?.value,
    dataExpiresAt: expires === undefined ? undefined : Number(expires) * 1000,
    smsRemaining: newestValue(sim, 'smsRemaining')?.value,
    usageToday: usedToday(sim, now)?.value,
    lastSeenAt: lastSeenOf(sim),
    countryCode: attributes.countryCode,
    operatorName: attributes.operatorName,
    imei: attributes.imei,
    msisdn: attributes.msisdn,
    tags: note?.tags ?? [],
    group: note?.group,
    thresholdPercent: note?.thresholdPercent,
    readAt: newest?.receivedAt,
  };
}

/** CSV in pieces. */
export function simsAsCsv(rows: Iterable<SimExportRow>): Generator<string, undefined, undefined> {
  return writeCsv(withHeader(rows));
}

/** An .xlsx in pieces. */
export function simsAsXlsx(rows: Iterable<SimExportRow>): Generator<Uint8Array, undefined, undefined> {
  return writeXlsx({ name: 'SIMs', columns: COLUMNS }, cellsOf(rows));
}

function* withHeader(rows: Iterable<SimExportRow>): Generator<readonly Cell[], undefined, undefined> {
  yield EXPORT_COLUMNS;
  yield* cellsOf(rows);
  return undefined;
}

function* cellsOf(rows: Iterable<SimExportRow>): Generator<readonly Cell[], undefined, undefined> {
  for (const row of rows) yield COLUMNS.map(({ cellOf }) => cellOf(row));
  return undefined;
}

/** Alone in a cell of an import, `-` removes the value: a value that is a dash gets an apostrophe. See `literal`. */
function importable(value: string | undefined): string | undefined {
  return value !== undefined && /^'*-$/.test(value) ? `'${value}` : value;
}

function megabytes(amount: MicroMegabytes | undefined): Cell {
  return amount === undefined ? undefined : { decimal: megabytesText(amount) };
}

function instant(at: Instant | undefined): string | undefined {
  return at === undefined ? undefined : isoInstant(at);
}
