/** The shapes that every reading passes through on its way from a source to a chart. Pure. */
import type { Instant } from '../platform/clock.ts';

/**
 * The identity of a counter's life: as long as it stands, a difference of two readings is an increase.
 * A router that restarts, renumbers its interfaces or clears its counters begins a new life.
 */
export interface CounterLife {
  /** Receipt minus uptime, epoch ms; equal within 30 s + 1 % of the elapsed time (so that 497-day wraps heal). */
  readonly bootAt: Instant;
  /** Uptime the device gave with this very response, ms; undefined when it gives none. */
  readonly uptimeMs?: number;
  /** ifCounterDiscontinuityTime (or the driver's equivalent) as given; undefined when the column is absent. */
  readonly discontinuity?: string;
  readonly ifIndex?: number;
  /** Driver and column the value came from, such as `snmp:ifHCInOctets`: another column is another life. */
  readonly column: string;
  /** Line speed, bits per second; 0 or undefined where it is meaningless. */
  readonly speedBitsPerSecond?: number;
  /** 32 when the column wraps at 2^32. */
  readonly bits: 32 | 64;
}

/** All values of one entity read at one instant: raw, whole numbers, exactly as the source gave them. */
export interface Reading {
  /** Entity id, unique within tenant and kind, such as `core1/ether1`. */
  readonly entity: string;
  /** When the response that carried it arrived here, epoch ms. */
  readonly receivedAt: Instant;
  /** By metric id. A metric that is absent is unknown; it is never 0. */
  readonly values: Readonly<Record<string, bigint>>;
  /** By metric id, for counters only. */
  readonly lives?: Readonly<Record<string, CounterLife>>;
}

/** A storage unit fed by one collector run: which tenant's, of which kind, which account or router. */
export interface TargetRef {
  readonly tenant: string;
  /** Capability's kind of entity: `bundle`, `interface`. */
  readonly kind: string;
  /** Id of the source: an account, a router. */
  readonly target: string;
}

/** What one part of one run brought. Written once, never changed. */
export interface Batch extends TargetRef {
  /** The scheduled instant, or the instant a manual run was asked for, epoch ms. */
  readonly slot: Instant;
  readonly part: number;
  readonly receivedAt: Instant;
  readonly periodSeconds: number;
  /** True for a run on the period's boundary; a manual run or an extra poll adds no percentile slot. */
  readonly boundary: boolean;
  readonly readings: readonly Reading[];
}

/** One raw value of one series, as the increase engine reads it. */
export interface RawPoint {
  readonly slot: Instant;
  readonly receivedAt: Instant;
  readonly value: bigint;
  readonly boundary: boolean;
  readonly life?: CounterLife;
}

/** Why an interval gives no (or a flagged) increase. */
export type IncreaseReason =
  | 'first' // no earlier reading
  | 'reset' // a new life of the counter
  | 'jitter' // a step back of less than a second at line rate: increase 0, old value kept
  | 'narrow' // a 32-bit column that can wrap unseen within the elapsed time
  | 'implausible' // faster than the line allows
  | 'topup' // a balance that rose: consumption in the interval is unknown
  | 'gap' // longer than 1.5 periods: counts in totals, gives no rate
  | 'stale'; // elapsed <= 0: refused

/** What happened between two readings of a series. */
export interface Increase {
  /** Slot of the later reading, to whose day the increase belongs. */
  readonly slot: Instant;
  /** Receipt of the earlier reading; equals `to` when there is none. */
  readonly from: Instant;
  readonly to: Instant;
  readonly elapsedMs: number;
  /** Undefined = unknown. */
  readonly amount: bigint | undefined;
  readonly reason?: IncreaseReason;
  /** Both ends on the boundary and elapsed within 0.5-1.5 periods: may serve as a rate and a percentile slot. */
  readonly rateable: boolean;
}

/** Newest values of one entity and the baseline that the next increase starts from. */
export interface HeadEntity {
  readonly entity: string;
  readonly slot: Instant;
  readonly receivedAt: Instant;
  readonly values: Readonly<Record<string, bigint>>;
  readonly lives?: Readonly<Record<string, CounterLife>>;
  /** Newest increase by metric id, for metrics that have increases. */
  readonly increases: Readonly<Record<string, Increase>>;
  /** By id, metrics that have increases or are `kept` and that the newest run did not bring: newest value, and its receipt. */
  readonly earlier?: Readonly<Record<string, { readonly value: bigint; readonly receivedAt: Instant }>>;
}

/** How the newest run of a target ended. */
export interface LastRun {
  readonly slot: Instant;
  readonly at: Instant;
  readonly ok: boolean;
  /** Error code and one sentence, when not ok. */
  readonly error?: string;
  /** Runs failed in a row, 0 when ok. */
  readonly failures: number;
}

/** The one small item that knows a target's present. */
export interface Head extends TargetRef {
  /** Rises with every accepted part, also when the part already existed. */
  readonly seq: number;
  /** `seq` as the newest fold found it: chunks and rollups hold all of it but what lay in a chunk that it left waiting. */
  readonly folded: number;
  readonly periodSeconds: number;
  readonly entities: readonly HeadEntity[];
  readonly lastRun?: LastRun;
  /** Slot of the newest run that brought readings. */
  readonly newestSlot?: Instant;
}
