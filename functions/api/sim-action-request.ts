/** A request to act on SIMs, from what was sent to what would be done and what it would cost. */
import { createHash } from 'node:crypto';
import type * as z from 'zod/mini';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import type { Tenant } from '../../shared/entities/tenant.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import { AppError, type Issue } from '../../shared/platform/errors.ts';
import { dayOf, monthOf } from '../../shared/samples/zone.ts';
import {
  type ActionRequest,
  costsMoney,
  ICCID,
  MAX_SIMS,
  type PlannedItem,
  planOf,
  requestIssues,
  unknownIssues,
} from '../../shared/sims/action.ts';
import type { Cost } from '../../shared/sims/confirmation.ts';
import type { FoundSim, SimFinder } from '../../shared/sims/finder.port.ts';
import type { actionBody } from '../../shared/sims/sim-actions.contract.ts';
import type { SpendingStore } from '../../shared/sims/spending.port.ts';
import { priceOf, spendingOf } from '../../shared/sims/spending.ts';
import { fieldOf, type GivenFields } from './api.ts';

export type ActionBody = z.infer<typeof actionBody>;

export interface PlanDeps {
  readonly finder: SimFinder;
  readonly sources: Pick<SourceStore, 'read'>;
  readonly spending: Pick<SpendingStore, 'read'>;
  readonly clock: Clock;
}

/** Defaults become part of the request, so that what is confirmed is what is done. */
export function requestOf({ action, account, iccids, filter, items, parameters }: ActionBody): ActionRequest {
  const payment = action === 'topup' || action === 'extend' ? ({ payment: 'banktransfer' } as const) : {};
  return {
    action,
    ...(account === undefined ? {} : { account }),
    ...(iccids ? { iccids } : {}),
    ...(filter ? { filter } : {}),
    ...(items ? { items } : {}),
    parameters: { ...payment, ...(parameters as ActionRequest['parameters']) },
  };
}

/** Of the request as it was sent, for telling the same one again from another one. */
export function sentDigest(request: ActionRequest): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex');
}

/** Throws REQUEST_INVALID with everything that is wrong, SIMs that nobody knows included. */
export async function planRequest(deps: PlanDeps, tenant: Tenant, request: ActionRequest): Promise<PlannedItem[]> {
  const { sims, issues } = await findSims(deps, tenant, request);
  const all = [...requestIssues(request), ...issues];
  if (all.length === 0) return planOf(request, sims);
  const text = all.map((i) => (i.path ? `${i.path}: ${i.message}` : i.message)).join('; ');
  throw new AppError('REQUEST_INVALID', text, { context: { issues: all } });
}

/** The same of the fields whose form is right, when that of others is not. */
export async function issuesOfGiven(deps: PlanDeps, tenant: Tenant, given: GivenFields): Promise<Issue[]> {
  const request = { ...given } as unknown as ActionRequest;
  const { issues } = await findSims(deps, tenant, request);
  return [...requestIssues(request), ...issues].filter((issue) => Object.hasOwn(given, fieldOf(issue)));
}

async function findSims(
  { finder }: PlanDeps,
  tenant: Tenant,
  request: ActionRequest,
): Promise<{ sims: readonly FoundSim[]; issues: Issue[] }> {
  const { action, account, filter } = request;
  if (action === 'limits') {
    const isKnown = account === undefined || (await finder.accounts(tenant)).includes(account);
    const message = `is no 1NCE account of this tenant that was read yet`;
    return { sims: [], issues: isKnown ? [] : [{ path: 'account', message }] };
  }
  const named = (request.iccids ?? request.items?.map((i) => i.iccid) ?? []).filter((iccid) => ICCID.test(iccid));
  if (named.length > MAX_SIMS) return { sims: [], issues: [] };
  if (named.length > 0) {
    const sims = await finder.byIccid(tenant, named);
    return { sims, issues: unknownIssues(request, sims) };
  }
  if (filter === undefined) return { sims: [], issues: unknownIssues(request, []) };
  const sims = await finder.byFilter(tenant, filter);
  if (sims.length > 0 && sims.length <= MAX_SIMS) return { sims, issues: [] };
  const message =
    sims.length === 0 ? 'matches no SIM' : `matches ${sims.length} SIMs: at most ${MAX_SIMS} at once, so narrow it`;
  return { sims: [], issues: [{ path: 'filter', message }] };
}

export interface CostShown extends Cost {
  /** Of one SIM. */
  readonly priceMinor: bigint;
  /** Of the month's cap, before this. */
  readonly leftMinor: bigint;
}

/** By account; empty where it costs nothing. Throws FORBIDDEN where an account may not be made to pay. */
export async function costsOf(
  deps: PlanDeps,
  tenant: Tenant,
  request: ActionRequest,
  plan: readonly PlannedItem[],
): Promise<CostShown[]> {
  if (!costsMoney(request.action, request.parameters)) return [];
  const month = monthOf(dayOf(deps.clock.now(), tenant.zone));
  const accounts = [...new Set(plan.map((item) => item.account))];
  const costs = await Promise.all(
    accounts.map(async (account) => {
      const spending = spendingOf((await deps.sources.read(tenant.tenant, account))?.settings ?? {});
      const price = priceOf(spending, request.action);
      if (!spending || !price) return account;
      const spent = await deps.spending.read({ tenant: tenant.tenant, account, month });
      const sims = plan.filter((item) => item.account === account).length;
      return {
        ...{ account, sims, currency: price.currency, priceMinor: price.amountMinor },
        amountMinor: price.amountMinor * BigInt(sims),
        leftMinor: leftOf(spending.capMinor, spent?.amountMinor ?? 0n),
      };
    }),
  );
  const off = costs.filter((cost) => typeof cost === 'string');
  if (off.length > 0) {
    const how =
      'an admin can allow it in the settings of the source, with "spending": enabled, capMinor, currency and prices above 0';
    throw new AppError('FORBIDDEN', `this costs money, and spending is off for ${off.join(', ')}: ${how}`);
  }
  return costs.filter((cost) => typeof cost !== 'string');
}

/** Never below 0: a cap may have been lowered. */
function leftOf(capMinor: bigint, spentMinor: bigint): bigint {
  return spentMinor >= capMinor ? 0n : capMinor - spentMinor;
}
