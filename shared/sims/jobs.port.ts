/** An action under way: what is to be done, in parts of a hundred SIMs, and how each of them ended. */
import type { Instant } from '../platform/clock.ts';
import type { ActionName, ActionParameters } from './action.ts';

export interface JobCounts {
  readonly pending: number;
  readonly done: number;
  readonly failed: number;
  readonly unknown: number;
}

export interface Job {
  readonly tenant: string;
  /** Sorts by the instant at which it was asked for. */
  readonly id: string;
  readonly createdAt: Instant;
  /** The identity that asked. */
  readonly subject: string;
  readonly action: ActionName;
  readonly parameters: ActionParameters;
  /** Of the text of an SMS, which is forgotten when the job is over. */
  readonly payloadLength?: number;
  readonly reason?: string;
  /** Of the plan: the same work is the same job. */
  readonly digest: string;
  /** Confirmed price of one SIM by account; absent where it costs nothing. Amounts are decimal text. */
  readonly prices?: Readonly<Record<string, { readonly amountMinor: string; readonly currency: string }>>;
  readonly accounts: readonly string[];
  readonly parts: number;
  readonly total: number;
  /** Parts that are over; they are worked off in order. */
  readonly partsDone: number;
  /** Of the parts that are over; the others are pending. */
  readonly counts: JobCounts;
  /** Accounts that are not called any more in this job, and why. */
  readonly stopped: Readonly<Record<string, string>>;
  readonly finishedAt?: Instant;
}

export interface JobItem {
  /** Absent for `limits`. */
  readonly iccid?: string;
  readonly label?: string;
  /** As the inventory knew it: changes of many have to repeat it. */
  readonly enabled?: boolean;
}

/** SIMs of one account, written once. */
export interface JobPart {
  readonly part: number;
  readonly account: string;
  readonly items: readonly JobItem[];
}

/** `calling`: the provider is being called, or was when somebody stopped in the middle of it. */
export type ItemState = 'pending' | 'calling' | 'done' | 'failed' | 'unknown';

/** How the items of one part stand, in their order. */
export interface Progress {
  readonly part: number;
  readonly states: readonly ItemState[];
  /** By place of the item: why it failed, what to check, the number of the order or the message. */
  readonly notes: Readonly<Record<string, string>>;
}

/** The right to work on one part; lost when somebody else took it after its time. */
export interface Hold extends Progress {
  readonly tenant: string;
  readonly job: string;
  readonly holder: string;
  readonly until: Instant;
  readonly revision: number;
}

export interface JobClaim {
  readonly job: string;
  /** Of the request as it was sent. */
  readonly digest: string;
}

export interface JobStore {
  /** For a day, a key belongs to the first job that claimed it: resolves to that claim. */
  claim(tenant: string, key: string, wanted: JobClaim): Promise<JobClaim>;
  readClaim(tenant: string, key: string): Promise<JobClaim | undefined>;
  /** Throws STORE_CONFLICT where another plan stands under this job already. */
  putParts(job: Pick<Job, 'tenant' | 'id' | 'digest'>, parts: readonly JobPart[]): Promise<void>;
  /** Makes the job visible; whoever comes second changes nothing. */
  putJob(job: Job): Promise<void>;
  read(tenant: string, id: string): Promise<Job | undefined>;
  /** Newest first; kept 90 days. */
  list(tenant: string, limit: number, before?: string): Promise<{ jobs: readonly Job[]; before?: string }>;
  readPart(tenant: string, job: string, part: number): Promise<JobPart | undefined>;
  /** Of parts that were begun, in order. */
  listProgress(tenant: string, job: string): Promise<readonly Progress[]>;
  /** Undefined while somebody else holds the part. */
  hold(
    ref: { tenant: string; job: string; part: number; items: number },
    by: { holder: string; until: Instant },
  ): Promise<Hold | undefined>;
  /** Throws STORE_CONFLICT when the hold has passed on. */
  save(hold: Hold, progress: Pick<Progress, 'states' | 'notes'>): Promise<Hold>;
  /** Lets others in at once. */
  release(hold: Hold): Promise<void>;
  /** Counts a part once; with `finished` the job is over, and texts of SMS are forgotten. Resolves to the job as it is now. */
  endPart(
    job: Job,
    part: number,
    end: { counts: Omit<JobCounts, 'pending'>; stopped: Job['stopped']; finishedAt?: Instant },
  ): Promise<Job>;
}
