/** The one error type of the house; `code` is a closed union, so each edge can hold one exhaustive table. */

export type ErrorCode =
  | 'SOURCE_UNAVAILABLE'
  | 'SOURCE_THROTTLED'
  | 'SOURCE_REJECTED'
  | 'SOURCE_MALFORMED'
  | 'STORE_UNAVAILABLE'
  | 'STORE_CONFLICT'
  | 'REQUEST_INVALID'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'DELIVERY_FAILED'
  | 'CONFIG_INVALID';

/** Only these can succeed by being tried again unchanged. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['SOURCE_UNAVAILABLE', 'SOURCE_THROTTLED', 'STORE_UNAVAILABLE']);

/** One thing that is wrong with a request: where (JSON path, '' for the whole), what, and how to mend it. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

export interface ErrorContext {
  readonly retryAfterSeconds?: number;
  readonly issues?: readonly Issue[];
  /** How many there are, where only the first are kept. */
  readonly issueCount?: number;
  readonly status?: number;
  /** Sent along where the error is answered over HTTP. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as the outside sent it, already redacted and cut; kept so that a person can see what was wrong. */
  readonly rawText?: string;
  readonly [key: string]: unknown;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly context: ErrorContext;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; context?: ErrorContext; retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.context = options.context ?? {};
  }
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}
