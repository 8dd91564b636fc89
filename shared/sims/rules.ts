/** When to worry about a SIM, unless the tenant says otherwise. */
import type { AbsenceRule, Level, Rule, ThresholdRule } from '../rules/rule.ts';
import { FLEET_KIND, SIM_KIND } from './metrics.ts';

const DAY_SECONDS = 86_400;

/** Quotas hold for no time: a balance does not flap, and every hour costs data. */
const base = { selector: {}, holdSeconds: 0, clearSeconds: 0, enabled: true, builtIn: true, version: 0 } as const;

const rule = (
  id: string,
  name: string,
  metric: string,
  comparison: 'below' | 'above',
  levels: readonly Level[],
  message: string,
): ThresholdRule => ({ ...base, kind: SIM_KIND, type: 'threshold', id, name, metric, comparison, levels, message });

const LOW: readonly Level[] = [
  { severity: 'warning', fire: 20, clear: 25 },
  { severity: 'critical', fire: 5, clear: 8 },
];
const NEWS: readonly Level[] = [{ severity: 'warning', fire: DAY_SECONDS, clear: DAY_SECONDS }];
const USED_UP: readonly Level[] = [{ severity: 'critical', fire: 0.5, clear: 0.5 }];

const thresholds: readonly ThresholdRule[] = [
  rule(
    'sim-data-remaining',
    'SIM running low on data',
    'dataRemainingPercent',
    'below',
    LOW,
    '{entity}: {value} {unit} of the data is left (limit {threshold} {unit}).',
  ),
  rule('sim-data-exhausted', 'SIM without data', 'dataExhausted', 'above', USED_UP, '{entity}: its data is used up.'),
  rule(
    'sim-own-threshold',
    'SIM below its own threshold',
    'aboveOwnThresholdPercent',
    'below',
    [{ severity: 'warning', fire: 0, clear: 3 }],
    '{entity}: its data has fallen below the threshold set for this SIM.',
  ),
  rule(
    'sim-data-expiry',
    'SIM expires soon',
    'dataExpiresInSeconds',
    'below',
    [
      { severity: 'warning', fire: 14 * DAY_SECONDS, clear: 15 * DAY_SECONDS },
      { severity: 'critical', fire: 3 * DAY_SECONDS, clear: 4 * DAY_SECONDS },
    ],
    '{entity}: its data expires in {value} {unit} (limit {threshold} {unit}).',
  ),
  rule(
    'sim-data-expired',
    'SIM has expired',
    'dataExpired',
    'above',
    USED_UP,
    '{entity}: its data has expired; the provider takes nothing but an extension.',
  ),
  rule(
    'sim-sms-remaining',
    'SIM running low on SMS',
    'smsRemainingPercent',
    'below',
    LOW,
    '{entity}: {value} {unit} of the SMS are left (limit {threshold} {unit}).',
  ),
  rule('sim-sms-exhausted', 'SIM without SMS', 'smsExhausted', 'above', USED_UP, '{entity}: its SMS are used up.'),
  rule(
    'sim-silent',
    'SIM has fallen silent',
    'silentSeconds',
    'above',
    [{ severity: 'warning', fire: 2 * DAY_SECONDS, clear: 2 * DAY_SECONDS }],
    '{entity}: nothing heard of it for {value} {unit} (limit {threshold} {unit}).',
  ),
  rule(
    'sim-usage-spike',
    'SIM uses far more than usual',
    'usageTimesMedian',
    'above',
    [
      { severity: 'warning', fire: 5, clear: 3 },
      { severity: 'critical', fire: 20, clear: 10 },
    ],
    '{entity}: {value} times its usual use of a day (limit {threshold}).',
  ),
  rule(
    'sim-imei-changed',
    'SIM is in another device',
    'sinceImeiChangeSeconds',
    'below',
    NEWS,
    '{entity}: it is in another device since {value} {unit}.',
  ),
  rule(
    'sim-country-changed',
    'SIM is in another country',
    'sinceCountryChangeSeconds',
    'below',
    NEWS,
    '{entity}: it is in another country since {value} {unit}.',
  ),
  {
    ...rule(
      'sim-operator-changed',
      'SIM is with another operator',
      'sinceOperatorChangeSeconds',
      'below',
      [{ severity: 'info', fire: DAY_SECONDS, clear: DAY_SECONDS }],
      '{entity}: it is with another operator since {value} {unit}.',
    ),
    // Roaming SIMs change the operator as they move: of use for those that stand still.
    enabled: false,
  },
];

/** A tenant may change them, and disable them, but not lose them. */
export const simRules: readonly Rule[] = thresholds;

const absence: AbsenceRule = {
  ...base,
  kind: FLEET_KIND,
  id: 'fleet-no-data',
  mutedByUplink: true,
  name: 'No data from 1NCE',
  type: 'absence',
  slots: 3,
  severity: 'warning',
  message: '{entity}: the list of SIMs could not be read for {value} slots.',
};

export const fleetRules: readonly Rule[] = [absence];
