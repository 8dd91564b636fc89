import { expect, test } from 'vitest';
import { createEntityStore } from '../../../shared/entities/entities.dynamodb.ts';
import { createEntityWalk } from '../../../shared/entities/entity-walk.dynamodb.ts';
import { createFakeTable } from '../fake-table.ts';

const draft = (target: string, name: string) => {
  const id = `${target}/${name}`;
  return { id, target, name, attributes: {}, labels: {}, simulated: true };
};

async function world() {
  const table = createFakeTable();
  const entities = createEntityStore(table);
  for (const target of ['core1', 'core1-x', 'core10', 'core1.0001', 'core2']) {
    const drafts = ['a', 'b#%', 'ü'].map((name) => draft(target, name));
    await entities.record('demo', 'interface', target, drafts, { now: 1, complete: true });
  }
  await entities.record('other', 'interface', 'theirs', [draft('theirs', 'a')], { now: 1, complete: true });
  await entities.record('demo', 'bundle', 'home', [draft('home', 'a')], { now: 1, complete: true });
  return { entities, walk: createEntityWalk(table) };
}

test('each target is told once, however alike their names are, of this tenant and kind alone', async () => {
  const { walk } = await world();
  expect((await walk.targets('demo', 'interface')).sort()).toEqual([
    'core1',
    'core1-x',
    'core1.0001',
    'core10',
    'core2',
  ]);
  expect(await walk.targets('demo', 'link')).toEqual([]);
});

test('a target whose things are all gone is told as well', async () => {
  const { entities, walk } = await world();
  await entities.removeTarget('demo', 'interface', 'core2', 5);
  expect(await walk.targets('demo', 'interface')).toContain('core2');
  expect(await walk.idsOfTarget('demo', 'interface', 'core2', undefined, 10)).toHaveLength(3);
});

test('ids come a page at a time, the one that the page begins with included, and none of a neighbour', async () => {
  const { walk } = await world();
  const ids = (from: string | undefined, limit: number) => walk.idsOfTarget('demo', 'interface', 'core1', from, limit);
  expect(await ids(undefined, 10)).toEqual(['core1/a', 'core1/b#%', 'core1/ü']);
  expect(await ids(undefined, 2)).toEqual(['core1/a', 'core1/b#%']);
  expect(await ids('core1/b#%', 2)).toEqual(['core1/b#%', 'core1/ü']);
  expect(await ids('core1/zz', 2)).toEqual(['core1/ü']);
});
