/** The order of a walk: all columns side by side, few requests, every answer checked so that none can walk for ever. Pure. */
import { AppError } from '../platform/errors.ts';
import {
  type Binding,
  type Cell,
  COLUMNS,
  type ColumnName,
  SCALARS,
  type Stamp,
  TYPES,
  uptimeWrapped,
  type Walk,
} from './snmp.wire.ts';

/** One get-bulk: `single` names get one answer each, `repeated` up to `repetitions` (fewer if the agent cuts). */
export interface Question {
  readonly single: readonly string[];
  readonly repeated: readonly string[];
  readonly repetitions: number;
}

export interface Answer {
  readonly single: readonly (Binding | undefined)[];
  /** By repeated name, then in the order of the table. */
  readonly repeated: readonly (readonly Binding[])[];
  readonly receivedAt: number;
  /** Size of the datagram. */
  readonly bytes: number;
}

export interface WalkOptions {
  readonly columns: readonly ColumnName[];
  readonly maxRepetitions: number;
  /** The walk goes on from this one: same uptime, same rows. */
  readonly after?: Walk;
}

/** More interfaces than the largest chassis has; an agent that goes on after them never ends. */
export const MAX_ROWS = 10_000;
const MAX_INDEX = 2 ** 31 - 1;
/** Answers stay below what every path carries in one piece: a lost fragment loses them whole. */
const TARGET_BYTES = 1_400;
const FIRST_REPETITIONS = 5;
/** A router whose clock is set may count back a little; one that restarted begins near 0. */
const STEP_BACK_TICKS = 100;

interface Cursor {
  readonly column: ColumnName;
  /** Name of the column, with the dot that its rows' indexes follow. */
  readonly prefix: string;
  readonly cells: Map<number, Cell>;
  last: number;
  open: boolean;
}

interface Progress {
  readonly cursors: readonly Cursor[];
  repetitions: number;
  firstUptimeTicks: number | undefined;
  lastUptimeTicks: number | undefined;
  engineTimeSeconds: number | undefined;
}

/** Throws SOURCE_MALFORMED (an order or size that no table has) and SOURCE_UNAVAILABLE (restarted in mid-walk). */
export async function walkColumns(ask: (question: Question) => Promise<Answer>, options: WalkOptions): Promise<Walk> {
  const progress: Progress = {
    cursors: options.columns.map((column) => ({
      column,
      prefix: `${COLUMNS[column]}.`,
      cells: new Map(),
      last: -1,
      open: true,
    })),
    repetitions: Math.min(FIRST_REPETITIONS, options.maxRepetitions),
    firstUptimeTicks: options.after?.firstUptimeTicks,
    lastUptimeTicks: options.after?.lastUptimeTicks,
    engineTimeSeconds: options.after?.engineTimeSeconds,
  };
  const isFirst = (round: number) => round === 0 && options.after === undefined;
  for (let round = 0; progress.cursors.some((cursor) => cursor.open); round += 1) {
    const open = progress.cursors.filter((cursor) => cursor.open);
    const answer = await ask({
      single: isFirst(round) ? [SCALARS.sysUpTime, SCALARS.snmpEngineTime] : [SCALARS.sysUpTime],
      repeated: open.map((cursor) => (cursor.last < 0 ? COLUMNS[cursor.column] : `${cursor.prefix}${cursor.last}`)),
      repetitions: progress.repetitions,
    });
    if (isFirst(round)) progress.engineTimeSeconds = scalar(answer.single[1], SCALARS.snmpEngineTime, TYPES.integer);
    const moved = take(progress, open, answer);
    if (!moved && progress.repetitions >= options.maxRepetitions) {
      throw malformed('an answer without rows, which would be asked for again for ever');
    }
    // Some agents count the scalars among the repetitions, so that a small number leaves no room for rows.
    progress.repetitions = moved ? nextRepetitions(answer, options.maxRepetitions) : options.maxRepetitions;
  }
  const cells = new Map(options.after?.cells);
  for (const cursor of progress.cursors) cells.set(cursor.column, cursor.cells);
  const { engineTimeSeconds, firstUptimeTicks, lastUptimeTicks } = progress;
  return { cells, engineTimeSeconds, firstUptimeTicks, lastUptimeTicks };
}

/** False when no row came. */
function take(progress: Progress, open: readonly Cursor[], answer: Answer): boolean {
  const uptimeTicks = scalar(answer.single[0], SCALARS.sysUpTime, TYPES.timeTicks);
  if (restarted(progress.lastUptimeTicks, uptimeTicks)) {
    throw new AppError('SOURCE_UNAVAILABLE', 'the router restarted while it was read; what was read is dropped');
  }
  progress.firstUptimeTicks ??= uptimeTicks;
  progress.lastUptimeTicks = uptimeTicks ?? progress.lastUptimeTicks;
  const stamp: Stamp = { receivedAt: answer.receivedAt, uptimeTicks };
  const lengths = open.map((_, i) => answer.repeated[i]?.length ?? 0);
  // An agent cuts in mid-row. The cut row is asked again whole, so that both counters of a port come from one response.
  const whole = Math.max(Math.min(...lengths), 1);
  let moved = false;
  open.forEach((cursor, i) => {
    for (const binding of (answer.repeated[i] ?? []).slice(0, whole)) {
      moved = true;
      advance(cursor, binding, stamp);
      if (!cursor.open) break;
    }
  });
  return moved;
}

function advance(cursor: Cursor, { oid, type, value }: Binding, stamp: Stamp): void {
  if (
    !oid.startsWith(cursor.prefix) ||
    type === TYPES.endOfMibView ||
    type === TYPES.noSuchObject ||
    type === TYPES.noSuchInstance
  ) {
    cursor.open = false;
    return;
  }
  const suffix = oid.slice(cursor.prefix.length);
  const index = suffix.includes('.') ? Number.NaN : Number(suffix);
  if (!(index <= MAX_INDEX)) {
    throw malformed(`${cursor.column}.${suffix.slice(0, 32)} is no row of the interface table`);
  }
  if (index <= cursor.last) {
    throw malformed(`${cursor.column}.${index} after row ${cursor.last}: the walk does not rise`);
  }
  cursor.last = index;
  cursor.cells.set(index, { type, value, stamp });
  if (cursor.cells.size > MAX_ROWS) throw malformed(`more than ${MAX_ROWS} rows of ${cursor.column}`);
}

/** As many rows as fit the size that the rows of the newest answer had. */
function nextRepetitions(answer: Answer, maximum: number): number {
  const rows = Math.max(1, ...answer.repeated.map((column) => column.length));
  const fitting = Math.floor(TARGET_BYTES / Math.max(1, answer.bytes / rows));
  return Math.min(Math.max(fitting, 1), maximum);
}

function scalar(binding: Binding | undefined, name: string, type: number): number | undefined {
  if (binding?.oid !== `${name}.0` || binding.type !== type) return undefined;
  return typeof binding.value === 'number' && binding.value >= 0 ? binding.value : undefined;
}

function restarted(before: number | undefined, now: number | undefined): boolean {
  if (before === undefined || now === undefined) return false;
  return before - now > STEP_BACK_TICKS && !uptimeWrapped(before, now);
}

function malformed(what: string): AppError {
  return new AppError('SOURCE_MALFORMED', `the router sent ${what}`);
}
