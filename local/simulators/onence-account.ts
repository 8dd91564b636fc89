/** The people behind the simulated 1NCE: the demo's account, and what an account that runs holds in memory. */

import type { Sim } from './onence-curve.ts';
import type { PendingFault } from './onence-faults.ts';
import { DAY_MS, type Fleet, iccidAt, indexOf, simPlan } from './onence-fleet.ts';
import { type KeptAccount, nothingKept } from './onence-kept.ts';

export interface OnenceAccount {
  /** Lower case, usable as the id of a source. */
  readonly name: string;
  readonly title: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly sims: number;
  /** Another seed, another fleet; 1 unless told. */
  readonly seed?: number;
}

const DEMO_SIMS = 240;
/** As many as there are addresses for. */
export const MAX_SIMS = 131_072;

/** One fleet, large enough for every kind of SIM. */
export function demoOnenceAccounts(sims: number = DEMO_SIMS): OnenceAccount[] {
  return [
    {
      name: 'fleet',
      title: '1NCE fleet (simulated)',
      clientId: 'simulated-fleet',
      clientSecret: 'simulated-secret-of-the-fleet',
      sims,
    },
  ];
}

export interface LiveAccount {
  readonly account: OnenceAccount;
  readonly fleet: Fleet;
  readonly kept: KeptAccount;
  readonly pending: PendingFault[];
  /** Tokens that are accepted, with the instant they end. */
  readonly tokens: Map<string, number>;
  /** By method and path. */
  readonly calls: Map<string, number>;
  logins: number;
  /** Logins that are still to be refused. */
  refusals: number;
  throttled: number;
  /** Calls that may come at once, and since when that is so; undefined before the first. */
  allowance: { left: number; at: number } | undefined;
  /** To be called after a change of `kept`. */
  readonly save: () => void;
}

export function openAccount(
  account: OnenceAccount,
  position: number,
  options: { readonly anchorAt: number; readonly kept: KeptAccount | undefined; readonly save: () => void },
): LiveAccount {
  if (!(Number.isInteger(account.sims) && account.sims >= 0 && account.sims <= MAX_SIMS)) {
    throw new RangeError(`account ${account.name} must have 0 to ${MAX_SIMS} SIMs`);
  }
  return {
    account,
    fleet: { position, seed: account.seed ?? 1, anchorAt: options.anchorAt },
    kept: options.kept ?? nothingKept(),
    pending: [],
    tokens: new Map(),
    calls: new Map(),
    logins: 0,
    refusals: 0,
    throttled: 0,
    allowance: undefined,
    save: options.save,
  };
}

/** With those that left. */
function issuedSims(one: LiveAccount): number {
  return one.account.sims + one.kept.added;
}

export function countSims(one: LiveAccount): number {
  return issuedSims(one) - one.kept.hidden.length;
}

export function simAt(one: LiveAccount, index: number): Sim {
  return { plan: simPlan(one.fleet, index), touched: one.kept.sims[index] };
}

/** Undefined where the account has no such SIM. */
export function findSim(one: LiveAccount, iccid: string): Sim | undefined {
  const index = indexOf(one.fleet, iccid);
  return index === undefined || index >= issuedSims(one) || one.kept.hidden.includes(index)
    ? undefined
    : simAt(one, index);
}

/** SIMs from the `first` (from 0) of those that are in the account, by index. */
export function listSims(one: LiveAccount, first: number, count: number): Sim[] {
  const gone = [...one.kept.hidden].sort((a, b) => a - b);
  let index = first;
  for (const hidden of gone) if (hidden <= index) index++;
  const found: Sim[] = [];
  for (; found.length < count && index < issuedSims(one); index++) {
    if (!gone.includes(index)) found.push(simAt(one, index));
  }
  return found;
}

export function iccidOf({ plan }: Sim): string {
  return iccidAt(plan.fleet, plan.index);
}

export function isExpired(sim: Sim, now: number): boolean {
  return expiryOf(sim) <= now;
}

export function expiryOf({ plan, touched }: Sim): number {
  return touched?.expiresAt ?? plan.expiresAt;
}

export function isEnabled({ plan, touched }: Sim): boolean {
  return touched?.enabled ?? plan.role !== 'disabled';
}

/** Days since 1970 of a day in `YYYY-MM-DD`; undefined where it is none. */
export function dayOf(text: string | null): number | undefined {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const day = Date.parse(`${text}T00:00:00Z`) / DAY_MS;
  return Number.isInteger(day) && dayText(day) === text ? day : undefined;
}

export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
