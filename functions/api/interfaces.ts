/** The routes of interfaces. */
import {
  interfaceSamples,
  listInterfaces,
  readInterface,
  readInterfaceStats,
} from '../../shared/interfaces/interfaces.contract.ts';
import type { InterfaceQueries } from '../../shared/interfaces/interfaces.query.ts';
import { type Endpoint, endpoint } from './api.ts';
import { pageOf } from './page.ts';

export function createInterfaceEndpoints(queries: InterfaceQueries): Endpoint[] {
  return [
    endpoint(listInterfaces, async ({ query }, { tenant }) => {
      const all = await queries.list(tenant, query.router);
      return pageOf(tenant.tenant, `interfaces:${query.router ?? ''}`, query, all, (i) => i.id);
    }),
    endpoint(readInterface, async ({ params }, { tenant }) => queries.read(tenant, params.id)),
    endpoint(interfaceSamples, async ({ params, query }, { tenant }) => queries.samples(tenant, params.id, query)),
    endpoint(readInterfaceStats, async ({ params, query }, { tenant }) =>
      queries.stats(tenant, params.id, query.from, query.to),
    ),
  ];
}
