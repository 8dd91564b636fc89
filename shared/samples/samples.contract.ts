/** What the API says of a series over time: the same for every capability. */
import * as z from 'zod/mini';
import { instantQuery } from '../platform/route.ts';

/** Widths of a step, seconds; `raw` gives every reading. */
export const STEPS: Readonly<Record<string, number | 'raw' | 'day'>> = {
  raw: 'raw',
  '5m': 300,
  '15m': 900,
  '1h': 3600,
  '6h': 21_600,
  '1d': 'day',
};

export function seriesQuery<const M extends readonly [string, ...string[]]>(metrics: M) {
  return z.strictObject({
    metric: z.optional(z.enum(metrics, `must be one of ${metrics.join(', ')}`)),
    from: z.optional(instantQuery),
    to: z.optional(instantQuery),
    step: z.optional(z.enum(['raw', '5m', '15m', '1h', '6h', '1d'], 'must be one of raw, 5m, 15m, 1h, 6h, 1d')),
  });
}

export const seriesPoint = z.object({
  at: z.string(),
  /** Newest reading in the step, decimal text; null = unknown, never 0. */
  value: z.nullable(z.string()),
  /** Sum of the known increases in the step, for counters and balances; null = unknown. */
  increase: z.nullable(z.string()),
  /** Average rate over the step, units a second; null = unknown or no rate of this metric. */
  rate: z.nullable(z.number()),
  /** Why something is unknown or flagged: reset, gap, topup and so on. */
  reason: z.optional(z.string()),
});

export const seriesResponse = z.object({
  id: z.string(),
  metric: z.string(),
  unit: z.string(),
  kind: z.string(),
  from: z.string(),
  to: z.string(),
  step: z.string(),
  /** IANA zone in which days begin. */
  zone: z.string(),
  points: z.array(seriesPoint),
});
export type SeriesResponse = z.infer<typeof seriesResponse>;
