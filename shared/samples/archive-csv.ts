/** Raw points as rows of CSV that a person can open, and back without loss: instants, value and the counter's life. Pure. */
import { assert } from '../platform/assert.ts';
import { isoInstant } from '../platform/clock.ts';
import { csvCell, unneutralised } from '../platform/spreadsheet-text.ts';
import { isProblem, readCsv } from './csv.ts';
import type { CounterLife, RawPoint } from './sample.ts';

/** `slot` is when it was due, `receivedAt` when it came; from `bits` on, the life of a counter, empty for all else. */
export const ARCHIVE_COLUMNS = [
  'entity',
  'metric',
  'unit',
  'slot',
  'receivedAt',
  'value',
  'boundary',
  'periodSeconds',
  'bits',
  'column',
  'bootAt',
  'uptimeMs',
  'discontinuity',
  'ifIndex',
  'speedBitsPerSecond',
] as const;

/** A point with the period that its source was read at. */
export interface ArchivedPoint extends RawPoint {
  readonly periodSeconds: number;
}

/** Whose points rows are, and in which unit. */
export interface ArchivedSeries {
  readonly entity: string;
  readonly metric: string;
  readonly unit: string;
}

/** First line of a file, with the mark by which spreadsheets know UTF-8. */
export const ARCHIVE_HEADER = `\uFEFF${ARCHIVE_COLUMNS.join(',')}\r\n`;

export function archiveRows({ entity, metric, unit }: ArchivedSeries, points: readonly ArchivedPoint[]): string {
  const whose = [entity, metric, unit].map(csvCell).join(',');
  return points
    .map((point) => {
      const { slot, receivedAt, value, boundary, periodSeconds, life } = point;
      const when = `${isoInstant(slot)},${isoInstant(receivedAt)}`;
      return `${whose},${when},${value},${boundary},${periodSeconds},${lifeCells(life)}\r\n`;
    })
    .join('');
}

/** Rows of one series, without a header. A row that is not as `archiveRows` writes it is a bug. */
export function parseArchiveRows(text: string): ArchivedPoint[] {
  return [...readCsv(text)].map((entry) => {
    assert(!isProblem(entry), `an archived row cannot be read: line ${entry.line}`);
    assert(entry.cells.length === ARCHIVE_COLUMNS.length, `an archived row of ${entry.cells.length} cells`);
    const [, , , slot = '', receivedAt = '', value = '', boundary, periodSeconds = '', ...life] = entry.cells;
    const point = {
      slot: instant(slot),
      receivedAt: instant(receivedAt),
      value: BigInt(value),
      boundary: boundary === 'true',
      periodSeconds: wholeNumber(periodSeconds),
    };
    const read = lifeOf(life);
    return read ? { ...point, life: read } : point;
  });
}

const NO_LIFE = ','.repeat(6);

function lifeCells(life: CounterLife | undefined): string {
  if (!life) return NO_LIFE;
  const { bits, column, bootAt, uptimeMs, discontinuity, ifIndex, speedBitsPerSecond } = life;
  const cells = [bits, column, isoInstant(bootAt), uptimeMs, told(discontinuity), ifIndex, speedBitsPerSecond];
  return cells.map(csvCell).join(',');
}

function lifeOf(cells: readonly string[]): CounterLife | undefined {
  const [bits, column = '', bootAt = '', uptimeMs = '', discontinuity = '', ifIndex = '', speed = ''] = cells;
  if (bits === '') return undefined;
  assert(bits === '32' || bits === '64', `an archived counter of ${bits} bits`);
  const text = untold(unneutralised(discontinuity));
  return {
    bootAt: instant(unneutralised(bootAt)),
    ...(uptimeMs === '' ? {} : { uptimeMs: wholeNumber(uptimeMs) }),
    ...(text === undefined ? {} : { discontinuity: text }),
    ...(ifIndex === '' ? {} : { ifIndex: wholeNumber(ifIndex) }),
    column: unneutralised(column),
    ...(speed === '' ? {} : { speedBitsPerSecond: wholeNumber(speed) }),
    bits: bits === '32' ? 32 : 64,
  };
}

/** An empty text is not the same as none: it is a tilde, and a row of tildes is one longer. */
function told(text: string | undefined): string | undefined {
  return text !== undefined && /^~*$/.test(text) ? `${text}~` : text;
}

function untold(cell: string): string | undefined {
  if (cell === '') return undefined;
  return /^~+$/.test(cell) ? cell.slice(1) : cell;
}

function instant(text: string): number {
  const at = Date.parse(text);
  assert(!Number.isNaN(at), `an archived instant "${text}"`);
  return at;
}

function wholeNumber(text: string): number {
  assert(/^-?\d{1,16}$/.test(text), `an archived number "${text}"`);
  return Number(text);
}
