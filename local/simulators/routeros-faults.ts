/** What a simulated RouterOS can be asked to do wrong: the faults it knows, their parameters, and those still to come. Pure. */
import {
  describedFaults,
  LOAD,
  loadGiven,
  numberGiven,
  OF_ROUTER,
  type RouterFault,
  routerFaultGiven,
  takeFault,
  wordGiven,
} from './fault-fields.ts';
import { PING_FAULTS, type PingStrike, pingGiven } from './ping-echoes.ts';
import { spellPair } from './routeros-menus.ts';
import type { LieShape } from './routeros-ports.ts';
import type { FaultDescription, FaultRequest } from './simulator.ts';

const PORT = 'name of the interface; the first unless given';
const QUEUE = 'name of the simple queue; the first unless given';
const TIMES = 'how many calls it strikes, 1 to 1000000; 1 unless given';
const LIES: readonly LieShape[] = ['falls', 'jumps', 'text', 'negative', 'huge'];
const GARBAGE = ['empty', 'truncated', 'object', 'deep', 'error-in-200'] as const;
export type GarbageShape = (typeof GARBAGE)[number];

const FAULTS = {
  /** All counters and the uptime begin again. */
  reboot: {},
  /** Every interface gets the .id of its neighbour. */
  renumber: {},
  'reset-counters': { interface: PORT },
  /** A session comes back: the same name, a new .id, counters from 0. */
  reconnect: { interface: PORT },
  'link-down': { interface: PORT },
  'link-up': { interface: PORT },
  disable: { interface: PORT },
  enable: { interface: PORT },
  load: { interface: PORT, ...LOAD },
  /** A second row of the name, with an .id and counters of its own. */
  'duplicate-name': { interface: PORT },
  'drop-field': { interface: PORT, field: 'name of the field that its row lacks, such as rx-byte' },
  lie: { interface: PORT, shape: `one of ${LIES.join(', ')}; falls unless given` },
  'no-uptime': {},
  'no-monitor': {},
  ...PING_FAULTS,
  /** The user's group lacks the policy `test`. */
  'no-ping': {},
  unauthorized: { times: TIMES },
  'login-page': { times: TIMES },
  redirect: { times: TIMES },
  'session-closed': { times: TIMES },
  'server-error': { status: '500 to 599; 503 unless given', times: TIMES },
  'rate-limit': { times: TIMES },
  garbage: { shape: `one of ${GARBAGE.join(', ')}; truncated unless given`, times: TIMES },
  slow: { seconds: 'wait before the answer, 0 to 600; 5 unless given', times: TIMES },
  /** The user lacks the policy write. */
  'refuse-write': { times: TIMES },
  /** Answered as if it were done, and nothing is. */
  'lost-write': { times: TIMES },
  /** Somebody changed a limit by hand. */
  drift: { queue: QUEUE, maxLimit: 'upload/download such as 10M/50M; 1M/1M unless given' },
  'queue-gone': { queue: QUEUE },
  /** The queue now comes from a session, so nobody can edit it. */
  dynamic: { queue: QUEUE },
  /** Faults of the binary API. As before 6.43: it asks for a proof of the password. */
  'api-old-login': {},
  /** As since 7.18: it says so where there are no rows. */
  'api-empty': {},
  'api-trap': { message: 'its words; failure: busy unless given', times: TIMES },
  'api-fatal': { message: 'its words; session terminated unless given', times: TIMES },
  /** The connection ends in the middle of a sentence. */
  'api-cut': { times: TIMES },
  /** A word of 4 GB is announced. */
  'api-length': { times: TIMES },
  /** Rows without end. */
  'api-endless': { times: TIMES },
  /** Takes back what still waits to strike, faults of pings, loads, lies, missing fields, doubles and links that are down. */
  recover: {},
} as const satisfies Record<string, Record<string, string>>;

export type FaultName = keyof typeof FAULTS;

export function describeFaults(): FaultDescription[] {
  return describedFaults(FAULTS, OF_ROUTER);
}

export interface PendingFault {
  readonly fault: FaultName;
  times: number;
  readonly seconds?: number;
  readonly status?: number;
  readonly garbage?: GarbageShape;
  readonly message?: string;
}

export interface ParsedFault extends PendingFault, RouterFault<FaultName> {
  readonly queue?: string;
  /** Plain bits per second, as a queue has it. */
  readonly maxLimit?: string;
  readonly field?: string;
  readonly lie?: LieShape;
  /** Bits per second. */
  readonly load?: { readonly in: number; readonly out: number };
  /** What it is from now on; without any part, as usual. */
  readonly ping?: PingStrike;
}

/** Throws RangeError with one sentence saying what is not understood and what would be. */
export function parseFault(request: FaultRequest, routerNames: readonly string[]): ParsedFault {
  const { head, own } = routerFaultGiven(request, FAULTS, routerNames);
  return {
    ...head,
    ...(own.queue === undefined ? {} : { queue: String(own.queue) }),
    ...rest(head.fault, own),
  };
}

type Rest = Omit<ParsedFault, 'fault' | 'router' | 'times' | 'interface' | 'queue'>;

function rest(fault: FaultName, own: Readonly<Record<string, unknown>>): Rest {
  switch (fault) {
    case 'load':
      return loadGiven(own);
    case 'drift': {
      const maxLimit = spellPair(String(own.maxLimit ?? '1M/1M'));
      if (maxLimit === undefined) throw new RangeError('maxLimit must be upload/download such as 10M/50M');
      return { maxLimit };
    }
    case 'api-trap':
    case 'api-fatal':
      return own.message === undefined ? {} : { message: String(own.message) };
    case 'drop-field':
      if (own.field === undefined) throw new RangeError('field must be the name of a field');
      return { field: String(own.field) };
    case 'lie':
      return { lie: wordGiven('shape', own.shape ?? 'falls', LIES) };
    case 'garbage':
      return { garbage: wordGiven('shape', own.shape ?? 'truncated', GARBAGE) };
    case 'server-error':
      return { status: numberGiven('status', own.status ?? 503, 500, 599) };
    case 'slow':
      return { seconds: numberGiven('seconds', own.seconds ?? 5, 0, 600) };
    default: {
      const ping = pingGiven(fault, own);
      return ping === undefined ? {} : { ping };
    }
  }
}

/** Takes the first pending fault of one of these names, counting it down. */
export function strike(pending: PendingFault[], ...names: readonly FaultName[]): PendingFault | undefined {
  return takeFault(pending, (p) => names.includes(p.fault));
}
