/** How simulated balances fall: a pure function of time, with busy evenings, quiet nights and days that differ. */
import type { SimulatedPlan, TaaraAccount } from './taara-accounts.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The demo's households live in Nairobi (UTC+3). */
const ZONE_MS = 3 * HOUR_MS;
/** Share of a day's use by hour of the day, local; in any unit. */
const HOURLY = [2, 1, 1, 1, 1, 2, 4, 6, 6, 5, 5, 5, 6, 6, 5, 5, 6, 8, 11, 14, 15, 13, 8, 4];
const HOURLY_SUM = HOURLY.reduce((sum, weight) => sum + weight, 0);

/** The balance was set from outside the curve. */
export interface Adjustment {
  readonly planId: string;
  /** Epoch ms. */
  readonly at: number;
  readonly remainingOctets: bigint;
}

/** What is left at `at` (epoch ms): falls within a purchase, jumps up when it renews, never below 0. */
export function remainingAt(plan: SimulatedPlan, at: number, adjustments: readonly Adjustment[] = []): bigint {
  const boughtAt = purchasedAt(plan, at);
  const start = adjustments.findLast((a) => a.planId === plan.planId && a.at >= boughtAt && a.at <= at);
  const used = BigInt(Math.floor(octetsPerUse(plan) * useBetween(start?.at ?? boughtAt, at)));
  const before = start?.remainingOctets ?? plan.allocationOctets;
  return used > before ? 0n : before - used;
}

/** Start of the purchase that covers `at`, epoch ms. */
export function purchasedAt(plan: SimulatedPlan, at: number): number {
  const first = plan.anchorAt - plan.boughtDaysBeforeAnchor * DAY_MS;
  const lengthMs = plan.validDays * DAY_MS;
  return first + Math.floor((at - first) / lengthMs) * lengthMs;
}

/** End of the purchase that covers `at`, epoch ms. */
export function endsAt(plan: SimulatedPlan, at: number): number {
  return purchasedAt(plan, at) + plan.validDays * DAY_MS;
}

function octetsPerUse(plan: SimulatedPlan): number {
  const used = Number(plan.allocationOctets - plan.remainingOctetsAtAnchor);
  const use = useBetween(purchasedAt(plan, plan.anchorAt), plan.anchorAt);
  return use === 0 ? 0 : used / use;
}

/** Use between two instants; an average day is 1. */
function useBetween(from: number, to: number): number {
  let use = 0;
  for (let at = from; at < to; ) {
    const day = Math.floor((at + ZONE_MS) / DAY_MS);
    const dayStartsAt = day * DAY_MS - ZONE_MS;
    const until = Math.min(to, dayStartsAt + DAY_MS);
    use += dayWeight(day) * (shareOfDay(until - dayStartsAt) - shareOfDay(at - dayStartsAt));
    at = until;
  }
  return use;
}

/** 0.75 to 1.25, the same for the same day wherever it is asked. */
function dayWeight(day: number): number {
  return 0.75 + (Math.imul(day, 2_654_435_761) >>> 0) / 2 ** 33;
}

function shareOfDay(sinceMidnightMs: number): number {
  const hour = Math.min(Math.floor(sinceMidnightMs / HOUR_MS), HOURLY.length - 1);
  const whole = HOURLY.slice(0, hour).reduce((sum, weight) => sum + weight, 0);
  const part = ((sinceMidnightMs - hour * HOUR_MS) / HOUR_MS) * (HOURLY[hour] ?? 0);
  return (whole + part) / HOURLY_SUM;
}

export interface HistoryRow {
  /** Epoch ms. */
  readonly at: number;
  readonly planId: string;
  readonly planName: string;
  readonly remainingOctets: bigint;
}

/** What a monitor would have read every `stepMs` in [from, to): the very curve that the live values go on with. */
export function taaraHistory(account: TaaraAccount, fromMs: number, toMs: number, stepMs: number): HistoryRow[] {
  if (!(stepMs > 0)) throw new RangeError('stepMs must be above 0');
  const rows: HistoryRow[] = [];
  for (let at = fromMs; at < toMs; at += stepMs) {
    for (const plan of account.plans) {
      rows.push({ at, planId: plan.planId, planName: plan.planName, remainingOctets: remainingAt(plan, at) });
    }
  }
  return rows;
}
