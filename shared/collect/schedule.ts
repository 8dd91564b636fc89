/** Which targets are due in which minute: every tenant has its own phase, so that not everybody asks on the hour. Pure. */
import type { Instant } from '../platform/clock.ts';
import { isoInstant } from '../platform/clock.ts';
import type { CollectMessage, EvaluateMessage, FoldMessage, SourceType } from './source.ts';
import type { Target } from './sources.port.ts';

export const TICK_MS = 60_000;
/** A target is judged this long after its slot whatever came, so that silence is noticed and a lost message heals. */
export const EVALUATE_AFTER_SECONDS = 60;
/** What is made of other readings of its slot waits until these are in. */
const READ_AFTER_SECONDS: Readonly<Partial<Record<SourceType, number>>> = { link: 90, resellers: 90 };
/** Chunks are six hours of UTC; one is folded once, after the runs of its last minutes are through. */
const FOLD_EVERY_MINUTES = 360;
const FOLD_AFTER_MINUTES = 10;
/** Over so many minutes the folds of all targets are spread. */
const FOLD_SPREAD_MINUTES = 60;

/** A target that is due, and how long its message has to wait. */
export interface DueTarget {
  readonly target: Target;
  /** The target's own scheduled instant: a multiple of its period plus its tenant's phase. */
  readonly slot: Instant;
  readonly delaySeconds: number;
}

/** FNV-1a, 32 bits: stable for ever, spreads similar names well enough for a phase. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  // FNV's low bits are weak for short keys, and a phase is a remainder: the final mix of murmur3 spreads them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** One phase per tenant and period: the members of a link are read at the same slot and can be added up. */
export function phaseSeconds(tenant: string, periodSeconds: number): number {
  return hashOf(tenant) % periodSeconds;
}

/** The one slot of a target inside the minute that begins at `tickAt`, or undefined. */
export function slotInMinute(target: Target, tickAt: Instant): Instant | undefined {
  const minute = minuteOf(tickAt);
  const periodMs = target.periodSeconds * 1000;
  const phaseMs = phaseSeconds(target.tenant, target.periodSeconds) * 1000;
  const slot = Math.ceil((minute - phaseMs) / periodMs) * periodMs + phaseMs;
  return slot < minute + TICK_MS ? slot : undefined;
}

/** The enabled targets that are due in the tick's own minute; `now` shortens the waits of a tick that comes late. */
export function due(targets: readonly Target[], tickAt: Instant, now: Instant): DueTarget[] {
  return targets.flatMap((target) => {
    const slot = target.enabled ? slotInMinute(target, tickAt) : undefined;
    if (slot === undefined) return [];
    const untilSlot = Math.ceil((slot - now) / 1000);
    const withinMinute = (slot - minuteOf(tickAt)) / 1000;
    return [{ target, slot, delaySeconds: Math.min(Math.max(untilSlot, 0), withinMinute) }];
  });
}

/** The targets whose fold falls into the tick's minute: each at its own of the hour that begins ten minutes after a chunk. */
export function dueForFold(targets: readonly Target[], tickAt: Instant): Target[] {
  const minute = ((minuteOf(tickAt) / TICK_MS) % FOLD_EVERY_MINUTES) - FOLD_AFTER_MINUTES;
  return targets.filter((t) => hashOf(`${t.tenant}#${t.source}`) % FOLD_SPREAD_MINUTES === minute);
}

/** How long after its slot a source of this type is read. */
export function readAfterSeconds(type: SourceType): number {
  return READ_AFTER_SECONDS[type] ?? 0;
}

export function collectDelaySeconds({ target, delaySeconds }: DueTarget): number {
  return delaySeconds + readAfterSeconds(target.type);
}

export function evaluateDelaySeconds(due: DueTarget): number {
  return collectDelaySeconds(due) + EVALUATE_AFTER_SECONDS;
}

export function collectMessageOf(target: Target, slot: Instant, boundary: boolean): CollectMessage {
  return { version: 1, tenant: target.tenant, source: target.source, slot: isoInstant(slot), part: 0, boundary };
}

/** Names the target to the rules and to the fold alike. */
export function targetMessageOf({ tenant, kind, source }: Target): EvaluateMessage & FoldMessage {
  return { version: 1, tenant, kind, target: source };
}

function minuteOf(at: Instant): Instant {
  return Math.floor(at / TICK_MS) * TICK_MS;
}
