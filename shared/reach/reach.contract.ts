/** What the API says of the reach of devices. */
import * as z from 'zod/mini';
import { idParams, listOf, listQuery, route } from '../platform/route.ts';
import { seriesQuery, seriesResponse } from '../samples/samples.contract.ts';

const instant = z.string();
const word = z.enum(['up', 'degraded', 'down']);

export const reachView = z.object({
  id: z.string(),
  /** Id of the source. */
  source: z.string(),
  name: z.string(),
  host: z.string(),
  method: z.enum(['tcp', 'router']),
  port: z.nullable(z.int()),
  /** Id of the router that pings. */
  via: z.nullable(z.string()),
  /** What it names itself as its uplink; null = it hangs on what its source names, if anything. */
  uplink: z.nullable(z.string()),
  simulated: z.boolean(),
  /** What two looks agreed on; unknown where nobody could look, or nothing is confirmed yet. */
  state: z.enum(['up', 'degraded', 'down', 'unknown']),
  /** hard: the newest look says the same; soft: it says otherwise (`turningTo`), or nothing is known. */
  phase: z.enum(['hard', 'soft']),
  turningTo: z.nullable(word),
  /** Beginning of the state; of an unknown one, the last instant at which something was known. */
  since: z.nullable(instant),
  /** What it was when something was last known of it, and is while it is known. */
  lastState: z.nullable(word),
  /** It comes and goes: single changes of state are not told. */
  flapping: z.boolean(),
  /** Of the newest look, which may have been repeated; null = not known. */
  lossPercent: z.nullable(z.number()),
  /** Average of the answers. */
  rttMilliseconds: z.nullable(z.number()),
  /** Why the state is unknown, in words. */
  reason: z.optional(z.string()),
  /** Newest look that could be taken. */
  readAt: z.nullable(instant),
  dataAgeSeconds: z.nullable(z.int()),
  stale: z.boolean(),
});

export const listReach = route({
  key: 'GET /v1/reach',
  summary: 'Every watched device: is it answering, how well, since when',
  needs: 'viewer',
  query: z.strictObject({ ...listQuery, source: z.optional(z.string().check(z.maxLength(100))) }),
  response: listOf(reachView),
});
export const readReach = route({
  key: 'GET /v1/reach/{id}',
  summary: 'One watched device',
  needs: 'viewer',
  params: idParams,
  response: reachView,
});
export const reachSamples = route({
  key: 'GET /v1/reach/{id}/samples',
  summary: 'Loss, round trip and state of a device over time',
  needs: 'viewer',
  params: idParams,
  query: seriesQuery(['loss', 'rtt', 'state']),
  response: seriesResponse,
});

export const reachRoutes = [listReach, readReach, reachSamples];
