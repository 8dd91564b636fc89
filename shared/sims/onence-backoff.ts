/** How long to leave an account alone that says it was called too often, but not for how long. Pure. */
import type { Instant } from '../platform/clock.ts';

const FIRST_SECONDS = 2;
const LONGEST_SECONDS = 60;

export interface Backoff {
  /** A good answer came: the next wait is short again. */
  answered(): void;
  /** Seconds from now; twice as long each time, as the provider's guide advises. */
  refused(now: Instant): number;
}

export function openBackoff(): Backoff {
  let inRow = 0;
  let until: Instant = 0;
  return {
    answered() {
      inRow = 0;
    },
    refused(now) {
      // Calls that were under way together are refused together.
      if (now >= until) inRow++;
      const seconds = Math.min(FIRST_SECONDS * 2 ** Math.max(0, inRow - 1), LONGEST_SECONDS);
      until = now + seconds * 1000;
      return seconds;
    },
  };
}
