/** When to worry about a link, unless the tenant says otherwise. */
import type { AbsenceRule, Rule, ThresholdRule } from '../rules/rule.ts';
import { LINK_KIND } from './metrics.ts';

/** From one slot to the next at the usual period. */
const SLOT_SECONDS = 300;
const MEGABIT = 1_000_000;

const base = { kind: LINK_KIND, enabled: true, selector: {}, builtIn: true, version: 0 } as const;

/** The provider drops what exceeds the link, so the first slot above it is told. */
const load: ThresholdRule = {
  ...base,
  id: 'link-load',
  name: 'Link nearly full',
  type: 'threshold',
  metric: 'maxBitsPerSecond',
  comparison: 'above',
  levels: [{ severity: 'critical', fire: 950 * MEGABIT, clear: 900 * MEGABIT }],
  levelsFrom: { fire: 'thresholdBitsPerSecond', clear: 'clearBitsPerSecond' },
  holdSeconds: 0,
  clearSeconds: SLOT_SECONDS,
  message: '{entity}: the busier direction carries {value} (limit {threshold}).',
};

/** Its router's own silence alerts by itself; this says what it means for the link. */
const unknown: ThresholdRule = {
  ...base,
  id: 'link-unknown',
  mutedByUplink: true,
  name: 'Load of a link not known',
  type: 'threshold',
  metric: 'unknownMembers',
  comparison: 'above',
  levels: [{ severity: 'warning', fire: 0, clear: 0 }],
  holdSeconds: 2 * SLOT_SECONDS,
  clearSeconds: 0,
  message: '{entity}: {value} {unit} without a reading, so its load is not known.',
};

/** With all of its interfaces down it is a link that is down, and mutes what hangs on it. */
const down: ThresholdRule = {
  ...base,
  id: 'link-down',
  mutesDependents: true,
  mutedByUplink: true,
  name: 'Link down',
  type: 'threshold',
  metric: 'downPercent',
  comparison: 'above',
  levels: [
    { severity: 'warning', fire: 0, clear: 0 },
    { severity: 'critical', fire: 99, clear: 99 },
  ],
  holdSeconds: 0,
  clearSeconds: 0,
  message: '{entity}: {value} {unit} of its interfaces are down.',
};

const absence: AbsenceRule = {
  ...base,
  id: 'link-no-data',
  mutedByUplink: true,
  name: 'Link not computed',
  type: 'absence',
  slots: 3,
  severity: 'critical',
  holdSeconds: 0,
  clearSeconds: 0,
  message: '{entity}: its total was not computed for {value} slots.',
};

/** A tenant may change them, and disable them, but not lose them. */
export const linkRules: readonly Rule[] = [load, unknown, down, absence];
