import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEntityStore } from '../../../shared/entities/entities.dynamodb.ts';
import type { EntityDraft } from '../../../shared/entities/entities.port.ts';
import { memberKey, tenantRowKey } from '../../../shared/entities/keys.ts';
import { createTenantStore } from '../../../shared/entities/tenants.dynamodb.ts';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import { startDynalite } from '../dynalite.ts';

let table: Table;
let close: () => Promise<void>;
beforeAll(async () => ({ table, close } = await startDynalite()));
afterAll(() => close());

const draft = (target: string, name: string): EntityDraft => ({
  id: `${target}/${name}`,
  target,
  name,
  attributes: { ifName: name, ifIndex: 7, up: true },
  labels: { router: target },
  simulated: false,
});

test('many entities are written and read in order, those of one router among them, whatever they are called', async () => {
  const store = createEntityStore(table);
  const names = [
    ...Array.from({ length: 60 }, (_, i) => `ether${String(i).padStart(2, '0')}`),
    'a#b',
    '50%',
    '<pppoe-é>',
    '@x',
  ];
  await store.record(
    'many',
    'interface',
    'core1',
    names.map((n) => draft('core1', n)),
    { now: 1, complete: true },
  );
  await store.record('many', 'interface', 'core10', [draft('core10', 'x')], { now: 1, complete: true });
  const mine = await store.listOfTarget('many', 'interface', 'core1');
  expect(mine.map((e) => e.name).sort()).toEqual([...names].sort());
  expect(await store.list('many', 'interface')).toHaveLength(names.length + 1);
  expect(await store.read('many', 'interface', 'core1/a#b')).toEqual({
    ...draft('core1', 'a#b'),
    tenant: 'many',
    kind: 'interface',
    firstSeenAt: 1,
  });
});

test('what is gone is marked once and revived with its first sight', async () => {
  const store = createEntityStore(table);
  const record = (names: string[], now: number) =>
    store.record(
      'life',
      'interface',
      'r',
      names.map((n) => draft('r', n)),
      { now, complete: true },
    );
  await record(['a', 'b'], 1);
  await record(['a'], 2);
  await record(['a'], 3);
  expect(await store.read('life', 'interface', 'r/b')).toMatchObject({ removedAt: 2, firstSeenAt: 1 });
  await record(['a', 'b'], 4);
  expect(await store.read('life', 'interface', 'r/b')).not.toHaveProperty('removedAt');
  await store.removeTarget('life', 'interface', 'r', 5);
  expect((await store.list('life', 'interface')).map((e) => e.removedAt)).toEqual([5, 5]);
});

test('a name of a tenant is given once, even to two who ask at the same time', async () => {
  const store = createTenantStore(table);
  const tenant = {
    tenant: 'demo',
    name: 'Demo',
    zone: 'UTC',
    simulated: true,
    allowedNetworks: ['127.0.0.0/8'],
    createdAt: 1,
  };
  const ends = await Promise.allSettled([store.addTenant(tenant), store.addTenant({ ...tenant, name: 'Other' })]);
  expect(ends.map((e) => e.status).sort()).toEqual(['fulfilled', 'rejected']);
  expect((await store.listTenants()).map((t) => t.tenant)).toEqual(['demo']);
  await store.putTenant({ ...tenant, removedAt: 5 });
  expect(await store.listTenants()).toEqual([]);
  expect(await store.readTenant('demo')).toMatchObject({ removedAt: 5 });
});

test('a tenant whose adding was cut off half-way is healed by writing it again', async () => {
  const store = createTenantStore(table);
  const tenant = { tenant: 'half', name: 'Half', zone: 'UTC', simulated: true, allowedNetworks: [], createdAt: 1 };
  await store.addTenant(tenant);
  await table.delete(tenantRowKey('half'));
  expect((await store.listTenants()).map((t) => t.tenant)).not.toContain('half');
  await expect(store.addTenant(tenant)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
  await store.putTenant(tenant);
  expect((await store.listTenants()).map((t) => t.tenant)).toContain('half');
});

test('a member is found by the whole of its subject', async () => {
  const store = createTenantStore(table);
  const member = { subject: 'local:demo:admin', tenant: 'demo', role: 'admin', disabled: false } as const;
  await store.putMember(member);
  expect(await store.readMember('local:demo:admin')).toEqual(member);
  expect(await store.readMember('local:demo')).toBeUndefined();
  expect(memberKey('0'.repeat(64)).pk).toBe(`@member#${'0'.repeat(64)}`);
});
