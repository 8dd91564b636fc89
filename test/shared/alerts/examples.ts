/** Alerts, findings and rules as tests need them; every part can be replaced. */
import type { Advance, Advanced } from '../../../shared/alerts/advance.ts';
import type { Alert } from '../../../shared/alerts/alert.ts';
import type { Recipient } from '../../../shared/alerts/recipient.ts';
import type { Finding } from '../../../shared/rules/finding.ts';
import type { ThresholdRule } from '../../../shared/rules/rule.ts';

export const T0 = Date.parse('2026-11-20T10:00:00Z');
export const MINUTE = 60_000;
export const ENTITY = 'core1/ether1';

export const thresholdRule: ThresholdRule = {
  id: 'low',
  kind: 'bundle',
  name: 'Running low',
  enabled: true,
  selector: {},
  type: 'threshold',
  metric: 'remainingPercent',
  comparison: 'below',
  levels: [
    { severity: 'warning', fire: 20, clear: 25 },
    { severity: 'critical', fire: 5, clear: 8 },
  ],
  holdSeconds: 0,
  clearSeconds: 0,
  message: '{entity}: {value} {unit}',
  builtIn: true,
  version: 1,
};

export const amina: Recipient = { id: 'amina', minSeverity: 'info' };
export const bob: Recipient = { id: 'bob', minSeverity: 'critical' };

export function finding(state: Finding['state'], at: number, part: Partial<Finding> = {}): Finding {
  return {
    entity: ENTITY,
    entityName: 'Core 1, port 1',
    rule: 'low',
    state,
    since: at,
    at,
    unit: '%',
    ...(state === 'breach' ? { severity: 'warning', value: 12, threshold: 20 } : {}),
    ...(state === 'clear' ? { value: 60 } : {}),
    ...(state === 'gone' ? { reason: 'rule removed' } : {}),
    ...part,
  };
}

export function input(open: Alert | undefined, found: Finding, part: Partial<Advance> = {}): Advance {
  return {
    open,
    finding: found,
    rule: thresholdRule,
    now: found.at + 5_000,
    recipients: [amina],
    tenant: 'demo',
    kind: 'bundle',
    target: 'core1',
    simulated: true,
    ...part,
  };
}

/** The item after a step that must leave one. */
export function item(outcome: Advanced): Alert {
  if (!outcome.alert) throw new Error(`no item after ${outcome.change}`);
  return outcome.alert;
}

export function alertOf(part: Partial<Alert> = {}): Alert {
  return {
    tenant: 'demo',
    kind: 'bundle',
    target: 'core1',
    fingerprint: 'core1/ether1#low',
    entity: ENTITY,
    entityName: 'Core 1, port 1',
    rule: 'low',
    ruleName: 'Running low',
    message: '{entity}: {value} {unit}',
    state: 'firing',
    severity: 'warning',
    activeAt: T0,
    firedAt: T0,
    judgedSlot: T0,
    value: 12,
    threshold: 20,
    unit: '%',
    told: {},
    outbox: [],
    timeline: [],
    simulated: true,
    version: 1,
    ...part,
  };
}
