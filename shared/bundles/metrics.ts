/** What is measured of a bundle. */
import type { Metric } from '../samples/metric.ts';

/** Kind of entity that this room feeds. */
export const BUNDLE_KIND = 'bundle';

export const bundleMetrics = [
  { id: 'remaining', kind: 'balance', unit: 'octets', title: 'Data left' },
  { id: 'expiresIn', kind: 'gauge', unit: 'seconds', title: 'Time until the plan ends' },
  /** 1 while the plan is in use, 0 while it waits (an unused trial). */
  { id: 'active', kind: 'state', unit: 'state', title: 'Active' },
] as const satisfies readonly Metric[];
