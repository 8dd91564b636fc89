/** What is told of one run of one source: how it ended, what it called, what it could not use. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { ErrorCode } from '../platform/errors.ts';
import { cutText } from '../platform/redact.ts';
import type { Operation, Rejected } from './collector.port.ts';

/** partial: something was stored, and something could not be used or read. */
export type RunStatus = 'success' | 'partial' | 'failed';

export interface Run {
  readonly tenant: string;
  readonly source: string;
  readonly kind: string;
  readonly slot: Instant;
  readonly part: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly status: RunStatus;
  /** Asked for by somebody, not by the schedule. */
  readonly manual: boolean;
  /** Readings and rejected values together. */
  readonly read: number;
  readonly accepted: number;
  readonly rejected: number;
  /** The first 20 of them. */
  readonly rejections: readonly Rejected[];
  /** At most 20. */
  readonly operations: readonly Operation[];
  readonly errorCode?: ErrorCode;
  /** One sentence for a person. */
  readonly error?: string;
}

export const KEPT_REJECTIONS = 20;
export const KEPT_OPERATIONS = 20;
const MAX_RAW_CHARACTERS = 200;
const MAX_SENTENCE_CHARACTERS = 300;

/** Cuts a run to what its row may hold; counts stay exact. */
export function boundedRun(run: Run): Run {
  return {
    ...run,
    rejections: run.rejections.slice(0, KEPT_REJECTIONS).map((r) => ({
      path: cutText(r.path, MAX_RAW_CHARACTERS),
      message: cutText(r.message, MAX_SENTENCE_CHARACTERS),
      ...(r.rawText === undefined ? {} : { rawText: cutText(r.rawText, MAX_RAW_CHARACTERS) }),
    })),
    operations: run.operations.slice(0, KEPT_OPERATIONS).map((o) => ({
      ...o,
      ...(o.error === undefined ? {} : { error: cutText(o.error, MAX_SENTENCE_CHARACTERS) }),
    })),
    ...(run.error === undefined ? {} : { error: cutText(run.error, MAX_SENTENCE_CHARACTERS) }),
  };
}
