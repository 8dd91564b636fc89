/** The calls that changing limits on a RouterOS is made of, and what their failures mean. Pure. */
import { AppError, type ErrorContext, isAppError } from '../platform/errors.ts';
import type { ChangeRequest, PrintRequest, RouterosCall, RouterosCaller } from './routeros-call.ts';

/** A conversation with one router; every call throws SOURCE_*. */
export interface LimitCalls {
  /** Rows of a menu, bounded. */
  list(name: string, request: PrintRequest): Promise<readonly unknown[]>;
  read(name: string, request: PrintRequest): Promise<unknown>;
  change(call: RouterosCall<ChangeRequest>): Promise<void>;
  readonly clean: RouterosCaller['clean'];
}

/** Somebody else may change the same thing between our reading and our writing: once more is looked. */
const TRIES = 2;

export function malformed(what: string, context: ErrorContext = {}): AppError {
  return new AppError('SOURCE_MALFORMED', `the router ${what}`, { context });
}

/** What it was asked to change is not there any more: `no such item`, or 404. */
export function isGone(error: unknown): boolean {
  if (!isAppError(error, 'SOURCE_MALFORMED')) return false;
  return error.context.status === 404 || /no such item/i.test(String(error.context.said ?? ''));
}

/** It has no such menu. */
export function isNoMenu(error: unknown): boolean {
  return isAppError(error, 'SOURCE_MALFORMED') && /no such command/i.test(String(error.context.said ?? ''));
}

function isThere(error: unknown): boolean {
  return isAppError(error, 'SOURCE_MALFORMED') && /already have/i.test(String(error.context.said ?? ''));
}

/** What is gone already needs no removing. */
export async function unlessGone(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Looks and acts anew where somebody else removed or added the same thing just in between. */
export async function unlessRaced<T>(act: () => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await act();
    } catch (error) {
      if (left === 0 || !(isGone(error) || isThere(error))) throw error;
    }
  }
}
