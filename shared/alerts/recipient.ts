/** Whom an alert is told to, as far as the life of alerts needs to know. Pure. */
import { SEVERITIES, type Severity } from '../rules/rule.ts';
import type { Alert, AlertStage } from './alert.ts';

export interface Recipient {
  readonly id: string;
  /** Alerts milder than this are not told. */
  readonly minSeverity: Severity;
  /** Kinds of entity it wants to hear of; absent = all. */
  readonly kinds?: readonly string[];
}

export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

export function wants(recipient: Recipient, alert: Pick<Alert, 'kind' | 'severity'>): boolean {
  const kinds = recipient.kinds;
  return severityRank(alert.severity) >= severityRank(recipient.minSeverity) && (!kinds || kinds.includes(alert.kind));
}

/** Rises with severity; the last word is above all. 0 = never told. */
export function stageRank(stage: AlertStage | undefined): number {
  if (stage === undefined) return 0;
  return stage === 'resolved'
    ? SEVERITIES.length + 1
    : 1 + SEVERITIES.indexOf(stage.slice('firing-'.length) as Severity);
}
