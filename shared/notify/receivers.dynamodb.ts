/** Receivers in the one table. */
import * as z from 'zod/mini';
import { PK, SK, type Table } from '../platform/table.dynamodb.ts';
import { receiverKey, receiversPartition } from './keys.ts';
import { type Receiver, receiverSchema } from './receiver.ts';
import type { ReceiverStore } from './receivers.port.ts';

export function createReceiverStore(table: Table): ReceiverStore {
  return {
    async list(tenant) {
      const items = await table.queryAll({
        KeyConditionExpression: `${PK} = :pk`,
        ExpressionAttributeValues: { ':pk': receiversPartition(tenant) },
        ConsistentRead: true,
      });
      return items.map(fromItem);
    },
    async read(tenant, id) {
      const item = await table.get(receiverKey(tenant, id), { consistent: true });
      return item && fromItem(item);
    },
    async put(tenant, receiver) {
      await table.put({ ...receiverKey(tenant, receiver.id), ...receiver });
    },
    async remove(tenant, id) {
      await table.delete(receiverKey(tenant, id));
    },
  };
}

/** Only put writes these items, so a row that does not parse is a bug: it throws. */
function fromItem(item: Record<string, unknown>): Receiver {
  const { [PK]: _pk, [SK]: _sk, ...fields } = item;
  return z.parse(receiverSchema, fields);
}
