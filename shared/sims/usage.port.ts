/** Where the provider's days of SIMs are kept: per SIM and month, newest statement wins. */
import type { Instant } from '../platform/clock.ts';
import type { DayUsage } from './sim.ts';

/** A day that the provider restated after it was over. */
export interface Correction {
  readonly iccid: string;
  readonly day: string;
  readonly before: DayUsage;
  readonly after: DayUsage;
}

export interface SimRef {
  readonly tenant: string;
  /** Id of the source. */
  readonly account: string;
  readonly iccid: string;
}

export interface UsageStore {
  /**
   * Merges days into their months; nothing is written where nothing changed. An older statement never replaces a newer
   * one. Days up to `closedBefore` (exclusive, `YYYY-MM-DD`) that change although they were stated after their end are
   * corrections: returned, and kept in the log of the tenant (a year).
   */
  record(ref: SimRef, days: readonly DayUsage[], at: Instant, closedBefore: string): Promise<readonly Correction[]>;
  /** Days in [from, to], oldest first. */
  read(ref: SimRef, from: string, to: string): Promise<readonly DayUsage[]>;
  /** All SIMs of the tenant that have usage in the month `YYYY-MM`, by `<account>/<iccid>`: one paged query. */
  readMonth(tenant: string, month: string): Promise<ReadonlyMap<string, readonly DayUsage[]>>;
  /** Newest first; of one SIM, or of all. */
  listCorrections(tenant: string, limit: number, iccid?: string): Promise<readonly (Correction & { at: Instant })[]>;
}
