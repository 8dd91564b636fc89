/** What is wrong with something from outside: where, in words, and the text as it came. Pure. */
import type * as z from 'zod/mini';
import type { Rejected } from '../collect/collector.port.ts';
import { issueText, pathText } from '../platform/issues.ts';

/** Bounds memory only. Whoever keeps it redacts first and then cuts it far shorter, so no half of a secret is left. */
const RAW_TEXT_LIMIT = 4000;

export function rejectText(path: string, message: string, raw: string | undefined): Rejected {
  return raw === undefined
    ? { path, message: `${message} (absent)` }
    : { path, message, rawText: raw.slice(0, RAW_TEXT_LIMIT) };
}

/** One rejection per issue, all with the record they were found in. */
export function rejectIssues(path: string, issues: readonly z.core.$ZodIssue[], raw: unknown): Rejected[] {
  const rawText = (JSON.stringify(raw) ?? '').slice(0, RAW_TEXT_LIMIT);
  return issues.map((issue) => ({ path: pathText(path, issue.path), message: issueText(issue), rawText }));
}
