/** What the simulated Taara can be asked to do wrong: the faults it knows, their parameters, and those still to come. */
import type { FaultDescription, FaultRequest } from './simulator.ts';

const ACCOUNT = 'number from 1, or name, of the account; the first unless given';
const TIMES = 'how many calls it strikes, 1 to 1000; 1 unless given';
const PERCENT = 'what is left of the active plan afterwards, 0 to 100';

/** How `garbage` may look. */
export const GARBAGE_SHAPES = ['html', 'empty', 'truncated', 'wrong-types', 'deep', 'huge'] as const;
export type GarbageShape = (typeof GARBAGE_SHAPES)[number];

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
  return Object.entries(FAULTS).map(([name, parameters]) => ({ name, parameters }));
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
  const fault = request.fault;
  if (!isFaultName(fault)) {
    throw new RangeError(`fault must be one of ${Object.keys(FAULTS).join(', ')}`);
  }
  const known = ['fault', 'account', 'times', ...Object.keys(FAULTS[fault])];
  const strange = Object.keys(request).find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new RangeError(`${fault} has no parameter ${strange}; it takes ${known.slice(1).join(', ')}`);
  return {
    fault,
    account: accountIndex(request.account, accountNames),
    times: whole('times', request.times ?? 1, 1, 1000),
    ...(fault === 'drain' || fault === 'topup' ? { remainingPercent: percent(fault, request.remainingPercent) } : {}),
    ...(fault === 'rate-limit' && request.retryAfter !== undefined
      ? { retryAfter: retryAfter(request.retryAfter) }
      : {}),
    ...(fault === 'slow' ? { seconds: number('seconds', request.seconds ?? 5, 0, 600) } : {}),
    ...(fault === 'garbage' ? { shape: garbageShape(request.shape ?? 'html') } : {}),
  };
}

/** Takes the first pending fault of one of these names, counting it down. */
export function strike(pending: PendingFault[], ...names: readonly FaultName[]): PendingFault | undefined {
  const index = pending.findIndex((p) => names.includes(p.fault));
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
  if (names[index] === undefined)
    throw new RangeError(`account must be 1 to ${names.length} or one of ${names.join(', ')}`);
  return index;
}

function percent(fault: FaultName, value: unknown): number {
  if (value === undefined && fault === 'topup') return 100;
  return number('remainingPercent', value, 0, 100);
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
function retryAfter(value: unknown): string {
  const text = String(value);
  if (!/^[\x20-\x7e]{0,100}$/.test(text)) throw new RangeError('retryAfter must be up to 100 printable characters');
  return text;
}

function garbageShape(value: unknown): GarbageShape {
  const shape = GARBAGE_SHAPES.find((known) => known === value);
  if (shape === undefined) throw new RangeError(`shape must be one of ${GARBAGE_SHAPES.join(', ')}`);
  return shape;
}
