/** How old a reading is, and from when on it must not be taken for the present. Pure. */
import { type Instant, isoInstant } from '../platform/clock.ts';

/** A reading may come late once; after two of its periods it is old. */
const STALE_PERIODS = 2;

export function isStale(readAt: Instant | undefined, periodSeconds: number, now: Instant): boolean {
  return readAt === undefined || now - readAt > STALE_PERIODS * periodSeconds * 1000;
}

/** The three fields by which the API tells the age of what it shows; null = never read. */
export function freshness(readAt: Instant | undefined, periodSeconds: number, now: Instant) {
  return {
    readAt: readAt === undefined ? null : isoInstant(readAt),
    dataAgeSeconds: readAt === undefined ? null : Math.max(0, Math.round((now - readAt) / 1000)),
    stale: isStale(readAt, periodSeconds, now),
  };
}
