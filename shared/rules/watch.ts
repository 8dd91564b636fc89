/** Whether Headroom itself was awake: silence counts against a source only while somebody was there to ask it. Pure. */
import type { Instant } from '../platform/clock.ts';

export interface Watch {
  /** The minute clock's newest look. */
  readonly tickAt: Instant;
  /** Since when it has looked without a pause. */
  readonly aliveSince: Instant;
  /** The newest pause: the machine was off, asleep or stopped. */
  readonly pause?: { readonly from: Instant; readonly to: Instant };
}

/** A clock that ticks each minute and misses five was off; a deploy or a slow start is shorter. */
export const PAUSE_MS = 6 * 60_000;
/** Each tick is a write per tenant, so not every look is one. */
const TICK_EVERY_MS = 110_000;

/** The watch after a look at `now`; the same object when there is nothing to write. */
export function tick(watch: Watch | undefined, now: Instant): Watch {
  if (!watch) return { tickAt: now, aliveSince: now };
  if (!isAwake(watch, now)) return { tickAt: now, aliveSince: now, pause: { from: watch.tickAt, to: now } };
  return now - watch.tickAt < TICK_EVERY_MS ? watch : { ...watch, tickAt: now };
}

/** Since when silence counts; undefined = not at all yet, because the clock has not looked since it was off. */
export function aliveSince(watch: Watch | undefined, now: Instant): Instant | undefined {
  return watch && isAwake(watch, now) ? watch.aliveSince : undefined;
}

/** A clock set back is a restart too: what it measured before means nothing now. */
function isAwake({ tickAt }: Watch, now: Instant): boolean {
  return now - tickAt <= PAUSE_MS && tickAt - now <= PAUSE_MS;
}
