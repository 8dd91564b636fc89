/** The watch on the one table: one item per tenant, written by the minute sweep alone. */
import type { Table } from '../platform/table.dynamodb.ts';
import { watchKey } from './keys.ts';
import type { WatchStore } from './watch.port.ts';
import type { Watch } from './watch.ts';

export function createWatchStore(table: Table): WatchStore {
  return {
    async read(tenant) {
      const item = await table.get(watchKey(tenant), { consistent: true });
      if (!item) return undefined;
      const { tickAt, aliveSince, pause } = item as unknown as Watch;
      return { tickAt, aliveSince, ...(pause === undefined ? {} : { pause }) };
    },
    async write(tenant, watch) {
      await table.put({ ...watchKey(tenant), ...watch });
    },
  };
}
