/** The arithmetic of a shared pace (GCRA without saved-up turns): when the next turns are, and for whom they come in time. Pure. */
import type { Instant } from '../platform/clock.ts';

/** What all workers of an account know of each other. */
export interface Bucket {
  /** First turn that nobody has reserved; 0 when nobody ever did. */
  readonly nextAt: Instant;
  /** No turn before; 0 when nobody ever asked for that. */
  readonly heldUntil: Instant;
}

/** Turns in a row, reserved by one write. */
export interface Block {
  readonly startAt: Instant;
  readonly turns: number;
  /** True when it begins where the last reserved turn ends: then it can be added without knowing exactly where that is. */
  readonly follows: boolean;
}

/** Nobody waits longer for a turn: the work is put back instead, and a function is not paid for waiting. */
export const PATIENCE_MS = 5000;
/** A block is at most so long, so that a worker that dies takes no more than this with it. */
const BLOCK_MS = 1000;
/** A turn that could not be used so soon after it came is void: used later, it would meet the turns of others. */
export const GRACE_MS = 100;
/** Nobody reserves so far ahead: a mark beyond it was set by a clock that was wrong, and must not stop an account for hours. */
const FARTHEST_MARK_MS = 60_000;

/** Whole milliseconds that so many turns take, rounded up: rather a little slower than faster. */
export function spanMs(turns: number, requestsPerSecond: number): number {
  return Math.ceil((turns * 1000) / requestsPerSecond);
}

export function turnAt(block: Pick<Block, 'startAt'>, index: number, requestsPerSecond: number): Instant {
  return block.startAt + spanMs(index, requestsPerSecond);
}

/** Calls beyond rate x window that any window may see: late use of a turn, and the one with which a window begins. */
export function burstOf(requestsPerSecond: number): number {
  return 1 + (requestsPerSecond * (GRACE_MS + 1)) / 1000;
}

/** The earliest instant at which a turn is free. */
export function freeAt({ nextAt, heldUntil }: Bucket, now: Instant): Instant {
  return Math.max(now, heldUntil, isCredible(nextAt, heldUntil, now) ? nextAt : 0);
}

/**
 * The next block for waiters who give up after their `limits`, in their order; it ends before the first whose turn would
 * come too late. No turns: the first one's would.
 */
export function planBlock(bucket: Bucket, now: Instant, requestsPerSecond: number, limits: readonly Instant[]): Block {
  const startAt = freeAt(bucket, now);
  const most = Math.max(1, Math.floor((BLOCK_MS * requestsPerSecond) / 1000));
  const late = limits.findIndex((limit, i) => turnAt({ startAt }, i, requestsPerSecond) > limit);
  return {
    startAt,
    turns: Math.min(most, late === -1 ? limits.length : late),
    follows: bucket.nextAt >= now && startAt === bucket.nextAt,
  };
}

/** The latest instant at which a block of so many turns may begin and still be in time for everybody. */
export function latestStart(turns: number, requestsPerSecond: number, limits: readonly Instant[]): Instant {
  return Math.min(...limits.slice(0, turns).map((limit, i) => limit - spanMs(i, requestsPerSecond)));
}

function isCredible(nextAt: Instant, heldUntil: Instant, now: Instant): boolean {
  return nextAt <= Math.max(now, heldUntil) + FARTHEST_MARK_MS;
}
