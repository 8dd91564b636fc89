/** Batches of a made-up router for tests: counters that rise as told, every five minutes. */
import type { Metric } from '../../../shared/samples/metric.ts';
import type { Batch, CounterLife, LastRun, Reading, TargetRef } from '../../../shared/samples/sample.ts';

export const REF: TargetRef = { tenant: 'demo', kind: 'interface', target: 'core1' };
export const PERIOD_SECONDS = 300;
export const SLOT_MS = PERIOD_SECONDS * 1000;

export const METRICS: readonly Metric[] = [
  { id: 'ifHCInOctets', kind: 'counter', unit: 'octets', title: 'Received' },
  { id: 'ifHCOutOctets', kind: 'counter', unit: 'octets', title: 'Sent' },
];

export const metricsOf = (): readonly Metric[] => METRICS;

/** Receipt comes this long after the slot. */
const LAG_MS = 1200;

export function life(receivedAt: number, bootAt: number, column: string, ifIndex = 1): CounterLife {
  return {
    bootAt,
    uptimeMs: receivedAt - bootAt,
    discontinuity: '0',
    ifIndex,
    column: `snmp:${column}`,
    speedBitsPerSecond: 1_000_000_000,
    bits: 64,
  };
}

export interface PortReading {
  readonly entity: string;
  readonly input: bigint;
  readonly output?: bigint;
  readonly ifIndex?: number;
}

export function reading(port: PortReading, receivedAt: number, bootAt = 0): Reading {
  const index = port.ifIndex ?? 1;
  const out = port.output === undefined ? {} : { ifHCOutOctets: port.output };
  return {
    entity: port.entity,
    receivedAt,
    values: { ifHCInOctets: port.input, ...out },
    lives: {
      ifHCInOctets: life(receivedAt, bootAt, 'ifHCInOctets', index),
      ...(port.output === undefined ? {} : { ifHCOutOctets: life(receivedAt, bootAt, 'ifHCOutOctets', index) }),
    },
  };
}

export function batch(
  slot: number,
  ports: readonly PortReading[],
  options: { part?: number; lateMs?: number; bootAt?: number; ref?: TargetRef } = {},
): Batch {
  const receivedAt = slot + LAG_MS + (options.lateMs ?? 0);
  return {
    ...(options.ref ?? REF),
    slot,
    part: options.part ?? 0,
    receivedAt,
    periodSeconds: PERIOD_SECONDS,
    boundary: true,
    readings: ports.map((port) => reading(port, slot + LAG_MS, options.bootAt ?? 0)),
  };
}

export function okRun(slot: number): LastRun {
  return { slot, at: slot + LAG_MS, ok: true, failures: 0 };
}
