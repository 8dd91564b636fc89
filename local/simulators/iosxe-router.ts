/** One simulated IOS-XE between two calls: its interfaces, its clock, and what is done to them at once. */
import { type LiveIosxeConfiguration, liveIosxeConfiguration } from './iosxe-configuration.ts';
import type { ParsedIosxeFault, PendingIosxeFault } from './iosxe-faults.ts';
import { type LiveIosxePort, liveIosxePort, restartCounters, type SimulatedIosxePort } from './iosxe-ports.ts';
import type { RouterLogin } from './router-server.ts';

/** What a release is like, each until the router recovers. */
const RELEASE_FAULTS = ['old-release', 'no-cisco-tree', 'as-strings', 'no-fields', 'no-uptime', 'not-found'] as const;
export type ReleaseFault = (typeof RELEASE_FAULTS)[number];

export interface SimulatedIosxe extends RouterLogin {
  readonly name: string;
  /** Who may change something as well; then the other one may not. */
  readonly writer?: RouterLogin;
  readonly ports: readonly SimulatedIosxePort[];
  /** Epoch ms; its counters follow the curve from there, so a fixed one outlives restarts of the simulator. */
  readonly bootedAt: number;
  /** TCP port; any free one unless told. */
  readonly port?: number;
  /** What its release is like without any fault. */
  readonly release?: readonly ReleaseFault[];
}

export interface LiveIosxe {
  readonly router: SimulatedIosxe;
  bootedAt: number;
  readonly ports: readonly LiveIosxePort[];
  readonly pending: PendingIosxeFault[];
  readonly configuration: LiveIosxeConfiguration;
  release: Set<ReleaseFault>;
  calls: number;
}

export function liveIosxe(router: SimulatedIosxe): LiveIosxe {
  const ports = router.ports.map((port) => liveIosxePort(port, router.bootedAt));
  const configuration = liveIosxeConfiguration(router.ports);
  return {
    router,
    bootedAt: router.bootedAt,
    ports,
    configuration,
    pending: [],
    release: new Set(router.release),
    calls: 0,
  };
}

/** True for what is done at once; the rest waits for calls. Throws RangeError for an interface that is not there. */
export function strikesIosxeNow(one: LiveIosxe, fault: ParsedIosxeFault, now: number): boolean {
  const release = RELEASE_FAULTS.find((name) => name === fault.fault);
  if (release !== undefined) {
    one.release.add(release);
    return true;
  }
  switch (fault.fault) {
    case 'reboot':
      one.bootedAt = now;
      // What nobody saved is gone.
      one.configuration.running = one.configuration.startup;
      for (const live of one.ports) restartCounters(live, now);
      return true;
    case 'recover':
      recover(one);
      return true;
    default:
      return fault.fault in PORT_FAULTS && strikePort(one, fault, now);
  }
}

function recover(one: LiveIosxe): void {
  one.pending.length = 0;
  one.release = new Set(one.router.release);
  for (const live of one.ports) {
    live.isDown = false;
    live.isGone = false;
    delete live.load;
  }
}

type Strike = (live: LiveIosxePort, fault: ParsedIosxeFault, now: number) => void;

const PORT_FAULTS: Readonly<Record<string, Strike>> = {
  'clear-counters': (live, _fault, now) => restartCounters(live, now),
  remove: (live) => {
    live.isGone = true;
  },
  'link-down': (live) => {
    live.isDown = true;
  },
  'link-up': (live) => {
    live.isDown = false;
  },
  load: (live, { load }) => {
    if (load) live.load = load;
  },
};

function strikePort(one: LiveIosxe, fault: ParsedIosxeFault, now: number): boolean {
  const wanted = fault.interface ?? one.ports[0]?.port.name;
  const live = one.ports.find(({ port }) => port.name === wanted);
  if (!live) throw new RangeError(`interface must be one of ${one.ports.map(({ port }) => port.name).join(', ')}`);
  PORT_FAULTS[fault.fault]?.(live, fault, now);
  return true;
}
