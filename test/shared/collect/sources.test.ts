import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { targetKey } from '../../../shared/collect/keys.ts';
import { openSourceStore } from '../../../shared/collect/sources.dynamodb.ts';
import type { SourceStore } from '../../../shared/collect/sources.port.ts';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import { startDynalite } from '../dynalite.ts';
import { memoryTenants, NOON, sourceNamed, tenantNamed } from './fakes.ts';

let database: Awaited<ReturnType<typeof startDynalite>>;
let sources: SourceStore;
let tenants: ReturnType<typeof memoryTenants>;
let count = 0;
let tenant = '';

beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());
beforeEach(() => {
  tenant = `demo-${++count}`;
  tenants = memoryTenants(tenantNamed(tenant));
  sources = openSourceStore({ table: database.table, tenants });
});

function source(id: string, over: Parameters<typeof sourceNamed>[1] = {}) {
  return sourceNamed(id, { tenant, ...over });
}
const targets = (store = sources) => store.listTargets('taara', tenant);

test('a source comes back as it was stored, one version on, and the directory has its row', async () => {
  const stored = await sources.put(source('home', { settings: { allocationBytes: { p: '12' } } }));
  expect(stored.version).toBe(1);
  expect(await sources.read(tenant, 'home')).toEqual(stored);
  expect(await targets()).toEqual([
    { type: 'taara', tenant, source: 'home', kind: 'bundle', periodSeconds: 900, enabled: true, paused: false },
  ]);
});

test('the list is in order of id; the directory is found for all, for a tenant and for one source', async () => {
  for (const id of ['b', 'a', 'ab']) await sources.put(source(id));
  await sources.put(source('r1', { type: 'snmp', kind: 'interface' }));
  expect((await sources.list(tenant)).map((s) => s.id)).toEqual(['a', 'ab', 'b', 'r1']);
  expect((await targets()).map((t) => t.source)).toEqual(['a', 'ab', 'b']);
  expect((await sources.listTargets('taara', tenant, 'a')).map((t) => t.source)).toEqual(['a']);
  expect((await sources.listTargets('taara')).filter((t) => t.tenant === tenant)).toHaveLength(3);
});

test('a tenant whose name begins with another’s name is not mixed with it', async () => {
  const longer = `${tenant}x`;
  tenants.set(tenantNamed(longer));
  await sources.put(source('home'));
  await sources.put(source('home', { tenant: longer }));
  expect(await targets()).toHaveLength(1);
});

test('a change with a version that has passed is refused, and the directory tells what is stored', async () => {
  const first = await sources.put(source('home'));
  await sources.put({ ...first, periodSeconds: 300 });
  await expect(sources.put({ ...first, periodSeconds: 60 })).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
  await expect(sources.put(source('home'))).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
  expect((await targets()).map((t) => t.periodSeconds)).toEqual([300]);
});

test('the type of a source cannot change', async () => {
  const first = await sources.put(source('home'));
  await expect(sources.put({ ...first, type: 'snmp' })).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
  expect(await sources.listTargets('snmp', tenant)).toEqual([]);
});

test('a removed source leaves no row of the directory, and a new one of the same name begins anew', async () => {
  await sources.put({ ...(await sources.put(source('home'))), periodSeconds: 300 });
  expect(await sources.remove(tenant, 'home')).toBe(true);
  expect(await sources.remove(tenant, 'home')).toBe(false);
  expect(await targets()).toEqual([]);
  expect(await database.table.get(targetKey('taara', tenant, 'home'))).toBeUndefined();
  await sources.put(source('home', { createdAt: NOON + 1 }));
  expect((await targets()).map((t) => t.periodSeconds)).toEqual([900]);
});

test('a row that outlived its removed source gives way to a new source of the same name', async () => {
  const second = await sources.put(await sources.put(source('home')));
  const dying = openSourceStore({ table: dyingTable(database.table, 1), tenants });
  await expect(dying.remove(tenant, 'home')).rejects.toThrow('killed');
  expect(await targets()).toHaveLength(1);
  await sources.put(source('home', { createdAt: second.createdAt + 1, periodSeconds: 60 }));
  expect((await targets()).map((t) => t.periodSeconds)).toEqual([60]);
});

test('pause and its end are in the directory; a source that was changed meanwhile is not paused', async () => {
  const stored = await sources.put(source('home'));
  expect(await sources.pause({ ...stored, version: 0 }, 'refused')).toBe(false);
  expect(await sources.pause(stored, 'refused')).toBe(true);
  expect(await sources.read(tenant, 'home')).toMatchObject({ pausedReason: 'refused', version: 2 });
  expect((await targets())[0]).toMatchObject({ enabled: true, paused: true });
  const back = await sources.unpause(tenant, 'home');
  expect(back).not.toHaveProperty('pausedReason');
  expect((await targets())[0]).toMatchObject({ paused: false });
  expect(await sources.unpause(tenant, 'nobody')).toBeUndefined();
});

test('F24: nothing is written for a tenant that is unknown or removed', async () => {
  tenants.set(tenantNamed(tenant, { removedAt: NOON }));
  await expect(sources.put(source('home'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(sources.put(source('home', { tenant: 'nobody' }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await sources.list(tenant)).toEqual([]);
});

test('F24: a write that crosses the removal of its tenant takes itself back', async () => {
  let asked = 0;
  const crossing = openSourceStore({
    table: database.table,
    tenants: { readTenant: async (name) => tenantNamed(name, ++asked > 1 ? { removedAt: NOON } : {}) },
  });
  await expect(crossing.put(source('home'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await sources.read(tenant, 'home')).toBeUndefined();
  expect(await targets()).toEqual([]);
});

/** The process dies before its n-th write. */
function dyingTable(table: Table, writes: number): Table {
  let left = writes;
  const dying = <A extends unknown[], R>(write: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => (left-- > 0 ? write(...args) : Promise.reject(new Error('killed')));
  };
  return { ...table, put: dying(table.put), update: dying(table.update), delete: dying(table.delete) };
}

test.each(['create', 'change', 'disable', 'remove'])(
  'killed before any of its writes, "%s" leaves nothing that the next dispatch does not heal',
  async (what) => {
    for (let writes = 0; writes < 3; writes++) {
      const id = `s${writes}`;
      const before = what === 'create' ? undefined : await sources.put(source(id));
      const dying = openSourceStore({ table: dyingTable(database.table, writes), tenants });
      const change = { create: {}, change: { periodSeconds: 300 }, disable: { enabled: false }, remove: {} }[what];
      const next = { ...(before ?? source(id)), ...change };
      await (what === 'remove' ? dying.remove(tenant, id) : dying.put(next)).catch(() => undefined);
      const [row] = await sources.listTargets('taara', tenant, id);
      const stored = await sources.read(tenant, id);
      // Whatever is stored and enabled has a row, so a message is sent; the message's reader restores the row.
      if (stored?.enabled) expect(row?.enabled).toBe(true);
      await sources.restoreTarget('taara', tenant, id);
      const [healed] = await sources.listTargets('taara', tenant, id);
      expect(healed?.periodSeconds).toBe(stored?.periodSeconds);
      expect(healed?.enabled).toBe(stored?.enabled);
    }
  },
);
