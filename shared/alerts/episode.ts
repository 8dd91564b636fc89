/** One step in the life of one episode: pending -> firing -> clearing -> resolved, without its outbox. Pure. */
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';
import { GENERIC_MESSAGE } from '../rules/effective.ts';
import type { Finding } from '../rules/finding.ts';
import { unclearedLevel } from '../rules/levels.ts';
import type { Rule, Severity } from '../rules/rule.ts';
import type { Alert, ResolvedReason, TimelineEntry } from './alert.ts';
import { fingerprintOf } from './keys.ts';
import { severityRank } from './recipient.ts';
import { type Ties, tied } from './ties.ts';

/** What a step may look at. `rule` is absent only for a finding of the state `gone`. */
export interface Step extends Ties {
  readonly finding: Finding;
  readonly rule: Rule | undefined;
  readonly now: Instant;
  readonly tenant: string;
  readonly kind: string;
  readonly target: string;
  readonly simulated: boolean;
}

/** The episode after the finding; undefined = there is none (any more). New rows stand at the end of its timeline. */
export function stepEpisode(step: Step, current: Alert | undefined): Alert | undefined {
  if (step.finding.state === 'unknown' || (current && isPast(step, current))) return current;
  const stepped = judgedStep(step, current);
  return stepped && tied(step, stepped);
}

function isPast(step: Step, current: Alert): boolean {
  return step.finding.state !== 'gone' && isOlder(step, current);
}

function judgedStep(step: Step, current: Alert | undefined): Alert | undefined {
  const { finding } = step;
  if (finding.state === 'gone') return current && goneStep(step, current);
  if (finding.state === 'breach') return current ? breachStep(step, current) : begin(step);
  if (!current || current.state === 'pending') return undefined;
  if (finding.state === 'clear') return clearStep(step, current);
  return eased(step, current, withoutClearing(judged(step, current)));
}

/**
 * True when a newer slot has been judged already. A slot judged while the clock ran ahead proves nothing, or the alert
 * would be frozen until that instant is reached.
 */
export function isOlder({ finding, now }: Pick<Step, 'finding' | 'now'>, current: Alert): boolean {
  return current.judgedSlot <= now && finding.at < current.judgedSlot;
}

/** True when the breach has lasted long enough to fire, counted from slot to slot. */
export function isHeld({ finding, rule }: Pick<Step, 'finding' | 'rule'>, since: Instant): boolean {
  return rule !== undefined && finding.at - since >= rule.holdSeconds * 1000;
}

/** A second breach of an episode that is over but that nobody has heard of the end of: it goes on. */
export function reopen(step: Step, resolved: Alert): Alert {
  const { resolvedAt: _at, resolvedReason: _reason, ...rest } = withoutClearing(judged(step, resolved));
  const outbox = rest.outbox.filter((entry) => entry.stage !== 'resolved');
  const severity = step.finding.severity ?? rest.severity;
  const worse = severityRank(severity) > severityRank(rest.severity);
  return tied(step, fire(step, { ...rest, outbox, severity: worse ? severity : rest.severity }));
}

function begin(step: Step): Alert {
  const { finding, rule, now } = step;
  assert(rule && finding.severity, 'a breach has its rule and a severity');
  const alert: Alert = {
    tenant: step.tenant,
    kind: step.kind,
    target: step.target,
    fingerprint: fingerprintOf(finding.entity, finding.rule),
    entity: finding.entity,
    entityName: finding.entityName,
    rule: finding.rule,
    ruleName: rule.name,
    message: rule.message ?? GENERIC_MESSAGE,
    state: 'pending',
    severity: finding.severity,
    activeAt: finding.since,
    ...facts(finding),
    ...(finding.threshold === undefined ? {} : { threshold: finding.threshold }),
    judgedSlot: finding.at,
    told: {},
    outbox: [],
    timeline: [],
    simulated: step.simulated,
    version: 1,
  };
  return isHeld(step, alert.activeAt) ? fire(step, alert) : plus(alert, now, 'pending', valueText(finding));
}

function breachStep(step: Step, current: Alert): Alert {
  const { finding } = step;
  const next = withoutClearing(judged(step, current, finding.threshold));
  if (current.state === 'pending') {
    // The window may be shorter than the hold: a run that reaches back past the slot judged last began where we noted it.
    const unbroken = finding.since <= current.judgedSlot;
    const activeAt = unbroken ? Math.min(current.activeAt, finding.since) : finding.since;
    const pending = { ...next, activeAt, severity: finding.severity ?? next.severity };
    return isHeld(step, activeAt) ? fire(step, pending) : pending;
  }
  const severity = finding.severity ?? current.severity;
  if (severityRank(severity) <= severityRank(current.severity)) return eased(step, current, next);
  return plus({ ...next, severity }, step.now, 'severity', `rose to ${severity}: ${valueText(finding)}`);
}

/** Severity rises at once and does not fall while the alert is open: a fall is a row of the timeline and no message. */
function eased({ finding, rule, now }: Step, current: Alert, next: Alert): Alert {
  const before = standing(rule, current.value, current.severity);
  const after = standing(rule, finding.value, current.severity);
  if (!before || !after || severityRank(after) >= severityRank(before)) return next;
  return plus(next, now, 'severity', `eased to ${after}: ${valueText(finding)}`);
}

function standing(rule: Rule | undefined, value: number | undefined, reached: Severity): Severity | undefined {
  if (rule?.type !== 'threshold' || value === undefined) return undefined;
  const level = unclearedLevel(rule, value)?.severity;
  return level && severityRank(level) > severityRank(reached) ? reached : level;
}

function fire(step: Step, alert: Alert): Alert {
  const { finding, now, rule } = step;
  const fired: Alert = {
    ...alert,
    state: 'firing',
    firedAt: alert.firedAt ?? now,
    ruleName: rule?.name ?? alert.ruleName,
    message: rule?.message ?? alert.message,
  };
  return plus(fired, now, 'fired', `${fired.severity}: ${valueText(finding)}`);
}

function clearStep(step: Step, current: Alert): Alert {
  const { finding, rule, now } = step;
  const noted = current.clearingSince;
  const unbroken = noted !== undefined && finding.since <= current.judgedSlot;
  const since = unbroken ? Math.min(noted, finding.since) : finding.since;
  const next: Alert = { ...judged(step, current), clearingSince: since };
  if (finding.at - since >= (rule?.clearSeconds ?? 0) * 1000) return resolve(step, next, 'cleared');
  return noted === undefined ? plus(next, now, 'clearing', `back: ${valueText(finding)}`) : next;
}

function goneStep(step: Step, current: Alert): Alert | undefined {
  return current.state === 'pending' ? undefined : resolve(step, current, goneReason(step.finding));
}

const GONE_REASONS: readonly ResolvedReason[] = [
  'rule removed',
  'rule disabled',
  'entity removed',
  'no longer measured',
];

function goneReason(finding: Finding): ResolvedReason {
  const reason = GONE_REASONS.find((known) => known === finding.reason);
  assert(reason, `gone: ${finding.reason}`);
  return reason;
}

function resolve({ finding, now }: Step, alert: Alert, reason: ResolvedReason): Alert {
  const text = reason === 'cleared' ? `cleared: ${valueText(finding)}` : reason;
  return plus({ ...alert, state: 'resolved', resolvedAt: now, resolvedReason: reason }, now, 'resolved', text);
}

function judged({ finding }: Step, alert: Alert, threshold = alert.threshold): Alert {
  const { detail, ...rest } = alert;
  // A recovery says nothing of what was wrong, so the last words about that stay.
  const kept = finding.state === 'breach' || detail === undefined ? {} : { detail };
  return {
    ...rest,
    ...kept,
    entityName: finding.entityName,
    judgedSlot: finding.at,
    ...facts(finding),
    ...(threshold === undefined ? {} : { threshold }),
  };
}

function facts(finding: Finding): Partial<Pick<Alert, 'value' | 'unit' | 'detail'>> {
  return {
    ...(finding.value === undefined ? {} : { value: finding.value }),
    ...(finding.unit === undefined ? {} : { unit: finding.unit }),
    ...(finding.detail === undefined ? {} : { detail: finding.detail }),
  };
}

function withoutClearing(alert: Alert): Alert {
  const { clearingSince: _since, ...rest } = alert;
  return rest;
}

function plus(alert: Alert, at: Instant, event: TimelineEntry['event'], text: string): Alert {
  return { ...alert, timeline: [...alert.timeline, { at, event, text }] };
}

function valueText({ value, unit }: Finding): string {
  return value === undefined ? 'no value' : `${value} ${unit ?? ''}`.trim();
}
