/** How a reseller stands with its routers: whether they have what was asked for, and what they have instead. Pure. */
import { displayText } from '../interfaces/text.ts';
import type { Instant } from '../platform/clock.ts';
import { differenceText } from './compare.ts';
import type { Comparison } from './resellers.port.ts';
import { type ResellerRecord, tasksOf } from './work.ts';

/** Undefined = not known now; `says` is fit to be shown, and bounded. */
export interface Standing<T> {
  readonly value: T | undefined;
  readonly says?: string;
}

/** A router that restarts is back long before; a customer who waits longer for what he was sold is somebody's business. */
const TRYING_MS = 30 * 60_000;
/** Comparisons come every hour: two of them may be lost. */
const COMPARED_MS = 150 * 60_000;
const MAX_SAYS = 200;

/**
 * True where the work has failed, or has been tried for half an hour. Unknown before that: a new try is neither a failure nor
 * the end of the one before it.
 */
export function limitStanding({ work }: Pick<ResellerRecord, 'work'>, now: Instant): Standing<boolean> {
  if (!work || work.phase === 'done') return { value: false };
  const isTrying = work.phase === 'pending';
  if (isTrying && now - work.since < TRYING_MS) return { value: undefined };
  const words = work.lastError ?? 'nobody has got to it yet';
  return { value: true, says: shown(`${isTrying ? 'Still trying' : 'Given up'}: ${words}`) };
}

/**
 * How many differences the newest comparisons saw. Unknown while what is wanted is not on the routers anyway, and where a
 * router was neither compared nor read back lately: what was not looked at is not in order.
 */
export function driftStanding(
  record: ResellerRecord,
  comparisons: readonly Comparison[],
  now: Instant,
): Standing<number> {
  const { drift, work } = record;
  if (work !== undefined && work.phase !== 'done') return { value: undefined };
  if (drift.length > 0) {
    const says = drift.map((one) => `${one.router}: ${differenceText([one])}`).join('; ');
    return { value: drift.length, says: shown(says) };
  }
  const comparedAt = new Map(comparisons.map((one) => [one.router, one.comparedAt]));
  const isSeen = tasksOf(record).every(({ router, place }) => {
    const seenAt = Math.max(comparedAt.get(router) ?? 0, place.applied?.at ?? 0);
    return now - seenAt <= COMPARED_MS;
  });
  return { value: isSeen ? 0 : undefined };
}

function shown(words: string): string {
  return displayText(words, MAX_SAYS);
}
