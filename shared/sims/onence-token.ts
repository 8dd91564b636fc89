/** How long an access token is used, and how the failure of a login is told to those who waited for it. Pure. */
import type { Instant } from '../platform/clock.ts';
import { AppError, type ErrorCode } from '../platform/errors.ts';

/** A token that lives an hour is replaced five minutes early; a shorter one a twelfth of its life, which is as much. */
const LONG_LIFE_SECONDS = 3600;
const MARGIN_SECONDS = 300;
const MARGIN_PART = 12;

/** Until when a token is handed out; what it lives beyond that, calls under way may need. */
export function usableUntil(receivedAt: Instant, expiresInSeconds: number): Instant {
  const margin = expiresInSeconds >= LONG_LIFE_SECONDS ? MARGIN_SECONDS : expiresInSeconds / MARGIN_PART;
  return receivedAt + Math.floor((expiresInSeconds - margin) * 1000);
}

/** As it stands in the lock, for those who waited; never the body of an answer. */
export interface LoginFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly status?: number;
  readonly retryAfterSeconds?: number;
}

export function toLoginFailure({ code, message, context }: AppError): LoginFailure {
  const { status, retryAfterSeconds } = context;
  return {
    code,
    message,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

export function fromLoginFailure({ code, message, ...context }: LoginFailure): AppError {
  return new AppError(code, message, { context });
}
