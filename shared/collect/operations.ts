/** What a source was called for, where the run that called it ends in a failure. Pure. */
import { AppError } from '../platform/errors.ts';
import type { Operation } from './collector.port.ts';

/** The failure with the calls that had been made in its context, where the run log finds them; bugs come back as they are. */
export function withOperations(error: unknown, operations: readonly Operation[]): unknown {
  if (!(error instanceof AppError)) return error;
  const { code, message, retryable, context, cause } = error;
  return new AppError(code, message, { cause, retryable, context: { ...context, operations } });
}

/** Runs a read; a failure of it leaves with the calls that had been made. */
export async function keepingOperations<T>(operations: readonly Operation[], read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw withOperations(error, operations);
  }
}
