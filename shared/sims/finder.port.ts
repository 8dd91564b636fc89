/** Which SIMs an action is about, as the house knows them. */
import type { Tenant } from '../entities/tenant.ts';
import type { ListedSim } from './sim.ts';
import type { SimFilter } from './sims-list.ts';

export interface FoundSim extends Pick<ListedSim, 'iccid' | 'label' | 'enabled' | 'imeiLock'> {
  /** Id of the source. */
  readonly account: string;
}

export interface SimFinder {
  /** Those of them that the tenant has, each once; removed ones are not among them. */
  byIccid(tenant: Tenant, iccids: readonly string[]): Promise<readonly FoundSim[]>;
  byFilter(tenant: Tenant, filter: SimFilter): Promise<readonly FoundSim[]>;
  /** Ids of the tenant's accounts that have been walked. */
  accounts(tenant: Tenant): Promise<readonly string[]>;
}
