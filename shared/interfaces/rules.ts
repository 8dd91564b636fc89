/** When to worry about an interface, unless the tenant says otherwise. */
import type { AbsenceRule, Rule, ThresholdRule } from '../rules/rule.ts';
import { INTERFACE_KIND } from './metrics.ts';

/** From one slot to the next at the usual period: two slots in breach, and two in order again. */
const TWO_SLOTS_SECONDS = 300;

const base = {
  kind: INTERFACE_KIND,
  enabled: true,
  selector: {},
  builtIn: true,
  version: 0,
} as const;

/** A burst fills any line for a moment; only a load that stays is worth a message. */
const utilisation: ThresholdRule = {
  ...base,
  id: 'interface-utilisation',
  name: 'Interface nearly full',
  type: 'threshold',
  metric: 'maxUtilisationPercent',
  comparison: 'above',
  levels: [
    { severity: 'warning', fire: 80, clear: 70 },
    { severity: 'critical', fire: 95, clear: 90 },
  ],
  holdSeconds: TWO_SLOTS_SECONDS,
  clearSeconds: TWO_SLOTS_SECONDS,
  message: '{entity}: the busier direction carries {value} {unit} of the line speed (limit {threshold} {unit}).',
};

/** Counters faster than their line, three times in a row: the router counts wrongly, or its speed is set wrongly. */
const implausible: ThresholdRule = {
  ...base,
  id: 'interface-implausible',
  name: 'Counter faster than its line',
  type: 'threshold',
  metric: 'implausibleReadings',
  comparison: 'above',
  levels: [{ severity: 'warning', fire: 2, clear: 0 }],
  holdSeconds: 0,
  clearSeconds: 0,
  message: '{entity}: {value} {unit} in a row were faster than the line allows, so its traffic is not known.',
};

/** Off, because ports without a cable are down for good: whoever switches it on names the ports that it is for. */
const down: ThresholdRule = {
  ...base,
  id: 'interface-down',
  mutesDependents: true,
  mutedByUplink: true,
  enabled: false,
  name: 'Port down',
  type: 'threshold',
  metric: 'portDown',
  comparison: 'above',
  levels: [{ severity: 'critical', fire: 0.5, clear: 0.5 }],
  holdSeconds: 0,
  clearSeconds: 0,
  message: '{entity}: the port is down.',
};

const absence: AbsenceRule = {
  ...base,
  id: 'interface-no-data',
  mutesDependents: true,
  mutedByUplink: true,
  name: 'No answer from the router',
  type: 'absence',
  slots: 3,
  severity: 'critical',
  holdSeconds: 0,
  clearSeconds: 0,
  message: '{entity}: no reading for {value} slots.',
};

/** A tenant may change them, and disable them, but not lose them. */
export const interfaceRules: readonly Rule[] = [utilisation, implausible, down, absence];
