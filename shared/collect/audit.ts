/** Who did what and how it ended, chained: each row holds the hash of the one before, so a changed row shows. Pure. */
import { createHash } from 'node:crypto';
import type { Instant } from '../platform/clock.ts';

/**
 * `intent` before a thing that cannot be undone is tried, `requested` when work was accepted; the others are ends.
 * `unknown`: it was tried, and nobody here can tell whether it was done.
 */
export type AuditOutcome = 'requested' | 'intent' | 'done' | 'refused' | 'failed' | 'unknown';

export type AuditValue = string | number | boolean;

export interface AuditDraft {
  /** The identity that asked. */
  readonly subject: string;
  /** `<capability>.<action>`, such as `sims.topup`. */
  readonly action: string;
  /** What it was done to, as a person would look for it. */
  readonly target: string;
  readonly outcome: AuditOutcome;
  /** Few and short: never a secret, never what people write to each other. Amounts of money are decimal text. */
  readonly details: Readonly<Record<string, AuditValue>>;
}

export interface AuditEntry extends AuditDraft {
  /** 1 for a tenant's first row, and no number is left out. */
  readonly sequence: number;
  readonly at: Instant;
  /** Hash of the row before; empty for the first. */
  readonly previous: string;
  /** SHA-256, hexadecimal, of all of the above. */
  readonly hash: string;
}

export type AuditLink = Pick<AuditEntry, 'sequence' | 'hash'>;

/** Before the first row. */
export const AUDIT_START: AuditLink = { sequence: 0, hash: '' };

/** The row that follows `last`. */
export function nextEntry(last: AuditLink, tenant: string, draft: AuditDraft, at: Instant): AuditEntry {
  const { subject, action, target, outcome, details } = draft;
  const open = { subject, action, target, outcome, details, sequence: last.sequence + 1, at, previous: last.hash };
  return { ...open, hash: hashOfEntry(tenant, open) };
}

/**
 * True when every row is as it was written and follows the one before it. Newest first, without gaps; `below` is the row
 * before the oldest of them, undefined where there is none.
 */
export function isChained(tenant: string, entries: readonly AuditEntry[], below: AuditEntry | undefined): boolean {
  return entries.every((entry, i) => {
    const before = entries[i + 1] ?? below ?? AUDIT_START;
    const follows = entry.sequence === before.sequence + 1 && entry.previous === before.hash;
    return follows && entry.hash === hashOfEntry(tenant, entry);
  });
}

/** Enough to tell people apart; identity providers give long random names. */
const SHORT_SUBJECT = 12;

export function shortSubject(subject: string): string {
  return subject.length <= SHORT_SUBJECT ? subject : `${subject.slice(0, SHORT_SUBJECT)}…`;
}

function hashOfEntry(tenant: string, entry: Omit<AuditEntry, 'hash'>): string {
  const { sequence, at, subject, action, target, outcome, details, previous } = entry;
  const sorted = Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([tenant, sequence, at, subject, action, target, outcome, sorted, previous]);
  return createHash('sha256').update(text).digest('hex');
}
