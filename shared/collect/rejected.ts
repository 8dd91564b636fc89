/** What is wrong with something from outside: where, in words, and the text as it came. Pure. */
import type * as z from 'zod/mini';
import { issueText, pathText } from '../platform/issues.ts';
import type { Rejected } from './collector.port.ts';

/** A broken answer can hold thousands of wrong values; a person needs a few. */
const MAX_KEPT = 100;
/** Bounds memory only. Whoever keeps it redacts first and then cuts it far shorter, so no half of a secret is left. */
const RAW_TEXT_LIMIT = 4000;
/** Far more than any answer has. JSON is read without recursion and written with it, so without a bound the stack ends. */
const MAX_DEPTH = 100;

/**
 * The first hundred, and how many `more` there are (values without a path unless told). `clean`: takes credentials out of a
 * text and cuts it; left away for what is short and holds none.
 */
export function keptRejected(
  all: readonly Rejected[],
  clean?: (text: string) => string,
  more: { readonly path: string; readonly what: string } = { path: '', what: 'values' },
): Rejected[] {
  const kept = all
    .slice(0, MAX_KEPT)
    .map((one) => (clean === undefined || one.rawText === undefined ? one : { ...one, rawText: clean(one.rawText) }));
  const left = all.length - kept.length;
  return left === 0 ? kept : [...kept, { path: more.path, message: `${left} more ${more.what} could not be used` }];
}

export function rejectText(path: string, message: string, raw: string | undefined): Rejected {
  return raw === undefined
    ? { path, message: `${message} (absent)` }
    : { path, message, rawText: raw.slice(0, RAW_TEXT_LIMIT) };
}

/** One rejection per issue, all with the record they were found in. */
export function rejectIssues(path: string, issues: readonly z.core.$ZodIssue[], raw: unknown): Rejected[] {
  const rawText = rawTextOf(raw);
  return issues.map((issue) => ({ path: pathText(path, issue.path), message: issueText(issue), rawText }));
}

/** A text stands for itself, everything else as JSON; cut, so that neither size nor nesting costs more than is kept. */
export function rawTextOf(raw: unknown): string {
  if (typeof raw === 'string') return raw.slice(0, RAW_TEXT_LIMIT);
  return raw === undefined ? '' : jsonStart(raw, RAW_TEXT_LIMIT, MAX_DEPTH).slice(0, RAW_TEXT_LIMIT);
}

/** At least the first `room` characters of the JSON; an ellipsis stands for what nests deeper. */
function jsonStart(value: unknown, room: number, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, Math.max(room, 0)));
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === 0) return '…';
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  for (const [name, member] of Object.entries(value)) {
    if (text.length >= room) return text;
    text += `${text.length > 1 ? ',' : ''}${isList ? '' : `${JSON.stringify(name)}:`}`;
    text += jsonStart(member, room - text.length, depth - 1);
  }
  return `${text}${isList ? ']' : '}'}`;
}
