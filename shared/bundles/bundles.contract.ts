/** What the API says of bundles: `/v1/bundles` and the routes of the older Taara monitor. */
import * as z from 'zod/mini';
import { idParams, instantQuery, listOf, listQuery, route } from '../platform/route.ts';
import { seriesQuery, seriesResponse } from '../samples/samples.contract.ts';

const octets = z.string();
const instant = z.string();

export const bundleView = z.object({
  id: z.string(),
  account: z.string(),
  planId: z.string(),
  name: z.string(),
  /** True when a simulator stands behind it. */
  simulated: z.boolean(),
  active: z.nullable(z.boolean()),
  unlimited: z.boolean(),
  /** Decimal text of bytes; null = unknown. */
  remainingOctets: z.nullable(octets),
  remainingText: z.nullable(z.string()),
  remainingPercent: z.nullable(z.number()),
  allocationOctets: z.nullable(octets),
  allocationOrigin: z.nullable(z.enum(['configured', 'most seen since top-up'])),
  expiresAt: z.nullable(instant),
  /** When the newest reading arrived; null = never read. */
  readAt: z.nullable(instant),
  dataAgeSeconds: z.nullable(z.int()),
  /** Older than two periods: shown, but not to be trusted as the present. */
  stale: z.boolean(),
});

export const bundleStats = z.object({
  id: z.string(),
  remainingOctets: z.nullable(octets),
  /** True per-day consumption over the days asked for; null = unknown. */
  averageOctetsPerDay: z.nullable(octets),
  /** Days until it is used up or expires, whichever is first; null = unknown. */
  daysRemaining: z.nullable(z.number()),
  limitedBy: z.nullable(z.enum(['use', 'expiry'])),
  usedOctets: octets,
  /** Slots with a known value, of those there should be. */
  validSlots: z.int(),
  expectedSlots: z.int(),
  from: instant,
  to: instant,
});

export const listBundles = route({
  key: 'GET /v1/bundles',
  summary: 'Every bundle with what is left of it and the age of that reading',
  needs: 'viewer',
  query: z.strictObject({ ...listQuery, active: z.optional(z.enum(['true', 'false'], 'must be true or false')) }),
  response: listOf(bundleView),
});

export const readBundle = route({
  key: 'GET /v1/bundles/{id}',
  summary: 'One bundle',
  needs: 'viewer',
  params: idParams,
  response: bundleView,
});

export const bundleSamples = route({
  key: 'GET /v1/bundles/{id}/samples',
  summary: 'Readings of one metric of a bundle over time',
  needs: 'viewer',
  params: idParams,
  query: seriesQuery(['remaining', 'expiresIn', 'active']),
  response: seriesResponse,
});

export const readBundleStats = route({
  key: 'GET /v1/bundles/{id}/stats',
  summary: 'Use per day, and how long the bundle lasts',
  needs: 'viewer',
  params: idParams,
  query: z.strictObject({ from: z.optional(instantQuery), to: z.optional(instantQuery) }),
  response: bundleStats,
});

/** Field names and time stamps as the older monitor's clients read them. */
const olderRecord = z.object({
  id: z.int(),
  timestamp: z.string(),
  timestamp_local: z.string(),
  plan_name: z.string(),
  /** Decimal gigabytes. */
  remaining_balance_gb: z.number(),
  expires_in_days: z.nullable(z.int()),
  is_active: z.boolean(),
});

export const olderRecords = route({
  key: 'GET /api/data',
  summary: 'The five newest readings of active plans (older clients)',
  needs: 'viewer',
  response: z.array(olderRecord),
});

export const olderHistory = route({
  key: 'GET /api/history',
  summary: 'Readings of active plans of the last days, oldest first (older clients)',
  needs: 'viewer',
  query: z.strictObject({
    days: z.optional(
      z.string().check(z.regex(/^([1-9]|[1-9]\d|[123]\d\d)$/, 'must be a whole number of days from 1 to 399')),
    ),
  }),
  response: z.array(z.object({ timestamp: z.string(), remaining_balance_gb: z.number(), plan_name: z.string() })),
});

export const olderStats = route({
  key: 'GET /api/stats',
  summary: 'The newest active plan, its true use per day and its forecast (older clients)',
  needs: 'viewer',
  response: z.object({
    current_balance_gb: z.number(),
    expires_in_days: z.nullable(z.int()),
    avg_daily_usage_gb: z.nullable(z.number()),
    predicted_days_remaining: z.nullable(z.number()),
    plan_name: z.string(),
    last_updated: z.string(),
  }),
});

export const olderZone = route({
  key: 'GET /api/timezone',
  summary: "The tenant's zone and the time there (older clients)",
  needs: 'viewer',
  response: z.object({
    timezone: z.string(),
    timezone_name: z.string(),
    utc_offset: z.string(),
    utc_offset_hours: z.number(),
    current_local_time: z.string(),
    current_utc_time: z.string(),
  }),
});

export const bundleRoutes = [
  listBundles,
  readBundle,
  bundleSamples,
  readBundleStats,
  olderRecords,
  olderHistory,
  olderStats,
  olderZone,
];
