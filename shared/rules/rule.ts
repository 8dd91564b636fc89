/** When to worry: a selector, a metric, thresholds with their own clear values, times to hold. Pure. */

export type Severity = 'info' | 'warning' | 'critical';
export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];

/** One step of a threshold; a more severe level must lie further out. */
export interface Level {
  readonly severity: Severity;
  /** Fires when the value is below / above this, in the metric's unit. */
  readonly fire: number;
  /** Clears when the value is back at or beyond this. */
  readonly clear: number;
}

interface RuleBase {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Empty selects every entity of the kind; all given parts must match. */
  readonly selector: { readonly entities?: readonly string[]; readonly labels?: Readonly<Record<string, string>> };
  /** The breach must last this long before it fires / the recovery before it resolves. */
  readonly holdSeconds: number;
  readonly clearSeconds: number;
  /** Text with `{entity} {value} {threshold} {unit} {detail}`; the default of the capability when absent. */
  readonly message?: string;
  /** Its alerts mean that the entity is down, and mute those of everything that names the entity as its uplink. */
  readonly mutesDependents?: boolean;
  /** Its alerts may be the mere consequence of an uplink that is down; never of money and quotas, whatever is down. */
  readonly mutedByUplink?: boolean;
  /** True for the capability's own defaults, which a tenant may change but not lose. */
  readonly builtIn: boolean;
  readonly version: number;
}

export interface ThresholdRule extends RuleBase {
  readonly type: 'threshold';
  /** Metric or derived observation, such as `remainingPercent`, `inUtilisationPercent`, `remainingOctets`. */
  readonly metric: string;
  readonly comparison: 'below' | 'above';
  /** Mildest first, severities rising. */
  readonly levels: readonly Level[];
  /** Attributes of an entity that hold thresholds of its own, for the most severe level. Of built-in rules only. */
  readonly levelsFrom?: { readonly fire: string; readonly clear: string };
}

export interface AbsenceRule extends RuleBase {
  readonly type: 'absence';
  /** Fires when a target has brought no reading for this many of its own slots. */
  readonly slots: number;
  readonly severity: Severity;
}

export type Rule = ThresholdRule | AbsenceRule;
