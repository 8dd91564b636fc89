/** From Taara's answer to readings and entities; what cannot be understood is rejected with its text. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import { rejectIssues, rejectText } from '../collect/rejected.ts';
import type { EntityDraft } from '../entities/entities.port.ts';
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { HeadEntity, Reading } from '../samples/sample.ts';
import { attributesOf, type BundleAttributes, bundleId, mostSeenSinceTopUp } from './bundle.ts';
import { type BalanceText, parseBalance, parseExpiry } from './display-text.ts';
import { configuredAllocation, type TaaraSettings } from './settings.ts';
import { type TaaraBundleResponse, type TaaraPlan, taaraPlan } from './taara.wire.ts';
import { exactOctets, type HistoryPlan, readHistory } from './taara-history.convert.ts';

/** What the answer does not say itself. */
export interface ConvertContext {
  readonly account: { readonly id: string; readonly name: string; readonly simulated: boolean };
  readonly settings: TaaraSettings;
  readonly receivedAt: Instant;
  /** As known before this answer; without it, a plan of unconfigured size begins anew. */
  readonly known?: { readonly entities: readonly Entity[]; readonly newest: readonly HeadEntity[] };
}

export interface Converted {
  readonly readings: readonly Reading[];
  readonly entities: readonly EntityDraft[];
  readonly rejected: readonly Rejected[];
  /** False when a listed plan could not be identified, so that an absence from `entities` means nothing. */
  readonly complete: boolean;
}

const PLANS = 'data.subscriberActiveAndUnusedPlans';
/** An account with more plans than this is a broken answer, not a large customer. */
const MAX_PLANS = 200;

/** Every plan that can be identified gives a reading with the values that were understood, and the rest is rejected. */
export function fromWireBundles(response: TaaraBundleResponse, context: ConvertContext): Converted {
  const rejected: Rejected[] = [];
  const listed = response.data.subscriberActiveAndUnusedPlans;
  if (listed.length > MAX_PLANS)
    rejected.push({ path: PLANS, message: `only the first ${MAX_PLANS} of ${listed.length} plans are read` });
  const plans = readPlans(listed.slice(0, MAX_PLANS), rejected);
  const history = readHistory(response.data.purchasedHistory ?? [], rejected);
  const bundles = plans.map(({ plan, path }) => fromWirePlan(plan, path, { plans, history, context, rejected }));
  return {
    readings: bundles.map((bundle) => bundle.reading),
    entities: bundles.map((bundle) => bundle.entity),
    rejected,
    complete: plans.length === listed.length,
  };
}

interface Listed {
  readonly plan: TaaraPlan;
  readonly path: string;
  readonly balance: BalanceText | undefined;
}

function readPlans(listed: readonly unknown[], rejected: Rejected[]): Listed[] {
  const seen = new Set<string>();
  return listed.flatMap((raw, index) => {
    const path = `${PLANS}[${index}]`;
    const parsed = taaraPlan.safeParse(raw);
    if (!parsed.success) {
      rejected.push(...rejectIssues(path, parsed.error.issues, raw));
      return [];
    }
    const plan = parsed.data;
    if (seen.has(plan.planId)) {
      rejected.push(rejectText(`${path}.planId`, 'the same plan is listed twice', plan.planId));
      return [];
    }
    seen.add(plan.planId);
    return [
      { plan, path, balance: plan.remainingBalance === undefined ? undefined : parseBalance(plan.remainingBalance) },
    ];
  });
}

interface Surroundings {
  readonly plans: readonly Listed[];
  readonly history: readonly HistoryPlan[];
  readonly context: ConvertContext;
  readonly rejected: Rejected[];
}

function fromWirePlan(plan: TaaraPlan, path: string, around: Surroundings): { reading: Reading; entity: EntityDraft } {
  const { context, rejected } = around;
  const id = bundleId(context.account.id, plan.planId);
  const remaining = remainingOf(plan, path, around);
  const expiresIn = plan.expiresIn === undefined ? undefined : parseExpiry(plan.expiresIn);
  if (expiresIn === undefined)
    rejected.push(rejectText(`${path}.expiresIn`, 'not a time that is understood', plan.expiresIn));
  if (plan.isActive === undefined) rejected.push(rejectText(`${path}.isActive`, 'not said', undefined));
  return {
    reading: {
      entity: id,
      receivedAt: context.receivedAt,
      values: {
        ...(remaining.octets === undefined ? {} : { remaining: remaining.octets }),
        ...(expiresIn === undefined ? {} : { expiresIn }),
        ...(plan.isActive === undefined ? {} : { active: plan.isActive ? 1n : 0n }),
      },
    },
    entity: toEntity(id, plan, remaining, context),
  };
}

interface Remaining {
  readonly octets: bigint | undefined;
  readonly unlimited: boolean;
}

/** To the octet where the purchase history agrees with the display, else as exact as the display. */
function remainingOf(plan: TaaraPlan, path: string, { plans, history, rejected }: Surroundings): Remaining {
  const own = plans.find((listed) => listed.plan === plan)?.balance;
  if (own === undefined) {
    rejected.push(rejectText(`${path}.remainingBalance`, 'not an amount that is understood', plan.remainingBalance));
    return { octets: undefined, unlimited: false };
  }
  if (own.kind === 'unlimited') return { octets: undefined, unlimited: true };
  const namesakes = plans.filter((other) => other.plan !== plan && other.plan.planName === plan.planName);
  const exact = exactOctets(
    history.filter((purchase) => purchase.name === plan.planName),
    own,
    namesakes.map((other) => other.balance),
  );
  return { octets: exact ?? own.octets, unlimited: false };
}

function toEntity(id: string, plan: TaaraPlan, remaining: Remaining, context: ConvertContext): EntityDraft {
  const { account, settings } = context;
  const planName = plan.planName || plan.planId;
  const attributes: BundleAttributes = {
    account: account.id,
    planId: plan.planId,
    planName,
    unlimited: remaining.unlimited,
    ...(plan.isActive === undefined ? {} : { isActive: plan.isActive }),
    ...(plan.isHomePlan === undefined ? {} : { isHomePlan: plan.isHomePlan }),
    ...allocationOf(id, configuredAllocation(settings, plan.planId, planName), remaining, context),
  };
  return {
    id,
    target: account.id,
    name: `${account.name}: ${planName}`,
    attributes: { ...attributes },
    labels: { account: account.id },
    simulated: account.simulated,
  };
}

/** As configured, else carried over: the most seen since the last top-up. */
function allocationOf(
  id: string,
  configured: bigint | undefined,
  remaining: Remaining,
  { known }: ConvertContext,
): Pick<BundleAttributes, 'allocationOctets' | 'allocationOrigin'> {
  if (configured !== undefined) return { allocationOctets: configured.toString(), allocationOrigin: 'configured' };
  if (remaining.unlimited) return {};
  const entity = known?.entities.find((e) => e.id === id);
  const before = entity === undefined ? undefined : attributesOf(entity);
  const seen = before?.allocationOrigin === 'most seen since top-up' ? before.allocationOctets : undefined;
  const most = mostSeenSinceTopUp(
    {
      mostSeenOctets: seen === undefined ? undefined : BigInt(seen),
      previousOctets: known?.newest.find((e) => e.entity === id)?.values.remaining,
    },
    remaining.octets,
  );
  return most === undefined ? {} : { allocationOctets: most.toString(), allocationOrigin: 'most seen since top-up' };
}
