import { expect, test } from 'vitest';
import type { Source } from '../../../shared/collect/source.ts';
import { openSourceStore } from '../../../shared/collect/sources.dynamodb.ts';
import { WATCH_SOURCE, watchResellers } from '../../../shared/resellers/watch.ts';
import { MovableClock, memoryTenants, NOON, tenantNamed } from '../collect/fakes.ts';
import { createFakeTable } from '../fake-table.ts';

const tenant = tenantNamed('demo', { simulated: true });
function world() {
  const table = createFakeTable();
  return { clock: new MovableClock(), sources: openSourceStore({ table, tenants: memoryTenants(tenant) }) };
}

test('the source is made once, however often and by however many it is asked for', async () => {
  const deps = world();
  const answers = await Promise.all([1, 2, 3].map(() => watchResellers(deps, tenant)));
  expect(answers).toEqual([true, true, true]);
  expect(await watchResellers(deps, tenant)).toBe(true);
  expect(await deps.sources.list('demo')).toEqual([
    {
      ...{ tenant: 'demo', id: WATCH_SOURCE, type: 'resellers', kind: 'resellers', name: 'Resellers', enabled: true },
      ...{ periodSeconds: 300, settings: {}, simulated: true, createdAt: NOON, version: 1 },
    },
  ]);
  expect(await deps.sources.listTargets('resellers')).toMatchObject([{ tenant: 'demo', source: WATCH_SOURCE }]);
});

test('a source of another type that has its id is left as it is, and said to be in the way', async () => {
  const deps = world();
  const other: Source = {
    ...{ tenant: 'demo', id: WATCH_SOURCE, type: 'snmp', kind: 'interface', name: 'Mine', enabled: true },
    ...{ periodSeconds: 300, settings: {}, simulated: true, createdAt: NOON, version: 0 },
  };
  await deps.sources.put(other);
  expect(await watchResellers(deps, tenant)).toBe(false);
  expect(await deps.sources.read('demo', WATCH_SOURCE)).toMatchObject({ type: 'snmp' });
});
