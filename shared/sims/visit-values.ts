/** What one look at a SIM is worth: the values of its reading, made of the provider's answers. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { HeadEntity } from '../samples/sample.ts';
import { type DayUsage, PRESENCES, type Quota, type SimStatus } from './sim.ts';
import { median } from './usage.ts';

/** What the provider says of its days now, and what was known of them before. */
export interface Used {
  readonly today: string;
  readonly stated: readonly DayUsage[] | undefined;
  readonly before: readonly DayUsage[];
  readonly all: readonly DayUsage[];
}

/** Newest value of a metric, whether or not the newest run brought it. */
export function newestOf(newest: HeadEntity | undefined, metric: string): bigint | undefined {
  return newest?.values[metric] ?? newest?.earlier?.[metric]?.value;
}

/** Epoch seconds. */
export function secondsOf(at: Instant): bigint {
  return BigInt(Math.floor(at / 1000));
}

export function quotaValues(service: 'data' | 'sms', quota: Quota | undefined): Record<string, bigint> {
  const values = {
    [`${service}Remaining`]: quota?.remaining,
    // A top-up makes the total what was left plus what was added: percent is of that.
    [`${service}Total`]: quota?.total,
    [`${service}Expires`]: quota?.expiresAt === undefined ? undefined : BigInt(Math.round(quota.expiresAt / 1000)),
  };
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, bigint] => entry[1] !== undefined),
  );
}

/** `activatedOn`: days before it are empty, and say nothing of what is usual. */
export function usageValues({ today, stated, all }: Used, activatedOn: string | undefined): Record<string, bigint> {
  const now = stated?.find(({ day }) => day === today)?.dataTotal;
  const usual = median(all.filter(({ day }) => day < today && day > (activatedOn ?? '')));
  return { ...(now === undefined ? {} : { usageToday: now }), ...(usual === undefined ? {} : { usageMedian: usual }) };
}

export function presenceValue(status: SimStatus | undefined): Record<string, bigint> {
  return status?.presence === undefined ? {} : { presence: BigInt(PRESENCES.indexOf(status.presence)) };
}

/**
 * Newest instant at which it may have been heard of, so that silence is never overstated: the network's own word, traffic
 * that was not there before, or else the end of the last day with traffic.
 */
export function lastSeenValue(
  newest: HeadEntity | undefined,
  status: SimStatus | undefined,
  used: Used,
  now: Instant,
): Record<string, bigint> {
  const known = newestOf(newest, 'lastSeen');
  const candidates = [known === undefined ? undefined : Number(known) * 1000, status?.lastSeenAt, heardOf(used, now)];
  const seen = candidates.filter((at) => at !== undefined);
  // A network's clock may be ahead of ours.
  return seen.length === 0 ? {} : { lastSeen: secondsOf(Math.min(now, Math.max(...seen))) };
}

function heardOf({ stated, before, today }: Used, now: Instant): Instant | undefined {
  const last = stated?.findLast((day) => hasTraffic(day));
  if (!last) return undefined;
  const earlier = before.find(({ day }) => day === last.day);
  // The same amount as before: nothing flew since, and when on that day it did was worked out then, or is not known.
  const same = earlier?.dataTotal === last.dataTotal && earlier?.smsTotal === last.smsTotal;
  if (earlier && same) return Date.parse(`${last.day}T00:00:00Z`);
  return last.day >= today ? now : Math.min(now, Date.parse(`${last.day}T23:59:59Z`));
}

function hasTraffic({ dataTotal = 0n, smsMo = 0n }: DayUsage): boolean {
  return dataTotal > 0n || smsMo > 0n;
}
