/** Time enters the house here and nowhere else. */

/** Epoch milliseconds, UTC. */
export type Instant = number;

export interface Clock {
  now(): Instant;
}

export const systemClock: Clock = { now: () => Date.now() };

/** ISO 8601 in UTC with milliseconds; sorts as text in the order of time, so keys use it. */
export function isoInstant(at: Instant): string {
  return new Date(at).toISOString();
}
