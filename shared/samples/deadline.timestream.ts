/** Calls to Timestream that end by a deadline: each attempt is bounded, throttling and outages are tried again with jitter. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError, isAppError } from '../platform/errors.ts';

/** Waits; tests give one that does not. */
export type Pause = (ms: number) => Promise<unknown>;

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly deadline: Instant;
  readonly pause?: Pause | undefined;
}

/** A write takes some 20 ms; one that takes so long is lost. */
const ATTEMPT_MS = 5000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

/** Answers and our own mistakes: the same call would end the same way. */
const FINAL: ReadonlySet<string> = new Set([
  'RejectedRecordsException',
  'ValidationException',
  'AccessDeniedException',
  'ResourceNotFoundException',
  'InvalidEndpointException',
  'QueryExecutionException',
]);

/** Throws STORE_UNAVAILABLE when no attempt was answered in time; an error that no retry mends is thrown as it is. */
export async function withinDeadline<T>(
  send: (signal: AbortSignal) => Promise<T>,
  options: DeadlineOptions,
): Promise<T> {
  const { clock, deadline, pause = sleep } = options;
  for (let attempt = 0; ; attempt++) {
    const leftMs = deadline - clock.now();
    if (leftMs <= 0) throw unavailable(undefined, attempt);
    try {
      return await send(AbortSignal.timeout(Math.ceil(Math.min(ATTEMPT_MS, leftMs))));
    } catch (error) {
      if (FINAL.has(errorNamed(error)) || isAppError(error)) throw error;
      // Full jitter: functions that were throttled together do not come back together.
      const waitMs = Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
      if (clock.now() + waitMs >= deadline) throw unavailable(error, attempt + 1);
      await pause(waitMs);
    }
  }
}

/** The cause's name; when the clients could not discover their endpoint, that of the refusal behind it. */
export function errorNamed(error: unknown): string {
  const { reason } = (error ?? {}) as { reason?: unknown };
  if (reason instanceof Error) return reason.name;
  return error instanceof Error ? error.name : '';
}

function unavailable(cause: unknown, attempts: number): AppError {
  return new AppError('STORE_UNAVAILABLE', `Timestream did not answer (${errorNamed(cause) || 'no time left'})`, {
    cause,
    context: { attempts },
  });
}
