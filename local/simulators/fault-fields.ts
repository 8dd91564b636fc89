/** How a request for a fault is read, of whatever simulator: its name, its parameters, and the faults that wait to strike. Pure. */
import type { FaultDescription, FaultRequest } from './simulator.ts';

type Faults = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * The fault asked for and the parameters given with it, those left empty (forms send them as well) left out. `everywhere`:
 * parameters that every fault takes. Throws RangeError with one sentence saying what is not understood and what would be.
 */
export function faultGiven<F extends Faults>(
  request: FaultRequest,
  faults: F,
  everywhere: readonly string[],
): { fault: keyof F & string; own: Readonly<Record<string, unknown>> } {
  const { fault } = request;
  const parameters = Object.hasOwn(faults, fault) ? faults[fault] : undefined;
  if (!parameters) throw new RangeError(`fault must be one of ${Object.keys(faults).join(', ')}`);
  const known = ['fault', ...everywhere, ...Object.keys(parameters)];
  const given = Object.entries(request).filter(([, value]) => value !== undefined && value !== '');
  const strange = given.find(([name]) => !known.includes(name))?.[0];
  if (strange !== undefined) {
    throw new RangeError(`${fault} has no parameter ${strange}; it takes ${known.slice(1).join(', ') || 'none'}`);
  }
  return { fault, own: Object.fromEntries(given) };
}

/** As the console lists them; `everywhere`: parameters that every fault takes. */
export function describedFaults(faults: Faults, everywhere: Readonly<Record<string, string>> = {}): FaultDescription[] {
  return Object.entries(faults).map(([name, parameters]) => ({ name, parameters: { ...parameters, ...everywhere } }));
}

/** What every fault of a simulated router takes. */
export const OF_ROUTER = { router: 'number from 1, or name, of the router; the first unless given' };
/** What `load` takes beside an interface. */
export const LOAD = {
  inMbps: 'received from now on, 0 to 1000000',
  outMbps: 'sent from now on, 0 to 1000000',
} as const;

/** What every fault of a simulated router says, beside what is its `own`. */
export function routerFaultGiven<F extends Faults>(
  request: FaultRequest,
  faults: F,
  routerNames: readonly string[],
): { head: RouterFault<keyof F & string>; own: Readonly<Record<string, unknown>> } {
  const { fault, own } = faultGiven(request, faults, ['router']);
  const head = {
    fault,
    router: indexGiven('router', own.router, routerNames),
    times: numberGiven('times', own.times ?? 1, 1, 1_000_000),
    ...(own.interface === undefined ? {} : { interface: String(own.interface) }),
  };
  return { head, own };
}

export interface RouterFault<Name> {
  readonly fault: Name;
  /** Index into the routers. */
  readonly router: number;
  times: number;
  readonly interface?: string;
}

/** In bits per second. */
export function loadGiven(own: Readonly<Record<string, unknown>>): { load: { in: number; out: number } } {
  const bits = (name: string) => numberGiven(name, own[name], 0, 1_000_000) * 1e6;
  return { load: { in: bits('inMbps'), out: bits('outMbps') } };
}

/** Counters that stand just before their end: of how many bits, and how many octets are left. */
export function wrapGiven(own: Readonly<Record<string, unknown>>): { bits: 32 | 64; left: bigint } {
  const bits = Number(own.bits ?? 64);
  if (bits !== 32 && bits !== 64) throw new RangeError('bits must be 32 or 64');
  return { bits, left: BigInt(wholeGiven('octets', own.octets ?? 100_000, 1, 1_000_000_000)) };
}

/** Index of what is meant by its number from 1 or its name; 0, the first, unless given. `name`: of the parameter. */
export function indexGiven(name: string, value: unknown, names: readonly string[]): number {
  if (value === undefined) return 0;
  const index = typeof value === 'string' && names.includes(value) ? names.indexOf(value) : Number(value) - 1;
  if (names[index] === undefined) {
    throw new RangeError(`${name} must be 1 to ${names.length} or one of ${names.join(', ')}`);
  }
  return index;
}

/** Forms send text, JSON sends numbers; both are taken. */
export function numberGiven(name: string, value: unknown, least: number, most: number): number {
  const text = typeof value === 'string' ? value.trim() : value;
  const parsed = typeof text === 'number' || (typeof text === 'string' && text !== '') ? Number(text) : Number.NaN;
  if (!(parsed >= least && parsed <= most)) throw new RangeError(`${name} must be a number from ${least} to ${most}`);
  return parsed;
}

export function wholeGiven(name: string, value: unknown, least: number, most: number): number {
  const parsed = numberGiven(name, value, least, most);
  if (!Number.isInteger(parsed)) throw new RangeError(`${name} must be a whole number`);
  return parsed;
}

export function wordGiven<T extends string>(name: string, value: unknown, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new RangeError(`${name} must be one of ${words.join(', ')}`);
  return found;
}

/** A Retry-After that fits into a header: an absurd value is a fault too. */
export function retryAfterGiven(value: unknown): string {
  const text = String(value);
  if (!/^[\x20-\x7e]{0,100}$/.test(text)) throw new RangeError('retryAfter must be up to 100 printable characters');
  return text;
}

/** Takes the first fault that `strikes`, counting it down. */
export function takeFault<P extends { times: number }>(pending: P[], strikes: (fault: P) => boolean): P | undefined {
  const index = pending.findIndex(strikes);
  const found = pending[index];
  if (found && --found.times === 0) pending.splice(index, 1);
  return found;
}

/** How the answers of a JSON API behind a website may be broken. */
export const GARBAGE_SHAPES = ['html', 'empty', 'truncated', 'wrong-types', 'deep', 'huge'] as const;
export type GarbageShape = (typeof GARBAGE_SHAPES)[number];

/** A body that is no answer, whoever it comes from; `answer` is what would have been right. */
export function brokenBody(shape: 'empty' | 'truncated' | 'deep', answer: string): string {
  switch (shape) {
    case 'empty':
      return '';
    case 'truncated':
      return answer.slice(0, Math.floor(answer.length / 2));
    case 'deep':
      return '['.repeat(100_000) + ']'.repeat(100_000);
  }
}
