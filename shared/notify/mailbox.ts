/** When a recipient's next message goes and which lines it carries: grouping and pace, decided without the world. Pure. */
import { stageRank } from '../alerts/recipient.ts';
import type { Instant } from '../platform/clock.ts';
import type { Severity } from '../rules/rule.ts';
import type { Line } from './line.ts';

/** Meta lets about one message per 6 s through to one phone; more at once is borrowed from what follows. */
export const PACE_MS = 6_000;
/** So many lines fit a WhatsApp template (1024 characters) and three SMS segments, so no step of the ladder drops one. */
export const MAX_LINES = 8;
/** Bounds the claim's item; what is left over is dropped by the next claim. */
const MAX_DROPPED = 200;

/** Lines taken out of the mailbox for one message, kept in the head until the message's delivery stands. */
export interface Claim {
  /** Rises by one per claim of this mailbox; the delivery's id is made of it. */
  readonly number: number;
  readonly at: Instant;
  readonly send: readonly Line[];
  /** Keys of lines that a later stage of their own episode made pointless. */
  readonly drop: readonly string[];
}

export interface MailboxHead {
  /** Before this instant only a rise in severity goes. */
  readonly nextSendAt: Instant;
  readonly claims: number;
  readonly claim?: Claim;
  /** Every write is conditional on it; 0 = not stored yet. */
  readonly version: number;
}

export const EMPTY_HEAD: MailboxHead = { nextSendAt: 0, claims: 0, version: 0 };

export type ClaimDecision =
  | { readonly kind: 'idle' }
  | { readonly kind: 'wait'; readonly until: Instant }
  | { readonly kind: 'claim'; readonly claim: Claim; readonly nextSendAt: Instant };

/**
 * `told`: by episode, the rank of the last stage the recipient was told.
 * The first message of a quiet mailbox goes at once. A rise in severity does too, by spending the next turn in advance,
 * so that over time there is still no more than one message per pace.
 */
export function decideClaim(
  head: MailboxHead,
  lines: readonly Line[],
  told: ReadonlyMap<string, number>,
  now: Instant,
): ClaimDecision {
  const { live, drop } = sift(lines, told);
  if (live.length === 0 && drop.length === 0) return { kind: 'idle' };
  const claim = (send: readonly Line[]): Claim => ({
    number: head.claims + 1,
    at: now,
    send,
    drop: drop.slice(0, MAX_DROPPED).map((line) => line.key),
  });
  // A head written by a clock that ran ahead must not silence the mailbox for long.
  const nextTurnAt = Math.min(head.nextSendAt, now + 2 * PACE_MS);
  if (live.length === 0) return { kind: 'claim', claim: claim([]), nextSendAt: nextTurnAt };
  const rising = live.some((line) => isRise(line, told));
  const goesAt = rising ? nextTurnAt - PACE_MS : nextTurnAt;
  if (goesAt > now) return { kind: 'wait', until: goesAt };
  const send = [...live].sort(byUrgency(told)).slice(0, MAX_LINES);
  return { kind: 'claim', claim: claim(send), nextSendAt: Math.max(now, nextTurnAt) + PACE_MS };
}

/** Of each episode only its furthest stage is worth telling, and only if it is news. */
function sift(lines: readonly Line[], told: ReadonlyMap<string, number>): { live: Line[]; drop: Line[] } {
  const furthest = new Map<string, Line>();
  const drop: Line[] = [];
  for (const line of lines) {
    if (stageRank(line.stage) <= (told.get(line.episode) ?? 0)) {
      drop.push(line);
      continue;
    }
    const other = furthest.get(line.episode);
    if (other && stageRank(other.stage) >= stageRank(line.stage)) drop.push(line);
    else {
      if (other) drop.push(other);
      furthest.set(line.episode, line);
    }
  }
  return { live: [...furthest.values()], drop };
}

/** The recipient has heard of this episode, and now it is worse. */
export function isRise(line: Line, told: ReadonlyMap<string, number>): boolean {
  return line.stage !== 'resolved' && (told.get(line.episode) ?? 0) > 0;
}

const URGENCY: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

function byUrgency(told: ReadonlyMap<string, number>): (a: Line, b: Line) => number {
  const rank = (line: Line): number => {
    if (line.stage === 'resolved') return 10;
    return URGENCY[line.severity] + (isRise(line, told) ? 0 : 5);
  };
  return (a, b) => rank(a) - rank(b) || a.detectedAt - b.detectedAt || (a.key < b.key ? -1 : 1);
}
