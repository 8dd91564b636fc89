/** What whoever copies samples elsewhere reads of the truth and writes to the copy. */
import type { Instant } from '../platform/clock.ts';
import type { Batch, RawPoint, TargetRef } from './sample.ts';
import type { SeriesRef } from './samples.port.ts';
import type { SampleRow } from './timestream-rows.ts';

export interface SampleSource {
  /** All parts of a slot that exist now, in order; consistent. */
  partsOf(ref: TargetRef, slot: Instant): Promise<Batch[]>;
  /** Everything known of an entity in [from, to), oldest first: chunks, and what is not folded yet. */
  rowsOf(ref: TargetRef, entity: string, from: Instant, to: Instant): Promise<SampleRow[]>;
}

/**
 * tooOld: beyond what the copy keeps or takes; tooNew: ahead of its clock; version: something at least as new stands
 * there; limit: it can never be taken as it is.
 */
export type RejectReason = 'tooOld' | 'tooNew' | 'version' | 'limit';

export interface RejectedRow {
  readonly entity: string;
  readonly slot: Instant;
  readonly reason: RejectReason;
  /** As the copy says it. */
  readonly message: string;
  readonly existingVersion?: number;
}

export interface WriteResult {
  readonly stored: number;
  readonly rejected: readonly RejectedRow[];
}

export interface SampleCopy {
  /** Twice the same changes nothing. Throws STORE_UNAVAILABLE when the copy did not answer until the deadline. */
  writeRows(
    ref: Pick<TargetRef, 'tenant' | 'kind'>,
    rows: readonly SampleRow[],
    version: number,
    deadline: Instant,
  ): Promise<WriteResult>;
  write(batch: Batch, version: number, deadline: Instant): Promise<WriteResult>;
}

/** Reading raw values back: every store of samples can; lives are told by DynamoDB only. */
export interface SampleReader {
  readSeries(series: SeriesRef, from: Instant, to: Instant): Promise<RawPoint[]>;
}
