/** The route of a reseller's alerts: found by its entity, told as all alerts are. */
import type { ResellerStore } from '../../shared/resellers/resellers.port.ts';
import { resellerEntity } from '../../shared/resellers/watch.ts';
import { type AlertListDeps, alertPage } from './alerts.ts';
import { type Endpoint, endpoint } from './api.ts';
import { resellerAlerts } from './reseller-alerts.contract.ts';
import { findReseller } from './reseller-requests.ts';

export interface ResellerAlertDeps extends AlertListDeps {
  readonly resellers: Pick<ResellerStore, 'read'>;
}

export function createResellerAlertEndpoints(deps: ResellerAlertDeps): Endpoint[] {
  return [
    endpoint(resellerAlerts, async ({ params, query }, { tenant }) => {
      const { id } = await findReseller(deps.resellers, tenant.tenant, params.id);
      return alertPage(deps, tenant.tenant, query, resellerEntity(id));
    }),
  ];
}
