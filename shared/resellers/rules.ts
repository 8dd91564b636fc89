/** When to worry about a reseller, unless the tenant says otherwise. */
import type { AbsenceRule, Rule, ThresholdRule } from '../rules/rule.ts';
import { RESELLER_KIND, RESELLERS_KIND } from './metrics.ts';

/** From one slot to the next. */
const SLOT_SECONDS = 300;

const base = { enabled: true, selector: {}, builtIn: true, version: 0 } as const;
const ofReseller = { ...base, kind: RESELLER_KIND, type: 'threshold', comparison: 'above' } as const;

/** What the router says comes last: whatever has to be cut off for its length, what to do is not. */
const limit: ThresholdRule = {
  ...ofReseller,
  id: 'reseller-limit-failed',
  name: 'Not on its router',
  metric: 'limitFailed',
  levels: [{ severity: 'critical', fire: 0.5, clear: 0.5 }],
  holdSeconds: 0,
  clearSeconds: 0,
  message:
    '{entity}: its router does not have what was asked for. Mend what the router says; where it was given up, ask again. {detail}.',
};

/** Whoever mends it at once, by saving the plan again, has done so by then. */
const drift: ThresholdRule = {
  ...ofReseller,
  id: 'reseller-drift',
  name: 'Router differs from the plan',
  metric: 'differences',
  levels: [{ severity: 'warning', fire: 0.5, clear: 0.5 }],
  holdSeconds: 3 * SLOT_SECONDS,
  clearSeconds: 0,
  message:
    '{entity}: its router no longer has what was put there. Find out who changed it, then ask for it again. Seen on {detail}.',
};

/** Judged is what lasts over two slots already, so that a rise in severity, which waits for no hold, is no burst either. */
const plan: ThresholdRule = {
  ...ofReseller,
  id: 'reseller-plan',
  name: 'Plan nearly used',
  metric: 'lastingPlanPercent',
  levels: [
    { severity: 'warning', fire: 80, clear: 75 },
    { severity: 'critical', fire: 95, clear: 90 },
  ],
  holdSeconds: SLOT_SECONDS,
  clearSeconds: 2 * SLOT_SECONDS,
  message:
    '{entity}: uses {value} {unit} of its plan for a while, the limit is {threshold} {unit}. Offer a larger one. Now {detail}.',
};

/** A router's own silence alerts by itself, once and not for each of its customers. */
const unknown: ThresholdRule = {
  ...ofReseller,
  id: 'reseller-no-data',
  name: 'Load of a reseller not known',
  metric: 'missingInterfaces',
  levels: [{ severity: 'warning', fire: 0, clear: 0 }],
  holdSeconds: 2 * SLOT_SECONDS,
  clearSeconds: 0,
  message:
    '{entity}: its router says nothing of {value} {unit}, so its load is not known. Correct the mapping: {detail}.',
};

const absence: AbsenceRule = {
  ...base,
  kind: RESELLERS_KIND,
  id: 'resellers-no-data',
  name: 'Resellers not looked at',
  type: 'absence',
  slots: 3,
  severity: 'critical',
  holdSeconds: 0,
  clearSeconds: 0,
  message: '{entity}: for {value} slots nobody has looked at them, so nothing that goes wrong with them is told.',
};

/** A tenant may change them, and disable them, but not lose them. */
export const resellerRules: readonly Rule[] = [limit, drift, plan, unknown];
export const allResellersRules: readonly Rule[] = [absence];
