/** What the simulated 1NCE can be asked to do wrong: the faults it knows, their parameters, and those still to come. Pure. */
import { dayOf } from './onence-account.ts';
import { COUNTRIES } from './onence-places.ts';
import type { FaultDescription, FaultRequest } from './simulator.ts';
import { GARBAGE_SHAPES, type GarbageShape } from './taara-faults.ts';

const ACCOUNT = 'number from 1, or name, of the account; the first unless given';
const TIMES = 'how many calls it strikes, 1 to 1000000; 1 unless given';
const LONG = 'how many calls it strikes, 1 to 1000000; all until recover unless given';
const ENDPOINT =
  'end of the path that it strikes: token, v1/sims, usage, quota/data, events and so on; any call unless given';
const ICCID = 'ICCID, or number from 1, of the SIM; the first unless given';
const CODES = COUNTRIES.map((country) => country.isoCode).join(', ');

const FAULTS = {
  unauthorized: {
    times: 'how many logins are refused too, 0 to 1000000; none unless given (every token so far ends at once)',
  },
  'expire-token': { times: `${TIMES} (the token of each ends)`, endpoint: ENDPOINT },
  'rate-limit': {
    retryAfter: 'seconds, an HTTP date or anything absurd for Retry-After; no such header unless given',
    times: TIMES,
    endpoint: ENDPOINT,
  },
  'server-error': { status: '500 to 599; 503 with a page of HTML unless given', times: TIMES, endpoint: ENDPOINT },
  slow: { seconds: 'wait before the answer, 0 to 600; 5 unless given', times: TIMES, endpoint: ENDPOINT },
  garbage: {
    shape: `one of ${GARBAGE_SHAPES.join(', ')}; html unless given`,
    times: `${TIMES} (good answers)`,
    endpoint: ENDPOINT,
  },
  'repeat-page': {
    page: 'from this page of the list on, every page is this one; 1 unless given',
    shape: 'same, or growing: there is always one page more; same unless given',
    times: LONG,
  },
  'lost-page': {
    page: 'page of the list that is lost; 1 unless given',
    shape: 'empty: the page holds nothing, or short: the last page is not announced; empty unless given',
    times: LONG,
  },
  'missing-sim': { iccid: `${ICCID}; it leaves the account until recover` },
  'add-sims': { count: 'how many SIMs more the account has; 10 unless given' },
  restate: {
    iccid: ICCID,
    day: 'YYYY-MM-DD, before today; yesterday unless given',
    megabytes: 'what was used on that day, 0 to 1000000',
  },
  drain: { iccid: ICCID, remainingPercent: 'what is left of its data afterwards, 0 to 100' },
  topup: {
    iccid: ICCID,
    remainingPercent: 'what is left of its data afterwards, 0 to 100; 500 MB are added unless given',
  },
  silence: { iccid: `${ICCID}; it sends nothing more until recover` },
  'swap-imei': { iccid: ICCID },
  move: { iccid: ICCID, country: `one of ${CODES}; the next unless given` },
  'bad-request-v1': { times: LONG },
  /** Takes back what still waits to strike, missing SIMs and silence. */
  recover: {},
} as const satisfies Record<string, Record<string, string>>;

export type FaultName = keyof typeof FAULTS;

export function describeFaults(): FaultDescription[] {
  return Object.entries(FAULTS).map(([name, parameters]) => ({
    name,
    parameters: { ...parameters, account: ACCOUNT },
  }));
}

export interface PendingFault {
  readonly fault: FaultName;
  times: number;
  readonly retryAfter?: string;
  readonly seconds?: number;
  readonly status?: number;
  readonly shape?: string;
  readonly page?: number;
  readonly endpoint?: string;
}

export interface ParsedFault extends PendingFault {
  /** Index into the accounts. */
  readonly account: number;
  /** As given: an ICCID or a number from 1. */
  readonly sim?: string;
  readonly remainingPercent?: number;
  readonly count?: number;
  /** Days since 1970. */
  readonly day?: number;
  readonly megabytes?: number;
  /** Place in the list of countries. */
  readonly country?: number;
}

/** What may be asked for; above it is "until recover". */
export const MOST_TIMES = 1_000_000;
/** More than a test or a person will ever call. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** Throws RangeError with one sentence saying what is not understood and what would be. */
export function parseFault(request: FaultRequest, accountNames: readonly string[]): ParsedFault {
  const fault = request.fault;
  if (!isFaultName(fault)) throw new RangeError(`fault must be one of ${Object.keys(FAULTS).join(', ')}`);
  const known = ['fault', 'account', ...Object.keys(FAULTS[fault])];
  // Forms send what was left empty as well.
  const given = Object.entries(request).filter(([, value]) => value !== undefined && value !== '');
  const strange = given.find(([name]) => !known.includes(name))?.[0];
  if (strange !== undefined) {
    throw new RangeError(`${fault} has no parameter ${strange}; it takes ${known.slice(1).join(', ')}`);
  }
  const own = Object.fromEntries(given);
  return { fault, account: accountIndex(own.account, accountNames), times: timesOf(fault, own), ...rest(fault, own) };
}

function timesOf(fault: FaultName, { times }: Record<string, unknown>): number {
  const lasting = Object.entries(FAULTS[fault]).some(([name, words]) => name === 'times' && words === LONG);
  if (fault === 'unauthorized') return whole('times', times ?? 0, 0, MOST_TIMES);
  return times === undefined && lasting ? FOR_EVER : whole('times', times ?? 1, 1, MOST_TIMES);
}

type Rest = Omit<ParsedFault, 'fault' | 'account' | 'times'>;

function rest(fault: FaultName, own: Record<string, unknown>): Rest {
  const sim = own.iccid === undefined ? {} : { sim: String(own.iccid).trim() };
  const endpoint = own.endpoint === undefined ? {} : { endpoint: String(own.endpoint).trim() };
  switch (fault) {
    case 'rate-limit':
      return { ...endpoint, ...(own.retryAfter === undefined ? {} : { retryAfter: headerText(own.retryAfter) }) };
    case 'server-error':
      return { ...endpoint, ...(own.status === undefined ? {} : { status: whole('status', own.status, 500, 599) }) };
    case 'slow':
      return { ...endpoint, seconds: number('seconds', own.seconds ?? 5, 0, 600) };
    case 'garbage':
      return { ...endpoint, shape: oneOf('shape', own.shape ?? 'html', GARBAGE_SHAPES) };
    case 'repeat-page':
      return { page: pageOf(own), shape: oneOf('shape', own.shape ?? 'same', ['same', 'growing']) };
    case 'lost-page':
      return { page: pageOf(own), shape: oneOf('shape', own.shape ?? 'empty', ['empty', 'short']) };
    case 'add-sims':
      return { count: whole('count', own.count ?? 10, 1, 100_000) };
    case 'restate':
      return { ...sim, ...dayGiven(own.day), megabytes: number('megabytes', own.megabytes, 0, MOST_TIMES) };
    case 'topup':
      return own.remainingPercent === undefined ? sim : { ...sim, remainingPercent: percent(own.remainingPercent) };
    case 'drain':
      return { ...sim, remainingPercent: percent(own.remainingPercent) };
    case 'move':
      return { ...sim, ...(own.country === undefined ? {} : { country: countryGiven(own.country) }) };
    default:
      return { ...sim, ...endpoint };
  }
}

/** Takes the first pending fault of one of these names that strikes this path, counting it down. */
export function strike(
  pending: PendingFault[],
  path: string,
  ...names: readonly FaultName[]
): PendingFault | undefined {
  const index = pending.findIndex((p) => names.includes(p.fault) && path.endsWith(p.endpoint ?? ''));
  const found = pending[index];
  if (found && --found.times === 0) pending.splice(index, 1);
  return found;
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

function accountIndex(account: unknown, names: readonly string[]): number {
  if (account === undefined) return 0;
  const index = typeof account === 'string' && names.includes(account) ? names.indexOf(account) : Number(account) - 1;
  if (names[index] === undefined) {
    throw new RangeError(`account must be 1 to ${names.length} or one of ${names.join(', ')}`);
  }
  return index;
}

function pageOf({ page }: Record<string, unknown>): number {
  return whole('page', page ?? 1, 1, MOST_TIMES);
}

function percent(value: unknown): number {
  return number('remainingPercent', value, 0, 100);
}

function dayGiven(value: unknown): { day?: number } {
  if (value === undefined) return {};
  const day = dayOf(String(value).trim());
  if (day === undefined) throw new RangeError('day must be a day in the form YYYY-MM-DD');
  return { day };
}

function countryGiven(value: unknown): number {
  const place = COUNTRIES.findIndex((country) => country.isoCode === String(value).trim().toLowerCase());
  if (place < 0) throw new RangeError(`country must be one of ${CODES}`);
  return place;
}

function oneOf<T extends string>(name: string, value: unknown, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new RangeError(`${name} must be one of ${words.join(', ')}`);
  return found;
}

function whole(name: string, value: unknown, least: number, most: number): number {
  const parsed = number(name, value, least, most);
  if (!Number.isInteger(parsed)) throw new RangeError(`${name} must be a whole number`);
  return parsed;
}

/** Forms send text, JSON sends numbers; both are taken. */
function number(name: string, value: unknown, least: number, most: number): number {
  const text = typeof value === 'string' ? value.trim() : value;
  const parsed = typeof text === 'number' || (typeof text === 'string' && text !== '') ? Number(text) : Number.NaN;
  if (!(parsed >= least && parsed <= most)) throw new RangeError(`${name} must be a number from ${least} to ${most}`);
  return parsed;
}

/** Anything that fits into a header: an absurd value is a fault too. */
function headerText(value: unknown): string {
  const text = String(value);
  if (!/^[\x20-\x7e]{0,100}$/.test(text)) throw new RangeError('retryAfter must be up to 100 printable characters');
  return text;
}

/** A 200 that is none; `answer` is what would have been right. */
export function garbageBody(shape: GarbageShape, answer: string): string {
  switch (shape) {
    case 'html':
      return '<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>';
    case 'empty':
      return '';
    case 'truncated':
      return answer.slice(0, Math.floor(answer.length / 2));
    case 'wrong-types':
      return JSON.stringify(otherTypes(answer === '' ? null : JSON.parse(answer)));
    case 'deep':
      return '['.repeat(100_000) + ']'.repeat(100_000);
    case 'huge':
      return JSON.stringify([{ iccid: 'x'.repeat(3_000_000) }]);
  }
}

/** Keeps lists and objects, and turns every value into one of another type. */
function otherTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(otherTypes);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, otherTypes(inner)]));
  }
  return typeof value === 'string' ? { text: value } : [value];
}
