/** What a simulated Junos router can be asked to do wrong: the faults it knows, their parameters, and those still to come. Pure. */
import {
  describedFaults,
  LOAD,
  loadGiven,
  numberGiven,
  OF_ROUTER,
  type RouterFault,
  routerFaultGiven,
  takeFault,
  wholeGiven,
  wordGiven,
} from './fault-fields.ts';
import { PING_FAULTS, type PingStrike, pingGiven } from './ping-echoes.ts';
import type { FaultDescription, FaultRequest } from './simulator.ts';

const INTERFACE = 'name of the port or unit, such as ge-0/0/0 or ge-0/0/0.10; the first port unless given';
const TIMES = 'how many calls it strikes, 1 to 1000000; 1 unless given';
const GARBAGE = ['empty', 'truncated', 'no-xml', 'doctype', 'deep', 'no-framing'] as const;
export type GarbageShape = (typeof GARBAGE)[number];

/** Ways of speaking that last until `recover`. */
const STYLES = [
  'chunked',
  'brief',
  'prefixed',
  'multi-routing-engine',
  'split-packets',
  'no-uptime',
  'no-rest',
  'no-ping',
] as const;
export type StyleFault = (typeof STYLES)[number];

const FAULTS = {
  /** All counters and the uptime begin again. */
  reboot: {},
  'clear-statistics': { interface: INTERFACE },
  'link-down': { interface: INTERFACE },
  'link-up': { interface: INTERFACE },
  load: { interface: INTERFACE, ...LOAD },
  /** RFC 6242's second framing, as `rfc-compliant` makes it. */
  chunked: {},
  /** No octets, whatever is asked for. */
  brief: {},
  /** Every element under a prefix. */
  prefixed: {},
  'multi-routing-engine': {},
  'split-packets': { bytes: 'octets in each packet, 1 to 32000; 7 unless given' },
  'no-uptime': {},
  /** By REST: a web server that knows no `/rpc`. */
  'no-rest': {},
  /** By REST: 503, as where its connections are all taken. */
  'connection-limit': { times: TIMES },
  'rpc-error': { message: 'what it says; syntax error unless given', times: TIMES },
  /** An rpc-error of severity warning, beside the answer. */
  warning: { times: TIMES },
  /** Half of the answer, then the connection ends. */
  closes: { times: TIMES },
  unauthorized: { times: 'how many logins it strikes, 1 to 1000000; 1 unless given' },
  garbage: { shape: `one of ${GARBAGE.join(', ')}; truncated unless given`, times: TIMES },
  slow: { seconds: 'wait before the answer, 0 to 600; 5 unless given', times: TIMES },
  /** Somebody else has locked the configuration. */
  'lock-held': {
    message: 'what it says; that root has locked it unless given',
    times: 'how many locks it strikes, 1 to 1000000; 1 unless given',
  },
  /** The user may not change anything. */
  'read-only': { times: 'how many changes it strikes, 1 to 1000000; 1 unless given' },
  'commit-fails': {
    message: 'what it says; commit failed unless given',
    times: 'how many commits it strikes, 1 to 1000000; 1 unless given',
  },
  /** Answered as if it had been made. */
  'lost-write': { times: 'how many commits it strikes, 1 to 1000000; 1 unless given' },
  'slow-commit': {
    seconds: 'wait before the answer, 0 to 600; 5 unless given',
    times: 'how many commits it strikes, 1 to 1000000; 1 unless given',
  },
  /** Somebody at the router changes its configuration and commits. */
  configure: { xml: 'what stands in <configuration>, with operation="delete" where something goes' },
  ...PING_FAULTS,
  /** The user may not ping. */
  'no-ping': {},
  /** Takes back what still waits to strike, loads, faults of pings, ways of speaking and links that are down. */
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
  readonly message?: string;
  readonly garbage?: GarbageShape;
}

export interface ParsedFault extends PendingFault, RouterFault<FaultName> {
  readonly style?: StyleFault;
  /** For `split-packets`. */
  readonly bytes?: number;
  readonly ping?: PingStrike;
  /** For `configure`. */
  readonly xml?: string;
  /** Bits per second. */
  readonly load?: { readonly in: number; readonly out: number };
}

/** Throws RangeError with one sentence saying what is not understood and what would be. */
export function parseFault(request: FaultRequest, routerNames: readonly string[]): ParsedFault {
  const { head, own } = routerFaultGiven(request, FAULTS, routerNames);
  const style = STYLES.find((name) => name === head.fault);
  return {
    ...head,
    ...(style === undefined ? {} : { style }),
    ...rest(head.fault, own),
  };
}

type Rest = Omit<ParsedFault, 'fault' | 'router' | 'times' | 'interface' | 'style'>;

function rest(fault: FaultName, own: Readonly<Record<string, unknown>>): Rest {
  switch (fault) {
    case 'load':
      return loadGiven(own);
    case 'split-packets':
      return { bytes: wholeGiven('bytes', own.bytes ?? 7, 1, 32_000) };
    case 'rpc-error':
      return { message: String(own.message ?? 'syntax error').slice(0, 200) };
    case 'lock-held':
      return own.message === undefined ? {} : { message: String(own.message).slice(0, 200) };
    case 'commit-fails':
      return { message: String(own.message ?? 'commit failed').slice(0, 200) };
    case 'configure':
      return { xml: String(own.xml ?? '') };
    case 'garbage':
      return { garbage: wordGiven('shape', own.shape ?? 'truncated', GARBAGE) };
    case 'slow':
    case 'slow-commit':
      return { seconds: numberGiven('seconds', own.seconds ?? 5, 0, 600) };
    default: {
      const ping = pingGiven(fault, own);
      return ping === undefined ? {} : { ping };
    }
  }
}

/** Takes the first pending fault of this name, counting it down. */
export function strike(pending: PendingFault[], name: FaultName): PendingFault | undefined {
  return takeFault(pending, (p) => p.fault === name);
}
