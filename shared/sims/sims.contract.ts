/** What the API takes and answers of SIMs and of a fleet as a whole. */
import * as z from 'zod/mini';
import { listOf, listQuery, route } from '../platform/route.ts';
import { seriesQuery, seriesResponse } from '../samples/samples.contract.ts';
import {
  connectivityView,
  overviewView,
  quotaView,
  simDetail,
  simEventView,
  simView,
  topView,
  usageView,
} from './sims-views.contract.ts';

const MAX_TEXT = 100;
const part = z.optional(
  z
    .string()
    .check(z.minLength(1, 'must not be empty'), z.maxLength(MAX_TEXT, `must be at most ${MAX_TEXT} characters`)),
);

function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z.optional(
    z.pipe(
      z.string().check(z.regex(/^\d{1,9}$/, message)),
      z.pipe(
        z.transform((digits: string) => Number(digits)),
        z.number().check(z.minimum(least, message), z.maximum(most, message)),
      ),
    ),
  );
}

/** Longest that anything is kept. */
const MAX_SILENT_SECONDS = 400 * 86_400;

/** By which SIMs are chosen, here and wherever else many are meant; as text of a query. */
export const simFilterQuery = {
  status: z.optional(z.enum(['enabled', 'disabled', 'unknown'], 'must be enabled, disabled or unknown')),
  quota: z.optional(
    z.enum(['sufficient', 'low', 'exhausted', 'unknown'], 'must be sufficient, low, exhausted or unknown'),
  ),
  label: part,
  search: part,
  country: z.optional(z.string().check(z.regex(/^[A-Za-z]{2}$/, 'must be two letters of ISO 3166, such as KE'))),
  tag: part,
  group: part,
  account: part,
  presence: z.optional(
    z.enum(
      ['offline', 'attached', 'online', 'blocked', 'unknown'],
      'must be offline, attached, online, blocked or unknown',
    ),
  ),
  silentSeconds: wholeNumber(0, MAX_SILENT_SECONDS),
} as const;

const SORTS = ['iccid', 'label', 'remaining', 'remainingPercent', 'usageToday', 'lastSeen', 'expires'] as const;
const sort = z.optional(
  z.enum(
    [...SORTS, ...SORTS.map((name) => `-${name}` as const)],
    `must be one of ${SORTS.join(', ')}, with - in front for the other direction`,
  ),
);

const iccidParams = z.object({
  iccid: z.string().check(z.regex(/^\d{18,20}$/, 'must be an ICCID: 18 to 20 digits')),
});

/** Days are numbered in four-digit years; the provider's own begin long after. */
const dayQuery = z.optional(
  z.string().check(
    z.refine((day) => {
      const at = /^(19[7-9]\d|2\d{3})-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
      return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
    }, 'must be a day such as 2026-11-20'),
  ),
);

export const listSims = route({
  key: 'GET /v1/sims',
  summary: 'Every SIM with what it has left, each value with its age; filtered, in any order',
  needs: 'viewer',
  query: z.strictObject({ ...listQuery, ...simFilterQuery, sort }),
  response: listOf(simView),
});
export const simsOverview = route({
  key: 'GET /v1/sims/overview',
  summary: 'The fleet at a glance: counts, use, the SIMs seen last, and how complete the picture is',
  needs: 'viewer',
  response: overviewView,
});
export const topSims = route({
  key: 'GET /v1/sims/top',
  summary: 'The SIMs that used most data over the last days',
  needs: 'viewer',
  query: z.strictObject({ days: wholeNumber(1, 180), limit: listQuery.limit, account: part }),
  response: topView,
});
export const readSim = route({
  key: 'GET /v1/sims/{iccid}',
  summary: 'One SIM',
  needs: 'viewer',
  params: iccidParams,
  response: simDetail,
});
export const simUsage = route({
  key: 'GET /v1/sims/{iccid}/usage',
  summary: 'Data and SMS that a SIM used, by day, week or month',
  needs: 'viewer',
  params: iccidParams,
  query: z.strictObject({
    from: dayQuery,
    to: dayQuery,
    by: z.optional(z.enum(['day', 'week', 'month'], 'must be day, week or month')),
  }),
  response: usageView,
});
export const simQuota = route({
  key: 'GET /v1/sims/{iccid}/quota',
  summary: 'What is left of the data and SMS quotas of a SIM',
  needs: 'viewer',
  params: iccidParams,
  response: quotaView,
});
export const simConnectivity = route({
  key: 'GET /v1/sims/{iccid}/connectivity',
  summary: 'Where a SIM is, on which network, and the cells that it was seen in',
  needs: 'viewer',
  params: iccidParams,
  response: connectivityView,
});
export const simEvents = route({
  key: 'GET /v1/sims/{iccid}/events',
  summary: 'What happened to a SIM, as the provider tells it; newest first',
  needs: 'viewer',
  params: iccidParams,
  query: z.strictObject(listQuery),
  response: listOf(simEventView),
});
export const simSamples = route({
  key: 'GET /v1/sims/{iccid}/samples',
  summary: 'Readings of one metric of a SIM over time',
  needs: 'viewer',
  params: iccidParams,
  query: seriesQuery(['dataRemaining', 'smsRemaining', 'usageToday']),
  response: seriesResponse,
});

export const simRoutes = [
  listSims,
  simsOverview,
  topSims,
  readSim,
  simUsage,
  simQuota,
  simConnectivity,
  simEvents,
  simSamples,
];
