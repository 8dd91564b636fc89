/** What the API says of interfaces. */
import * as z from 'zod/mini';
import { idParams, instantQuery, listOf, listQuery, route } from '../platform/route.ts';
import { seriesQuery, seriesResponse } from '../samples/samples.contract.ts';

const instant = z.string();

export const interfaceView = z.object({
  id: z.string(),
  /** Id of the source. */
  router: z.string(),
  name: z.string(),
  ifName: z.string(),
  ifAlias: z.nullable(z.string()),
  simulated: z.boolean(),
  /** RFC 2863 word; null = unknown. */
  operStatus: z.nullable(z.string()),
  /** Null where the speed is unknown or means nothing. */
  speedBitsPerSecond: z.nullable(z.number()),
  /** Over the newest interval, as the router sees it; null = unknown, with the reason beside it. */
  inBitsPerSecond: z.nullable(z.number()),
  outBitsPerSecond: z.nullable(z.number()),
  inUtilisationPercent: z.nullable(z.number()),
  outUtilisationPercent: z.nullable(z.number()),
  rateReason: z.optional(z.string()),
  readAt: z.nullable(instant),
  dataAgeSeconds: z.nullable(z.int()),
  stale: z.boolean(),
});

export const interfaceStats = z.object({
  id: z.string(),
  from: instant,
  to: instant,
  inOctets: z.string(),
  outOctets: z.string(),
  inPeakBitsPerSecond: z.nullable(z.number()),
  outPeakBitsPerSecond: z.nullable(z.number()),
  inAverageBitsPerSecond: z.nullable(z.number()),
  outAverageBitsPerSecond: z.nullable(z.number()),
  validSlots: z.int(),
  expectedSlots: z.int(),
  largestGapSeconds: z.int(),
});

export const listInterfaces = route({
  key: 'GET /v1/interfaces',
  summary: 'Every interface with its newest rates and the age of its reading',
  needs: 'viewer',
  query: z.strictObject({ ...listQuery, router: z.optional(z.string().check(z.maxLength(100))) }),
  response: listOf(interfaceView),
});
export const readInterface = route({
  key: 'GET /v1/interfaces/{id}',
  summary: 'One interface',
  needs: 'viewer',
  params: idParams,
  response: interfaceView,
});
export const interfaceSamples = route({
  key: 'GET /v1/interfaces/{id}/samples',
  summary: 'Readings and increases of one metric of an interface over time',
  needs: 'viewer',
  params: idParams,
  query: seriesQuery(['ifHCInOctets', 'ifHCOutOctets', 'ifOperStatus']),
  response: seriesResponse,
});
export const readInterfaceStats = route({
  key: 'GET /v1/interfaces/{id}/stats',
  summary: 'Totals, peaks and averages of both directions',
  needs: 'viewer',
  params: idParams,
  query: z.strictObject({ from: z.optional(instantQuery), to: z.optional(instantQuery) }),
  response: interfaceStats,
});

export const interfaceRoutes = [listInterfaces, readInterface, interfaceSamples, readInterfaceStats];
