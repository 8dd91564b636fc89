/** Where resellers are kept, and the right to work on a router. */
import type { Instant } from '../platform/clock.ts';
import type { ResellerRecord } from './work.ts';

/** How the last comparison of a router went. */
export interface Comparison {
  readonly router: string;
  /** The newest one that read all of it; absent before the first. */
  readonly comparedAt?: Instant;
  /** Why the newest try did not; absent where it did. */
  readonly error?: string;
}

export interface RouterHold {
  readonly tenant: string;
  readonly router: string;
  /** Tells this invocation from any other. */
  readonly holder: string;
  readonly until: Instant;
}

export interface ResellerStore {
  /** Consistent. */
  read(tenant: string, id: string): Promise<ResellerRecord | undefined>;
  /** In order of id. */
  list(tenant: string): Promise<ResellerRecord[]>;
  /** `revision` is the one it was read with, 0 for a new one; undefined when somebody else wrote meanwhile. */
  put(record: ResellerRecord): Promise<ResellerRecord | undefined>;
  /**
   * Reads, changes and writes until nobody comes in between; `change` is asked anew each time, and gives undefined to leave
   * it. Resolves to what was written; undefined where it is not there or was left. Throws STORE_CONFLICT after many tries.
   */
  change(
    tenant: string,
    id: string,
    change: (record: ResellerRecord) => ResellerRecord | undefined,
  ): Promise<ResellerRecord | undefined>;
  /** False when somebody else wrote meanwhile. */
  remove(record: ResellerRecord): Promise<boolean>;
  /** False while somebody else has the router. */
  holdRouter(hold: RouterHold, now: Instant): Promise<boolean>;
  /** Lets others in at once; of a hold that has passed on it changes nothing. */
  releaseRouter(hold: RouterHold): Promise<void>;
  listComparisons(tenant: string): Promise<Comparison[]>;
  putComparison(tenant: string, comparison: Comparison): Promise<void>;
}
