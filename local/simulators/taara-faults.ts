/** What the simulated Taara can be asked to do wrong: the faults it knows, their parameters, and those still to come. */
import {
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
import type { FaultDescription, FaultRequest } from './simulator.ts';

const ACCOUNT = 'number from 1, or name, of the account; the first unless given';
const TIMES = 'how many calls it strikes, 1 to 1000; 1 unless given';
const PERCENT = 'what is left of the active plan afterwards, 0 to 100';

const FAULTS = {
  drain: { remainingPercent: PERCENT, account: ACCOUNT },
  topup: { remainingPercent: `${PERCENT}; 100 unless given`, account: ACCOUNT },
  unauthorized: { times: `${TIMES} (logins; the present token ends at once)`, account: ACCOUNT },
  'expire-token': { times: `${TIMES} (data calls)`, account: ACCOUNT },
  'rate-limit': {
    retryAfter: 'seconds or an HTTP date for Retry-After; no such header unless given',
    times: TIMES,
    account: ACCOUNT,
  },
  'server-error': { times: TIMES, account: ACCOUNT },
  slow: { seconds: 'wait before the answer, 0 to 600; 5 unless given', times: TIMES, account: ACCOUNT },
  garbage: {
    shape: `one of ${GARBAGE_SHAPES.join(', ')}; html unless given`,
    times: `${TIMES} (data calls)`,
    account: ACCOUNT,
  },
  /** Takes back what still waits to strike. */
  recover: { account: ACCOUNT },
} as const satisfies Record<string, Record<string, string>>;

export type FaultName = keyof typeof FAULTS;

export function describeFaults(): FaultDescription[] {
  return describedFaults(FAULTS);
}

export interface PendingFault {
  readonly fault: FaultName;
  times: number;
  readonly retryAfter?: string;
  readonly seconds?: number;
  readonly shape?: GarbageShape;
}

export interface ParsedFault extends PendingFault {
  /** Index into the accounts. */
  readonly account: number;
  readonly remainingPercent?: number;
}

/** Throws RangeError with one sentence saying what is not understood and what would be. */
export function parseFault(request: FaultRequest, accountNames: readonly string[]): ParsedFault {
  const { fault, own } = faultGiven(request, FAULTS, ['account', 'times']);
  return {
    fault,
    account: indexGiven('account', own.account, accountNames),
    times: wholeGiven('times', own.times ?? 1, 1, 1000),
    ...(fault === 'drain' || fault === 'topup' ? { remainingPercent: percent(fault, own.remainingPercent) } : {}),
    ...(fault === 'rate-limit' && own.retryAfter !== undefined ? { retryAfter: retryAfterGiven(own.retryAfter) } : {}),
    ...(fault === 'slow' ? { seconds: numberGiven('seconds', own.seconds ?? 5, 0, 600) } : {}),
    ...(fault === 'garbage' ? { shape: wordGiven('shape', own.shape ?? 'html', GARBAGE_SHAPES) } : {}),
  };
}

/** Takes the first pending fault of one of these names, counting it down. */
export function strike(pending: PendingFault[], ...names: readonly FaultName[]): PendingFault | undefined {
  return takeFault(pending, (p) => names.includes(p.fault));
}

function percent(fault: FaultName, value: unknown): number {
  if (value === undefined && fault === 'topup') return 100;
  return numberGiven('remainingPercent', value, 0, 100);
}
