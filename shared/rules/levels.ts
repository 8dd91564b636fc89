/** Where a value stands among the levels of a threshold, with hysteresis between fire and clear. Pure. */
import type { Level, ThresholdRule } from './rule.ts';

type Thresholds = Pick<ThresholdRule, 'comparison' | 'levels'>;

/** Strictly past: a bundle at exactly 20 % is not below 20 %. */
function isPast(rule: Thresholds, value: number, limit: number): boolean {
  return rule.comparison === 'below' ? value < limit : value > limit;
}

/** The most severe level whose fire value is passed; undefined = none. */
export function breachedLevel(rule: Thresholds, value: number): Level | undefined {
  return rule.levels.findLast((level) => isPast(rule, value, level.fire));
}

/** The most severe level whose clear value is not reached; undefined = back beyond all of them. */
export function unclearedLevel(rule: Thresholds, value: number): Level | undefined {
  return rule.levels.findLast((level) => isPast(rule, value, level.clear));
}
