/** What a simulated IOS-XE can be asked to do wrong: the faults it knows, their parameters, and those still to come. Pure. */
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
import type { FaultDescription, FaultRequest } from './simulator.ts';

const PORT = 'name of the interface; the first unless given';
const TIMES = 'how many calls it strikes, 1 to 1000000; 1 unless given';
const GARBAGE = ['empty', 'truncated', 'deep', 'object', 'login-page'] as const;
export type GarbageShape = (typeof GARBAGE)[number];

const FAULTS = {
  /** All counters and the clock's boot-time begin again, with the startup configuration. */
  reboot: {},
  'clear-counters': { interface: PORT },
  /** The interface is not listed any more. */
  remove: { interface: PORT },
  'link-down': { interface: PORT },
  'link-up': { interface: PORT },
  load: { interface: PORT, ...LOAD },
  /** From here to `unauthorized`: how the release is, until it recovers. */
  'old-release': {},
  'no-cisco-tree': {},
  'as-strings': {},
  'no-fields': {},
  'no-uptime': {},
  /** As IOS-XR, which has no RESTCONF. */
  'not-found': {},
  unauthorized: { times: TIMES },
  forbidden: { times: TIMES },
  'empty-204': { times: TIMES },
  locked: { times: TIMES },
  redirect: { times: TIMES },
  'server-error': { status: '500 to 599; 503 unless given', times: TIMES },
  'rate-limit': { times: TIMES },
  garbage: { shape: `one of ${GARBAGE.join(', ')}; truncated unless given`, times: TIMES },
  slow: { seconds: 'wait before the answer, 0 to 600; 5 unless given', times: TIMES },
  /** The user may not change anything. */
  'refuse-write': { times: 'how many changes it strikes, 1 to 1000000; 1 unless given' },
  /** Answered as if it had been made. */
  'lost-write': { times: 'how many changes it strikes, 1 to 1000000; 1 unless given' },
  /** Takes back what still waits to strike, loads, removals, links that are down, and how the release is. */
  recover: {},
} as const satisfies Record<string, Record<string, string>>;

export type IosxeFaultName = keyof typeof FAULTS;

export function describeIosxeFaults(): FaultDescription[] {
  return describedFaults(FAULTS, OF_ROUTER);
}

export interface PendingIosxeFault {
  readonly fault: IosxeFaultName;
  times: number;
  readonly seconds?: number;
  readonly status?: number;
  readonly garbage?: GarbageShape;
}

export interface ParsedIosxeFault extends PendingIosxeFault, RouterFault<IosxeFaultName> {
  /** Bits per second. */
  readonly load?: { readonly in: number; readonly out: number };
}

/** Throws RangeError with one sentence saying what is not understood and what would be. */
export function parseIosxeFault(request: FaultRequest, routerNames: readonly string[]): ParsedIosxeFault {
  const { head, own } = routerFaultGiven(request, FAULTS, routerNames);
  return {
    ...head,
    ...rest(head.fault, own),
  };
}

type Rest = Omit<ParsedIosxeFault, 'fault' | 'router' | 'times' | 'interface'>;

function rest(fault: IosxeFaultName, own: Readonly<Record<string, unknown>>): Rest {
  switch (fault) {
    case 'load':
      return loadGiven(own);
    case 'garbage':
      return { garbage: wordGiven('shape', own.shape ?? 'truncated', GARBAGE) };
    case 'server-error':
      return { status: numberGiven('status', own.status ?? 503, 500, 599) };
    case 'slow':
      return { seconds: numberGiven('seconds', own.seconds ?? 5, 0, 600) };
    default:
      return {};
  }
}

/** Takes the first pending fault of one of these names, counting it down. */
export function strikeIosxe(
  pending: PendingIosxeFault[],
  ...names: readonly IosxeFaultName[]
): PendingIosxeFault | undefined {
  return takeFault(pending, (p) => names.includes(p.fault));
}
