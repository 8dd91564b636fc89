/** What a simulated SIM used and what is left of its quotas at any instant: closed forms, exact to the last millionth. Pure. */
import { DATA_QUOTA, DAY_MS, draw, MB, type SimPlan, SMS_QUOTA, startOfDay } from './onence-fleet.ts';
import type { Segment, Touched } from './onence-kept.ts';

/** A SIM and what was changed of it. */
export interface Sim {
  readonly plan: SimPlan;
  readonly touched: Touched | undefined;
}

export interface DataQuota {
  /** Millionths of a MB; below 0 where it used more than it had. */
  readonly volume: number;
  readonly total: number;
  readonly accumulated: number;
  readonly lastAdded: number;
}

const HOUR_MS = 3_600_000;
const HOURLY = [2, 1, 1, 1, 2, 3, 5, 7, 8, 8, 7, 7, 7, 7, 8, 8, 8, 8, 7, 6, 5, 4, 3, 2];
const HOURLY_SUM = HOURLY.reduce((sum, weight) => sum + weight, 0);
/** Automatic top-ups come with a fifth of what is then there: such SIMs never get low. */
const AUTO_TOP_UP_AT = 125 * MB;

/** What the SIM would have used since 1970 if nothing had ever hindered it; only differences mean something. */
export function wantedUntil(plan: SimPlan, at: number): number {
  const day = Math.floor(at / DAY_MS);
  const before = wantedBeforeDay(plan, day);
  const share = shareOfDay(at - day * DAY_MS);
  const today = share === 0 ? 0 : Math.floor((wantedBeforeDay(plan, day + 1) - before) * share);
  return before + today + burstUntil(plan, at);
}

/** Weeks are summed by multiplication; the noise of a day is taken from the next, so that its sum is one term. */
function wantedBeforeDay(plan: SimPlan, day: number): number {
  // 1970-01-01 was a Thursday.
  const sinceMonday = day + 3;
  const weekday = sinceMonday % 7;
  let sum = 0;
  let begun = 0;
  plan.week.forEach((volume, index) => {
    sum += volume;
    if (index < weekday) begun += volume;
  });
  const noise = Math.floor((plan.noise * draw(plan.fleet.seed, plan.index, day)) / 2 ** 32);
  return ((sinceMonday - weekday) / 7) * sum + begun + noise;
}

/** The runaway takes the whole of its surplus in the first hour of each day. */
function burstUntil(plan: SimPlan, at: number): number {
  const since = at - startOfDay(plan.fleet.anchorAt);
  if (plan.burst === 0 || since <= 0) return 0;
  const days = Math.floor(since / DAY_MS);
  return days * plan.burst + Math.floor(plan.burst * Math.min(1, (since - days * DAY_MS) / HOUR_MS));
}

function shareOfDay(sinceMidnightMs: number): number {
  const hour = Math.floor(sinceMidnightMs / HOUR_MS);
  let whole = 0;
  for (let h = 0; h < hour; h++) whole += HOURLY[h] ?? 0;
  return (whole + (sinceMidnightMs / HOUR_MS - hour) * (HOURLY[hour] ?? 0)) / HOURLY_SUM;
}

/** Oldest first; each begins with a known volume. What was changed comes after what the SIM is by itself. */
export function segmentsOf({ plan, touched }: Sim): Segment[] {
  const first: Segment = {
    at: plan.activatedAt,
    remaining: DATA_QUOTA,
    total: DATA_QUOTA,
    accumulated: DATA_QUOTA,
    lastAdded: DATA_QUOTA,
    auto: plan.autoTopUp,
    flowing: true,
  };
  const own = plan.stopsAt === undefined ? [first] : [first, follow(plan, first, plan.stopsAt, { flowing: false })];
  return touched ? [...own, ...touched.segments] : own;
}

/** The segment that goes on at `at` from where `before` is by then. */
export function follow(plan: SimPlan, before: Segment, at: number, over: Partial<Segment>): Segment {
  const { volume, total, accumulated, lastAdded } = quotaIn(plan, before, at);
  const { auto, flowing } = before;
  return { at, remaining: volume, total, accumulated, lastAdded, auto, flowing, ...over };
}

function usedIn(plan: SimPlan, segment: Segment, at: number): number {
  if (!segment.flowing || at <= segment.at) return 0;
  const wanted = wantedUntil(plan, at) - wantedUntil(plan, segment.at);
  if (segment.auto) return wanted;
  return Math.min(wanted, segment.remaining <= 0 ? 0 : segment.remaining + plan.overshoot);
}

function quotaIn(plan: SimPlan, segment: Segment, at: number): DataQuota {
  const used = usedIn(plan, segment, at);
  const due = segment.auto ? used - (segment.remaining - AUTO_TOP_UP_AT) : -1;
  const topUps = due < 0 ? 0 : Math.floor(due / DATA_QUOTA) + 1;
  const { total, accumulated, lastAdded, remaining } = segment;
  if (topUps === 0) return { volume: remaining - used, total, accumulated, lastAdded };
  return {
    volume: remaining - used + topUps * DATA_QUOTA,
    total: (topUps === 1 ? Math.min(remaining, AUTO_TOP_UP_AT) : AUTO_TOP_UP_AT) + DATA_QUOTA,
    accumulated: accumulated + topUps * DATA_QUOTA,
    lastAdded: DATA_QUOTA,
  };
}

export function segmentAt(sim: Sim, at: number): Segment {
  const segments = segmentsOf(sim);
  const found = segments.findLast((segment) => segment.at <= at) ?? segments[0];
  if (!found) throw new Error('a SIM has at least one segment');
  return found;
}

export function dataQuotaAt(sim: Sim, at: number): DataQuota {
  return quotaIn(sim.plan, segmentAt(sim, at), at);
}

/** What flowed on a day (days since 1970, UTC) until `now`. */
export function dataOfDay(sim: Sim, day: number, now: number): number {
  const segments = segmentsOf(sim);
  const until = Math.min((day + 1) * DAY_MS, now);
  const used = segments.reduce((sum, segment, index) => {
    const from = Math.max(day * DAY_MS, segment.at);
    const to = Math.min(until, segments[index + 1]?.at ?? Number.POSITIVE_INFINITY);
    return to <= from ? sum : sum + usedIn(sim.plan, segment, to) - usedIn(sim.plan, segment, from);
  }, 0);
  return used + (sim.touched?.extras[day] ?? 0);
}

/** Messages sent by the SIM in (from, to]. */
export function smsSentBetween(sim: Sim, from: number, to: number): number {
  const { plan } = sim;
  if (plan.smsPerThousandDays === 0) return 0;
  const until = (at: number): number => Math.floor(((at / DAY_MS) * plan.smsPerThousandDays) / 1000 + plan.index / 7);
  const segments = segmentsOf(sim);
  return segments.reduce((sum, segment, index) => {
    const begin = Math.max(from, segment.at);
    const end = Math.min(to, segments[index + 1]?.at ?? Number.POSITIVE_INFINITY);
    return !segment.flowing || end <= begin ? sum : sum + until(end) - until(begin);
  }, 0);
}

/** Messages that were sent to the SIM in (from, to]. */
export function smsReceivedBetween({ touched }: Sim, from: number, to: number): number {
  return touched?.messages.filter((m) => m.submittedAt > from && m.submittedAt <= to).length ?? 0;
}

export function smsLeftAt(sim: Sim, at: number): number {
  const since = sim.plan.activatedAt;
  return Math.max(0, SMS_QUOTA - smsSentBetween(sim, since, at) - smsReceivedBetween(sim, since, at));
}

/** 0: more than 20 % left, 1: less, 2: nothing. */
export function levelOf(volume: number, total: number): 0 | 1 | 2 {
  if (volume <= 0) return 2;
  return volume * 5 < total ? 1 : 0;
}

/** The second in which `holds` became true, to stay so until `now`: the same whenever it is asked for. */
function since(from: number, now: number, holds: (at: number) => boolean): number {
  let [before, after] = [from, now];
  if (holds(before)) return before;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (holds(middle)) after = middle;
    else before = middle;
  }
  return Math.floor(after / 1000) * 1000;
}

/** When the present level (low, exhausted) was reached; undefined while there is enough. */
export function reachedAt(sim: Sim, least: 1 | 2, now: number): number | undefined {
  const has = (at: number): boolean => {
    const { volume, total } = dataQuotaAt(sim, at);
    return levelOf(volume, total) >= least;
  };
  if (!has(now)) return undefined;
  const from = segmentsOf(sim).findLast((segment) => segment.at <= now && !has(segment.at))?.at;
  return since(from ?? sim.plan.activatedAt, now, has);
}

/** When volume was added last. */
export function addedAt(sim: Sim, now: number): number {
  const { accumulated } = dataQuotaAt(sim, now);
  return since(sim.plan.activatedAt, now, (at) => dataQuotaAt(sim, at).accumulated >= accumulated);
}
