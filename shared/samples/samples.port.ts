/** What the stages need of a store of samples; DynamoDB is the truth behind it. */
import type { Instant } from '../platform/clock.ts';
import type { Batch, Head, Increase, LastRun, RawPoint, TargetRef } from './sample.ts';

/**
 * The right to write a target's head, given for a while; an older holder is refused by its lower version. The lease of an
 * account covers the targets that its SIMs are cut into, too: one run feeds them all.
 */
export interface Lease {
  readonly ref: TargetRef;
  readonly version: number;
  readonly until: Instant;
}

/** The run that a lease is taken for, as the run log knows it beside its source. */
export interface LeaseRun {
  readonly slot: Instant;
  readonly part: number;
}

/** Who asks for a lease, and how it learns that the run which has it is over: a finished run gives nothing back. */
export interface LeaseClaim {
  readonly run: LeaseRun;
  /** Whether that run of the same source has done all its writes; consistent. */
  readonly isDone: (run: LeaseRun) => Promise<boolean>;
}

export interface SeriesRef extends TargetRef {
  readonly entity: string;
  readonly metric: string;
}

/** One day of one entity and metric, folded. Amounts in the metric's unit. */
export interface DayRollup {
  /** `YYYY-MM-DD` in the zone written beside it. */
  readonly day: string;
  /** Sum of the known increases (counter, balance, highWater); undefined for gauges and states. */
  readonly total: bigint | undefined;
  /** Largest rate over one period, units per second (counter); largest value (gauge). */
  readonly peak: bigint | undefined;
  readonly min: bigint | undefined;
  readonly last: bigint | undefined;
  readonly validSlots: number;
  readonly expectedSlots: number;
  /** Seconds of the longest interval without a valid reading. */
  readonly largestGapSeconds: number;
}

export interface SampleStore {
  readHead(ref: TargetRef): Promise<Head | undefined>;
  /** Heads of all targets of a kind, in order of target. */
  readHeads(tenant: string, kind: string): Promise<Head[]>;
  /** Undefined while another run holds it: until its time is over, it is released, or the claim finds that run done. */
  acquireLease(ref: TargetRef, now: Instant, durationMs: number, claim?: LeaseClaim): Promise<Lease | undefined>;
  /** For a run that ends without being found done; of a lease that has passed on it changes nothing. */
  releaseLease(lease: Lease): Promise<void>;
  /** Leaves word that somebody who found the lease taken comes back at that instant. */
  awaitLease(ref: TargetRef, at: Instant): Promise<void>;
  /** When somebody comes back for it: a run of many parts lets him in between two of them. */
  leaseAwaitedAt(ref: TargetRef): Promise<Instant | undefined>;
  /** Writes the part once; a loser gets the part that is stored. */
  putBatch(batch: Batch): Promise<{ batch: Batch; existed: boolean }>;
  /**
   * Raises `seq` of the batch's target, takes over newest values and baselines. Throws STORE_CONFLICT when the lease is no
   * longer ours.
   */
  advanceHead(lease: Lease, batch: Batch, run: LastRun): Promise<Head>;
  /** Records a run that brought nothing. */
  recordFailure(ref: TargetRef, run: LastRun): Promise<void>;
  /** Newest first, consistent. */
  newestBatches(ref: TargetRef, limit: number): Promise<Batch[]>;
  /** Raw readings of one series in [from, to), oldest first: chunks plus what is not folded yet. */
  readSeries(series: SeriesRef, from: Instant, to: Instant): Promise<RawPoint[]>;
  /** Increases of one series whose slot lies in [from, to), oldest first. */
  readIncreases(series: SeriesRef, from: Instant, to: Instant): Promise<Increase[]>;
  /** Per entity, the days of a month (`YYYY-MM`), in one paged query. */
  readRollups(tenant: string, metric: string, month: string): Promise<Map<string, DayRollup[]>>;
  /**
   * Recomputes chunks, rollups and tops of the batches not folded yet, in chunks that begin before `until`; returns how
   * many series it wrote. The start of the running chunk as `until` leaves that one whole for the next fold.
   */
  fold(ref: TargetRef, zone: string, until: Instant): Promise<{ series: number; folded: number }>;
  /** Deletes head, entities' series stay until their life ends. */
  removeHead(ref: TargetRef): Promise<void>;
}
