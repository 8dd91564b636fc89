/** The registry of what is measured, by kind: for functions that store and answer, and judge nothing. */
import { BUNDLE_KIND, bundleMetrics } from './bundles/metrics.ts';
import { INTERFACE_KIND, interfaceMetrics, QUEUE_KIND, queueMetrics } from './interfaces/metrics.ts';
import { LINK_KIND, linkMetrics } from './links/metrics.ts';
import { assert } from './platform/assert.ts';
import { REACH_KIND, reachMetrics } from './reach/metrics.ts';
import { RESELLER_KIND, RESELLERS_KIND, resellerMetrics, resellersMetrics } from './resellers/metrics.ts';
import type { Metric } from './samples/metric.ts';
import { FLEET_KIND, fleetMetrics, SIM_KIND, simMetrics } from './sims/metrics.ts';

const METRICS: ReadonlyMap<string, readonly Metric[]> = new Map<string, readonly Metric[]>([
  [BUNDLE_KIND, bundleMetrics],
  [INTERFACE_KIND, interfaceMetrics],
  [QUEUE_KIND, queueMetrics],
  [LINK_KIND, linkMetrics],
  [REACH_KIND, reachMetrics],
  [RESELLER_KIND, resellerMetrics],
  [RESELLERS_KIND, resellersMetrics],
  [SIM_KIND, simMetrics],
  [FLEET_KIND, fleetMetrics],
]);

/** Kinds of entity of which readings are stored. */
export const MEASURED_KINDS: readonly string[] = [...METRICS.keys()];

export function metricsOf(kind: string): readonly Metric[] {
  const metrics = METRICS.get(kind);
  assert(metrics, `no capability measures "${kind}"`);
  return metrics;
}
