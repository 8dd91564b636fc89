/** One simulated RouterOS between two calls: its ports, its uptime, and what is done to them at once. */
import { type Pings, strikePing } from './ping-echoes.ts';
import type { ParsedFault, PendingFault } from './routeros-faults.ts';
import { changeQueue } from './routeros-hand.ts';
import { type LiveLimits, liveLimits, type SimulatedCustomer } from './routeros-limits.ts';
import { type LivePort, livePort, type SimulatedPort } from './routeros-ports.ts';
import { clearCounters } from './traffic.ts';

export interface SimulatedRouter {
  readonly name: string;
  readonly user: string;
  readonly password: string;
  /** A second user, without whom nobody else may write; the first one may unless there is one. */
  readonly writer?: { readonly user: string; readonly password: string };
  readonly ports: readonly SimulatedPort[];
  /** Each of them held by a queue of its own; none unless told. */
  readonly customers?: readonly SimulatedCustomer[];
  /** Epoch ms; its counters follow the curve from there, so a fixed one outlives restarts of the simulator. */
  readonly bootedAt: number;
  /** TCP port; any free one unless told. */
  readonly port?: number;
}

export interface LiveRouter {
  readonly router: SimulatedRouter;
  bootedAt: number;
  ports: LivePort[];
  limits: LiveLimits;
  readonly pending: PendingFault[];
  hasUptime: boolean;
  hasMonitor: boolean;
  mayPing: boolean;
  /** By the binary API, as before 6.43. */
  hasOldLogin: boolean;
  /** By the binary API, as since 7.18. */
  saysEmpty: boolean;
  readonly pings: Pings;
  nextIndex: number;
  calls: number;
}

/** Ids of dynamic interfaces begin there. */
const DYNAMIC_INDEX = 0xf00000;

export function liveRouter(router: SimulatedRouter): LiveRouter {
  const ports = router.ports.map((port) => livePort(port, router.bootedAt));
  const marks = {
    hasUptime: true,
    hasMonitor: true,
    mayPing: true,
    hasOldLogin: false,
    saysEmpty: false,
    pings: new Map(),
    nextIndex: DYNAMIC_INDEX,
    calls: 0,
  };
  const limits = liveLimits(router.customers ?? [], router.bootedAt);
  return { router, bootedAt: router.bootedAt, ports, limits, pending: [], ...marks };
}

/** True for what is done at once; the rest waits for calls. Throws RangeError for an interface that is not there. */
export function strikesNow(one: LiveRouter, fault: ParsedFault, now: number): boolean {
  switch (fault.fault) {
    case 'reboot':
      one.bootedAt = now;
      for (const port of one.ports) clearCounters(port);
      one.limits.octets.clear();
      return true;
    case 'renumber': {
      const indexes = one.ports.map(({ index }) => index);
      one.ports.forEach((port, i) => {
        port.index = indexes[(i + 1) % indexes.length] ?? port.index;
      });
      return true;
    }
    case 'no-uptime':
      one.hasUptime = false;
      return true;
    case 'no-monitor':
      one.hasMonitor = false;
      return true;
    case 'no-ping':
      one.mayPing = false;
      return true;
    case 'api-old-login':
      one.hasOldLogin = true;
      return true;
    case 'api-empty':
      one.saysEmpty = true;
      return true;
    case 'recover':
      recover(one);
      return true;
    case 'drift':
    case 'queue-gone':
    case 'dynamic':
      changeQueue(one.limits, fault);
      return true;
    default:
      if (fault.ping !== undefined) {
        strikePing(one.pings, fault.ping);
        return true;
      }
      return fault.fault in PORT_FAULTS && strikePort(one, fault);
  }
}

function recover(one: LiveRouter): void {
  one.pending.length = 0;
  one.hasUptime = true;
  one.hasMonitor = true;
  one.mayPing = true;
  one.hasOldLogin = false;
  one.saysEmpty = false;
  one.pings.clear();
  one.ports = one.ports.filter(({ port }, i) => one.ports.findIndex((p) => p.port === port) === i);
  for (const live of one.ports) {
    live.isDown = false;
    live.isDisabled = false;
    live.missing.clear();
    delete live.load;
    delete live.lie;
  }
}

const PORT_FAULTS: Readonly<Record<string, (live: LivePort, fault: ParsedFault, one: LiveRouter) => void>> = {
  'reset-counters': clearCounters,
  reconnect: (live, _fault, one) => {
    clearCounters(live);
    live.index = one.nextIndex++;
  },
  'link-down': (live) => {
    live.isDown = true;
  },
  'link-up': (live) => {
    live.isDown = false;
  },
  disable: (live) => {
    live.isDisabled = true;
  },
  enable: (live) => {
    live.isDisabled = false;
  },
  load: (live, { load }) => {
    if (load) live.load = load;
  },
  lie: (live, { lie }) => {
    if (lie) live.lie = lie;
  },
  'drop-field': (live, { field }) => void live.missing.add(field ?? ''),
  'duplicate-name': (live, _fault, one) => {
    const twin = livePort(live.port, live.countedAt);
    one.ports.push({ ...twin, index: one.nextIndex++ });
  },
};

function strikePort(one: LiveRouter, fault: ParsedFault): boolean {
  const wanted = fault.interface ?? one.ports[0]?.port.name;
  const live = one.ports.find(({ port }) => port.name === wanted);
  if (!live) throw new RangeError(`interface must be one of ${one.ports.map(({ port }) => port.name).join(', ')}`);
  PORT_FAULTS[fault.fault]?.(live, fault, one);
  return true;
}
