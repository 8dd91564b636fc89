/** What the simulated 1NCE can be asked to do wrong: the faults it knows, their parameters, and those still to come. Pure. */

import {
  brokenBody,
  describedFaults,
  faultGiven,
  GARBAGE_SHAPES,
  type GarbageShape,
  indexGiven,
  numberGiven,
  retryAfterGiven,
  takeFault,
  wholeGiven,
  wordGiven,
} from './fault-fields.ts';
import { dayOf } from './onence-account.ts';
import { COUNTRIES } from './onence-places.ts';
import type { FaultDescription, FaultRequest } from './simulator.ts';

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
  return describedFaults(FAULTS, { account: ACCOUNT });
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
  const { fault, own } = faultGiven(request, FAULTS, ['account']);
  return {
    fault,
    account: indexGiven('account', own.account, accountNames),
    times: timesOf(fault, own),
    ...rest(fault, own),
  };
}

function timesOf(fault: FaultName, { times }: Given): number {
  const lasting = Object.entries(FAULTS[fault]).some(([name, words]) => name === 'times' && words === LONG);
  if (fault === 'unauthorized') return wholeGiven('times', times ?? 0, 0, MOST_TIMES);
  return times === undefined && lasting ? FOR_EVER : wholeGiven('times', times ?? 1, 1, MOST_TIMES);
}

type Given = Readonly<Record<string, unknown>>;
type Rest = Omit<ParsedFault, 'fault' | 'account' | 'times'>;

function rest(fault: FaultName, own: Given): Rest {
  const sim = own.iccid === undefined ? {} : { sim: String(own.iccid).trim() };
  const endpoint = own.endpoint === undefined ? {} : { endpoint: String(own.endpoint).trim() };
  switch (fault) {
    case 'rate-limit':
      return { ...endpoint, ...(own.retryAfter === undefined ? {} : { retryAfter: retryAfterGiven(own.retryAfter) }) };
    case 'server-error':
      return {
        ...endpoint,
        ...(own.status === undefined ? {} : { status: wholeGiven('status', own.status, 500, 599) }),
      };
    case 'slow':
      return { ...endpoint, seconds: numberGiven('seconds', own.seconds ?? 5, 0, 600) };
    case 'garbage':
      return { ...endpoint, shape: wordGiven('shape', own.shape ?? 'html', GARBAGE_SHAPES) };
    case 'repeat-page':
      return { page: pageOf(own), shape: wordGiven('shape', own.shape ?? 'same', ['same', 'growing']) };
    case 'lost-page':
      return { page: pageOf(own), shape: wordGiven('shape', own.shape ?? 'empty', ['empty', 'short']) };
    case 'add-sims':
      return { count: wholeGiven('count', own.count ?? 10, 1, 100_000) };
    case 'restate':
      return { ...sim, ...dayGiven(own.day), megabytes: numberGiven('megabytes', own.megabytes, 0, MOST_TIMES) };
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
  return takeFault(pending, (p) => names.includes(p.fault) && path.endsWith(p.endpoint ?? ''));
}

function pageOf({ page }: Given): number {
  return wholeGiven('page', page ?? 1, 1, MOST_TIMES);
}

function percent(value: unknown): number {
  return numberGiven('remainingPercent', value, 0, 100);
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

/** A 200 that is none; `answer` is what would have been right. */
export function garbageBody(shape: GarbageShape, answer: string): string {
  switch (shape) {
    case 'html':
      return '<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>';
    case 'wrong-types':
      return JSON.stringify(otherTypes(answer === '' ? null : JSON.parse(answer)));
    case 'huge':
      return JSON.stringify([{ iccid: 'x'.repeat(3_000_000) }]);
    default:
      return brokenBody(shape, answer);
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
