/** What a tenant allows to be spent at an account: nothing, unless its settings say so in full. Pure. */
import { spendingSettings } from './settings.ts';

export interface Spending {
  /** ISO 4217; of all amounts here, in its smallest unit. */
  readonly currency: string;
  /** Per calendar month of the tenant's zone. */
  readonly capMinor: bigint;
  readonly topUpPriceMinor: bigint;
  readonly extensionPriceMinor: bigint;
}

/** Of one SIM, or what a month came to. */
export interface Price {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** From a source's settings; undefined where spending is off, or not said in full. */
export function spendingOf(settings: Readonly<Record<string, unknown>>): Spending | undefined {
  const said = spendingSettings.safeParse(settings.spending);
  if (!said.success || !said.data.enabled) return undefined;
  const { currency, capMinor, topUpPriceMinor, extensionPriceMinor } = said.data;
  return {
    currency,
    capMinor: BigInt(capMinor),
    topUpPriceMinor: BigInt(topUpPriceMinor),
    extensionPriceMinor: BigInt(extensionPriceMinor),
  };
}

/** A price of 0 would let everything through under any cap: it counts as not said. */
export function priceOf(spending: Spending | undefined, action: string): Price | undefined {
  const amountMinor = action === 'extend' ? spending?.extensionPriceMinor : spending?.topUpPriceMinor;
  return spending && amountMinor ? { amountMinor, currency: spending.currency } : undefined;
}
