/** Keys of the SIMs' usage and of its corrections in the one table. Pure. */
import { type Instant, isoInstant } from '../platform/clock.ts';
import { joinKey, splitKey, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';
import type { SimRef } from './usage.port.ts';

/** Stands where rollups have the name of a metric, so no metric may be called so. */
export const USAGE_NAME = 'simUsage';

/** `<account>/<iccid>`: how a SIM is named where its shard does not matter. */
export function simName({ account, iccid }: Omit<SimRef, 'tenant'>): string {
  return `${account}/${iccid}`;
}

/** `month` is `YYYY-MM` as the provider counts days. */
export function usageMonthPk(tenant: string, month: string): string {
  return tenantKey(tenant, 'R', USAGE_NAME, month);
}

export function usageMonthKey(ref: SimRef, month: string): Key {
  return { pk: usageMonthPk(ref.tenant, month), sk: joinKey(simName(ref)) };
}

/** `<account>/<iccid>`. */
export function decodeUsageSk(sk: string): string {
  return splitKey(sk)[0] ?? '';
}

/** First part of a correction's sort key; the runs of the same partition have their own. */
export const CORRECTION_PREFIX = 'correction#';

/** `month` is `YYYY-MM` in UTC, of the instant of the restatement. */
export function correctionsPk(tenant: string, month: string): string {
  return tenantKey(tenant, 'L', month);
}

/** By the statement that changed the day, so writing it twice is writing it once. */
export function correctionKey(ref: SimRef, at: Instant, day: string): Key {
  const iso = isoInstant(at);
  return {
    pk: correctionsPk(ref.tenant, iso.slice(0, 7)),
    sk: joinKey('correction', iso, ref.account, ref.iccid, day),
  };
}
