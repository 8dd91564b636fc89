import { beforeEach, describe, expect, test } from 'vitest';
import { createEntityStore } from '../../../shared/entities/entities.dynamodb.ts';
import type { EntityDraft, EntityStore } from '../../../shared/entities/entities.port.ts';
import type { Tenant } from '../../../shared/entities/tenant.ts';
import { createTenantStore } from '../../../shared/entities/tenants.dynamodb.ts';
import { createFakeTable, type FakeStep, type FakeTable } from '../fake-table.ts';

const draft = (name: string, over: Partial<EntityDraft> = {}): EntityDraft => ({
  id: `core1/${name}`,
  target: 'core1',
  name,
  attributes: { ifIndex: 1, ifAlias: 'uplink' },
  labels: {},
  simulated: false,
  ...over,
});

describe('entities', () => {
  let table: FakeTable;
  let writes: FakeStep[];
  let store: EntityStore;
  const record = (drafts: EntityDraft[], now: number, complete = true) =>
    store.record('demo', 'interface', 'core1', drafts, { now, complete });
  beforeEach(() => {
    table = createFakeTable();
    writes = [];
    const view = table.view((step) => {
      if (step.write) writes.push(step);
    });
    store = createEntityStore(view);
  });

  test('are written when first seen and when something changes, and at no other time', async () => {
    await record([draft('ether1'), draft('ether2')], 1);
    expect(writes).toHaveLength(2);
    await record([draft('ether2'), draft('ether1', { attributes: { ifAlias: 'uplink', ifIndex: 1 } })], 2);
    expect(writes).toHaveLength(2);
    await record([draft('ether1', { attributes: { ifIndex: 7, ifAlias: 'uplink' } }), draft('ether2')], 3);
    expect(writes).toHaveLength(3);
    const { ether1 } = { ether1: await store.read('demo', 'interface', 'core1/ether1') };
    expect(ether1).toEqual({
      ...draft('ether1'),
      attributes: { ifIndex: 7, ifAlias: 'uplink' },
      tenant: 'demo',
      kind: 'interface',
      firstSeenAt: 1,
    });
  });

  test('absent from a complete walk are marked removed once; from a part of one they are not', async () => {
    await record([draft('ether1'), draft('ether2')], 1);
    await record([draft('ether1')], 2, false);
    expect((await store.read('demo', 'interface', 'core1/ether2'))?.removedAt).toBeUndefined();
    await record([draft('ether1')], 3);
    await record([draft('ether1')], 4);
    expect((await store.read('demo', 'interface', 'core1/ether2'))?.removedAt).toBe(3);
    expect(writes).toHaveLength(3);
  });

  test('that return are revived with their first sight', async () => {
    await record([draft('ether1')], 1);
    await record([], 2);
    await record([draft('ether1')], 3);
    const back = await store.read('demo', 'interface', 'core1/ether1');
    expect(back).toMatchObject({ firstSeenAt: 1 });
    expect(back?.removedAt).toBeUndefined();
  });

  test('of one target are told from those of another whose name begins alike', async () => {
    await record([draft('ether1')], 1);
    const other = draft('x', { id: 'core10/x', target: 'core10' });
    await store.record('demo', 'interface', 'core10', [other], { now: 1, complete: true });
    await record([], 2);
    expect((await store.listOfTarget('demo', 'interface', 'core1')).map((e) => e.id)).toEqual(['core1/ether1']);
    expect((await store.read('demo', 'interface', 'core10/x'))?.removedAt).toBeUndefined();
    await store.removeTarget('demo', 'interface', 'core10', 5);
    expect((await store.list('demo', 'interface')).map((e) => [e.id, e.removedAt])).toEqual([
      ['core1/ether1', 2],
      ['core10/x', 5],
    ]);
  });

  test.each(['core1/a#b', 'core1/50%', 'core1/<pppoe-é>', 'core1/%23'])('keep the id %j as it is', async (id) => {
    await record([draft('x', { id })], 1);
    expect((await store.listOfTarget('demo', 'interface', 'core1')).map((e) => e.id)).toEqual([id]);
    expect((await store.read('demo', 'interface', id))?.id).toBe(id);
  });

  test('of another tenant or kind are not found', async () => {
    await record([draft('ether1')], 1);
    expect(await store.read('other', 'interface', 'core1/ether1')).toBeUndefined();
    expect(await store.list('demo', 'bundle')).toEqual([]);
  });
});

describe('tenants and members', () => {
  const tenant = (name: string): Tenant => ({
    tenant: name,
    name: name.toUpperCase(),
    zone: 'Africa/Nairobi',
    simulated: false,
    allowedNetworks: ['192.0.2.0/24'],
    createdAt: 1,
  });

  test('are found by name and listed without the removed ones; a name is given once', async () => {
    const store = createTenantStore(createFakeTable());
    await store.addTenant(tenant('demo'));
    await store.addTenant(tenant('main'));
    await expect(store.addTenant(tenant('demo'))).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    await store.putTenant({ ...tenant('main'), removedAt: 9 });
    expect(await store.readTenant('demo')).toEqual(tenant('demo'));
    expect(await store.readTenant('main')).toMatchObject({ removedAt: 9 });
    expect(await store.readTenant('nobody')).toBeUndefined();
    expect((await store.listTenants()).map((t) => t.tenant)).toEqual(['demo']);
  });

  test('a subject is found by its hash alone: no key of the table holds it', async () => {
    const table = createFakeTable();
    const store = createTenantStore(table);
    const member = { subject: 'user@example.org', tenant: 'demo', role: 'viewer', disabled: false } as const;
    await store.putMember(member);
    expect(await store.readMember('user@example.org')).toEqual(member);
    expect(await store.readMember('User@example.org')).toBeUndefined();
    expect(table.dump().every(({ pk, sk }) => !`${pk}${sk}`.includes('user@'))).toBe(true);
    await store.putMember({ ...member, disabled: true });
    expect((await store.readMember('user@example.org'))?.disabled).toBe(true);
  });
});
