/** Silence as a finding: a target that has brought nothing for some of its own slots. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Context } from './context.ts';
import type { Finding } from './finding.ts';
import type { AbsenceRule } from './rule.ts';

/** A run needs time to be read and stored before its slot can be called missed. */
export const GRACE_SECONDS = 60;

/**
 * The silence of the target as a whole, so that a router with forty ports is one alert: `entity` is the target's id.
 * Value and threshold are slots. The clock starts at the newest slot, or for a source that never brought anything at
 * its beginning, but not before Headroom itself was awake. Silence is never a recovery: only data is.
 */
export function absence(rule: AbsenceRule, context: Context): Finding {
  const { target, now, window, aliveSince } = context;
  const base = { entity: target.id, entityName: target.name, rule: rule.id };
  const patienceMs = patience(rule, context);
  const newest = window.head?.newestSlot;
  if (newest !== undefined && now < newest + patienceMs) {
    return { ...base, state: 'clear', since: dataSince(newest, patienceMs, context), at: now };
  }
  if (aliveSince === undefined) return { ...base, state: 'unknown', since: now, at: now, reason: 'Headroom was off' };
  const since = Math.max(newest ?? target.since, aliveSince);
  // Named by its deadline and not by the clock: looking again a minute later is the same finding.
  const at = since + patienceMs;
  if (now < at) return { ...base, state: 'unknown', since, at: now, reason: 'waiting for the first reading' };
  const { severity, slots } = rule;
  return { ...base, state: 'breach', severity, since, at, value: slots, threshold: slots };
}

function patience(rule: AbsenceRule, { periodSeconds }: Context): number {
  return (rule.slots * periodSeconds + GRACE_SECONDS) * 1000;
}

/** First slot of the stretch without a silence that reaches to the newest one. */
function dataSince(newest: Instant, patienceMs: number, { window }: Context): Instant {
  const slots = window.batches.map((batch) => batch.slot).sort((a, b) => b - a);
  let since = newest;
  for (const slot of slots) {
    if (since - slot >= patienceMs) break;
    since = Math.min(since, slot);
  }
  return since;
}
