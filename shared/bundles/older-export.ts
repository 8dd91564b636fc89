/** Reads the older Taara monitor's table as CSV: what its columns truly hold, in octets and seconds. Pure. */
import type { Instant } from '../platform/clock.ts';
import { isProblem, readCsv } from '../samples/csv.ts';
import {
  type ImportError,
  type ImportResult,
  type ImportRow,
  readAt,
  readKey,
  readRows,
  shown,
} from '../samples/import.ts';
import { type BalanceText, parseBalance, parseExpiry, roundsTo } from './display-text.ts';

const COLUMNS = [
  'timestamp',
  'plan_name',
  'plan_id',
  'remaining_balance_gb',
  'expires_in_days',
  'is_active',
  'total_data_usage_bytes',
] as const;
/** Columns of the table that say nothing that is measured. */
const IGNORED = ['id', 'subscriber_id', 'remaining_balance_bytes', 'is_home_plan', 'raw_response', 'created_at'];
const DAY_SECONDS = 86_400n;
/** The portal shows one decimal. */
const GB_STEP = 100_000_000n;
const MB_STEP = 100_000n;
/** A double printed with all its digits may miss a tenth by this much. */
const PRINT_ERROR_OCTETS = 1_000n;

type Limited = Extract<BalanceText, { kind: 'limited' }>;
type Tell = (column: string, message: string) => void;

/** True when the first line names the older monitor's columns; any other file goes to `parseImport`. */
export function isOlderExport(text: string): boolean {
  const first = readCsv(text.slice(0, 4096)).next().value;
  if (!first || isProblem(first)) return false;
  const header = first.cells.map((name) => name.trim());
  return ['remaining_balance_gb', 'total_data_usage_bytes'].every((name) => header.includes(name));
}

/** Rows of `remaining`, `expiresIn` and `active`; a value that the older monitor could not read itself is left unknown. */
export function parseOlderExport(text: string, options: { now: Instant }): ImportResult {
  return readRows(text, options.now, (header) => ({ problems: headerProblems(header), read: readRow }));
}

function headerProblems(header: readonly string[]): Omit<ImportError, 'line'>[] {
  const known = new Set<string>([...COLUMNS, ...IGNORED]);
  return [
    ...COLUMNS.filter((column) => !header.includes(column)).map((column) => ({
      column,
      message: 'the column is missing',
    })),
    ...header
      .filter((column) => !known.has(column))
      .map((column) => ({ column, message: 'not a column of the older monitor' })),
  ];
}

function readRow(cells: ReadonlyMap<string, string>, tell: Tell): Omit<ImportRow, 'line'> | undefined {
  let good = true;
  const told: Tell = (column, message) => {
    good = false;
    tell(column, message);
  };
  const at = readAt(cells, told);
  const key = readKey(cells, told);
  const display = displayOf(cells);
  const remaining = readRemaining(cells, display.balance, told);
  const expiresIn = readExpiry(cells, display.expiry, told);
  const active = readFlag(cells, told);
  if (!good || at === undefined || !key || active === undefined) return undefined;
  return {
    at,
    ...key,
    values: {
      ...(remaining === undefined ? {} : { remaining }),
      ...(expiresIn === undefined ? {} : { expiresIn }),
      active,
    },
  };
}

interface Display {
  readonly balance?: BalanceText;
  readonly expiry?: bigint;
}

/** What the portal wrote for this plan, when the row still holds the answer it came from. */
function displayOf(cells: ReadonlyMap<string, string>): Display {
  const plan = plansOf(cells.get('raw_response') ?? '').find((one) => textOf(one, 'planId') === cells.get('plan_id'));
  const balance = parseBalance(textOf(plan, 'remainingBalance'));
  const expiry = parseExpiry(textOf(plan, 'expiresIn'));
  return { ...(balance ? { balance } : {}), ...(expiry === undefined ? {} : { expiry }) };
}

/** An answer that is cut, of another shape or absent only means that the row's own columns must do. */
function plansOf(raw: string): readonly unknown[] {
  if (!raw.startsWith('{')) return [];
  try {
    const plans = member(member(JSON.parse(raw), 'data'), 'subscriberActiveAndUnusedPlans');
    return Array.isArray(plans) ? plans : [];
  } catch {
    return [];
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = member(value, name);
  return typeof text === 'string' ? text : '';
}

/**
 * `total_data_usage_bytes` is what remains, to the octet, when it agrees with what was shown; of several plans of one
 * name it may be another's. A balance of 0 stood for every text that was neither GB nor MB, so alone it says nothing.
 */
function readRemaining(
  cells: ReadonlyMap<string, string>,
  shownBalance: BalanceText | undefined,
  tell: Tell,
): bigint | undefined {
  const gigabytes = cells.get('remaining_balance_gb') ?? '';
  const total = cells.get('total_data_usage_bytes') ?? '';
  const decimal = decimalOctets(gigabytes, 1_000_000_000n);
  if (decimal === undefined) tell('remaining_balance_gb', `${shown(gigabytes)} is not a number of gigabytes`);
  if (!/^\d{0,19}$/.test(total)) tell('total_data_usage_bytes', `${shown(total)} is not a whole number of bytes`);
  if (decimal === undefined || !/^\d{0,19}$/.test(total) || shownBalance?.kind === 'unlimited') return undefined;
  const exact = total === '' ? 0n : BigInt(total);
  const texts = shownBalance ? [shownBalance] : possibleTexts(gigabytes);
  if (texts.length === 0 && decimal !== 0n) {
    tell('remaining_balance_gb', `${shown(gigabytes)} is neither tenths of a GB nor tenths of a MB divided by 1024`);
  }
  if (exact > 0n && texts.some((text) => roundsTo(exact, text))) return exact;
  return texts[0]?.octets;
}

/** What the portal may have shown: "900.5 GB" was kept as 900.5, "500.0 MB" as 500 / 1024. The likelier one first. */
function possibleTexts(gigabytes: string): Limited[] {
  const texts: Limited[] = [];
  const gb = nearest(decimalOctets(gigabytes, 1_000_000_000n) ?? 0n, GB_STEP);
  const mb = nearest(decimalOctets(gigabytes, 1_024_000_000n) ?? 0n, MB_STEP);
  if (gb) texts.push({ kind: 'limited', octets: gb, stepOctets: GB_STEP });
  if (mb) texts.push({ kind: 'limited', octets: mb, stepOctets: MB_STEP });
  // 0.5 may be "0.5 GB" or "512.0 MB"; below one the portal counts in MB.
  const below = gb !== undefined && gb < 1_000_000_000n;
  return below ? texts.reverse() : texts;
}

/** The multiple of the step that the octets are, but for the printing of a double; undefined when none, or 0. */
function nearest(octets: bigint, step: bigint): bigint | undefined {
  const multiple = ((octets + step / 2n) / step) * step;
  const distance = multiple > octets ? multiple - octets : octets - multiple;
  return multiple > 0n && distance <= PRINT_ERROR_OCTETS ? multiple : undefined;
}

/** Decimal text times the unit, exactly, rounded to the octet; undefined when it is no such text. */
function decimalOctets(text: string, unit: bigint): bigint | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,20}))?$/.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = ''] = match;
  const scale = 10n ** BigInt(fraction.length);
  return (BigInt(whole + fraction) * unit + scale / 2n) / scale;
}

/** 0 stood for "1 day", "5 hours" and "Expired" alike. */
function readExpiry(
  cells: ReadonlyMap<string, string>,
  shownSeconds: bigint | undefined,
  tell: Tell,
): bigint | undefined {
  const text = cells.get('expires_in_days') ?? '';
  if (!/^\d{1,5}$/.test(text)) tell('expires_in_days', `${shown(text)} is not a whole number of days`);
  else if (shownSeconds !== undefined) return shownSeconds;
  else if (BigInt(text) > 0n) return BigInt(text) * DAY_SECONDS;
  return undefined;
}

function readFlag(cells: ReadonlyMap<string, string>, tell: Tell): bigint | undefined {
  const text = cells.get('is_active') ?? '';
  if (/^(1|true|t)$/i.test(text)) return 1n;
  if (/^(0|false|f)$/i.test(text)) return 0n;
  tell('is_active', `${shown(text)} is neither 1 nor 0`);
  return undefined;
}
