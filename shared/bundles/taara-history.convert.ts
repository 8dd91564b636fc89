/** What Taara's purchase history knows to the octet, used only where it agrees with the display. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import { rejectIssues } from '../collect/rejected.ts';
import { type BalanceText, roundsTo } from './display-text.ts';
import { taaraPurchase, taaraPurchasedPlan } from './taara.wire.ts';

/** One purchased plan. */
export interface HistoryPlan {
  readonly name: string;
  /** `YYYYMMDD` as a number, 0 where the date is absent or not understood: older than any other. */
  readonly day: number;
  /** What remains of it, although the API calls it usage. */
  readonly octets: bigint;
}

/** Years of weekly purchases; the rest of a longer list would only be older. */
const MAX_PURCHASES = 1000;

export function readHistory(history: readonly unknown[], rejected: Rejected[]): HistoryPlan[] {
  return history.slice(0, MAX_PURCHASES).flatMap((raw, index) => {
    const path = `data.purchasedHistory[${index}]`;
    const purchase = taaraPurchase.safeParse(raw);
    if (!purchase.success) {
      rejected.push(...rejectIssues(path, purchase.error.issues, raw));
      return [];
    }
    const day = dayOf(purchase.data.historyDate ?? purchase.data.purchasedAt ?? '');
    return purchase.data.purchasedHistoryPlans.flatMap((rawPlan, at) => {
      const plan = taaraPurchasedPlan.safeParse(rawPlan);
      if (plan.success) {
        return [{ name: plan.data.planDisplayName, day, octets: BigInt(plan.data.dataUsage.totalDataUsage) }];
      }
      rejected.push(...rejectIssues(`${path}.purchasedHistoryPlans[${at}]`, plan.error.issues, rawPlan));
      return [];
    });
  });
}

/** MM/DD/YYYY, the order seen in every recording. */
function dayOf(text: string): number {
  const match = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text);
  return match ? Number(`${match[3]}${match[1]}${match[2]}`) : 0;
}

type Limited = Extract<BalanceText, { kind: 'limited' }>;

/**
 * The newest purchase of that name that rounds to the display; undefined when there is none, or when it is not certain:
 * two that differ on the same day, or one that a plan of the same name could claim as well.
 */
export function exactOctets(
  purchases: readonly HistoryPlan[],
  display: Limited,
  namesakes: readonly (BalanceText | undefined)[],
): bigint | undefined {
  const fitting = purchases.filter((purchase) => roundsTo(purchase.octets, display));
  // With namesakes even the date cannot tell whose purchase it is, so only a single fitting amount will do.
  const newestDay = Math.max(...fitting.map((purchase) => purchase.day));
  const eligible = namesakes.length > 0 ? fitting : fitting.filter((purchase) => purchase.day === newestDay);
  const amounts = new Set(eligible.map((purchase) => purchase.octets));
  const [octets] = amounts;
  if (octets === undefined || amounts.size > 1) return undefined;
  return namesakes.some((other) => couldClaim(other, octets)) ? undefined : octets;
}

/** A namesake whose display was not understood could be anything. */
function couldClaim(other: BalanceText | undefined, octets: bigint): boolean {
  return other === undefined || (other.kind === 'limited' && roundsTo(octets, other));
}
