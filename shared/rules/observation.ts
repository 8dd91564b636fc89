/** What rules judge: a named value of an entity over its newest slots, with its unit; unknown stays unknown. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { Batch, Head } from '../samples/sample.ts';

export interface ObservedValue {
  readonly slot: Instant;
  /** Undefined = unknown at that slot: neither a breach nor a recovery. */
  readonly value: number | undefined;
  /** Why it is unknown, in words. */
  readonly reason?: string;
  /** What a message says beside the number, such as a router's own words; already fit to be shown. */
  readonly detail?: string;
}

export interface Observation {
  readonly entity: string;
  readonly metric: string;
  /** Unit a person reads: `%`, `bytes`, `bit/s`, `s`. */
  readonly unit: string;
  /** Oldest first; the last is the newest. */
  readonly values: readonly ObservedValue[];
}

/** Everything an evaluation of one target may look at; read consistently. */
export interface Window {
  readonly head: Head | undefined;
  /** Oldest first, enough for the longest hold of the rules in question. */
  readonly batches: readonly Batch[];
  readonly entities: readonly Entity[];
}

/** A capability's way from raw readings to observations. Pure. */
export type Observe = (window: Window) => Observation[];
