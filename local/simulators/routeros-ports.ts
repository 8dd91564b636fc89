/** The ports of a simulated RouterOS: counters that follow a day's curve, and what faults do to them. Pure but for its state. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The demo's provider works in Dhaka (UTC+6); people are busiest at nine in the evening. */
const ZONE_MS = 6 * HOUR_MS;
const BUSIEST_MS = 21 * HOUR_MS;
const RIPPLE_MS = 17 * 60_000;
/** Shares of the peak: level, swing of the day, ripple. Together the peak; never below a twentieth of it. */
const [LEVEL, SWING, RIPPLE] = [0.55, 0.4, 0.05];

export interface SimulatedPort {
  /** Number behind the star of its `.id`. */
  readonly index: number;
  readonly name: string;
  readonly type: 'ether' | 'vlan' | 'bridge' | 'pppoe-in';
  readonly comment?: string;
  /** What an Ethernet port agreed with its neighbour, such as `1Gbps`. */
  readonly rate?: string;
  readonly vlanId?: number;
  /** Name of the port that carries it. */
  readonly parent?: string;
  /** In the busiest minute of the day, bits per second. */
  readonly peakIn: number;
  readonly peakOut: number;
}

export type LieShape = 'falls' | 'jumps' | 'text' | 'negative' | 'huge';

export interface LivePort {
  readonly port: SimulatedPort;
  index: number;
  /** Octets up to `countedAt`; the fraction is carried on. */
  received: number;
  sent: number;
  countedAt: number;
  isDown: boolean;
  isDisabled: boolean;
  /** Takes the place of the curve, bits per second. */
  load?: { readonly in: number; readonly out: number };
  lie?: LieShape;
  /** Fields that its row lacks. */
  readonly missing: Set<string>;
}

export function livePort(port: SimulatedPort, bootedAt: number): LivePort {
  const counters = { received: 0, sent: 0, countedAt: bootedAt };
  return { port, index: port.index, ...counters, isDown: false, isDisabled: false, missing: new Set() };
}

/** Counts what passed since it was last looked at. */
export function advancePort(live: LivePort, now: number): void {
  if (now <= live.countedAt) return;
  if (!live.isDown && !live.isDisabled) {
    const seconds = (now - live.countedAt) / 1000;
    const share = live.load === undefined ? shareBetween(live.countedAt, now) * seconds : seconds;
    live.received += (share * (live.load?.in ?? live.port.peakIn)) / 8;
    live.sent += (share * (live.load?.out ?? live.port.peakOut)) / 8;
  }
  live.countedAt = now;
}

export function clearCounters(live: LivePort): void {
  live.received = 0;
  live.sent = 0;
}

/** Mean share of the peak between two instants: the curve's own integral, so it does not matter how often one looks. */
export function shareBetween(from: number, to: number): number {
  const mean = (periodMs: number, shiftMs: number) => {
    const turn = (2 * Math.PI) / periodMs;
    return (Math.sin(turn * (to - shiftMs)) - Math.sin(turn * (from - shiftMs))) / (turn * (to - from));
  };
  return LEVEL + SWING * mean(DAY_MS, BUSIEST_MS - ZONE_MS) + RIPPLE * mean(RIPPLE_MS, 0);
}

/** A row of `/rest/interface`, every value a string, what is unset absent. */
export function rowOf(live: LivePort): Record<string, unknown> {
  const { port, index } = live;
  const isRunning = !live.isDown && !live.isDisabled;
  const row: Record<string, unknown> = {
    '.id': idOf(index),
    name: port.name,
    ...(port.type === 'ether' ? { 'default-name': port.name } : {}),
    type: port.type,
    mtu: port.type === 'pppoe-in' ? '1480' : '1500',
    ...(port.comment === undefined ? {} : { comment: port.comment }),
    running: String(isRunning),
    disabled: String(live.isDisabled),
    ...(port.type === 'pppoe-in' ? { dynamic: 'true' } : {}),
    'rx-byte': counterText(live.received, live.lie),
    'tx-byte': counterText(live.sent, live.lie),
    'fp-rx-byte': '0',
    'fp-tx-byte': '0',
    'link-downs': live.isDown ? '1' : '0',
  };
  for (const field of live.missing) delete row[field];
  return row;
}

export function idOf(index: number): string {
  return `*${index.toString(16).toUpperCase()}`;
}

function counterText(octets: number, lie: LieShape | undefined): string {
  const honest = BigInt(Math.floor(octets));
  switch (lie) {
    case undefined:
      return honest.toString();
    case 'falls':
      return (honest / 2n).toString();
    case 'jumps':
      return (honest + 10n ** 18n).toString();
    case 'text':
      return '12.3 MiB';
    case 'negative':
      return `-${honest}`;
    case 'huge':
      return (honest + 2n ** 64n).toString();
  }
}
