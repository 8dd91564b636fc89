/** Fleets on the one table: one item per account, made once, changed by whoever read it last. */
import { AppError } from '../platform/errors.ts';
import type { Item, Table } from '../platform/table.dynamodb.ts';
import type { Fleet, FleetStore } from './fleet.port.ts';
import { fleetKey, fleetsPk } from './fleet-keys.ts';

export function createFleetStore(table: Table): FleetStore {
  const store: FleetStore = {
    async read(tenant, account) {
      const item = await table.get(fleetKey(tenant, account), { consistent: true });
      return item && toFleet(tenant, item);
    },
    async list(tenant) {
      const items = await table.queryAll({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': fleetsPk(tenant) },
        ConsistentRead: true,
      });
      return items.map((item) => toFleet(tenant, item));
    },
    async create(tenant, account, shards) {
      const fleet: Fleet = { tenant, account, shards, nextShard: 0, watched: [], revision: 1 };
      const first = await table.put(toItem(fleet), { ConditionExpression: 'attribute_not_exists(pk)' });
      const made = first ? fleet : await store.read(tenant, account);
      if (made === undefined) throw conflict(account);
      return made;
    },
    async update(fleet) {
      const next: Fleet = { ...fleet, revision: fleet.revision + 1 };
      const done = await table.put(
        toItem(next),
        { ConditionExpression: 'revision = :revision', ExpressionAttributeValues: { ':revision': fleet.revision } },
        { recognise: true },
      );
      if (!done) throw conflict(fleet.account);
      return next;
    },
    async remove(tenant, account) {
      await table.delete(fleetKey(tenant, account));
    },
  };
  return store;
}

function conflict(account: string): AppError {
  return new AppError('STORE_CONFLICT', `the fleet of ${account} was changed by somebody else: read it and try again`);
}

function toItem(fleet: Fleet) {
  const { tenant, ...fields } = fleet;
  return { ...fleetKey(tenant, fleet.account), ...fields };
}

function toFleet(tenant: string, item: Item): Fleet {
  const { pk: _pk, sk: _sk, ...fields } = item;
  return { tenant, ...fields } as unknown as Fleet;
}
