/** What the API takes and says of resellers, and the messages of the queue on which routers are worked on. */
import * as z from 'zod/mini';
import { TENANT_PATTERN } from '../platform/key.ts';
import { instantQuery, listOf, listQuery, route } from '../platform/route.ts';
import {
  difference,
  mbps,
  newReseller,
  planFields,
  RESELLER_ID,
  ROUTER_ID,
  resellerChange,
  resellerId,
  resellerView,
  shown,
  usageView,
  version,
} from './resellers-fields.contract.ts';

const idParams = z.object({ id: z.string().check(z.maxLength(100, 'is longer than any id')) });
const reason = z.optional(shown(200));
const flag = z.optional(z.enum(['true', 'false'], 'must be true or false'));
const digits = z.pipe(
  z.string().check(z.regex(/^\d{1,9}$/, 'must be the version that was read, a whole number')),
  z.transform((text: string) => Number(text)),
);

export const listResellers = route({
  key: 'GET /v1/resellers',
  summary: 'Every reseller with its plan and how far the routers are with it',
  needs: 'viewer',
  query: z.strictObject({
    ...listQuery,
    status: z.optional(z.enum(['active', 'suspended', 'removing'], 'must be active, suspended or removing')),
    phase: z.optional(z.enum(['done', 'pending', 'failed'], 'must be done, pending or failed')),
    drift: flag,
    router: z.optional(z.string().check(z.maxLength(100))),
  }),
  response: listOf(resellerView),
});
export const addReseller = route({
  key: 'POST /v1/resellers',
  summary: 'Adds a reseller; with a plan and targets, its queue is made on the router',
  needs: 'operator',
  body: newReseller,
  response: resellerView,
  status: 201,
});
export const readReseller = route({
  key: 'GET /v1/resellers/{id}',
  summary: 'One reseller: what is wanted, what the routers had when they were read back, and where they differ',
  needs: 'viewer',
  params: idParams,
  response: resellerView,
});
export const changeReseller = route({
  key: 'PATCH /v1/resellers/{id}',
  summary: 'Changes a reseller; what a router no longer has to do is taken away there',
  needs: 'operator',
  params: idParams,
  body: resellerChange,
  response: resellerView,
});
export const removeReseller = route({
  key: 'DELETE /v1/resellers/{id}',
  summary:
    'Takes its queues and cuts off the routers, then removes it; with leaveRouters it goes at once, and they stay',
  needs: 'admin',
  params: idParams,
  query: z.strictObject({ version: digits, leaveRouters: flag }),
  /** Without work, it is gone already. */
  response: resellerView,
  status: 202,
});
export const planReseller = route({
  key: 'POST /v1/resellers/{id}/plan',
  summary: 'Changes the plan, or applies the same one again; with dryRun it only tells how the routers differ from it',
  needs: 'operator',
  params: idParams,
  query: z.strictObject({ dryRun: flag }),
  body: z.strictObject({ ...planFields, version }),
  response: z.union([
    resellerView,
    z.object({ dryRun: z.literal(true), wouldChange: z.boolean(), differences: z.array(difference) }),
  ]),
  status: 202,
  otherStatus: 200,
});
export const suspendReseller = route({
  key: 'POST /v1/resellers/{id}/suspend',
  summary: 'Cuts its targets off, really: nothing passes to or from them',
  needs: 'operator',
  params: idParams,
  body: z.strictObject({ version, reason }),
  response: resellerView,
  status: 202,
});
export const restoreReseller = route({
  key: 'POST /v1/resellers/{id}/restore',
  summary: 'Writes the plan again, then lets its targets pass',
  needs: 'operator',
  params: idParams,
  body: z.strictObject({ version, reason }),
  response: resellerView,
  status: 202,
});

export const resellerUsage = route({
  key: 'GET /v1/resellers/{id}/usage',
  summary: 'What it received and sent, by the counters of the interfaces that are named, else of its queue',
  needs: 'viewer',
  params: idParams,
  query: z.strictObject({ from: z.optional(instantQuery), to: z.optional(instantQuery) }),
  response: usageView,
});

const olderMbpsText = z.pipe(
  z.string().check(z.regex(/^\d{1,6}(\.\d{1,3})?$/, 'must be a number of Mb/s, such as 500')),
  z.pipe(
    z.transform((text: string) => Number(text)),
    mbps,
  ),
);
export const olderUpdateBandwidth = route({
  key: 'POST /router/update-bandwidth',
  summary: 'Changes the plan, both ways alike, by JSON or by query; accepted, not done yet (older clients)',
  needs: 'operator',
  query: z.strictObject({ reseller_id: z.optional(resellerId), new_plan_mbps: z.optional(olderMbpsText) }),
  body: z.optional(z.strictObject({ reseller_id: z.optional(resellerId), new_plan_mbps: z.optional(mbps) })),
  bodyOptional: true,
  response: z.object({
    message: z.string(),
    success: z.boolean(),
    status: z.literal('accepted'),
    reseller_id: z.string(),
    new_plan_mbps: z.number(),
  }),
  status: 202,
});

export const resellerRoutes = [
  ...[listResellers, addReseller, readReseller, changeReseller, removeReseller],
  ...[planReseller, suspendReseller, restoreReseller, resellerUsage, olderUpdateBandwidth],
];

const tenant = z.string().check(z.regex(TENANT_PATTERN));
/** The message only looks whether a site has answered this command: if so, another one has taken the work up again. */
const awaited = z.optional(
  z.object({
    site: z.string().check(z.regex(ROUTER_ID)),
    router: z.string().check(z.regex(ROUTER_ID)),
    command: z.string(),
  }),
);
/** One look at a reseller's routers, or one comparison of a router. `waits`: how often it was put back unworked. */
export const limitsMessage = z.discriminatedUnion('work', [
  z.object({
    version: z.literal(1),
    work: z.literal('apply'),
    tenant,
    reseller: z.string().check(z.regex(RESELLER_ID)),
    /** Of the work that this is about; a newer one has its own message. */
    number: z.int().check(z.positive()),
    waits: z.optional(z.int().check(z.nonnegative())),
    awaited,
  }),
  z.object({
    version: z.literal(1),
    work: z.literal('compare'),
    tenant,
    router: z.string().check(z.regex(ROUTER_ID)),
    waits: z.optional(z.int().check(z.nonnegative())),
    awaited,
  }),
]);
export type LimitsMessage = z.infer<typeof limitsMessage>;
