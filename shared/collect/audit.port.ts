/** The tenant's audit: rows are added, never changed and never removed. */
import type { AuditDraft, AuditEntry } from './audit.ts';

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** False when a row of this page was changed, moved or taken out after it was written, or the newest rows are gone. */
  readonly verified: boolean;
  /** Sequence below which the next page begins; absent at the end. */
  readonly before?: number;
}

/** For whoever only writes. */
export interface AuditWriter {
  /** Throws STORE_UNAVAILABLE when it could not be written: what must not happen unseen is not to be done then. */
  append(tenant: string, draft: AuditDraft): Promise<unknown>;
}

export interface AuditLog extends AuditWriter {
  /** Throws STORE_UNAVAILABLE when it could not be written: what must not happen unseen is not to be done then. */
  append(tenant: string, draft: AuditDraft): Promise<AuditEntry>;
  list(tenant: string, limit: number, before?: number): Promise<AuditPage>;
  /** The whole audit: how many rows there are, and the first that is not as it was written. */
  verify(tenant: string): Promise<{ readonly rows: number; readonly broken?: number }>;
}
