/** Breakers on the one table: an item only for sources that have failed, so that a healthy run costs no write. */
import type { Table } from '../platform/table.dynamodb.ts';
import type { BreakerStore } from './breaker.port.ts';
import { type BreakerState, CLOSED, isClosed } from './breaker.ts';
import { breakerKey } from './keys.ts';

export function openBreakerStore(table: Table): BreakerStore {
  return {
    async read(tenant, source) {
      const item = await table.get(breakerKey(tenant, source), { consistent: true });
      if (!item) return CLOSED;
      const { pk: _pk, sk: _sk, ...state } = item;
      return state as unknown as BreakerState;
    },
    async write(tenant, source, state) {
      const key = breakerKey(tenant, source);
      if (isClosed(state)) await table.delete(key);
      else await table.put({ ...key, ...state });
    },
  };
}
