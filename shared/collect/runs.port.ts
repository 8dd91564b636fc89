/** The log of runs, and the responses behind them. */
import type { Instant } from '../platform/clock.ts';
import type { Run } from './run.ts';

/** Names one part of one run. */
export interface RunRef {
  readonly tenant: string;
  readonly source: string;
  readonly slot: Instant;
  readonly part: number;
}

export interface RunPage {
  readonly runs: readonly Run[];
  /** Hand it back for the next page; absent at the end. It names no tenant, so it opens nobody else's log. */
  readonly cursor?: string;
}

export interface RunQuery {
  readonly source?: string;
  /** 1 to 500. */
  readonly limit: number;
  readonly cursor?: string;
}

export interface RunStore {
  /** Written as the last step of a part: where a row stands, that part is done. Kept 90 days. */
  write(run: Run): Promise<void>;
  /** Consistent. */
  isDone(ref: RunRef): Promise<boolean>;
  /** Newest slot first. Throws REQUEST_INVALID for a cursor that is none of ours. */
  list(tenant: string, query: RunQuery): Promise<RunPage>;
  /** The response of a part as it came, redacted; kept 7 days. */
  writeRaw(ref: RunRef, text: string): Promise<void>;
  readRaw(ref: RunRef): Promise<{ text: string; truncated: boolean } | undefined>;
}
