/** The routes of the reach of devices. */
import { listReach, reachSamples, readReach } from '../../shared/reach/reach.contract.ts';
import type { ReachQueries } from '../../shared/reach/reach.query.ts';
import { type Endpoint, endpoint } from './api.ts';
import { pageOf } from './page.ts';

export function createReachEndpoints(queries: ReachQueries): Endpoint[] {
  return [
    endpoint(listReach, async ({ query }, { tenant }) => {
      const all = await queries.list(tenant, query.source);
      return pageOf(tenant.tenant, `reach:${query.source ?? ''}`, query, all, (one) => one.id);
    }),
    endpoint(readReach, async ({ params }, { tenant }) => queries.read(tenant, params.id)),
    endpoint(reachSamples, async ({ params, query }, { tenant }) => queries.samples(tenant, params.id, query)),
  ];
}
