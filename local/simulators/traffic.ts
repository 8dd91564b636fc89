/** Traffic of a simulated port: counters that follow a day's curve, however often one looks. Pure but for its state. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The demo's provider works in Dhaka (UTC+6); people are busiest at nine in the evening. */
const ZONE_MS = 6 * HOUR_MS;
const BUSIEST_MS = 21 * HOUR_MS;
const RIPPLE_MS = 17 * 60_000;
/** Shares of the peak: level, swing of the day, ripple. Together the peak; never below a twentieth of it. */
const [LEVEL, SWING, RIPPLE] = [0.55, 0.4, 0.05];
/** What people send is about a quarter of what they receive. */
export const SENT_SHARE = 0.25;

/** In the busiest minute of the day, bits per second. */
export interface Peaks {
  readonly peakIn: number;
  readonly peakOut: number;
}

export interface LiveTraffic {
  /** Octets up to `countedAt`; the fraction is carried on. */
  received: number;
  sent: number;
  countedAt: number;
  isDown: boolean;
  isDisabled: boolean;
  /** Takes the place of the curve, bits per second. */
  load?: { readonly in: number; readonly out: number };
}

/** Of a port from which people receive. */
export function towards(peak: number): Peaks {
  return { peakIn: peak, peakOut: peak * SENT_SHARE };
}

/** Of a port through which they do. */
export function away(peak: number): Peaks {
  return { peakIn: peak * SENT_SHARE, peakOut: peak };
}

export function trafficFrom(startedAt: number): LiveTraffic {
  return { received: 0, sent: 0, countedAt: startedAt, isDown: false, isDisabled: false };
}

/** Counts what passed since it was last looked at. `most`: what its limits let pass, bits per second. */
export function advanceTraffic(
  live: LiveTraffic,
  { peakIn, peakOut }: Peaks,
  now: number,
  most = { in: Number.POSITIVE_INFINITY, out: Number.POSITIVE_INFINITY },
): void {
  if (now <= live.countedAt) return;
  if (!live.isDown && !live.isDisabled) {
    const seconds = (now - live.countedAt) / 1000;
    const share = live.load === undefined ? shareBetween(live.countedAt, now) : 1;
    live.received += (seconds * Math.min(most.in, share * (live.load?.in ?? peakIn))) / 8;
    live.sent += (seconds * Math.min(most.out, share * (live.load?.out ?? peakOut))) / 8;
  }
  live.countedAt = now;
}

export function clearCounters(live: LiveTraffic): void {
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
