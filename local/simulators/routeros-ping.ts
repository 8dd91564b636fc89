/** How a simulated RouterOS pings: every address answers, after a time of its own, unless a fault says otherwise. Pure but for its state. */
import { answered, parsedObject, refused } from './routeros-answers.ts';
import type { SimulatedResponse } from './simulator.ts';

/** What is done to the pings of one address. */
export interface PingFault {
  /** Share of echoes lost, exactly in the long run. */
  readonly lossPercent?: number;
  readonly latencyMs?: number;
  /** Stands in every row instead of a time. */
  readonly status?: 'timeout' | 'host unreachable';
}

/** By address. */
export type Pings = Map<string, PingFault & { echoes: number }>;

const SESSION_LIMIT_MS = 60_000;
const DEFAULT_INTERVAL_MS = 1000;
const MOST_ECHOES = 10_000;

/** As RouterOS answers to `/ping`: a row per echo, with counters up to it. Echoes take no time here. */
export function pinged(pings: Pings, body: string): SimulatedResponse {
  const { address, count, interval } = parsedObject(body) ?? {};
  if (typeof address !== 'string' || address === '') return refused(400, 'Bad Request', 'missing =address=');
  const intervalMs = interval === undefined ? DEFAULT_INTERVAL_MS : intervalOf(String(interval));
  if (intervalMs === undefined) return refused(400, 'Bad Request', 'invalid value for argument interval');
  const echoes = count === undefined ? Number.POSITIVE_INFINITY : Number(count);
  if (!(echoes >= 1)) return refused(400, 'Bad Request', 'invalid value for argument count');
  // Without a count it would go on until then.
  if (echoes * intervalMs > SESSION_LIMIT_MS || echoes > MOST_ECHOES)
    return refused(400, 'Bad Request', 'Session closed');
  return answered(rowsOf(pings, address, Math.floor(echoes)));
}

function intervalOf(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,5})(ms|s)?$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (unit === 'ms' ? 1 : 1000);
}

function rowsOf(pings: Pings, host: string, count: number): Record<string, string>[] {
  const fault = pings.get(host) ?? { echoes: 0 };
  const latency = (fault.latencyMs ?? latencyOf(host)) * 1000;
  const times: number[] = [];
  return Array.from({ length: count }, (_, seq) => {
    const isLost = fault.status !== undefined || falls(fault.lossPercent ?? 0, fault.echoes++);
    // Up and down by a twentieth, so that the three times differ.
    if (!isLost) times.push(Math.round(latency * (1 + ((seq % 3) - 1) / 20)));
    const shown = isLost
      ? { status: fault.status ?? 'timeout' }
      : { size: '56', ttl: '61', time: duration(times.at(-1)) };
    const sent = seq + 1;
    return {
      ...{ '.section': String(seq), seq: String(seq), host, ...shown },
      ...{ sent: String(sent), received: String(times.length) },
      'packet-loss': String(Math.floor(((sent - times.length) * 100) / sent)),
      ...(times.length === 0 ? {} : timesOf(times)),
    };
  });
}

function timesOf(times: readonly number[]) {
  const average = times.reduce((sum, time) => sum + time, 0) / times.length;
  return {
    'min-rtt': duration(Math.min(...times)),
    'avg-rtt': duration(Math.round(average)),
    'max-rtt': duration(Math.max(...times)),
  };
}

/** Whether the n-th echo is one of those that are lost. */
function falls(percent: number, n: number): boolean {
  return Math.floor(((n + 1) * percent) / 100) > Math.floor((n * percent) / 100);
}

/** 2 to 21 ms, always the same of one address. */
function latencyOf(host: string): number {
  return 2 + ([...host].reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7) % 20);
}

/** Such as `453us`, `1ms200us` or `2s`; parts that are zero are left out. */
function duration(microseconds = 0): string {
  const parts = [
    [Math.floor(microseconds / 1e6), 's'],
    [Math.floor(microseconds / 1000) % 1000, 'ms'],
    [microseconds % 1000, 'us'],
  ] as const;
  return parts.flatMap(([amount, unit]) => (amount === 0 ? [] : [`${amount}${unit}`])).join('') || '0us';
}
