/** When not to call a source: a circuit breaker with a growing pause, the source's own throttling, refused credentials. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { ErrorCode } from '../platform/errors.ts';

/** What is remembered of a source between its runs. Closed: no `notBefore`. Half-open: `notBefore` has passed. */
export interface BreakerState {
  /** SOURCE_UNAVAILABLE in a row. */
  readonly unavailable: number;
  /** SOURCE_REJECTED without a success between. */
  readonly rejections: number;
  /** No scheduled call before this. */
  readonly notBefore?: Instant;
  /** Slot and part of the failure last counted, so that a redelivered message is not counted twice. */
  readonly counted?: string;
}

export const CLOSED: BreakerState = { unavailable: 0, rejections: 0 };

/** Fewer would open on one bad minute of a mobile link; more would hammer a service that is down. */
const OPEN_AFTER = 5;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** One refusal may be a token or a secret that was just being changed. */
const PAUSE_AFTER_REJECTIONS = 2;
/** A source that says nothing, nothing sensible, or far too much about when to come back is held to these. */
const UNSAID_RETRY_SECONDS = 60;
const SHORTEST_RETRY_SECONDS = 1;
const LONGEST_RETRY_SECONDS = 3600;

export type Admission = { readonly allowed: true } | { readonly allowed: false; readonly until: Instant };

/** A manual run always probes: somebody is looking, and one call more harms nobody. */
export function admit(state: BreakerState, now: Instant, manual: boolean): Admission {
  if (manual || state.notBefore === undefined || now >= state.notBefore) return { allowed: true };
  return { allowed: false, until: state.notBefore };
}

export interface Failure {
  readonly code: ErrorCode;
  readonly retryAfterSeconds?: number | undefined;
  /** Names the run, see `BreakerState.counted`. */
  readonly run: string;
  readonly now: Instant;
}

/** The state after a failed call, and whether the source's credentials must now be left alone. */
export function afterFailure(state: BreakerState, failure: Failure): { state: BreakerState; pause: boolean } {
  if (state.counted === failure.run) return { state, pause: state.rejections >= PAUSE_AFTER_REJECTIONS };
  const counted = failure.run;
  const answered: BreakerState = { unavailable: 0, rejections: state.rejections, counted };
  switch (failure.code) {
    case 'SOURCE_UNAVAILABLE': {
      const unavailable = state.unavailable + 1;
      const closed: BreakerState = { ...answered, unavailable };
      if (unavailable < OPEN_AFTER) return { state: closed, pause: false };
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(unavailable - OPEN_AFTER, 10), LONGEST_PAUSE_MS);
      return { state: { ...closed, notBefore: failure.now + pauseMs }, pause: false };
    }
    case 'SOURCE_THROTTLED': {
      const notBefore = failure.now + 1000 * boundedRetrySeconds(failure.retryAfterSeconds);
      return { state: { ...answered, notBefore }, pause: false };
    }
    case 'SOURCE_REJECTED': {
      const rejections = state.rejections + 1;
      return { state: { ...answered, rejections }, pause: rejections >= PAUSE_AFTER_REJECTIONS };
    }
    default:
      return { state: answered, pause: false };
  }
}

export function boundedRetrySeconds(seconds: number | undefined): number {
  if (seconds === undefined || Number.isNaN(seconds)) return UNSAID_RETRY_SECONDS;
  return Math.min(Math.max(Math.ceil(seconds), SHORTEST_RETRY_SECONDS), LONGEST_RETRY_SECONDS);
}

export function isClosed(state: BreakerState): boolean {
  return state.unavailable === 0 && state.rejections === 0 && state.notBefore === undefined;
}
