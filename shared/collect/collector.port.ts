/** What the one pipeline asks of a capability: read a bounded page of one source and convert it. */
import type { EntityDraft } from '../entities/entities.port.ts';
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { HeadEntity, Reading } from '../samples/sample.ts';
import type { Source } from './source.ts';

/** A value that could not be used: what, where, and the text as it came (redacted, cut). Counted, kept, never 0. */
export interface Rejected {
  readonly path: string;
  readonly message: string;
  readonly rawText?: string;
}

/** One call to the outside, for the run log. */
export interface Operation {
  readonly name: string;
  readonly ok: boolean;
  readonly responseMs: number;
  readonly status?: number;
  readonly error?: string;
}

export interface CollectJob {
  readonly source: Source;
  /** The source's part of the tenant's secret; undefined when none is stored. */
  readonly secret: Readonly<Record<string, string>> | undefined;
  readonly slot: Instant;
  readonly checkpoint?: unknown;
  /** Asked for by somebody, not by the schedule. */
  readonly manual: boolean;
  /** IANA zone in which the tenant's days begin. */
  readonly zone: string;
  /** No call may be under way after this. */
  readonly deadline: Instant;
  /** CIDR ranges that the tenant declared as its own. */
  readonly allowedNetworks: readonly string[];
  /** Short-lived upstream tokens, kept encrypted by the stage; absent after `forget`. */
  readonly tokens: TokenCache;
  /** What the house knew before this run, for what no single answer tells (a plan's size, seen at its top-up). */
  readonly known?: { readonly entities: readonly Entity[]; readonly newest: readonly HeadEntity[] };
}

export interface TokenCache {
  read(): Promise<string | undefined>;
  write(token: string, expiresAt: Instant): Promise<void>;
  forget(): Promise<void>;
}

export interface Page {
  readonly readings: readonly Reading[];
  readonly entities: readonly EntityDraft[];
  readonly rejected: readonly Rejected[];
  readonly operations: readonly Operation[];
  /** True when this page completes a walk of everything the source has. */
  readonly complete: boolean;
  /** What the run brought for further targets of the source, each with a head of its own (the SIMs of a fleet, by shard). */
  readonly fed?: readonly FedTarget[];
  /** Where to go on; absent when the walk is over. */
  readonly next?: unknown;
  /** The rest of the walk waits so long: the source asked to be left alone. At most 900. */
  readonly resumeAfterSeconds?: number;
  /** The response as it came, redacted; kept for 7 days. */
  readonly rawText?: string;
}

/** A target beside the source's own, named after it (`sourceOfTarget`). */
export interface FedTarget extends TargetName {
  readonly readings: readonly Reading[];
  readonly entities: readonly EntityDraft[];
  /** True when these are all that the target has: others are gone. */
  readonly complete?: boolean;
  /** Ids of entities that a complete walk no longer found. */
  readonly gone?: readonly string[];
  /** Its first part in a new stretch of six hours: what is finished is to be folded. */
  readonly foldDue?: boolean;
}

export interface TargetName {
  readonly kind: string;
  readonly target: string;
}

export interface Collector {
  readonly kind: string;
  /** Further targets that a run with this checkpoint may have written to: where a crashed one is looked for. */
  mayHaveFed?(job: Pick<CollectJob, 'source' | 'checkpoint'>): Promise<readonly TargetName[]>;
  /** Throws AppError SOURCE_*; the operations made until then ride in `context.operations`. */
  read(job: CollectJob): Promise<Page>;
}
