/** What a failed call leaves open: nothing for a read, for a change whether it was made. Pure. */
import { AppError } from '../platform/errors.ts';

/** No octet of the request left this machine. */
const NEVER_SENT: readonly unknown[] = ['dns', 'refused', 'tls'];

/** What is known of a change whose answer did not come: whoever made it must say so, and not repeat what costs money. */
export function afterwards(method: string, failure: AppError): AppError {
  if (method === 'GET') return failure;
  const { neverSent, failure: reason } = failure.context;
  const maybeDone = failure.code !== 'SOURCE_THROTTLED' && neverSent !== true && !NEVER_SENT.includes(reason);
  if (!maybeDone) return withContext(failure, { maybeDone });
  const message = `${failure.message}; the change may have been made all the same`;
  const context = { ...failure.context, maybeDone };
  return new AppError('SOURCE_UNAVAILABLE', message, { cause: failure.cause, retryable: false, context });
}

export function withContext(error: AppError, context: object): AppError {
  const { code, message, retryable, cause } = error;
  return new AppError(code, message, { cause, retryable, context: { ...error.context, ...context } });
}
