/** Which months are archived when, and where their files stand; months are those of UTC, as chunks are. Pure. */
import type { Instant } from '../platform/clock.ts';
import { wholeMonth } from './fold-days.ts';
import { dayOf, monthOf } from './zone.ts';

const DAY_MS = 86_400_000;
/**
 * From the month's first instant: nothing in it is a year old yet, and its first chunk, which goes first, still has 40
 * days to live.
 */
export const ARCHIVE_AFTER_MS = 360 * DAY_MS;
/** What chunks live beyond their end. */
const CHUNK_LIFE_MS = 400 * DAY_MS;

export const MONTH_PATTERN = /^\d{4}-(0[1-9]|1[0-2])$/;

/** The UTC month of an instant, `YYYY-MM`. */
export function archiveMonthOf(at: Instant): string {
  return monthOf(dayOf(at, 'UTC'));
}

/** First instant of the month, and of the next one. */
export function monthSpan(month: string): { readonly from: Instant; readonly to: Instant } {
  return wholeMonth(month, 'UTC');
}

/** When the month may be archived, and from when on it must be soon. */
export function dueAt(month: string): Instant {
  return monthSpan(month).from + ARCHIVE_AFTER_MS;
}

/** Months to be archived that still have chunks of their own time, oldest first. */
export function dueMonths(now: Instant): string[] {
  const months: string[] = [];
  const last = archiveMonthOf(now - ARCHIVE_AFTER_MS);
  for (let at = now - CHUNK_LIFE_MS; ; at = monthSpan(archiveMonthOf(at)).to) {
    const month = archiveMonthOf(at);
    if (month > last) return months;
    months.push(month);
  }
}

/** A fold may have begun so long before it writes. */
const FOLD_TAKES_MS = DAY_MS;

/** Months of these chunks that may be archived already, or by the time at which they are stored. */
export function lateMonths(starts: readonly Instant[], now: Instant): string[] {
  return [...new Set(starts.map(archiveMonthOf))].filter((month) => dueAt(month) <= now + FOLD_TAKES_MS);
}

/** Months that hold some of [from, to), oldest first. */
export function monthsWithin(from: Instant, to: Instant): string[] {
  const months: string[] = [];
  for (let at = from; at < to; at = monthSpan(archiveMonthOf(at)).to) months.push(archiveMonthOf(at));
  return months;
}

/** What is archived as one: a router, an account, a shard of a fleet, over a month. */
export interface ArchiveTarget {
  readonly tenant: string;
  readonly month: string;
  readonly kind: string;
  readonly target: string;
}

/** Any text as one part of a key: no slash, and no dot in front, which a path could be led astray by. */
function part(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]|^\./g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Folder of all months of a tenant; ends in a slash, so that no other tenant's begins with it. */
export function tenantFolder(tenant: string): string {
  return `${part(tenant)}/`;
}

function monthFolder(tenant: string, month: string): string {
  return `${tenantFolder(tenant)}${part(month)}/`;
}

/** Stands when the whole month is archived. */
export function monthName(tenant: string, month: string): string {
  return `${monthFolder(tenant, month)}done.json`;
}

function targetFolder({ tenant, month, kind, target }: ArchiveTarget): string {
  return `${monthFolder(tenant, month)}${part(kind)}/${part(target)}/`;
}

/** Stands when all parts of the target do. */
export function targetName(ref: ArchiveTarget): string {
  return `${targetFolder(ref)}done.json`;
}

/** How far an archive under way is. */
export function draftName(ref: ArchiveTarget): string {
  return `${targetFolder(ref)}draft.json`;
}

/** `number` from 1; the digest of its content makes a part that is written twice the same object. */
export function partName(ref: ArchiveTarget, number: number, digest: string): string {
  return `${targetFolder(ref)}${String(number).padStart(4, '0')}-${digest}.csv.gz`;
}

/** Beside a part: where in it each series stands. */
export function contentsName(name: string): string {
  return `${name}.json`;
}
