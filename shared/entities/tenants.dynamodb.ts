/** Tenants and members on the one table; the directory rows say who exists and whose an identity is, and no more. */
import { createHash } from 'node:crypto';
import { AppError } from '../platform/errors.ts';
import type { Item, Key, Table } from '../platform/table.dynamodb.ts';
import type { TenantStore } from './entities.port.ts';
import { memberKey, tenantItemKey, tenantOfRow, tenantRowKey, tenantsPk } from './keys.ts';
import type { Member, Tenant } from './tenant.ts';

export function createTenantStore(table: Table): TenantStore {
  const store: TenantStore = {
    async readTenant(tenant) {
      const item = await table.get(tenantItemKey(tenant), { consistent: true });
      return item && (withoutKey(item) as unknown as Tenant);
    },
    async listTenants() {
      const rows = await table.queryAll({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': tenantsPk() },
      });
      const all = await Promise.all(rows.map((row) => store.readTenant(tenantOfRow(String(row.sk)))));
      return all.filter((t) => t !== undefined && t.removedAt === undefined) as Tenant[];
    },
    async addTenant(tenant) {
      const free = await table.put(
        { ...tenantItemKey(tenant.tenant), ...tenant },
        { ConditionExpression: 'attribute_not_exists(pk)' },
      );
      if (!free) throw new AppError('STORE_CONFLICT', `there is a tenant "${tenant.tenant}" already`);
      // A crash in between leaves a tenant that no schedule visits: adding it again says so, and `putTenant` heals it.
      await table.put({ ...tenantRowKey(tenant.tenant) });
    },
    async putTenant(tenant) {
      await table.put({ ...tenantItemKey(tenant.tenant), ...tenant });
      await table.put({ ...tenantRowKey(tenant.tenant) });
    },
    async readMember(subject) {
      const item = await table.get(keyOfMember(subject), { consistent: true });
      return item && (withoutKey(item) as unknown as Member);
    },
    async putMember(member) {
      await table.put({ ...keyOfMember(member.subject), ...member });
    },
  };
  return store;
}

function keyOfMember(subject: string): Key {
  return memberKey(createHash('sha256').update(subject).digest('hex'));
}

function withoutKey(item: Item): Item {
  const { pk: _pk, sk: _sk, ...rest } = item;
  return rest;
}
