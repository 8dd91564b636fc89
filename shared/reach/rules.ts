/** When to worry about a device's reach, unless the tenant says otherwise. */
import type { AbsenceRule, Rule, ThresholdRule } from '../rules/rule.ts';
import { REACH_KIND } from './metrics.ts';

/** From the first to the third slot of the usual period: three looks in breach, and three in order again. */
const THREE_LOOKS_SECONDS = 600;

const base = {
  kind: REACH_KIND,
  enabled: true,
  selector: {},
  builtIn: true,
  version: 0,
  // Every state of a device may be the mere consequence of what it hangs on.
  mutedByUplink: true,
} as const;

/** What two looks agree on needs no further wait. */
const AT_ONCE = { holdSeconds: 0, clearSeconds: 0 } as const;
const LASTING = { holdSeconds: THREE_LOOKS_SECONDS, clearSeconds: THREE_LOOKS_SECONDS } as const;

const down: ThresholdRule = {
  ...base,
  ...AT_ONCE,
  id: 'reach-down',
  mutesDependents: true,
  name: 'Down',
  type: 'threshold',
  metric: 'down',
  comparison: 'above',
  levels: [{ severity: 'critical', fire: 0.5, clear: 0.5 }],
  message: '{entity}: it does not answer.',
};

/** Strictly above: so a fifth of the probes is enough. */
const lossy: ThresholdRule = {
  ...base,
  ...LASTING,
  id: 'reach-degraded',
  name: 'Lossy',
  type: 'threshold',
  metric: 'aliveLossPercent',
  comparison: 'above',
  levels: [{ severity: 'warning', fire: 19, clear: 15 }],
  message: '{entity}: it answers, but {value} {unit} of the probes are lost.',
};

/** Longer than the way around the world by cable. */
const slow: ThresholdRule = {
  ...base,
  ...LASTING,
  id: 'reach-slow',
  name: 'Slow',
  type: 'threshold',
  metric: 'rttMilliseconds',
  comparison: 'above',
  levels: [{ severity: 'warning', fire: 500, clear: 400 }],
  message: '{entity}: it takes {value} {unit} to answer (limit {threshold} {unit}).',
};

/**
 * It takes the place of critical messages, so it is not milder than what people on call hear; and as `down` does, for what
 * hangs on a device that comes and goes comes and goes with it.
 */
const flapping: ThresholdRule = {
  ...base,
  ...AT_ONCE,
  id: 'reach-flapping',
  mutesDependents: true,
  name: 'Comes and goes',
  type: 'threshold',
  metric: 'flappingPercent',
  comparison: 'above',
  levels: [{ severity: 'warning', fire: 10, clear: 10 }],
  message: '{entity}: it comes and goes. Single ups and downs are not told until it stays; then what it is will be.',
};

const notLookedAt: ThresholdRule = {
  ...base,
  ...LASTING,
  clearSeconds: 0,
  id: 'reach-unknown',
  name: 'Cannot be looked at',
  type: 'threshold',
  metric: 'notLookedAt',
  comparison: 'above',
  levels: [{ severity: 'warning', fire: 0.5, clear: 0.5 }],
  message: '{entity}: nobody knows if it is up, for it could not be looked at. The run log says why.',
};

const absence: AbsenceRule = {
  ...base,
  ...AT_ONCE,
  id: 'reach-no-data',
  name: 'Reach not known',
  type: 'absence',
  slots: 3,
  severity: 'warning',
  message: '{entity}: for {value} slots no device could be looked at, so nobody knows which are up.',
};

/** A tenant may change them, and disable them, but not lose them. */
export const reachRules: readonly Rule[] = [down, lossy, slow, flapping, notLookedAt, absence];
