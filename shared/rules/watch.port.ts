/** Where each tenant's watch is kept. */
import type { Watch } from './watch.ts';

export interface WatchStore {
  read(tenant: string): Promise<Watch | undefined>;
  write(tenant: string, watch: Watch): Promise<void>;
}
