/** How a simulated RouterOS tells of its echoes. Pure but for its state. */
import { echoesOf, type Pings, timesOf } from './ping-echoes.ts';
import { answered, parsedObject, refused } from './routeros-answers.ts';
import type { SimulatedResponse } from './simulator.ts';

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
  const status = pings.get(host)?.status ?? 'timeout';
  const echoes = echoesOf(pings, host, count);
  return echoes.map((time, seq) => {
    const shown = time === undefined ? { status } : { size: '56', ttl: '61', time: duration(time) };
    const sent = seq + 1;
    const soFar = echoes.slice(0, sent);
    const received = soFar.filter((one) => one !== undefined).length;
    return {
      ...{ '.section': String(seq), seq: String(seq), host, ...shown },
      ...{ sent: String(sent), received: String(received) },
      'packet-loss': String(Math.floor(((sent - received) * 100) / sent)),
      ...toldTimes(soFar),
    };
  });
}

function toldTimes(echoes: readonly (number | undefined)[]): Record<string, string> {
  const times = timesOf(echoes);
  if (times === undefined) return {};
  const { minimum, average, maximum } = times;
  return { 'min-rtt': duration(minimum), 'avg-rtt': duration(average), 'max-rtt': duration(maximum) };
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
