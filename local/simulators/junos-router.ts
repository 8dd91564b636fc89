/** One simulated Junos router between two calls: ports, their units, its uptime, and what is done to them at once. */
import { configure, type LiveConfiguration, liveConfiguration, unitState } from './junos-configuration.ts';
import type { ParsedFault, PendingFault, StyleFault } from './junos-faults.ts';
import { StatementError } from './junos-tree.ts';
import { type Pings, strikePing } from './ping-echoes.ts';
import { advanceTraffic, clearCounters, type LiveTraffic, type Peaks, trafficFrom } from './traffic.ts';

export interface SimulatedUnit extends Peaks {
  /** Behind the dot of its name. */
  readonly unit: number;
  readonly snmpIndex: number;
  readonly description?: string;
}

export interface SimulatedJunosPort {
  readonly name: string;
  readonly snmpIndex: number;
  readonly description?: string;
  /** As Junos writes it: `1000mbps`, `10Gbps`, `Auto`. */
  readonly speed: string;
  /** What the port counts is what its units count, together. */
  readonly units: readonly SimulatedUnit[];
}

export interface SimulatedJunos {
  readonly name: string;
  readonly user: string;
  readonly password: string;
  /** In OpenSSH's form (`ssh-ed25519 AAAA…`): a key that may log in as well. */
  readonly publicKey?: string;
  /** Who may change something as well; then the other one may not. */
  readonly writer?: { readonly user: string; readonly password: string };
  readonly ports: readonly SimulatedJunosPort[];
  /** What is configured besides its ports and units: the content of `configuration`, as XML. */
  readonly configured?: string;
  /** How it lets its user in; all three unless told. */
  readonly methods?: readonly LoginMethod[];
  /** Epoch ms; its counters follow the curve from there, so a fixed one outlives restarts of the simulator. */
  readonly bootedAt: number;
  /** TCP port; any free one unless told. */
  readonly port?: number;
  /** Of its REST API; any free one unless told. */
  readonly restPort?: number;
}

const METHODS = ['password', 'publickey', 'keyboard-interactive'] as const;
export type LoginMethod = (typeof METHODS)[number];

export interface LiveUnit extends LiveTraffic {
  readonly name: string;
  readonly unit: SimulatedUnit;
}

export interface LiveJunosPort {
  readonly port: SimulatedJunosPort;
  readonly units: readonly LiveUnit[];
  isDown: boolean;
  /** When the port last changed its state. */
  flappedAt: number;
  /** Undefined: since the start. */
  clearedAt?: number;
}

export interface LiveJunos {
  readonly router: SimulatedJunos;
  readonly ports: readonly LiveJunosPort[];
  readonly pending: PendingFault[];
  readonly methods: readonly LoginMethod[];
  /** How it speaks until `recover`. */
  readonly styles: Set<StyleFault>;
  readonly configuration: LiveConfiguration;
  readonly pings: Pings;
  /** Octets in a packet, for `split-packets`. */
  packetBytes: number;
  bootedAt: number;
  sessions: number;
  calls: number;
}

export function liveJunos(router: SimulatedJunos): LiveJunos {
  const { bootedAt } = router;
  const ports = router.ports.map((port) => ({
    port,
    units: port.units.map((unit) => ({ ...trafficFrom(bootedAt), unit, name: `${port.name}.${unit.unit}` })),
    isDown: false,
    flappedAt: bootedAt,
  }));
  const counts = { sessions: 0, calls: 0, packetBytes: 1 };
  const { methods = METHODS } = router;
  const configuration = liveConfiguration(router.ports, router.configured);
  return {
    router,
    ports,
    pending: [],
    methods,
    styles: new Set(),
    pings: new Map(),
    configuration,
    bootedAt,
    ...counts,
  };
}

/** Counts what passed since it was last looked at. */
export function advanceJunos({ ports, configuration }: LiveJunos, now: number): void {
  for (const { units } of ports) {
    for (const live of units) {
      const { bounds, isDisabled } = unitState(configuration, live.name);
      live.isDisabled = isDisabled;
      advanceTraffic(live, live.unit, now, bounds);
    }
  }
}

/** What a port counts, whole octets. */
export function octetsOf(counted: readonly LiveTraffic[]): { readonly received: bigint; readonly sent: bigint } {
  const sum = (field: 'received' | 'sent') =>
    counted.reduce((octets, live) => octets + BigInt(Math.floor(live[field])), 0n);
  return { received: sum('received'), sent: sum('sent') };
}

/** True for what is done at once; the rest waits for calls. Throws RangeError for an interface that is not there. */
export function strikesNow(one: LiveJunos, fault: ParsedFault, now: number): boolean {
  advanceJunos(one, now);
  if (fault.style !== undefined) {
    one.styles.add(fault.style);
    one.packetBytes = fault.bytes ?? one.packetBytes;
    return true;
  }
  if (fault.ping !== undefined) {
    strikePing(one.pings, fault.ping);
    return true;
  }
  switch (fault.fault) {
    case 'reboot':
      one.bootedAt = now;
      for (const port of one.ports) {
        for (const live of port.units) clearCounters(live);
        setDown(port, false, now);
        delete port.clearedAt;
      }
      return true;
    case 'clear-statistics':
    case 'link-down':
    case 'link-up':
    case 'load':
      strikePort(one, fault, now);
      return true;
    case 'configure':
      changeByHand(one, fault.xml ?? '');
      return true;
    case 'recover':
      recover(one, now);
      return true;
    default:
      return false;
  }
}

function changeByHand({ configuration }: LiveJunos, xml: string): void {
  try {
    configure(configuration, xml);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw new RangeError(`xml is not taken: ${error.message}`, { cause: error });
  }
}

function strikePort(one: LiveJunos, fault: ParsedFault, now: number): void {
  const { port, unit } = find(one, fault.interface);
  const units = unit === undefined ? port.units : [unit];
  switch (fault.fault) {
    case 'clear-statistics':
      for (const live of units) clearCounters(live);
      // Of a unit alone, Junos keeps no date.
      if (unit === undefined) port.clearedAt = now;
      return;
    case 'load': {
      const { load } = fault;
      if (load === undefined) return;
      const share = { in: load.in / units.length, out: load.out / units.length };
      for (const live of units) live.load = share;
      return;
    }
    default:
      setDown(port, fault.fault === 'link-down', now);
  }
}

function find({ ports }: LiveJunos, name: string | undefined): { port: LiveJunosPort; unit: LiveUnit | undefined } {
  for (const port of ports) {
    if (name === undefined || port.port.name === name) return { port, unit: undefined };
    const unit = port.units.find((one) => one.name === name);
    if (unit !== undefined) return { port, unit };
  }
  const names = ports.flatMap(({ port, units }) => [port.name, ...units.map((unit) => unit.name)]);
  throw new RangeError(`interface must be one of ${names.join(', ')}`);
}

function setDown(port: LiveJunosPort, isDown: boolean, now: number): void {
  port.isDown = isDown;
  port.flappedAt = now;
  for (const live of port.units) live.isDown = isDown;
}

function recover(one: LiveJunos, now: number): void {
  one.pending.length = 0;
  one.styles.clear();
  one.pings.clear();
  for (const port of one.ports) {
    if (port.isDown) setDown(port, false, now);
    for (const live of port.units) delete live.load;
  }
}
