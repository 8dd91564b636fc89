/** The delivery log: a row per message, written before the message is sent. */
import type { Instant } from '../platform/clock.ts';
import type { Delivery, DeliveryRef } from './delivery.ts';

export interface DeliveryStore {
  /** False when the row exists already: then nothing is written. */
  create(delivery: Delivery): Promise<boolean>;
  /** Consistent. */
  read(ref: DeliveryRef): Promise<Delivery | undefined>;
  /**
   * Applies `change` to the row as it stands, again after each lost race; `undefined` from it means there is nothing
   * to write. Resolves to the row as it stands afterwards, undefined when there is none. Throws STORE_CONFLICT.
   */
  change(ref: DeliveryRef, change: (row: Delivery) => Delivery | undefined): Promise<Delivery | undefined>;
  /** Deliveries whose ladder began on that UTC day, newest first. */
  list(tenant: string, day: string): Promise<Delivery[]>;
  /** Deliveries whose timers count as lost by now, oldest first; from the index, so eventually consistent. */
  overdue(tenant: string, now: Instant, limit: number): Promise<DeliveryRef[]>;
}
