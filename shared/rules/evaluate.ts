/** The judgement: a rule, the newest window of a target and the clock become findings. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import { cutText } from '../platform/redact.ts';
import { absence } from './absence.ts';
import type { Context } from './context.ts';
import type { Finding } from './finding.ts';
import { breachedLevel, ruleFor, unclearedLevel } from './levels.ts';
import type { Observation, ObservedValue } from './observation.ts';
import type { ThresholdRule } from './rule.ts';
import { absenceRulesFor, type RuleIndex, rulesFor } from './selector.ts';

/** A reading older than this many periods is kept, but nobody is woken for it. */
const JUDGED_PERIODS = 2;
/** An alert's item is written often, and a message on a phone is short. */
const MAX_DETAIL = 300;

/** All findings of one target: threshold rules per living entity, absence rules once for the target. */
export function evaluateAll(rules: RuleIndex, observations: readonly Observation[], context: Context): Finding[] {
  const living = context.window.entities.filter((entity) => entity.removedAt === undefined);
  const observed = new Map(observations.map((o) => [JSON.stringify([o.entity, o.metric]), o]));
  const thresholds = living.flatMap((entity) =>
    rulesFor(rules, entity).map((rule) =>
      evaluate(ruleFor(rule, entity), entity, observed.get(JSON.stringify([entity.id, rule.metric])), context),
    ),
  );
  if (!context.target.enabled) return thresholds;
  const silent = absenceRulesFor(rules, context.kind, context.target.id, living);
  return [...thresholds, ...silent.map((rule) => absence(rule, context))];
}

/**
 * One threshold on one entity. Judged is the newest slot, if it is fresh; the run behind it is made of slots in the same
 * state. A slot that is unknown or missing neither ends a run nor counts as part of it, but its time passes: the run
 * lasts from its first to its newest known slot. The band between fire and clear belongs to neither run and ends both.
 */
export function evaluate(
  rule: ThresholdRule,
  entity: Pick<Entity, 'id' | 'name'>,
  observation: Observation | undefined,
  context: Context,
): Finding {
  const base = { entity: entity.id, entityName: entity.name, rule: rule.id };
  // Readings arrive, and none of them says anything about this metric of this entity: a plan no longer in use, say.
  if (observation === undefined && context.window.batches.length > 0) {
    return { ...base, state: 'gone', since: context.now, at: context.now, reason: 'no longer measured' };
  }
  const values = bySlot(observation?.values ?? []);
  const newest = values.at(-1);
  const at = newest?.slot ?? context.now;
  const reason = unknownReason(newest, context);
  if (newest?.value === undefined || reason !== undefined) {
    return { ...base, state: 'unknown', since: at, at, reason: reason ?? 'no value' };
  }
  const { value, detail } = newest;
  const state = stateOf(rule, value);
  const level = breachedLevel(rule, value) ?? unclearedLevel(rule, value) ?? rule.levels[0];
  return {
    ...base,
    state,
    ...(level && state !== 'clear' ? { severity: level.severity } : {}),
    since: runStart(values, (v) => stateOf(rule, v) === state, context),
    at,
    value,
    ...(level ? { threshold: state === 'breach' ? level.fire : level.clear } : {}),
    unit: observation?.unit ?? '',
    ...(state === 'breach' && detail !== undefined ? { detail: cutText(detail, MAX_DETAIL) } : {}),
  };
}

function stateOf(rule: ThresholdRule, value: number): 'breach' | 'between' | 'clear' {
  if (breachedLevel(rule, value)) return 'breach';
  return unclearedLevel(rule, value) ? 'between' : 'clear';
}

/** Oldest first, one value per slot: of several parts of a run, the one that knows. */
function bySlot(values: readonly ObservedValue[]): ObservedValue[] {
  const slots = new Map<Instant, ObservedValue>();
  for (const value of values) {
    if (value.value !== undefined || !slots.has(value.slot)) slots.set(value.slot, value);
  }
  return [...slots.values()].sort((a, b) => a.slot - b.slot);
}

function unknownReason(newest: ObservedValue | undefined, { now, periodSeconds }: Context): string | undefined {
  if (!newest) return 'never observed';
  const ageMs = now - newest.slot;
  if (ageMs > JUDGED_PERIODS * periodSeconds * 1000) return 'the newest reading is too old to be judged';
  if (ageMs < -periodSeconds * 1000) return 'the newest reading claims to be from the future';
  return newest.value === undefined ? (newest.reason ?? 'the newest value is not known') : undefined;
}

/** While Headroom was off nobody saw what happened, so a run does not reach back beyond that. */
function runStart(values: readonly ObservedValue[], isInRun: (value: number) => boolean, context: Context): Instant {
  let since = values.at(-1)?.slot ?? context.now;
  for (const { slot, value } of values.slice(0, -1).reverse()) {
    if (slot < (context.aliveSince ?? slot)) break;
    if (value === undefined) continue;
    if (!isInRun(value)) break;
    since = slot;
  }
  return since;
}
