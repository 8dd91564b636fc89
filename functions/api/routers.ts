/** The routes of routers: what is known of them, and what they answer when they are asked now. */

import { isCalled } from '../../shared/collect/source-rules.ts';
import type { Tenant } from '../../shared/entities/tenant.ts';
import type { InterfaceQueries } from '../../shared/interfaces/interfaces.query.ts';
import type { RouterLimits } from '../../shared/interfaces/limits.port.ts';
import type { Queue } from '../../shared/interfaces/limits.ts';
import type { OpenRouter } from '../../shared/interfaces/router-limits.ts';
import type { ProbeRouter } from '../../shared/interfaces/router-probe.ts';
import {
  listRouters,
  olderRouterStatus,
  readRouter,
  routerInterfaces,
  routerQueues,
  testRouter,
} from '../../shared/interfaces/routers.contract.ts';
import type { RouterQueries, RouterView } from '../../shared/interfaces/routers.query.ts';
import { type Clock, isoInstant } from '../../shared/platform/clock.ts';
import { isAppError } from '../../shared/platform/errors.ts';
import { cutText } from '../../shared/platform/redact.ts';
import { type Endpoint, endpoint } from './api.ts';
import { pageOf } from './page.ts';

export interface RouterApiDeps {
  readonly routers: RouterQueries;
  readonly interfaces: Pick<InterfaceQueries, 'list'>;
  readonly openRouter: OpenRouter;
  readonly probe: ProbeRouter;
  readonly clock: Clock;
  /** How many resellers each router serves, by its id; one that is not among them serves none. Absent where nobody knows. */
  readonly countResellers?: (tenant: string) => Promise<ReadonlyMap<string, number>>;
}

/** A person waits, and the function ends at 28 s. */
const ASK_MS = 20_000;
/** The older page asks for all of them at once. */
const STATUS_MS = 8_000;
/** Each is a login on the router; the others are told as their last run found them. */
const MAX_ASKED = 20;
const MAX_STEPS = 50;
const MAX_SENTENCE = 300;
const POSITION_DIGITS = 6;

export function createRouterEndpoints(deps: RouterApiDeps): Endpoint[] {
  const { routers, clock } = deps;
  return [
    endpoint(listRouters, async ({ query }, { tenant }) =>
      pageOf(tenant.tenant, 'routers', query, await routers.list(tenant), (router) => router.id),
    ),
    endpoint(readRouter, async ({ params }, { tenant }) => routers.read(tenant, params.id)),
    endpoint(testRouter, async ({ params }, { tenant }) => {
      const source = await routers.find(tenant, params.id);
      const { steps, error } = await deps.probe(tenant, source, clock.now() + ASK_MS);
      return {
        ...{ router: source.id, testedAt: isoInstant(clock.now()), ok: error === undefined },
        steps: steps.slice(0, MAX_STEPS).map((step) => ({
          ...step,
          ...(step.error === undefined ? {} : { error: cutText(step.error, MAX_SENTENCE) }),
        })),
        error: error === undefined ? null : cutText(error, MAX_SENTENCE),
      };
    }),
    endpoint(routerInterfaces, async ({ params, query }, { tenant }) => {
      const { id } = await routers.find(tenant, params.id);
      const all = await deps.interfaces.list(tenant, id);
      return pageOf(tenant.tenant, `interfaces:${id}`, query, all, (one) => one.id);
    }),
    endpoint(routerQueues, async ({ params, query }, { tenant }) => {
      const { id } = await routers.find(tenant, params.id);
      const { queues, rejected } = await asked(deps, tenant, id, ASK_MS);
      const readAt = isoInstant(clock.now());
      const page = pageOf(tenant.tenant, `queues:${id}`, query, queues.map(queueView), ({ position }) =>
        String(position).padStart(POSITION_DIGITS, '0'),
      );
      return { router: id, readAt, ...page, rejected: rejected.map(({ path, message }) => ({ path, message })) };
    }),
    endpoint(olderRouterStatus, async (_, { tenant }) => {
      const all = await routers.list(tenant);
      const live = new Set(all.filter(isAsked).slice(0, MAX_ASKED));
      const resellers = await deps.countResellers?.(tenant.tenant);
      return Promise.all(
        all.map(async (router) => ({
          ...knownStatus(router, resellers),
          ...(live.has(router) ? await statusNow(deps, tenant, router.id) : {}),
        })),
      );
    }),
  ];
}

async function asked(deps: RouterApiDeps, tenant: Tenant, id: string, withinMs: number) {
  const limits: RouterLimits = await deps.openRouter(tenant.tenant, id, deps.clock.now() + withinMs);
  try {
    return await limits.readQueues();
  } finally {
    limits.close();
  }
}

function queueView(queue: Queue, position: number) {
  const { name, targets, limit, dynamic, disabled, comment = null } = queue;
  return {
    ...{ position, name, targets: [...targets], dynamic, disabled, comment },
    fromTargetBitsPerSecond: limit.fromTargetBitsPerSecond ?? null,
    toTargetBitsPerSecond: limit.toTargetBitsPerSecond ?? null,
    octetsFromTarget: queue.octetsFromTarget?.toString() ?? null,
    octetsToTarget: queue.octetsToTarget?.toString() ?? null,
  };
}

/** One behind a site is unknown here, and not down. */
function isAsked({ type, limits, enabled, pausedReason }: RouterView): boolean {
  return isCalled(type) && limits.changeable && enabled && pausedReason === null;
}

/** As its last run found it. */
function knownStatus(router: RouterView, resellers: ReadonlyMap<string, number> | undefined) {
  const { id, host, lastRun, pausedReason } = router;
  return {
    ...{ router_id: id, host, connected: lastRun?.ok ?? null, active_queues: null as number | null },
    ...{
      total_resellers: resellers === undefined ? null : (resellers.get(id) ?? 0),
      last_check: lastRun?.at ?? null,
      error: pausedReason ?? lastRun?.error ?? null,
    },
  };
}

async function statusNow(deps: RouterApiDeps, tenant: Tenant, id: string) {
  const answer = await queuesNow(deps, tenant, id);
  return { ...answer, last_check: isoInstant(deps.clock.now()) };
}

async function queuesNow(deps: RouterApiDeps, tenant: Tenant, id: string) {
  try {
    const { queues } = await asked(deps, tenant, id, STATUS_MS);
    return { connected: true, active_queues: queues.filter(({ disabled }) => !disabled).length, error: null };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { connected: false, active_queues: null, error: cutText(error.message, MAX_SENTENCE) };
  }
}

/** Resellers on each router; one with two places on the same router counts there once. */
export function countByRouter(
  resellers: readonly { readonly routers: readonly { readonly router: string }[] }[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { routers } of resellers) {
    for (const router of new Set(routers.map((place) => place.router)))
      counts.set(router, (counts.get(router) ?? 0) + 1);
  }
  return counts;
}
