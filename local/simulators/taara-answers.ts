/** What the simulated Taara answers, in its documented shapes and in broken ones. Pure. */

import type {
  TaaraBundleResponse,
  TaaraPlan,
  TaaraPurchase,
  TaaraPurchasedPlan,
} from '../../shared/bundles/taara.wire.ts';
import type { GarbageShape } from './fault-fields.ts';
import { brokenBody } from './fault-fields.ts';
import type { SimulatedPlan, TaaraAccount } from './taara-accounts.ts';
import { type Adjustment, endsAt, purchasedAt, remainingAt } from './taara-curve.ts';

type FullResponse = TaaraBundleResponse & {
  readonly data: { readonly [field: string]: unknown; readonly subscriberActiveAndUnusedPlans: readonly TaaraPlan[] };
};

/** The whole answer as recorded, unused fields included. */
export function bundleAnswer(account: TaaraAccount, at: number, adjustments: readonly Adjustment[]): FullResponse {
  const plans = account.plans.map((plan) => toWirePlan(plan, at, adjustments));
  const active = plans.find((plan) => plan.isActive) ?? plans[0];
  return {
    message: 'List Customers Bundles',
    data: {
      notificationToastType: '',
      subscriberId: account.subscriberId,
      subscriberUsername: '',
      balanceSummary: {
        balanceSummaryHeadline: { headLineText: active?.planName ?? '', prefixMaterialIconName: 'home' },
        balanceSummaryByLine: active?.expiresIn ?? '',
        // Always 0, whatever is left.
        remainingBalance: 0,
      },
      hasCallToAction: false,
      ctaDetails: { ctaType: 'CTA_UNKNOWN', ctaMessage: '' },
      showUnusedBundles: true,
      showConnectButton: true,
      subscriberActiveAndUnusedPlans: plans,
      purchasedHistory: toWireHistory(account, at, adjustments),
    },
  };
}

function toWirePlan(plan: SimulatedPlan, at: number, adjustments: readonly Adjustment[]): TaaraPlan {
  return {
    isActive: plan.isActive,
    planId: plan.planId,
    planName: plan.planName,
    planIconName: plan.planIconName,
    remainingBalance: balanceText(remainingAt(plan, at, adjustments)),
    expiresIn: expiryText(endsAt(plan, at) - at),
    isHomePlan: plan.isHomePlan,
  };
}

/** One entry per day of purchase, newest first. */
function toWireHistory(account: TaaraAccount, at: number, adjustments: readonly Adjustment[]): TaaraPurchase[] {
  const byDay = new Map<string, SimulatedPlan[]>();
  const newestFirst = [...account.plans].sort((a, b) => purchasedAt(b, at) - purchasedAt(a, at));
  for (const plan of newestFirst) {
    const [year, month, day] = new Date(purchasedAt(plan, at)).toISOString().slice(0, 10).split('-');
    const date = `${month}/${day}/${year}`;
    byDay.set(date, [...(byDay.get(date) ?? []), plan]);
  }
  return [...byDay].map(([date, plans]) => ({
    purchasedAt: date,
    historyDate: date,
    purchasedHistoryPlans: plans.map((plan) => toWirePurchase(account, plan, remainingAt(plan, at, adjustments))),
  }));
}

function toWirePurchase(account: TaaraAccount, plan: SimulatedPlan, remaining: bigint): TaaraPurchasedPlan {
  return {
    // Another number than the plan's, as recorded.
    _id: plan.planId.replace(/^0/, 'c'),
    hotspotName: account.hotspotName,
    planDisplayName: plan.planName,
    resellerPrice: { currencyCode: 'KES', units: plan.priceUnits, nanos: 0 },
    isRewardPlan: false,
    dataUsage: { totalDataUsage: Number(remaining) },
    historyType: 'HISTORY_TYPE_PURCHASED_PLAN',
  };
}

/** "900.5 GB": one decimal, decimal units, rounded half up; "0 KB" for nothing. */
export function balanceText(octets: bigint): string {
  const units = [
    [1_000_000_000_000n, 'TB'],
    [1_000_000_000n, 'GB'],
    [1_000_000n, 'MB'],
  ] as const;
  const [size, unit] = units.find(([one]) => octets >= one) ?? ([1_000n, 'KB'] as const);
  const tenths = (octets * 10n + size / 2n) / size;
  return tenths === 0n ? '0 KB' : `${tenths / 10n}.${tenths % 10n} ${unit}`;
}

/** "28 days", "1 day", "5 hours", "30 minutes", "Expired": whole units that have not passed yet. */
export function expiryText(leftMs: number): string {
  const minutes = Math.floor(leftMs / 60_000);
  if (minutes < 1) return 'Expired';
  const [count, unit] =
    minutes >= 1440
      ? [Math.floor(minutes / 1440), 'day']
      : minutes >= 60
        ? [Math.floor(minutes / 60), 'hour']
        : [minutes, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A 200 that is none. */
export function garbageBody(shape: GarbageShape, answer: string): string {
  switch (shape) {
    case 'html':
      return '<!DOCTYPE html><html><body><h1>Welcome to the hotspot</h1></body></html>';
    case 'wrong-types':
      return JSON.stringify({ message: 'List Customers Bundles', data: { subscriberActiveAndUnusedPlans: 'none' } });
    case 'huge':
      return JSON.stringify({ message: 'x'.repeat(3_000_000) });
    default:
      return brokenBody(shape, answer);
  }
}
