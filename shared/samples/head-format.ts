/** The packed form of a head: what its bits mean, and what each entry takes over from the one before. Pure. */
import type { CounterLife, Increase, IncreaseReason } from './sample.ts';

export const FORMAT = 1;

/** Positions are stored: only ever append. */
export const REASONS: readonly (IncreaseReason | undefined)[] = [
  undefined,
  'first',
  'reset',
  'jitter',
  'narrow',
  'implausible',
  'topup',
  'gap',
  'stale',
];

export const BOUNDARY = 1;
export const SAME_SHAPE = 2;
export const OLDER = 4;
/** What a series has; the last two: its life or increase lies in time as the one written before it. */
export const HAS = { value: 1, life: 2, increase: 4, baseline: 8, lifeAlike: 16, increaseAlike: 32 } as const;
export const UPTIME = 1;
export const IF_INDEX = 2;
export const DISCONTINUITY = 4;
export const SPEED = 8;
export const WIDE = 16;
export const SLOT_APART = 1;
export const RECEIPT_APART = 2;
export const RATEABLE = 4;
export const AMOUNT = 8;

/** What the entry before said; both directions keep it in step. */
export interface Before {
  entity: string;
  lagMs: number;
  shape: string;
  bootAt: number;
  uptimeMs: number;
  ifIndex: number;
  spanMs: number;
  driftMs: number;
}

export function nothingBefore(): Before {
  return { entity: '', lagMs: 0, shape: '', bootAt: 0, uptimeMs: 0, ifIndex: 0, spanMs: 0, driftMs: 0 };
}

export function rememberLife(before: Before, life: CounterLife): void {
  before.bootAt = life.bootAt;
  before.ifIndex = life.ifIndex ?? before.ifIndex;
  before.uptimeMs = life.uptimeMs ?? before.uptimeMs;
}

export function rememberIncrease(before: Before, increase: Increase): void {
  before.spanMs = increase.to - increase.from;
  before.driftMs = increase.elapsedMs - before.spanMs;
}
