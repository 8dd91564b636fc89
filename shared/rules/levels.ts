/** Where a value stands among the levels of a threshold, with hysteresis between fire and clear. Pure. */
import type { Entity } from '../entities/entity.ts';
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

/** The rule as it holds for this entity: with the entity's own thresholds in place of its levels, where it has them. */
export function ruleFor(rule: ThresholdRule, { attributes }: Pick<Entity, 'attributes'>): ThresholdRule {
  const severest = rule.levels.at(-1);
  if (!rule.levelsFrom || !severest) return rule;
  const { [rule.levelsFrom.fire]: fire, [rule.levelsFrom.clear]: clear } = attributes;
  if (typeof fire !== 'number' || typeof clear !== 'number') return rule;
  return { ...rule, levels: [{ severity: severest.severity, fire, clear }] };
}
