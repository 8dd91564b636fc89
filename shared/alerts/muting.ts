/** Whose words wait because what they hang on is down: decided anew each time by what is open, never once for all. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Alert, Muted, Mutes, OutboxEntry } from './alert.ts';

/** An uplink may be looked at a moment later than what hangs on it: the first word about that waits so long after it fired. */
export const UPLINK_WAIT_MS = 90_000;
/** Once the uplink is back, what hangs on it is read again twice before it counts as bad by itself; then the wait as above. */
const SLOTS_OF_GRACE = 2;

/** An alert that mutes what hangs on its entity, or did until not long ago. */
export interface Muter extends Pick<Muted, 'by' | 'episode' | 'name' | 'since' | 'until'> {
  /** Whether this recipient was told of it, or will be: nobody is kept from hearing anything at all. */
  hears(recipient: string): boolean;
}

/** What becomes of the words of an outbox. */
export interface Sorted {
  readonly deliver: readonly OutboxEntry[];
  /** Of an alert that ended before anybody heard of it. */
  readonly drop: readonly OutboxEntry[];
  /** Undefined = nothing is held by an uplink. */
  readonly muted: Muted | undefined;
  /** When a word's wait for its uplink's own judgement is over; undefined = no word waits for that. */
  readonly waitUntil: Instant | undefined;
}

/** The muters among the episodes of one item: the item itself, and the one that waits behind it. */
export function mutersOf(item: Alert, now: Instant): Muter[] {
  return [item, item.next].flatMap((alert) => {
    if (!alert?.mutes) return [];
    const until = endOf(alert, alert.mutes, now);
    const heard = new Set([...Object.keys(alert.told), ...alert.outbox.map((entry) => entry.recipient)]);
    return [
      {
        by: alert.fingerprint,
        episode: alert.activeAt,
        name: alert.entityName,
        since: alert.mutes.since,
        ...(until === undefined ? {} : { until }),
        hears: (recipient: string) => heard.has(recipient),
      },
    ];
  });
}

/** What nobody could judge any more is not known to be down. */
function endOf({ judgedSlot }: Alert, { until, freshSeconds }: Mutes, now: Instant): Instant | undefined {
  if (until !== undefined || freshSeconds === undefined) return until;
  const freshUntil = judgedSlot + freshSeconds * 1000 + UPLINK_WAIT_MS;
  return now > freshUntil ? freshUntil : undefined;
}

/**
 * `muters`: of everything that the alert hangs on, nearest first. A word about an alert that is over is judged by the
 * instant at which it ended, so that a late look changes nothing. Whoever heard of an alert gets its last word at once.
 */
export function sortWords(alert: Alert, muters: readonly Muter[], now: Instant, waitMs = UPLINK_WAIT_MS): Sorted {
  const { behind } = alert;
  if (!behind) return { deliver: alert.outbox, drop: [], muted: undefined, waitUntil: undefined };
  const isOver = alert.state === 'resolved';
  const at = isOver ? Math.min(alert.resolvedAt ?? now, now) : now;
  const waitUntil = (alert.firedAt ?? 0) + waitMs;
  const deliver: OutboxEntry[] = [];
  const drop: OutboxEntry[] = [];
  let [muted, waits]: [Muted | undefined, boolean] = [undefined, false];
  for (const entry of alert.outbox) {
    const heard = hasHeard(alert, entry.recipient);
    const muter = muters.find((one) => one.hears(entry.recipient) && mutes(one, alert, at));
    if (entry.released || (entry.stage === 'resolved' && heard)) deliver.push(entry);
    else if (muter) {
      muted ??= mutedBy(muter, alert);
      if (isOver) drop.push(entry);
    } else if (!heard && now < waitUntil) waits = true;
    else deliver.push(entry);
  }
  return { deliver, drop, muted, waitUntil: waits ? waitUntil : undefined };
}

/** Or will for sure: a relay may have died between the line and the note that it was written. */
function hasHeard({ told, outbox }: Alert, recipient: string): boolean {
  return told[recipient] !== undefined || outbox.some((entry) => entry.released && entry.recipient === recipient);
}

function mutes(muter: Muter, alert: Alert, at: Instant): boolean {
  if (muter.since > at) return false;
  return muter.until === undefined || (alert.activeAt < muter.until && at < muter.until + graceMs(alert));
}

function graceMs({ behind }: Alert): number {
  return SLOTS_OF_GRACE * (behind?.periodSeconds ?? 0) * 1000 + UPLINK_WAIT_MS;
}

function mutedBy({ by, episode, name, since, until }: Muter, alert: Alert): Muted {
  const known = alert.muted?.by === by && alert.muted.episode === episode ? alert.muted.since : undefined;
  const from = known ?? Math.max(since, alert.firedAt ?? since);
  return { by, episode, name, since: from, ...(until === undefined ? {} : { until }) };
}

export function isSameMute(a: Muted | undefined, b: Muted | undefined): boolean {
  return a?.by === b?.by && a?.episode === b?.episode && a?.since === b?.since && a?.until === b?.until;
}

/**
 * True while nothing can be done about what stands in an outbox, by what all open alerts say: the minute sweep needs not
 * ask the relay. `open`: by fingerprint.
 */
export function isHeld(alert: Alert, open: ReadonlyMap<string, Alert>, now: Instant): boolean {
  const { muted } = alert;
  if (!alert.behind || alert.outbox.length === 0) return false;
  const item = muted && open.get(muted.by);
  const living = item ? mutersOf(item, now).filter((one) => one.episode === muted.episode) : [];
  // Whom it does not concern the relay has told already; an end that was noted needs no alert that is open.
  const noted = living.length === 0 && muted?.until !== undefined ? [{ ...muted, hears: () => true }] : living;
  const sorted = sortWords(alert, noted, now);
  return sorted.deliver.length === 0 && sorted.drop.length === 0 && isSameMute(sorted.muted, muted);
}
