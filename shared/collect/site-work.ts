/** Work that only the agent of a site can carry out: conversations of commands and answers, and how long they may last. Pure. */
import { createHash } from 'node:crypto';
import type { Instant } from '../platform/clock.ts';
import type { SiteRef } from './site-keys.port.ts';

/** A router that hangs is given up in less; an agent that is there comes within a quarter of a minute. */
export const COMMAND_SECONDS = 90;
/** The agent ends by its own clock and a request takes its time: only so much later nobody is at it any more. */
export const GRACE_SECONDS = 10;
/** With less than this left a command is not given: it would be broken off. */
export const LEAST_SECONDS = 15;
/** What was read longer ago says nothing about the router any more. Eight commands, each answered at the last moment, take less. */
export const CONVERSATION_MS = 900_000;
/** Work that was answered goes on within seconds; one that does not has lost its message, or is over. */
export const IDLE_MS = 120_000;
/** When a site asked last is written down so often at most. */
export const SEEN_MS = 60_000;
/** It asks every 15 s: an agent that was silent for so long is not there. */
export const AWAY_MS = SEEN_MS + 90_000;

/** One command on its way, as it is stored. */
export interface AskedCommand {
  readonly id: string;
  readonly operation: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly askedAt: Instant;
  readonly expiresAt: Instant;
}

/**
 * What one piece of work has asked of one router so far. A router has one conversation, and that one open command at most:
 * so commands of two works can never meet there, in whatever order they were asked for.
 */
export interface Conversation {
  readonly site: SiteRef;
  readonly router: string;
  /** Who understands its commands, such as `limits`. */
  readonly kind: string;
  /** Tells this work from any other at the same router. */
  readonly work: string;
  readonly startedAt: Instant;
  /** Tells the invocation that began it from any other: no two conversations have a command in common. */
  readonly begunBy: string;
  /** When it was written last. */
  readonly movedAt: Instant;
  readonly revision: number;
  /** Ids of the commands that were answered, in their order. */
  readonly answered: readonly string[];
  readonly open?: AskedCommand;
  /** What had to happen once only, and has. */
  readonly noted: number;
  /** The message that makes the work go on. */
  readonly wake: unknown;
}

/**
 * The work cannot go on now. It is no failure: `asked`, it goes on with the answer; `taken`, the router has a conversation
 * with another work. No AppError, so that nobody takes it for one.
 */
export class WaitingForSite extends Error {
  readonly reason: 'asked' | 'taken';

  constructor(reason: 'asked' | 'taken') {
    super(`waiting for a site: ${reason}`);
    this.name = 'WaitingForSite';
    this.reason = reason;
  }
}

/** Nobody carries it out any more, and no answer is taken. */
export function isDead({ expiresAt }: AskedCommand, now: Instant): boolean {
  return now > expiresAt + GRACE_SECONDS * 1000;
}

/** Whether something may still be under way at the router. */
export function isAlive({ open }: Conversation, now: Instant): boolean {
  return open !== undefined && !isDead(open, now);
}

/** Nobody seems to go on with it. */
export function isIdle(conversation: Conversation, now: Instant): boolean {
  return !isAlive(conversation, now) && now - conversation.movedAt > IDLE_MS;
}

export function isTooOld({ startedAt }: Conversation, now: Instant): boolean {
  return now - startedAt > CONVERSATION_MS;
}

/** The same for the same call of the same conversation, however often it is made, and for no other. */
export function commandIdOf(
  { site, router, work, startedAt, begunBy }: Conversation,
  call: { readonly position: number; readonly operation: string; readonly arguments: unknown },
): string {
  const whose = [site.tenant, site.source, router, work, startedAt, begunBy];
  const parts = [...whose, call.position, call.operation, call.arguments];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** For the house's answer: bound to the one request that it answers, and unlike any signature of a request. */
export function answerPurpose(requestSignature: string): string {
  return `answer to ${requestSignature}`;
}
