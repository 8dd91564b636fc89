/** How long stored samples live, as the attribute that DynamoDB deletes by. */
import type { Instant } from '../platform/clock.ts';
import { type Item, TTL } from '../platform/table.dynamodb.ts';

const DAY_SECONDS = 86_400;
/** From receipt: a month of the past and the days in which somebody may ask about it. */
export const BATCH_LIFE_SECONDS = 35 * DAY_SECONDS;
/** A year to compare with, and a month more. */
export const CHUNK_LIFE_SECONDS = 400 * DAY_SECONDS;
export const ROLLUP_LIFE_SECONDS = 5 * 366 * DAY_SECONDS;

/** Value of the life attribute, epoch seconds. */
export function expiry(from: Instant, lifeSeconds: number): number {
  return Math.ceil(from / 1000) + lifeSeconds;
}

/** DynamoDB deletes in its own time, so readers skip what has expired. */
export function isAlive(item: Item, now: Instant): boolean {
  const until = item[TTL];
  return typeof until !== 'number' || until * 1000 > now;
}
