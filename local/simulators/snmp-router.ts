/** One simulated SNMP router between two requests: ports, counters, indexes, and what is done to them at once. */
import type { UsmUser } from '../snmp/usm.ts';
import type { Manner, ParsedSnmpFault, PendingSnmpFault } from './snmp-faults.ts';
import { advanceTraffic, clearCounters, type LiveTraffic, type Peaks, trafficFrom } from './traffic.ts';

export interface SimulatedSnmpPort extends Peaks {
  readonly index: number;
  readonly name: string;
  readonly alias?: string;
  /** IANAifType; Ethernet unless told. */
  readonly type?: number;
  /** 0 where the port has none. */
  readonly speedMbps: number;
}

export interface SimulatedSnmp {
  readonly name: string;
  /** sysDescr. */
  readonly description: string;
  /** Of v2c, where any other gets no answer, or the user of v3. */
  readonly login: { readonly community: string } | UsmUser;
  readonly ports: readonly SimulatedSnmpPort[];
  /** Epoch ms; its counters follow the curve from there, so a fixed one outlives restarts of the simulator. */
  readonly bootedAt: number;
  /** UDP port; any free one unless told. */
  readonly port?: number;
  /** What its agent is like without any fault. */
  readonly manners?: readonly Manner[];
}

export interface LiveSnmpPort extends LiveTraffic {
  readonly port: SimulatedSnmpPort;
  /** Octets that its counters began with. */
  base: { readonly received: bigint; readonly sent: bigint };
  /** Epoch ms of the last time they began again without the router; undefined: not since its start. */
  clearedAt?: number;
  /** What it calls its speed instead of the true one. */
  lieMbps?: number;
}

export interface LiveSnmp {
  readonly router: SimulatedSnmp;
  readonly ports: readonly LiveSnmpPort[];
  readonly pending: PendingSnmpFault[];
  bootedAt: number;
  /** Starts that were asked for, the first one included: SNMPv3 shows them. */
  boots: number;
  manners: Set<Manner>;
  /** How often the indexes were handed on. */
  rotations: number;
  /** Each so many-th request is lost; 0: none is. */
  lostEvery: number;
  requests: number;
}

const NO_OCTETS = { received: 0n, sent: 0n };

export function liveSnmp(router: SimulatedSnmp): LiveSnmp {
  const { bootedAt } = router;
  const ports = router.ports.map((port) => ({ ...trafficFrom(bootedAt), port, base: NO_OCTETS }));
  const counts = { boots: 1, rotations: 0, lostEvery: 0, requests: 0 };
  return { router, ports, pending: [], bootedAt, manners: new Set(router.manners), ...counts };
}

/** Counts what passed since it was last looked at. */
export function advanceSnmp({ ports }: LiveSnmp, now: number): void {
  for (const live of ports) advanceTraffic(live, live.port, now);
}

/** What a port has counted, whole octets, without any end. */
export function octetsOf({ base, received, sent }: LiveSnmpPort): { readonly received: bigint; readonly sent: bigint } {
  return { received: base.received + BigInt(Math.floor(received)), sent: base.sent + BigInt(Math.floor(sent)) };
}

/** The ifIndex that each port has now, in their order. */
export function indexesOf({ ports, rotations }: LiveSnmp): number[] {
  return ports.map((_, i) => ports[(i + rotations) % ports.length]?.port.index ?? 0);
}

/** True for what is done at once; the rest waits for requests. Throws RangeError for a port that is not there. */
export function strikesSnmpNow(one: LiveSnmp, fault: ParsedSnmpFault, now: number): boolean {
  advanceSnmp(one, now);
  if (fault.manner !== undefined) {
    one.manners.add(fault.manner);
    return true;
  }
  switch (fault.fault) {
    case 'reboot':
      one.bootedAt = now;
      one.boots++;
      for (const live of one.ports) {
        beginAgain(live);
        delete live.clearedAt;
      }
      return true;
    case 'renumber':
      one.rotations++;
      return true;
    case 'lossy':
      one.lostEvery = fault.every ?? 0;
      return true;
    case 'recover':
      recover(one);
      return true;
    default:
      return strikePort(one, fault, now);
  }
}

function beginAgain(live: LiveSnmpPort): void {
  clearCounters(live);
  live.base = NO_OCTETS;
}

function recover(one: LiveSnmp): void {
  one.pending.length = 0;
  one.manners = new Set(one.router.manners);
  one.rotations = 0;
  one.lostEvery = 0;
  for (const live of one.ports) {
    live.isDown = false;
    delete live.load;
    delete live.lieMbps;
  }
}

type Strike = (live: LiveSnmpPort, fault: ParsedSnmpFault, now: number) => void;

const PORT_FAULTS: Readonly<Record<string, Strike>> = {
  'reset-counters': (live, _fault, now) => {
    beginAgain(live);
    live.clearedAt = now;
  },
  wrap: (live, { wrap }) => {
    if (wrap === undefined) return;
    // The smallest jump ahead: what lies above a 32-bit column goes on as it was.
    const end = 2n ** BigInt(wrap.bits);
    const jump = (octets: bigint) => (((end - wrap.left - octets) % end) + end) % end;
    const { received, sent } = octetsOf(live);
    live.base = { received: live.base.received + jump(received), sent: live.base.sent + jump(sent) };
  },
  'link-down': (live) => {
    live.isDown = true;
  },
  'link-up': (live) => {
    live.isDown = false;
  },
  load: (live, { load }) => {
    if (load !== undefined) live.load = load;
  },
  'lying-speed': (live, { speedMbps }) => {
    if (speedMbps !== undefined) live.lieMbps = speedMbps;
  },
};

function strikePort(one: LiveSnmp, fault: ParsedSnmpFault, now: number): boolean {
  const strike = PORT_FAULTS[fault.fault];
  if (strike === undefined) return false;
  const wanted = fault.interface ?? one.ports[0]?.port.name;
  const live = one.ports.find(({ port }) => port.name === wanted);
  if (!live) throw new RangeError(`interface must be one of ${one.ports.map(({ port }) => port.name).join(', ')}`);
  strike(live, fault, now);
  return true;
}
