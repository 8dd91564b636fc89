/** The generated data set: counters of many subscribers every five minutes, the same at every run. Pure. */
import type { Batch, CounterLife, Reading, TargetRef } from '../shared/samples/sample.ts';

export const PERIOD_SECONDS = 300;
export const SLOT_MS = PERIOD_SECONDS * 1000;
export const DAY_SLOTS = 288;
export const METRIC = 'ifHCInOctets';
export const TENANTS = 20;
export const MONTH = '2026-09';
/** A month of 30 days; what comes after its days belongs to a day that runs. */
export const START = Date.parse(`${MONTH}-01T00:00:00Z`);
/** Three hours since the last fold: the middle of its six. */
export const RUNNING_SLOTS = 36;

const BOOT = START - 100 * 86_400_000;
/** The device is asked at the same time after every slot; what it answers arrives later by up to the jitter. */
export const ASKED_AFTER_MS = 800;
export const BETWEEN_PORTS_MS = 3;

export interface DataSet {
  readonly days: number;
  readonly slots: number;
  /** By series, its counter at every slot; series `i` is subscriber `floor(i / 20)` of tenant `i % 20`. */
  readonly counters: readonly Float64Array[];
  readonly jitterMs: number;
}

/** Rates from 30 kB/s to 10 MB/s, busy by day and quiet by night, and half a rate of noise around that. */
export function generate(series: number, days: number, jitterMs = 100): DataSet {
  const slots = days * DAY_SLOTS + RUNNING_SLOTS;
  const counters = Array.from({ length: series }, (_, i) => {
    const random = randomOf(i + 1);
    const rate = 10 ** (4.5 + 2.5 * random());
    const values = new Float64Array(slots);
    values[0] = Math.floor(random() * 1e9);
    for (let k = 1; k < slots; k++) {
      const hour = k % DAY_SLOTS;
      const received = Math.floor(rate * PERIOD_SECONDS * (0.5 + random()) * (hour > 64 && hour < 276 ? 1.5 : 0.3));
      values[k] = (values[k - 1] ?? 0) + received + Math.floor(received / 8);
    }
    return values;
  });
  return { days, slots, counters, jitterMs };
}

export function slotAt(k: number): number {
  return START + k * SLOT_MS;
}

export function tenantName(t: number): string {
  return `t${String(t).padStart(2, '0')}`;
}

export function refOf(t: number): TargetRef {
  return { tenant: tenantName(t), kind: 'interface', target: 'core1' };
}

export function entityName(subscriber: number): string {
  return `core1/ether${subscriber + 1}`;
}

export function seriesOf(t: number, subscriber: number): number {
  return subscriber * TENANTS + t;
}

export function subscribersOf(data: DataSet): number {
  return Math.floor(data.counters.length / TENANTS);
}

/** Octets counted in (from, to], both numbers of slots. */
export function increaseOf(data: DataSet, series: number, from: number, to: number): number {
  const values = data.counters[series];
  return (values?.[to] ?? Number.NaN) - (values?.[from] ?? Number.NaN);
}

/** What a walk of the tenant's router brings at slot `k`. */
export function batchOf(data: DataSet, t: number, k: number): Batch {
  const slot = slotAt(k);
  const lag = lagOf(data, k * TENANTS + t);
  const readings = Array.from({ length: subscribersOf(data) }, (_, subscriber): Reading => {
    const askedAt = slot + ASKED_AFTER_MS + BETWEEN_PORTS_MS * subscriber;
    const value = BigInt(data.counters[seriesOf(t, subscriber)]?.[k] ?? 0);
    return {
      entity: entityName(subscriber),
      receivedAt: askedAt + lag,
      values: { [METRIC]: value },
      lives: { [METRIC]: lifeOf(METRIC, askedAt, askedAt + lag, subscriber + 1) },
    };
  });
  const receivedAt = readings.at(-1)?.receivedAt ?? slot;
  return { ...refOf(t), slot, part: 0, receivedAt, periodSeconds: PERIOD_SECONDS, boundary: true, readings };
}

/** How long an answer takes, the same at every run. */
export function lagOf(data: DataSet, run: number): number {
  return Math.floor(randomOf(run + 7_000_000)() * data.jitterMs);
}

/** The uptime is told in hundredths of a second, and the boot is worked out from it: so it wavers with the network. */
export function lifeOf(metric: string, askedAt: number, receivedAt: number, ifIndex: number): CounterLife {
  const uptimeMs = Math.floor((askedAt - BOOT) / 10) * 10;
  return {
    bootAt: receivedAt - uptimeMs,
    uptimeMs,
    discontinuity: '0',
    ifIndex,
    column: `snmp:${metric}`,
    speedBitsPerSecond: 1_000_000_000,
    bits: 64,
  };
}

/** Mulberry32: small, fast and the same everywhere; numbers from 0 to 1. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
