/** Echoes that a simulated router sends: every address answers, after a time of its own, unless a fault says otherwise. Pure but for its state. */

import { numberGiven } from './fault-fields.ts';

/** What is done to the pings of one address. */
export interface PingFault {
  /** Share of echoes lost, exactly in the long run. */
  readonly lossPercent?: number;
  readonly latencyMs?: number;
  /** Nothing comes back; stands where a router says why. */
  readonly status?: 'timeout' | 'host unreachable';
}

/** By address. */
export type Pings = Map<string, PingFault & { echoes: number }>;

const ADDRESS = 'the address as it is asked for, such as 198.51.100.1';

/** Faults of one address add up: it may be slow and lossy. */
export const PING_FAULTS = {
  'ping-loss': { address: ADDRESS, percent: 'share of the echoes that are lost, 0 to 100' },
  'ping-latency': { address: ADDRESS, milliseconds: '0 to 10000' },
  'ping-timeout': { address: ADDRESS },
  'ping-unreachable': { address: ADDRESS },
  /** It answers again, as it did. */
  'ping-normal': { address: ADDRESS },
} as const;

export interface PingStrike {
  readonly address: string;
  /** Nothing in it: the address answers as it did. */
  readonly fault: PingFault;
}

/** Of a fault of pings; undefined for any other. Throws RangeError for what is not understood. */
export function pingGiven(fault: string, own: Readonly<Record<string, unknown>>): PingStrike | undefined {
  if (!(fault in PING_FAULTS)) return undefined;
  const { address } = own;
  if (typeof address !== 'string') throw new RangeError(`address must be ${ADDRESS}`);
  switch (fault as keyof typeof PING_FAULTS) {
    case 'ping-loss':
      return { address, fault: { lossPercent: numberGiven('percent', own.percent, 0, 100) } };
    case 'ping-latency':
      return { address, fault: { latencyMs: numberGiven('milliseconds', own.milliseconds, 0, 10_000) } };
    case 'ping-timeout':
      return { address, fault: { status: 'timeout' } };
    case 'ping-unreachable':
      return { address, fault: { status: 'host unreachable' } };
    default:
      return { address, fault: {} };
  }
}

/** Microseconds that the answer took; undefined where none came. Echoes take no time here. */
export function echoesOf(pings: Pings, host: string, count: number): (number | undefined)[] {
  const fault = pings.get(host) ?? { echoes: 0 };
  const latency = (fault.latencyMs ?? latencyOf(host)) * 1000;
  return Array.from({ length: count }, (_, seq) => {
    const isLost = fault.status !== undefined || falls(fault.lossPercent ?? 0, fault.echoes++);
    // Up and down by a twentieth, so that the three times differ.
    return isLost ? undefined : Math.round(latency * (1 + ((seq % 3) - 1) / 20));
  });
}

export function strikePing(pings: Pings, { address, fault }: PingStrike): void {
  if (Object.keys(fault).length === 0) pings.delete(address);
  else pings.set(address, { echoes: 0, ...pings.get(address), ...fault });
}

/** Microseconds: least, mean and most; undefined of no answer at all. */
export function timesOf(echoes: readonly (number | undefined)[]) {
  const times = echoes.filter((time) => time !== undefined);
  if (times.length === 0) return undefined;
  const average = Math.round(times.reduce((sum, time) => sum + time, 0) / times.length);
  return { minimum: Math.min(...times), average, maximum: Math.max(...times) };
}

/** Whether the n-th echo is one of those that are lost. */
function falls(percent: number, n: number): boolean {
  return Math.floor(((n + 1) * percent) / 100) > Math.floor((n * percent) / 100);
}

/** 2 to 21 ms, always the same of one address. */
function latencyOf(host: string): number {
  return 2 + ([...host].reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7) % 20);
}
