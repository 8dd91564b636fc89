/** The older monitor's route that changes a rate: it took a query where its documents said JSON, so both are taken. */
import { AppError, type Issue, isAppError } from '../../shared/platform/errors.ts';
import { olderUpdateBandwidth } from '../../shared/resellers/resellers.contract.ts';
import { toPlan } from '../../shared/resellers/resellers.convert.ts';
import { type Endpoint, endpoint } from './api.ts';
import type { Caller } from './caller.ts';
import { findReseller, type ResellerRequestDeps, refuse, request } from './reseller-requests.ts';
import { planWish } from './resellers.ts';

/** The older clients know of no versions: the newest is meant, also where somebody changes it at this moment. */
const ATTEMPTS = 3;

interface Given {
  readonly reseller_id?: string | undefined;
  readonly new_plan_mbps?: number | undefined;
}

export function createOlderResellerEndpoints(deps: ResellerRequestDeps): Endpoint[] {
  return [
    endpoint(olderUpdateBandwidth, async ({ query, body = {} }, caller) => {
      const { id, mbps } = chosen(body, query);
      await changePlan(deps, caller, id, mbps);
      const message = `Bandwidth update of ${id} to ${mbps} Mbps was accepted: GET /v1/resellers/${id} tells when it is done`;
      return { message, success: true, status: 'accepted' as const, reseller_id: id, new_plan_mbps: mbps };
    }),
  ];
}

/** Throws REQUEST_INVALID with all that is missing or said twice. */
function chosen(body: Given, query: Given): { id: string; mbps: number } {
  const issues: Issue[] = [];
  const one = <T>(path: keyof Given, a: T | undefined, b: T | undefined): T | undefined => {
    if (a === undefined && b === undefined) {
      issues.push({ path, message: 'is missing: send it as a field of JSON, or in the query' });
    }
    if (a !== undefined && b !== undefined && a !== b)
      issues.push({ path, message: 'is not the same in body and query' });
    return a ?? b;
  };
  const id = one('reseller_id', body.reseller_id, query.reseller_id);
  const mbps = one('new_plan_mbps', body.new_plan_mbps, query.new_plan_mbps);
  refuse(issues);
  if (id === undefined || mbps === undefined)
    throw new AppError('REQUEST_INVALID', 'reseller_id and new_plan_mbps are needed');
  return { id, mbps };
}

async function changePlan(deps: ResellerRequestDeps, caller: Caller, id: string, mbps: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const record = await findReseller(deps.resellers, caller.tenant.tenant, id);
    try {
      await request(deps, caller, record, planWish(toPlan({ downMbps: mbps }), record.version));
      return;
    } catch (error) {
      if (attempt >= ATTEMPTS || !isAppError(error, 'STORE_CONFLICT')) throw error;
    }
  }
}
