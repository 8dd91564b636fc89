/** Resellers on the one table: one item each, written only over what was read. */
import type { Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { asRead, type Item, type Table, TTL } from '../platform/table.dynamodb.ts';
import { comparisonKey, comparisonsPk, resellerKey, resellersPk, routerLeaseKey } from './keys.ts';
import type { Comparison, ResellerStore, RouterHold } from './resellers.port.ts';
import type { ResellerRecord } from './work.ts';

/** A person, a worker and a comparison at once; more often means that something is wrong. */
const ATTEMPTS = 10;
/** A lease that nobody gave back is worth nothing a day later. */
const LEASE_DAYS_SECONDS = 86_400;

export function createResellerStore(table: Table): ResellerStore {
  const store: ResellerStore = {
    async read(tenant, id) {
      const item = await table.get(resellerKey(tenant, id), { consistent: true });
      return item && toRecord(item);
    },
    async list(tenant) {
      const items = await table.queryAll({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': resellersPk(tenant) },
        ConsistentRead: true,
      });
      return items.map(toRecord);
    },
    async put(record) {
      const next = { ...record, revision: record.revision + 1 };
      // Whoever makes the same of the same revision wants the same.
      const recognise = { recognise: true };
      const written = await table.put(
        { ...resellerKey(record.tenant, record.id), ...next },
        asRead('createdAt', record),
        recognise,
      );
      return written ? next : undefined;
    },
    async change(tenant, id, change) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const record = await store.read(tenant, id);
        const next = record && change(record);
        if (!next) return undefined;
        const written = await store.put(next);
        if (written) return written;
      }
      throw new AppError('STORE_CONFLICT', `the reseller "${id}" is being changed by too many at once`);
    },
    remove: (record) => table.delete(resellerKey(record.tenant, record.id), asRead('createdAt', record)),
    holdRouter: (hold, now) => holdRouter(table, hold, now),
    async releaseRouter({ tenant, router, holder }) {
      await table.delete(routerLeaseKey(tenant, router), {
        ConditionExpression: '#holder = :holder',
        ExpressionAttributeNames: { '#holder': 'holder' },
        ExpressionAttributeValues: { ':holder': holder },
      });
    },
    async listComparisons(tenant) {
      const items = await table.queryAll({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': comparisonsPk(tenant) },
      });
      return items.map((item) => withoutKey(item) as unknown as Comparison);
    },
    async putComparison(tenant, comparison) {
      await table.put({ ...comparisonKey(tenant, comparison.router), ...comparison });
    },
  };
  return store;
}

async function holdRouter(table: Table, hold: RouterHold, now: Instant): Promise<boolean> {
  const { tenant, router, holder, until } = hold;
  return table.put(
    { ...routerLeaseKey(tenant, router), holder, until, [TTL]: Math.ceil(until / 1000) + LEASE_DAYS_SECONDS },
    {
      ConditionExpression: 'attribute_not_exists(pk) OR #until <= :now',
      ExpressionAttributeNames: { '#until': 'until' },
      ExpressionAttributeValues: { ':now': now },
    },
    // The holder's name stands in it: an equal item is this one.
    { recognise: true },
  );
}

function toRecord(item: Item): ResellerRecord {
  return withoutKey(item) as unknown as ResellerRecord;
}

function withoutKey(item: Item): Item {
  const { pk: _pk, sk: _sk, [TTL]: _ttl, ...rest } = item;
  return rest;
}
