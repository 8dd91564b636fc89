/** When to worry about a bundle, unless the tenant says otherwise. */
import type { AbsenceRule, Rule, ThresholdRule } from '../rules/rule.ts';
import { BUNDLE_KIND } from './metrics.ts';

const DAY_SECONDS = 86_400;

/** Quotas hold for no time: a balance does not flap, and every quarter of an hour costs data. */
const base = {
  kind: BUNDLE_KIND,
  selector: {},
  holdSeconds: 0,
  clearSeconds: 0,
  builtIn: true,
  version: 0,
} as const;

const remaining: ThresholdRule = {
  ...base,
  id: 'bundle-remaining',
  name: 'Bundle running low',
  enabled: true,
  type: 'threshold',
  metric: 'remainingPercent',
  comparison: 'below',
  levels: [
    { severity: 'warning', fire: 20, clear: 25 },
    { severity: 'critical', fire: 5, clear: 8 },
  ],
  message: '{entity}: {value} {unit} of the bundle is left (limit {threshold} {unit}).',
};

/** For plans whose size nobody knows; its limits are a template to be set to the plan at hand, hence disabled. */
const remainingBytes: ThresholdRule = {
  ...base,
  id: 'bundle-remaining-bytes',
  name: 'Bundle running low (bytes)',
  enabled: false,
  type: 'threshold',
  metric: 'remainingOctets',
  comparison: 'below',
  levels: [
    { severity: 'warning', fire: 50_000_000_000, clear: 60_000_000_000 },
    { severity: 'critical', fire: 10_000_000_000, clear: 15_000_000_000 },
  ],
  message: '{entity}: {value} {unit} of the bundle are left (limit {threshold} {unit}).',
};

const expiry: ThresholdRule = {
  ...base,
  id: 'bundle-expiry',
  name: 'Bundle expires soon',
  enabled: true,
  type: 'threshold',
  metric: 'expiresInSeconds',
  comparison: 'below',
  levels: [{ severity: 'warning', fire: 3 * DAY_SECONDS, clear: 4 * DAY_SECONDS }],
  message: '{entity}: the bundle expires in {value} {unit} (limit {threshold} {unit}).',
};

const absence: AbsenceRule = {
  ...base,
  id: 'bundle-no-data',
  mutedByUplink: true,
  name: 'No data from the account',
  enabled: true,
  type: 'absence',
  slots: 3,
  severity: 'warning',
  message: '{entity}: no reading for {value} slots.',
};

/** A tenant may change them, and disable them, but not lose them. */
export const bundleRules: readonly Rule[] = [remaining, remainingBytes, expiry, absence];
