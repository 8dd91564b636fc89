/** The judgement of one rule on one entity at one instant; `advance` turns findings into the life of alerts. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Severity } from './rule.ts';

export interface Finding {
  readonly entity: string;
  readonly entityName: string;
  readonly rule: string;
  /**
   * breach: past the fire value of a level; clear: back past the clear value (or data is back); between: inside the hysteresis band;
   * unknown: no valid value (changes nothing); gone: rule disabled, entity removed or no longer measured.
   */
  readonly state: 'breach' | 'between' | 'clear' | 'unknown' | 'gone';
  /** The most severe level that is breached (breach), or that is not yet cleared (between). */
  readonly severity?: Severity;
  /** First instant of the unbroken run of slots in this state within the window. */
  readonly since: Instant;
  /** Slot judged. */
  readonly at: Instant;
  readonly value?: number;
  readonly threshold?: number;
  readonly unit?: string;
  /** Of a breach: what its message says beside the number; at most 300 characters. */
  readonly detail?: string;
  /** Why unknown or gone, in words. */
  readonly reason?: string;
}
