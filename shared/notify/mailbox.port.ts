/** Where the lines that a recipient is owed wait for their message. */
import type { Instant } from '../platform/clock.ts';
import type { Line } from './line.ts';
import type { Claim, MailboxHead } from './mailbox.ts';

/** A consistent look into one mailbox. */
export interface MailboxView {
  readonly head: MailboxHead;
  readonly lines: readonly Line[];
  /** By episode of those lines, the rank of the last stage told. */
  readonly told: ReadonlyMap<string, number>;
  /** Changes whenever lines are announced; undefined when the mailbox is not listed as waiting. */
  readonly waitingToken: number | undefined;
}

export interface MailboxStore {
  /** Idempotent by the line's key. */
  addLine(tenant: string, recipient: string, line: Line): Promise<void>;
  /** Lists the mailbox as waiting since `at`. Call it after addLine and before the line's origin forgets it. */
  announce(tenant: string, recipient: string, at: Instant): Promise<void>;
  readHead(tenant: string, recipient: string): Promise<MailboxHead>;
  /** By episode, the rank of the last stage told; episodes never told are absent. */
  readTold(tenant: string, recipient: string, episodes: readonly string[]): Promise<ReadonlyMap<string, number>>;
  read(tenant: string, recipient: string): Promise<MailboxView>;
  /** False when another claim came first. */
  claim(tenant: string, recipient: string, head: MailboxHead, claim: Claim, nextSendAt: Instant): Promise<boolean>;
  /** Remembers what was told, removes the claim's lines, then the claim itself. Idempotent. */
  settle(tenant: string, recipient: string, claim: Claim): Promise<void>;
  /** True for the one caller who is to send the wake-up for that instant; false when one is under way already. */
  planWake(tenant: string, recipient: string, at: Instant): Promise<boolean>;
  /** Takes an empty mailbox off the list, unless lines were announced since `view` was read. */
  rest(tenant: string, recipient: string, view: MailboxView): Promise<void>;
  /** Recipients whose lines or wake-ups count as lost by now: one cheap query. */
  due(tenant: string, now: Instant): Promise<string[]>;
}
