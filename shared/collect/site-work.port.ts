/** Where commands for sites, and what sites answer, are kept between those who ask and those who bring them. */
import type { Instant } from '../platform/clock.ts';
import type { SiteRef } from './site-keys.port.ts';
import type { SiteAnswer } from './site-work.contract.ts';
import type { Conversation } from './site-work.ts';

export interface SiteWorkStore {
  /** Consistent. */
  read(site: SiteRef, router: string): Promise<Conversation | undefined>;
  /** `revision` is the one it was read with, 0 for a new one; undefined when somebody else wrote meanwhile. */
  put(conversation: Conversation, now: Instant): Promise<Conversation | undefined>;
  /** False when somebody else wrote meanwhile. */
  remove(conversation: Conversation): Promise<boolean>;
  /** All conversations of a site, and when its agent asked last, to a minute. */
  list(
    site: SiteRef,
  ): Promise<{ readonly conversations: readonly Conversation[]; readonly seenAt: Instant | undefined }>;
  /** When its agent asked last, to a minute; undefined before the first time. */
  seenAt(site: SiteRef): Promise<Instant | undefined>;
  noteSeen(site: SiteRef, at: Instant): Promise<void>;
  readAnswer(site: SiteRef, id: string): Promise<SiteAnswer | undefined>;
  /** The first answer to a command stays. */
  putAnswer(site: SiteRef, answer: SiteAnswer, now: Instant): Promise<void>;
}
