/** From a finding to what the open item of its fingerprint shall hold: the one place where alerts are born and end. Pure. */
import type { Alert } from './alert.ts';
import { isHeld, isOlder, reopen, type Step, stepEpisode } from './episode.ts';
import { refill } from './outbox.ts';
import type { Recipient } from './recipient.ts';
import { type Capped, type Overflow, withRows } from './timeline.ts';

export interface Advance extends Step {
  /** The open item as it was read; undefined = there is none. */
  readonly open: Alert | undefined;
  readonly recipients: readonly Recipient[];
}

/**
 * none: nothing to write; dropped: a pending alert that ends untold and unrecorded; finished: a resolved episode goes to
 * history and its item to the next episode, if there is one.
 */
export type Change = 'none' | 'created' | 'updated' | 'fired' | 'resolved' | 'dropped' | 'finished';

export interface Advanced {
  readonly change: Change;
  /** What the open item holds afterwards; undefined = no item. */
  readonly alert: Alert | undefined;
  /** Goes to history before the item is touched. */
  readonly finished?: Alert;
  readonly overflow: readonly Overflow[];
}

/**
 * One finding, one transition; call again with the result until it says `none` (a resolved alert that owes nothing
 * finishes in the call after). The same finding a second time changes nothing.
 */
export function advance(input: Advance): Advanced {
  const { open } = input;
  if (open?.state === 'resolved') return afterResolution(input, open);
  const stepped = withoutLoss(input, open);
  if (!stepped) return { change: open ? 'dropped' : 'none', alert: undefined, overflow: [] };
  const { alert, overflow } = settle(input, stepped);
  if (!open) return { change: 'created', alert, overflow };
  if (isSame(open, alert)) return { change: 'none', alert: open, overflow: [] };
  const moved = alert.state !== open.state && alert.state !== 'pending';
  const change = moved ? (alert.state === 'firing' ? 'fired' : 'resolved') : 'updated';
  return { change, alert: { ...alert, version: open.version + 1 }, overflow };
}

/**
 * An alert does not end before everyone it was to be told to stands in its outbox, which takes several rounds when there
 * are more people than places; those who have a place keep it beside their last word.
 */
function withoutLoss(input: Advance, before: Alert | undefined): Alert | undefined {
  const stepped = stepEpisode(input, before);
  if (stepped?.state !== 'resolved' || before?.state !== 'firing') return stepped;
  const { outbox, left } = refill(before, input.recipients, input.now);
  return left > 0 ? before : { ...stepped, outbox };
}

/**
 * The last words of a resolved episode come before anything of the next one, and the next one is not lost while they
 * wait: it lives in the same item, so one conditional write still decides everything.
 */
function afterResolution(input: Advance, open: Alert): Advanced {
  const version = open.version + 1;
  const { outbox } = refill(open, input.recipients, input.now);
  if (outbox.length === 0) {
    const { next, dueAt: _due, ...finished } = open;
    const heir: Capped = next ? settle(input, next) : { alert: open, overflow: [] };
    return {
      change: 'finished',
      finished,
      alert: next && { ...heir.alert, version },
      overflow: heir.overflow,
    };
  }
  const follower = stepFollower(input, open);
  const { alert: next, overflow } = follower ? settle(input, follower) : { alert: undefined, overflow: [] };
  const { next: _next, ...rest } = open;
  const alert: Alert = { ...rest, outbox, ...(next ? { next } : {}), version };
  if (isSame(open, { ...alert, version: open.version })) return { change: 'none', alert: open, overflow: [] };
  return { change: 'updated', alert, overflow };
}

function stepFollower(input: Advance, open: Alert): Alert | undefined {
  const { next } = open;
  if (!next) return isOlder(input, open) ? undefined : stepEpisode(input, undefined);
  if (next.state !== 'resolved') return withoutLoss(input, next);
  const again = input.finding.state === 'breach' && !isOlder(input, next) && isHeld(input, input.finding.since);
  return again ? reopen(input, next) : next;
}

/** Fills the outbox, keeps the item within its limits and notes when somebody has to look again. */
function settle(input: Advance, stepped: Alert): Capped {
  const { outbox, left } = refill(stepped, input.recipients, input.now);
  const { dueAt: _due, ...rest } = stepped;
  const dueAt = dueInstant(input, stepped, left);
  return withRows({ ...rest, outbox, ...(dueAt === undefined ? {} : { dueAt }) }, []);
}

function dueInstant({ rule }: Advance, alert: Alert, left: number): number | undefined {
  if (alert.state === 'pending') return alert.activeAt + (rule?.holdSeconds ?? 0) * 1000;
  if (alert.state === 'resolved') return alert.resolvedAt;
  if (left > 0) return alert.judgedSlot;
  return alert.clearingSince === undefined ? undefined : alert.clearingSince + (rule?.clearSeconds ?? 0) * 1000;
}

/** All parts are plain values built in one order per state; what differs in text differs in meaning. */
function isSame(a: Alert, b: Alert): boolean {
  return a === b || canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  );
}

/** True when the minute sweep shall have the alert's target evaluated although no new data may have come. */
export function isDue(alert: Alert, now: number): boolean {
  if (alert.state === 'resolved') return alert.outbox.length === 0;
  return alert.dueAt !== undefined && alert.dueAt <= now;
}
