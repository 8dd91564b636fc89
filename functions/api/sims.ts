/** The routes of SIMs that read: the list, one SIM and all that is known of it, the fleet at a glance. */

import type { Clock } from '../../shared/platform/clock.ts';
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts';
import { AppError } from '../../shared/platform/errors.ts';
import { DEFAULT_LIMIT } from '../../shared/platform/route.ts';
import type { FleetQueries } from '../../shared/sims/fleet.query.ts';
import {
  listSims,
  readSim,
  simConnectivity,
  simEvents,
  simQuota,
  simSamples,
  simsOverview,
  simUsage,
  topSims,
} from '../../shared/sims/sims.contract.ts';
import type { SimQueries } from '../../shared/sims/sims.query.ts';
import { filterSims, simOrder, simPage } from '../../shared/sims/sims-list.ts';
import { connectivityOf, detailOf, eventOf, quotaOf, viewOfSim } from '../../shared/sims/sims-view.ts';
import { type Endpoint, endpoint } from './api.ts';

export interface SimApiDeps {
  readonly queries: SimQueries;
  readonly fleet: FleetQueries;
  readonly clock: Clock;
}

export function createSimEndpoints({ queries, fleet, clock }: SimApiDeps): Endpoint[] {
  return [
    endpoint(listSims, async ({ query }, { tenant }) => {
      const { limit = DEFAULT_LIMIT, cursor, sort = 'iccid', ...filter } = query;
      // A place in one order is none in another.
      const list = `sims:${sort}`;
      const after = cursor === undefined ? undefined : decodeCursor(tenant.tenant, list, cursor);
      const now = clock.now();
      const { sims } = await queries.list(tenant);
      const page = simPage(filterSims(sims, filter, now), simOrder(sort), { limit, after, now });
      if (!page) throw cursorRefused();
      return {
        items: page.sims.map((sim) => viewOfSim(sim, now)),
        ...(page.next === undefined ? {} : { nextCursor: encodeCursor(tenant.tenant, list, page.next) }),
      };
    }),
    endpoint(simsOverview, async (_, { tenant }) => fleet.overview(tenant)),
    endpoint(topSims, async ({ query }, { tenant }) => fleet.top(tenant, query)),
    endpoint(readSim, async ({ params }, { tenant }) =>
      detailOf(await queries.read(tenant, params.iccid), clock.now()),
    ),
    endpoint(simUsage, async ({ params, query }, { tenant }) => queries.usage(tenant, params.iccid, query)),
    endpoint(simQuota, async ({ params }, { tenant }) =>
      quotaOf(await queries.read(tenant, params.iccid), clock.now()),
    ),
    endpoint(simConnectivity, async ({ params }, { tenant }) => {
      const { sim, cells } = await queries.cells(tenant, params.iccid);
      return connectivityOf(sim, cells, clock.now());
    }),
    endpoint(simEvents, async ({ params, query }, { tenant }) => {
      const { limit = DEFAULT_LIMIT, cursor } = query;
      // The log's own mark of a place is bound to tenant and SIM already.
      const page = await queries.events(tenant, params.iccid, limit, cursor);
      return {
        items: page.items.map(eventOf),
        ...(page.before === undefined ? {} : { nextCursor: page.before }),
      };
    }),
    endpoint(simSamples, async ({ params, query }, { tenant }) => queries.samples(tenant, params.iccid, query)),
  ];
}

/** Bound to tenant and order, but no place in it: somebody made it. */
function cursorRefused(): AppError {
  const issue = { path: 'cursor', message: 'is not a cursor of this list: leave it out to start at the beginning' };
  return new AppError('REQUEST_INVALID', 'the cursor cannot be used', { context: { issues: [issue] } });
}
