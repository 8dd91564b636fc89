/** What the API says and takes of sources and their runs. Credentials go in and never come out. */
import * as z from 'zod/mini';
import { fileAnswer, idParams, listOf, listQuery, route } from '../platform/route.ts';
import { SOURCE_TYPES } from './source-rules.ts';

const settings = z.record(z.string(), z.unknown());
const credentials = z.record(z.string(), z.string());

/** Days of the past that the source is asked for; only 1NCE tells them. */
const daysQuery = z.optional(
  z.pipe(
    z.string().check(z.regex(/^([1-9]|[1-9]\d|1[0-7]\d|180)$/, 'must be a whole number of days from 1 to 180')),
    z.transform((text: string) => Number(text)),
  ),
);

export const sourceView = z.object({
  id: z.string(),
  type: z.enum(SOURCE_TYPES),
  kind: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  periodSeconds: z.int(),
  settings,
  /** What all of it hangs on; null = nothing that anybody named. */
  uplink: z.nullable(z.string()),
  simulated: z.boolean(),
  /** Whether credentials are stored; what they are is never shown. */
  hasCredentials: z.boolean(),
  /** Why no call is made until the credentials change; null = it is being read. */
  pausedReason: z.nullable(z.string()),
  createdAt: z.string(),
  /** Send it back with a change: one of another version is refused. */
  version: z.int(),
});

/** Told once: the secret is kept where nobody reads it back. */
const siteKey = z.object({ id: z.string(), secret: z.string() });

/** One call that was made outside. */
export const operationView = z.object({
  name: z.string(),
  ok: z.boolean(),
  responseMs: z.number(),
  status: z.optional(z.number()),
  error: z.optional(z.string()),
});

export const runView = z.object({
  source: z.string(),
  slot: z.string(),
  part: z.int(),
  status: z.enum(['success', 'partial', 'failed']),
  manual: z.boolean(),
  startedAt: z.string(),
  endedAt: z.string(),
  read: z.int(),
  accepted: z.int(),
  rejected: z.int(),
  rejections: z.array(z.object({ path: z.string(), message: z.string(), rawText: z.optional(z.string()) })),
  operations: z.array(operationView),
  errorCode: z.nullable(z.string()),
  error: z.nullable(z.string()),
});

export const listSources = route({
  key: 'GET /v1/sources',
  summary: 'What is read on a schedule',
  needs: 'viewer',
  query: z.strictObject(listQuery),
  response: listOf(sourceView),
});
export const readSource = route({
  key: 'GET /v1/sources/{id}',
  summary: 'One source',
  needs: 'viewer',
  params: idParams,
  response: sourceView,
});
export const addSource = route({
  key: 'POST /v1/sources',
  summary: 'Adds an account or a router',
  needs: 'admin',
  body: z.strictObject({
    id: z.string(),
    type: z.enum(SOURCE_TYPES, `must be one of ${SOURCE_TYPES.join(', ')}`),
    name: z.string(),
    enabled: z.optional(z.boolean()),
    periodSeconds: z.optional(z.number()),
    settings: z.optional(settings),
    /** reach:<source>~<device>, link:<id>, router:<id> or interface:<router>~<port>. */
    uplink: z.optional(z.string()),
    credentials: z.optional(credentials),
  }),
  /** `siteKey` for a site that sends by itself. */
  response: z.extend(sourceView, { siteKey: z.optional(siteKey) }),
  status: 201,
});
export const changeSource = route({
  key: 'PATCH /v1/sources/{id}',
  summary: 'Changes a source; new credentials replace the old ones whole and lift a pause',
  needs: 'admin',
  params: idParams,
  body: z.strictObject({
    version: z.int(),
    name: z.optional(z.string()),
    enabled: z.optional(z.boolean()),
    periodSeconds: z.optional(z.number()),
    settings: z.optional(settings),
    /** null = it hangs on nothing. */
    uplink: z.optional(z.nullable(z.string())),
    credentials: z.optional(credentials),
  }),
  response: sourceView,
});
export const removeSource = route({
  key: 'DELETE /v1/sources/{id}',
  summary: 'Removes a source and its credentials; what was measured stays until its time is over',
  needs: 'admin',
  params: idParams,
  response: z.null(),
  status: 204,
});
export const collectSource = route({
  key: 'POST /v1/sources/{id}/collect',
  summary: 'Reads the source now, as a slot of its own',
  needs: 'operator',
  params: idParams,
  query: z.strictObject({ days: daysQuery }),
  response: z.object({ source: z.string(), slot: z.string() }),
  status: 202,
});
export const renewSiteKey = route({
  key: 'POST /v1/sources/{id}/site-key',
  summary: 'Makes a new key for a site that sends by itself; the old one is worth nothing from then on',
  needs: 'admin',
  params: idParams,
  response: siteKey,
  status: 201,
});
export const readPushScript = route({
  key: 'GET /v1/sources/{id}/push-script',
  summary: 'A script for RouterOS 7 that sends its interfaces; the secret is to be put in by hand',
  needs: 'admin',
  params: idParams,
  response: fileAnswer,
  responseType: ['text/plain'],
});
export const importHistory = route({
  key: 'POST /v1/sources/{id}/history',
  summary: "Imports readings of the past as CSV: Headroom's own columns, or the older Taara monitor's export",
  needs: 'admin',
  params: idParams,
  body: z.string().check(z.minLength(1, 'the body is empty: send CSV')),
  bodyType: 'text/csv',
  response: z.object({ rows: z.int(), entities: z.int(), from: z.string(), to: z.string() }),
});
export const listRuns = route({
  key: 'GET /v1/runs',
  summary: 'What was collected, how long it took and what was rejected, newest first',
  needs: 'viewer',
  query: z.strictObject({ ...listQuery, source: z.optional(z.string().check(z.maxLength(100))) }),
  response: listOf(runView),
});
export const olderCollect = route({
  key: 'POST /api/collect',
  summary: 'Reads every Taara account of the tenant now (older clients)',
  needs: 'operator',
  response: z.object({ status: z.enum(['success', 'error']), message: z.string() }),
});

export const sourceRoutes = [
  listSources,
  readSource,
  addSource,
  changeSource,
  removeSource,
  collectSource,
  renewSiteKey,
  readPushScript,
  importHistory,
  listRuns,
  olderCollect,
];
