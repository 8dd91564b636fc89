/** What the minute sweep tells whoever watches Headroom itself: metrics without tenant dimensions, and one log line. */
import { isoInstant } from '../../shared/platform/clock.ts';
import type { SweepReport } from './sweep.ts';

export interface SweepMetrics {
  addMetric(name: string, unit: 'Count' | 'Seconds', value: number): unknown;
  publishStoredMetrics(): void;
}

export interface SweepLog {
  info(message: string, fields: Record<string, unknown>): void;
  warn(message: string, fields: Record<string, unknown>): void;
  error(message: string, fields: Record<string, unknown>): void;
}

/** Throws the first tenant's error after all is told, so that the invocation counts as failed and is tried again. */
export function reportSweep(report: SweepReport, metrics: SweepMetrics, log: SweepLog): void {
  const { failures, pause, ...rest } = report;
  count(metrics, 'OpenAlerts', 'Count', report.firing);
  count(metrics, 'PendingAlerts', 'Count', report.pending);
  count(metrics, 'SweepFailures', 'Count', failures.length);
  // Nothing waiting is an age of 0; an age that was not looked at this minute is no age.
  count(metrics, 'OldestUnevaluatedAge', 'Seconds', report.unevaluatedSeconds ?? 0);
  count(metrics, 'OldestOutboxAge', 'Seconds', report.outboxSeconds ?? 0);
  count(metrics, 'DataAge', 'Seconds', report.dataAgeSeconds);
  count(metrics, 'DataAgePeriods', 'Count', report.dataAgePeriods);
  metrics.publishStoredMetrics();
  if (pause) log.warn('Headroom was off', { from: isoInstant(pause.from), to: isoInstant(pause.to) });
  for (const { tenant, error } of failures) log.error('a tenant was not swept', { tenant, error });
  log.info('swept', rest);
  const [first] = failures;
  if (first) throw first.error;
}

function count(metrics: SweepMetrics, name: string, unit: 'Count' | 'Seconds', value: number | undefined): void {
  if (value !== undefined) metrics.addMetric(name, unit, value);
}
