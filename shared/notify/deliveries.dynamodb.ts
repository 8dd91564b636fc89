/** The delivery log in the one table; rows that wait for something stand in the index until they are concluded. */
import { isoInstant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { INDEX, INDEX_PK, INDEX_SK, type Item, type Key, PK, SK, type Table, TTL } from '../platform/table.dynamodb.ts';
import type { DeliveryStore } from './deliveries.port.ts';
import type { Delivery } from './delivery.ts';
import { deliveriesPartition, deliveryKey, deliveryOfKey, openDeliveriesPartition } from './keys.ts';

/** Timers come by themselves; only after this do they count as lost, and `overdue` names the row. */
const GRACE_MS = 15_000;
const KEEP_SECONDS = 366 * 86_400;
/** Answer, callback and timer may meet on one row; more than a few collisions in a row are a bug. */
const CHANGE_ATTEMPTS = 8;

export function createDeliveryStore(table: Table): DeliveryStore {
  const store: DeliveryStore = {
    create: (row) => table.put(toItem(row), { ConditionExpression: `attribute_not_exists(${PK})` }),
    async read(ref) {
      const item = await table.get(deliveryKey(ref.tenant, ref.day, ref.id), { consistent: true });
      return item && fromItem(item);
    },
    async change(ref, change) {
      for (let attempt = 0; attempt < CHANGE_ATTEMPTS; attempt++) {
        const row = await store.read(ref);
        const changed = row && change(row);
        if (!changed) return row;
        const next = { ...changed, version: row.version + 1 };
        const stored = await table.put(toItem(next), {
          ConditionExpression: 'version = :v',
          ExpressionAttributeValues: { ':v': row.version },
        });
        if (stored) return next;
      }
      throw new AppError('STORE_CONFLICT', `delivery ${ref.id} changes faster than it can be written`, {
        retryable: true,
      });
    },
    async list(tenant, day) {
      const items = await table.queryAll({
        KeyConditionExpression: `${PK} = :pk`,
        ExpressionAttributeValues: { ':pk': deliveriesPartition(tenant, day) },
      });
      return items.map(fromItem).sort((a, b) => b.queuedAt - a.queuedAt || (a.id < b.id ? 1 : -1));
    },
    async overdue(tenant, now, limit) {
      const { items } = await table.query({
        IndexName: INDEX,
        KeyConditionExpression: `${INDEX_PK} = :open AND ${INDEX_SK} <= :now`,
        ExpressionAttributeValues: { ':open': openDeliveriesPartition(tenant), ':now': isoInstant(now) },
        Limit: limit,
      });
      return items.flatMap((item) => {
        const key = deliveryOfKey(item as unknown as Key);
        return key ? [{ tenant, ...key }] : [];
      });
    },
  };
  return store;
}

function toItem(row: Delivery): Item & Key {
  return {
    ...deliveryKey(row.tenant, row.day, row.id),
    ...row,
    [TTL]: Math.floor(row.queuedAt / 1000) + KEEP_SECONDS,
    ...(row.checkAt === undefined
      ? {}
      : { [INDEX_PK]: openDeliveriesPartition(row.tenant), [INDEX_SK]: isoInstant(row.checkAt + GRACE_MS) }),
  };
}

function fromItem(item: Item): Delivery {
  const { [PK]: _pk, [SK]: _sk, [TTL]: _ttl, [INDEX_PK]: _ipk, [INDEX_SK]: _isk, ...row } = item;
  return row as unknown as Delivery;
}
