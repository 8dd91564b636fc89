/** What the API says and takes of links. Rates in bits per second as answered, in Mb/s as contracts name them. */
import * as z from 'zod/mini';
import { idParams, listOf, listQuery, route } from '../platform/route.ts';
import { seriesQuery, seriesResponse } from '../samples/samples.contract.ts';

const rate = z.nullable(z.number());
const member = z.strictObject({
  /** As `/v1/interfaces` names it. */
  interface: z.string(),
  capacityMbps: z.optional(z.number()),
});
const body = {
  name: z.optional(z.string()),
  enabled: z.optional(z.boolean()),
  periodSeconds: z.optional(z.number()),
  members: z.optional(z.array(member)),
  thresholdMbps: z.optional(z.number()),
  clearMbps: z.optional(z.number()),
  committedMbps: z.optional(z.number()),
  /** What it hangs on, as sources name it. */
  uplink: z.optional(z.string()),
};

export const linkView = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  simulated: z.boolean(),
  periodSeconds: z.int(),
  members: z.array(z.object({ interface: z.string(), capacityBitsPerSecond: z.number() })),
  capacityBitsPerSecond: z.number(),
  thresholdBitsPerSecond: z.number(),
  clearBitsPerSecond: z.number(),
  committedBitsPerSecond: rate,
  /** Newest total; null = unknown. */
  inBitsPerSecond: rate,
  outBitsPerSecond: rate,
  maxBitsPerSecond: rate,
  utilisationPercent: rate,
  membersKnown: z.nullable(z.int()),
  membersDown: z.nullable(z.int()),
  readAt: z.nullable(z.string()),
  dataAgeSeconds: z.nullable(z.int()),
  stale: z.boolean(),
  /** What it hangs on. */
  uplink: z.nullable(z.string()),
  /** Send it back with a change. */
  version: z.int(),
});

export const linkStatus = z.object({
  id: z.string(),
  name: z.string(),
  /** critical: above the threshold; warning: above the clear value; unknown where no total is known or it is old. */
  status: z.enum(['ok', 'warning', 'critical', 'unknown']),
  /** Slot that all values are of; null = the routers have brought none lately. */
  slot: z.nullable(z.string()),
  inBitsPerSecond: rate,
  outBitsPerSecond: rate,
  maxBitsPerSecond: rate,
  utilisationPercent: rate,
  capacityBitsPerSecond: z.number(),
  thresholdBitsPerSecond: z.number(),
  members: z.array(
    z.object({
      interface: z.string(),
      capacityBitsPerSecond: z.number(),
      inBitsPerSecond: rate,
      outBitsPerSecond: rate,
      utilisationPercent: rate,
      operStatus: z.nullable(z.string()),
      /** Why its load is not known. */
      reason: z.optional(z.string()),
    }),
  ),
});

export const PERCENTILE_MODES = ['in', 'out', 'max', 'sum'] as const;

export const linkPercentile = z.object({
  id: z.string(),
  /** `YYYY-MM` in `zone`. */
  month: z.string(),
  zone: z.string(),
  mode: z.enum(PERCENTILE_MODES),
  /** False while the month runs: the figure is that of the slots so far. */
  closed: z.boolean(),
  /** The (floor(valid / 20) + 1)-th largest slot; null = no slot is known. */
  valueBitsPerSecond: rate,
  validSlots: z.int(),
  /** Of the month so far, and of the whole month. */
  expectedSlots: z.int(),
  expectedSlotsOfMonth: z.int(),
  coveragePercent: z.number(),
  /** Coverage below 95 %: not to be charged without a second look. */
  flagged: z.boolean(),
  committedBitsPerSecond: rate,
  /** Slots of the whole month that may still lie above the commitment; below 0 = passed; null = nothing is committed. */
  slotsLeft: z.nullable(z.int()),
});

export const listLinks = route({
  key: 'GET /v1/links',
  summary: 'Every link with its newest total and the age of its reading',
  needs: 'viewer',
  query: z.strictObject(listQuery),
  response: listOf(linkView),
});
export const readLink = route({
  key: 'GET /v1/links/{id}',
  summary: 'One link',
  needs: 'viewer',
  params: idParams,
  response: linkView,
});
export const addLink = route({
  key: 'POST /v1/links',
  summary: 'Adds a link over named interfaces; with `router` alone, over its vlan10 to vlan50 of 200 Mb/s each',
  needs: 'admin',
  body: z.strictObject({ ...body, id: z.string(), name: z.string(), router: z.optional(z.string()) }),
  response: linkView,
  status: 201,
});
export const changeLink = route({
  key: 'PATCH /v1/links/{id}',
  summary: 'Changes a link; members are replaced whole, and null takes a rate back to its default',
  needs: 'admin',
  params: idParams,
  body: z.strictObject({
    ...body,
    version: z.int(),
    thresholdMbps: z.optional(z.nullable(z.number())),
    clearMbps: z.optional(z.nullable(z.number())),
    committedMbps: z.optional(z.nullable(z.number())),
    uplink: z.optional(z.nullable(z.string())),
  }),
  response: linkView,
});
export const removeLink = route({
  key: 'DELETE /v1/links/{id}',
  summary: 'Removes a link; what was measured stays until its time is over',
  needs: 'admin',
  params: idParams,
  response: z.null(),
  status: 204,
});
export const readLinkStatus = route({
  key: 'GET /v1/links/{id}/status',
  summary: 'The newest slot of a link, interface by interface',
  needs: 'viewer',
  params: idParams,
  response: linkStatus,
});
export const linkSamples = route({
  key: 'GET /v1/links/{id}/samples',
  summary: 'One metric of a link over time',
  needs: 'viewer',
  params: idParams,
  query: seriesQuery(['maxBitsPerSecond', 'inBitsPerSecond', 'outBitsPerSecond', 'sumBitsPerSecond', 'membersKnown']),
  response: seriesResponse,
});
export const readLinkPercentile = route({
  key: 'GET /v1/links/{id}/percentile',
  summary: 'The 95th percentile of a month, and the slots left before the commitment is passed',
  needs: 'viewer',
  params: idParams,
  query: z.strictObject({
    month: z.optional(
      z.string().check(z.regex(/^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-11')),
    ),
    mode: z.optional(z.enum(PERCENTILE_MODES, `must be one of ${PERCENTILE_MODES.join(', ')}`)),
  }),
  response: linkPercentile,
});

/** Field names as the older NTTN monitor's clients read them; null = unknown. */
export const olderLinkStatus = route({
  key: 'GET /nttn/status',
  summary: 'Load and state of every link (older clients)',
  needs: 'viewer',
  response: z.array(
    z.object({
      link_id: z.string(),
      name: z.string(),
      device_ip: z.nullable(z.string()),
      total_capacity_mbps: z.number(),
      threshold_mbps: z.number(),
      current_usage_mbps: z.nullable(z.number()),
      utilization_percent: z.nullable(z.number()),
      last_updated: z.nullable(z.string()),
      status: z.enum(['OK', 'WARNING', 'CRITICAL', 'UNKNOWN']),
    }),
  ),
});
export const olderTriggerLinks = route({
  key: 'POST /nttn/trigger-monitoring',
  summary: 'Computes and judges every link now (older clients)',
  needs: 'operator',
  response: z.object({ message: z.string() }),
  status: 202,
});

export const linkRoutes = [
  listLinks,
  readLink,
  addLink,
  changeLink,
  removeLink,
  readLinkStatus,
  linkSamples,
  readLinkPercentile,
  olderLinkStatus,
  olderTriggerLinks,
];
