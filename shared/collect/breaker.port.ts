/** Where a source's breaker is remembered between its runs. */
import type { BreakerState } from './breaker.ts';

/** Only the run that holds the source's lease writes. */
export interface BreakerStore {
  /** Consistent; the closed state when nothing is remembered. */
  read(tenant: string, source: string): Promise<BreakerState>;
  /** A closed state is forgotten rather than kept. */
  write(tenant: string, source: string, state: BreakerState): Promise<void>;
}
