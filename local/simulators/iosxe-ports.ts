/** The interfaces of a simulated IOS-XE, and their rows in Cisco's and the IETF's tree. Pure but for its state. */
import { advanceTraffic, clearCounters, type LiveTraffic, type Peaks, trafficFrom } from './traffic.ts';

export interface SimulatedIosxePort extends Peaks {
  /** 0 for what is no port. */
  readonly index: number;
  readonly name: string;
  readonly kind: 'ethernet' | 'vlan' | 'loopback' | 'control';
  readonly description?: string;
  readonly speedBitsPerSecond: number;
}

export interface LiveIosxePort extends LiveTraffic {
  readonly port: SimulatedIosxePort;
  discontinuityAt: number;
  isGone: boolean;
}

/** How a release writes its rows. */
export interface RowStyle {
  /** Before 17.2: what is sent is counted in 32 bits only. */
  readonly isOld: boolean;
  /** Numbers of 32 bits are strings too. */
  readonly asStrings: boolean;
}

/** Interfaces come up a little after the router. */
const STARTUP_MS = 4_000;

const KINDS = {
  ethernet: ['iana-iftype-ethernet-csmacd', 'iana-if-type:ethernetCsmacd'],
  vlan: ['iana-iftype-l2vlan', 'iana-if-type:l2vlan'],
  loopback: ['iana-iftype-sw-loopback', 'iana-if-type:softwareLoopback'],
  control: ['iana-iftype-other', 'iana-if-type:other'],
} as const;

export function liveIosxePort(port: SimulatedIosxePort, bootedAt: number): LiveIosxePort {
  return { ...trafficFrom(bootedAt), port, discontinuityAt: bootedAt + STARTUP_MS, isGone: false };
}

/** `isShut`, `most`: as it has been configured since it was last looked at, bits per second. */
export function advanceIosxePort(
  live: LiveIosxePort,
  { isShut, most }: { readonly isShut: boolean; readonly most: { readonly in: number; readonly out: number } },
  now: number,
): void {
  live.isDisabled = isShut;
  advanceTraffic(live, live.port, now, most);
}

/** Counters begin again, and say when. */
export function restartCounters(live: LiveIosxePort, at: number): void {
  clearCounters(live);
  live.discontinuityAt = at;
}

/** As the router writes an instant: milliseconds, and an offset instead of Z. */
export function instantText(at: number): string {
  return new Date(at).toISOString().replace('Z', '+00:00');
}

/** A row of `Cisco-IOS-XE-interfaces-oper:interfaces/interface`. */
export function ciscoRow(live: LiveIosxePort, { isOld, asStrings }: RowStyle): Record<string, unknown> {
  const { port } = live;
  const isUp = !live.isDown && !live.isDisabled;
  const narrow = (value: number) => (asStrings ? String(value) : value);
  const [received, sent] = [octets(live.received), octets(live.sent)];
  return {
    name: port.name,
    'interface-type': KINDS[port.kind][0],
    'admin-status': live.isDisabled ? 'if-state-down' : 'if-state-up',
    'oper-status': isUp ? 'if-oper-state-ready' : 'if-oper-state-no-pass',
    'last-change': instantText(live.discontinuityAt),
    'if-index': narrow(port.index),
    'phys-address': '00:00:5e:00:53:01',
    speed: String(port.speedBitsPerSecond),
    ...(port.description === undefined ? {} : { description: port.description }),
    mtu: narrow(1500),
    statistics: {
      'discontinuity-time': instantText(live.discontinuityAt),
      'in-octets': String(received),
      'in-discards': narrow(0),
      'in-errors': narrow(0),
      'out-octets': narrow(Number(sent % 2n ** 32n)),
      'out-discards': '0',
      'out-errors': '0',
      'num-flaps': '0',
      ...(isOld ? {} : { 'in-errors-64': '0', 'out-octets-64': String(sent) }),
    },
  };
}

/** A row of `ietf-interfaces:interfaces-state/interface`: both counters have 64 bits in every release. */
export function ietfRow(live: LiveIosxePort): Record<string, unknown> {
  const { port } = live;
  const isUp = !live.isDown && !live.isDisabled;
  return {
    name: port.name,
    type: KINDS[port.kind][1],
    'admin-status': live.isDisabled ? 'down' : 'up',
    'oper-status': isUp ? 'up' : 'down',
    'last-change': instantText(live.discontinuityAt),
    'if-index': port.index,
    'phys-address': '00:00:5e:00:53:01',
    speed: String(port.speedBitsPerSecond),
    statistics: {
      'discontinuity-time': instantText(live.discontinuityAt),
      'in-octets': String(octets(live.received)),
      'in-errors': 0,
      'out-octets': String(octets(live.sent)),
      'out-errors': 0,
    },
  };
}

function octets(counted: number): bigint {
  return BigInt(Math.floor(counted));
}
