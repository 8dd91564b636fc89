/** What a simulated SNMP router can be asked to do wrong: the faults it knows, their parameters, and those still to come. Pure. */
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
  wrapGiven,
} from './fault-fields.ts';
import type { FaultDescription, FaultRequest } from './simulator.ts';

const PORT = 'ifName of the port; the first unless given';
const TIMES = 'how many requests it strikes, 1 to 1000000; 1 unless given';

/** What its agent is like, until it recovers. */
const MANNERS = ['narrow', 'no-discontinuity', 'no-names', 'no-uptime', 'no-engine-time', 'duplicate-names'] as const;
export type Manner = (typeof MANNERS)[number];

const FAULTS = {
  /** All counters and the uptime begin again. */
  reboot: {},
  /** Every port gets the ifIndex of the next one. */
  renumber: {},
  /** Counters of one port begin again; ifCounterDiscontinuityTime says so where the agent has it. */
  'reset-counters': { interface: PORT },
  wrap: {
    interface: PORT,
    bits: '64 or 32: which counters stand just before their end; 64 unless given',
    octets: 'how many octets are left until then, 1 to 1000000000; 100000 unless given',
  },
  'link-down': { interface: PORT },
  'link-up': { interface: PORT },
  load: { interface: PORT, ...LOAD },
  'lying-speed': { interface: PORT, mbps: 'what it calls its speed, 0 to 1000000; 10 unless given' },
  /** From here to `duplicate-names`: until it recovers. 32-bit columns only, as of an old switch. */
  narrow: {},
  'no-discontinuity': {},
  /** No ifXTable but its wide counters: ports are named by ifDescr. */
  'no-names': {},
  'no-uptime': {},
  'no-engine-time': {},
  /** Every port is named like the first one. */
  'duplicate-names': {},
  lossy: { every: 'which requests are lost until it recovers: each so many-th, 2 to 100; 3 unless given' },
  /** No answer, as to another community. */
  silent: { times: TIMES },
  /** Half of the datagram. */
  truncated: { times: TIMES },
  slow: { seconds: 'wait before the answer, 0 to 600; 5 unless given', times: TIMES },
  /** Takes back what still waits to strike, loads, lies, losses, manners, new indexes and links that are down. */
  recover: {},
} as const satisfies Record<string, Record<string, string>>;

export type SnmpFaultName = keyof typeof FAULTS;

export function describeSnmpFaults(): FaultDescription[] {
  return describedFaults(FAULTS, OF_ROUTER);
}

export interface PendingSnmpFault {
  readonly fault: SnmpFaultName;
  times: number;
  readonly seconds?: number;
}

export interface ParsedSnmpFault extends PendingSnmpFault, RouterFault<SnmpFaultName> {
  readonly manner?: Manner;
  readonly wrap?: ReturnType<typeof wrapGiven>;
  /** Of `lossy`. */
  readonly every?: number;
  /** Of `lying-speed`. */
  readonly speedMbps?: number;
  /** Bits per second. */
  readonly load?: { readonly in: number; readonly out: number };
}

/** Throws RangeError with one sentence saying what is not understood and what would be. */
export function parseSnmpFault(request: FaultRequest, routerNames: readonly string[]): ParsedSnmpFault {
  const { head, own } = routerFaultGiven(request, FAULTS, routerNames);
  const manner = MANNERS.find((name) => name === head.fault);
  return { ...head, ...(manner === undefined ? {} : { manner }), ...rest(head.fault, own) };
}

type Rest = Omit<ParsedSnmpFault, 'fault' | 'router' | 'times' | 'interface' | 'manner'>;

function rest(fault: SnmpFaultName, own: Readonly<Record<string, unknown>>): Rest {
  switch (fault) {
    case 'load':
      return loadGiven(own);
    case 'wrap':
      return { wrap: wrapGiven(own) };
    case 'lossy':
      return { every: wholeGiven('every', own.every ?? 3, 2, 100) };
    case 'lying-speed':
      return { speedMbps: wholeGiven('mbps', own.mbps ?? 10, 0, 1_000_000) };
    case 'slow':
      return { seconds: numberGiven('seconds', own.seconds ?? 5, 0, 600) };
    default:
      return {};
  }
}

/** Takes the first pending fault of this name, counting it down. */
export function strikeSnmp(pending: PendingSnmpFault[], name: SnmpFaultName): PendingSnmpFault | undefined {
  return takeFault(pending, (p) => p.fault === name);
}
