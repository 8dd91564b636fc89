/** What the API says of routers: sources of the kind `interface`, which are added and changed at `/v1/sources`. */
import * as z from 'zod/mini';
import { operationView } from '../collect/sources-api.contract.ts';
import { idParams, listOf, listQuery, route } from '../platform/route.ts';
import { interfaceView } from './interfaces.contract.ts';

const instant = z.string();

export const routerView = z.object({
  /** Id of the source. */
  id: z.string(),
  name: z.string(),
  type: z.string(),
  host: z.nullable(z.string()),
  enabled: z.boolean(),
  simulated: z.boolean(),
  periodSeconds: z.int(),
  /** Why no call is made until the credentials or the settings change; null = it is being read. */
  pausedReason: z.nullable(z.string()),
  /** Null = it was never read. */
  lastRun: z.nullable(z.object({ at: instant, ok: z.boolean(), error: z.nullable(z.string()) })),
  /** How many it listed when it was last read; null = unknown. */
  interfaces: z.nullable(z.int()),
  /** Whether what customers get can be changed there, and why not. */
  limits: z.object({ changeable: z.boolean(), reason: z.nullable(z.string()) }),
  readAt: z.nullable(instant),
  dataAgeSeconds: z.nullable(z.int()),
  stale: z.boolean(),
});

export const routerTest = z.object({
  router: z.string(),
  testedAt: instant,
  ok: z.boolean(),
  /** In the order in which they were made; the test ends with the first that nothing can follow. */
  steps: z.array(operationView),
  /** Why it is not ok, in one sentence. */
  error: z.nullable(z.string()),
});

export const queueView = z.object({
  /** From 0, in the router's order: the first queue that matches holds a packet. */
  position: z.int(),
  name: z.string(),
  targets: z.array(z.string()),
  /** What the target sends and receives at most; null = without a limit. */
  fromTargetBitsPerSecond: z.nullable(z.number()),
  toTargetBitsPerSecond: z.nullable(z.number()),
  /** Of a session: only RADIUS changes it. */
  dynamic: z.boolean(),
  /** Switched off: its targets are without this limit, not cut off. */
  disabled: z.boolean(),
  /** Since the router began to count; null = unknown. */
  octetsFromTarget: z.nullable(z.string()),
  octetsToTarget: z.nullable(z.string()),
  comment: z.nullable(z.string()),
});

export const listRouters = route({
  key: 'GET /v1/routers',
  summary: 'Every router with the age of its reading; they are added, changed and removed at /v1/sources',
  needs: 'viewer',
  query: z.strictObject(listQuery),
  response: listOf(routerView),
});
export const readRouter = route({
  key: 'GET /v1/routers/{id}',
  summary: 'One router',
  needs: 'viewer',
  params: idParams,
  response: routerView,
});
export const testRouter = route({
  key: 'POST /v1/routers/{id}/test',
  summary: 'Reaches the router now with the stored credentials and tells each step; changes nothing',
  needs: 'operator',
  params: idParams,
  response: routerTest,
});
export const routerInterfaces = route({
  key: 'GET /v1/routers/{id}/interfaces',
  summary: 'The interfaces of one router with their newest rates',
  needs: 'viewer',
  params: idParams,
  query: z.strictObject(listQuery),
  response: listOf(interfaceView),
});
export const routerQueues = route({
  key: 'GET /v1/routers/{id}/queues',
  summary: 'The queues of one router, read from it now; each page is a reading of its own',
  needs: 'viewer',
  params: idParams,
  query: z.strictObject(listQuery),
  response: z.object({
    router: z.string(),
    readAt: instant,
    items: z.array(queueView),
    nextCursor: z.optional(z.string()),
    /** Queues that could not be understood, or that never see their packets. */
    rejected: z.array(z.object({ path: z.string(), message: z.string() })),
  }),
});
export const olderRouterStatus = route({
  key: 'GET /router/status',
  summary: 'Whether each router answers now (older clients)',
  needs: 'viewer',
  response: z.array(
    z.object({
      router_id: z.string(),
      host: z.nullable(z.string()),
      /** Null = nobody has tried. */
      connected: z.nullable(z.boolean()),
      /** Queues that are on; null = unknown. */
      active_queues: z.nullable(z.int()),
      total_resellers: z.nullable(z.int()),
      last_check: z.nullable(instant),
      error: z.nullable(z.string()),
    }),
  ),
});

export const routerRoutes = [listRouters, readRouter, testRouter, routerInterfaces, routerQueues, olderRouterStatus];
