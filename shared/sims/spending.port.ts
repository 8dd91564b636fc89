/** What was spent at an account in a month, counted before every call that costs money. */
import type { Price } from './spending.ts';

export interface SpendingMonth {
  readonly tenant: string;
  /** Id of the source. */
  readonly account: string;
  /** `YYYY-MM` in the tenant's zone. */
  readonly month: string;
}

export type Reserved =
  | { readonly granted: true }
  | { readonly granted: false; readonly spentMinor: bigint; readonly currency: string };

export interface SpendingStore {
  /** What is spent or reserved so far. */
  read(month: SpendingMonth): Promise<Price | undefined>;
  /**
   * Counts the amount if the month's sum then stays within the cap; never beyond it, whoever asks at once. The same id
   * that is still open counts once. Not granted where the month was counted in another currency.
   */
  reserve(month: SpendingMonth, id: string, amount: Price, capMinor: bigint): Promise<Reserved>;
  /** The call was made, or may have been: the amount stays counted. */
  keep(month: SpendingMonth, id: string): Promise<void>;
  /** The provider refused: the amount is given back, once. */
  release(month: SpendingMonth, id: string): Promise<void>;
}
