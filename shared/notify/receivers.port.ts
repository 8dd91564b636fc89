/** Where a tenant's receivers are kept. */
import type { Receiver } from './receiver.ts';

export interface ReceiverStore {
  /** In order of id. */
  list(tenant: string): Promise<Receiver[]>;
  read(tenant: string, id: string): Promise<Receiver | undefined>;
  put(tenant: string, receiver: Receiver): Promise<void>;
  remove(tenant: string, id: string): Promise<void>;
}
