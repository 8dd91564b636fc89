/** What the runs of drivers do alike: calls that may fail, lists that are believed, and what is kept of wrong values. Pure but for the time that a call takes. */
import type { Operation, Page, Rejected } from '../collect/collector.port.ts';
import { keptRejected } from '../collect/rejected.ts';
import { AppError, type ErrorCode, isAppError } from '../platform/errors.ts';
import { ERROR_TEXT_LIMIT } from './rest-caller.http.ts';

/** Text that may be kept: without credentials, cut. */
export type Clean = (text: string, limit: number) => string;

const REJECTED_TEXT_LIMIT = 100;
/** Of the answer that held them. */
const RAW_TEXT_LIMIT = 100_000;

/** It answered, and will answer so until somebody changes it. */
export const LASTING_FAILURES: readonly ErrorCode[] = ['SOURCE_MALFORMED', 'SOURCE_REJECTED'];
export const ALL_FAILURES: readonly ErrorCode[] = [...LASTING_FAILURES, 'SOURCE_UNAVAILABLE', 'SOURCE_THROTTLED'];

/** A failure of these classes takes away what the call would have told, not what is read already. */
export async function unless<T>(
  codes: readonly ErrorCode[],
  ask: () => Promise<T>,
  failed: (error: AppError) => void = () => undefined,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isAppError(error) || !codes.includes(error.code)) throw error;
    failed(error);
    return undefined;
  }
}

/** Throws SOURCE_MALFORMED for a list of more rows than are believed. */
export function refuseLongList(rows: readonly unknown[], most: number): void {
  if (rows.length <= most) return;
  throw new AppError('SOURCE_MALFORMED', `the router sent ${rows.length} interfaces; at most ${most} are read`);
}

/** What is kept of a page's wrong values: a hundred, clean, with the answer that held them. */
export function keptRejections(
  all: readonly Rejected[],
  caller: { readonly clean: Clean },
  text: string,
): Pick<Page, 'rejected' | 'rawText'> {
  const rejected = keptRejected(all, (rawText) => caller.clean(rawText, REJECTED_TEXT_LIMIT));
  return { rejected, ...(all.length === 0 ? {} : { rawText: caller.clean(text, RAW_TEXT_LIMIT) }) };
}

export type Note = <T>(name: string, call: () => Promise<T>) => Promise<T>;

/** Runs a call, writes down how it ended, and lets out no text of the router's that was not cleaned. */
export function noteIn(operations: Operation[], clean: Clean): Note {
  return async (name, call) => {
    const startedAt = performance.now();
    const took = () => Math.round(performance.now() - startedAt);
    try {
      const result = await call();
      operations.push({ name, ok: true, responseMs: took() });
      return result;
    } catch (error) {
      if (!isAppError(error)) throw error;
      const failure = cleanedFailure(error, clean);
      operations.push({ name, ok: false, responseMs: took(), error: `${failure.code}: ${failure.message}` });
      throw failure;
    }
  };
}

/** A failure that may be kept: no text of the router's that was not cleaned. */
export function cleanedFailure({ code, message, retryable, context, cause }: AppError, clean: Clean): AppError {
  const { rawText } = context;
  return new AppError(code, clean(message, ERROR_TEXT_LIMIT), {
    retryable,
    context: { ...context, ...(rawText === undefined ? {} : { rawText: clean(rawText, ERROR_TEXT_LIMIT) }) },
    // A parser quotes what it read, an SSH client its own state: both stay inside.
    ...(isAppError(cause) ? { cause } : {}),
  });
}
