/** How a delivery's row reaches the notifier of its channel. */
import type { Delivery } from './delivery.ts';

export interface DeliveryTopic {
  /** Asks the channel's notifier to do what the row needs; asking twice does nothing twice. */
  publish(row: Pick<Delivery, 'tenant' | 'day' | 'id' | 'channel'>): Promise<void>;
}
