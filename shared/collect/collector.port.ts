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
  /** Where to go on; absent when the walk is over. */
  readonly next?: unknown;
  /** The response as it came, redacted; kept for 7 days. */
  readonly rawText?: string;
}

export interface Collector {
  readonly kind: string;
  /** Throws AppError SOURCE_*; the operations made until then ride in `context.operations`. */
  read(job: CollectJob): Promise<Page>;
}
