/** How messages that find their target busy wait, and how whoever holds it lets them in. Pure. */
import type { Instant } from '../platform/clock.ts';

const FIRST_WAIT_SECONDS = 5;
/** Seldom enough to cost little; often enough that a target stands idle no longer when its holder has died or stood aside. */
const LONGEST_WAIT_SECONDS = 20;
/** 5, 10 and then 20 s each, 315 s in all: longer than any lease, so whoever still waits then has found a bug. */
const MAX_WAITS = 17;
/** A little longer than the one who waits needs to come: a queue is not exact to the second. */
const GAP_MARGIN_SECONDS = 5;

/** Seconds until a message that waited so often looks again; undefined when it has waited long enough. */
export function waitSeconds(waits: number): number | undefined {
  return waits >= MAX_WAITS ? undefined : Math.min(FIRST_WAIT_SECONDS * 2 ** waits, LONGEST_WAIT_SECONDS);
}

/**
 * Seconds that the next part of a long run stays away, so that whoever comes back for the target at `awaitedAt` gets his
 * turn; 0 when nobody does.
 */
export function gapSeconds(awaitedAt: Instant | undefined, now: Instant): number {
  if (awaitedAt === undefined) return 0;
  return Math.max(0, Math.ceil((awaitedAt - now) / 1000) + GAP_MARGIN_SECONDS);
}
