/** How fast an account may be called: one bucket per account, shared by every worker and every person. */
import type { Instant } from '../platform/clock.ts';

export interface Pace {
  /**
   * Resolves when the next call may be made, after a wait of a few seconds at most. Throws SOURCE_THROTTLED with
   * `retryAfterSeconds` when the turn would come later than that, or after the deadline: the work is to be put back.
   */
  take(): Promise<void>;
  /** The account asked to be left alone: nobody gets a turn before. */
  hold(until: Instant): Promise<void>;
}

/** Opens the bucket of one account. */
export type OpenPace = (account: {
  readonly tenant: string;
  readonly source: string;
  /** 0.1 to 100. */
  readonly requestsPerSecond: number;
  readonly deadline: Instant;
}) => Pace;
