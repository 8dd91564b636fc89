import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import { createFleetStore } from '../../../shared/sims/fleet.dynamodb.ts';
import type { Fleet } from '../../../shared/sims/fleet.port.ts';
import { startDynalite } from '../dynalite.ts';
import { createFakeTable } from '../fake-table.ts';
import { ICCID, newTenant } from './stores.ts';

let database: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());

describe.each([
  ['in memory', () => createFakeTable() as Table],
  ['of dynalite', () => database.table],
])('fleets on the table %s', (_, open) => {
  test('a fleet is made once: whoever comes second gets what the first one made', async () => {
    const store = createFleetStore(open());
    const tenant = newTenant();
    expect(await store.read(tenant, 'fleet1')).toBeUndefined();
    const made: Fleet = { tenant, account: 'fleet1', shards: 20, nextShard: 0, watched: [], revision: 1 };
    expect(await store.create(tenant, 'fleet1', 20)).toEqual(made);
    expect(await store.create(tenant, 'fleet1', 40)).toEqual(made);
    expect(await store.read(tenant, 'fleet1')).toEqual(made);
  });

  test('two that make one at the same time agree on it', async () => {
    const store = createFleetStore(open());
    const tenant = newTenant();
    const made = await Promise.all([1, 2, 3, 4].map((shards) => store.create(tenant, 'fleet1', shards)));
    expect(new Set(made.map(({ shards }) => shards)).size).toBe(1);
    expect(await store.read(tenant, 'fleet1')).toEqual(made[0]);
  });

  test('an update is refused when somebody else has changed it since, and changes nothing then', async () => {
    const store = createFleetStore(open());
    const tenant = newTenant();
    const made = await store.create(tenant, 'fleet1', 2);
    const walked = await store.update({ ...made, walkedAt: 5, inventoryDay: '2026-11-20', watched: [ICCID] });
    expect(walked).toEqual({ ...made, walkedAt: 5, inventoryDay: '2026-11-20', watched: [ICCID], revision: 2 });
    await expect(store.update({ ...made, nextShard: 1 })).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(await store.read(tenant, 'fleet1')).toEqual(walked);
    expect((await store.update({ ...walked, nextShard: 1 })).revision).toBe(3);
  });

  test('a fleet that was removed is not updated back to life', async () => {
    const store = createFleetStore(open());
    const tenant = newTenant();
    const made = await store.create(tenant, 'fleet1', 2);
    await store.remove(tenant, 'fleet1');
    await store.remove(tenant, 'fleet1');
    await expect(store.update(made)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(await store.read(tenant, 'fleet1')).toBeUndefined();
    expect((await store.create(tenant, 'fleet1', 7)).shards).toBe(7);
  });

  test('a tenant lists its own fleets by account', async () => {
    const store = createFleetStore(open());
    const [tenant, other] = [newTenant(), newTenant()];
    for (const account of ['fleet2', 'fleet1']) await store.create(tenant, account, 1);
    await store.create(other, 'fleet3', 1);
    expect((await store.list(tenant)).map(({ tenant: t, account }) => [t, account])).toEqual([
      [tenant, 'fleet1'],
      [tenant, 'fleet2'],
    ]);
    expect(await store.list(newTenant())).toEqual([]);
  });
});
