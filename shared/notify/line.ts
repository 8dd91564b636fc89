/** One thing one recipient is owed: a stage of an alert's episode, with all that its sentence needs. Pure. */
import type { Alert, AlertStage, OutboxEntry } from '../alerts/alert.ts';
import { alertId } from '../alerts/keys.ts';
import type { Instant } from '../platform/clock.ts';
import type { Severity } from '../rules/rule.ts';

/** A snapshot on purpose: what is told is what was true when it was detected. */
export interface Line {
  /** `<episode>#<stage>`: writing it twice is writing it once. */
  readonly key: string;
  /** The alert's id: fingerprint and beginning. */
  readonly episode: string;
  readonly fingerprint: string;
  readonly stage: AlertStage;
  readonly severity: Severity;
  readonly entity: string;
  readonly entityName: string;
  readonly ruleName: string;
  /** Text with `{entity} {value} {threshold} {unit} {detail}`. */
  readonly message: string;
  readonly value?: number;
  readonly threshold?: number;
  readonly unit?: string;
  /** Words of the outside: as hostile as names are. */
  readonly detail?: string;
  readonly activeAt: Instant;
  readonly resolvedAt?: Instant;
  readonly resolvedReason?: string;
  readonly detectedAt: Instant;
  readonly simulated: boolean;
}

const SEVERITY_OF: Readonly<Record<Exclude<AlertStage, 'resolved'>, Severity>> = {
  'firing-info': 'info',
  'firing-warning': 'warning',
  'firing-critical': 'critical',
};

export function lineOf(alert: Alert, entry: OutboxEntry): Line {
  const episode = alertId(alert);
  return {
    key: `${episode}#${entry.stage}`,
    episode,
    fingerprint: alert.fingerprint,
    stage: entry.stage,
    severity: entry.stage === 'resolved' ? alert.severity : SEVERITY_OF[entry.stage],
    entity: alert.entity,
    entityName: alert.entityName,
    ruleName: alert.ruleName,
    message: alert.message,
    activeAt: alert.activeAt,
    detectedAt: entry.detectedAt,
    simulated: alert.simulated,
    ...(alert.value === undefined ? {} : { value: alert.value }),
    ...(alert.threshold === undefined ? {} : { threshold: alert.threshold }),
    ...(alert.unit === undefined ? {} : { unit: alert.unit }),
    ...(alert.detail === undefined ? {} : { detail: alert.detail }),
    ...(alert.resolvedAt === undefined ? {} : { resolvedAt: alert.resolvedAt }),
    ...(alert.resolvedReason === undefined ? {} : { resolvedReason: alert.resolvedReason }),
  };
}
