import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import type { SimNote } from '../../../shared/sims/note.ts';
import { createSimNoteStore } from '../../../shared/sims/notes.dynamodb.ts';
import { startDynalite } from '../dynalite.ts';
import { createFakeTable, type FakeStep } from '../fake-table.ts';
import { dyingView, ICCID, ICCID_2, Killed, newTenant } from './stores.ts';

const TARGET = 'fleet1.0003';
const iccid = (n: number): string => `8988000000000${String(n).padStart(6, '0')}`;
const note = (id: string, over: Partial<SimNote> = {}): SimNote => ({ iccid: id, tags: ['north', 'pump'], ...over });

let database: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());

describe.each([
  ['in memory', () => createFakeTable({ pageItems: 10 }) as Table],
  ['of dynalite', () => database.table],
])('notes on the table %s', (_, open) => {
  test('come back as they were put, one by one and by target', async () => {
    const store = createSimNoteStore(open());
    const tenant = newTenant();
    const notes = Array.from({ length: 45 }, (_, n) => note(iccid(n), { group: `group ${n}`, thresholdPercent: n }));
    await store.put(tenant, TARGET, notes);
    expect(await store.listOfTarget(tenant, TARGET)).toEqual(notes);
    expect(await store.read(tenant, TARGET, iccid(7))).toEqual(notes[7]);
    expect(await store.read(tenant, TARGET, iccid(99))).toBeUndefined();
    expect(await store.listOfTarget(tenant, 'fleet1.0004')).toEqual([]);
    expect(await store.listOfTarget(newTenant(), TARGET)).toEqual([]);
  });

  test('are replaced whole, and the others stay', async () => {
    const store = createSimNoteStore(open());
    const tenant = newTenant();
    await store.put(tenant, TARGET, [note(ICCID, { group: 'pumps', thresholdPercent: 10 }), note(ICCID_2)]);
    await store.put(tenant, TARGET, [note(ICCID, { tags: [], thresholdPercent: 0 })]);
    expect(await store.listOfTarget(tenant, TARGET)).toEqual([
      { iccid: ICCID, tags: [], thresholdPercent: 0 },
      note(ICCID_2),
    ]);
  });

  test('that say nothing are deleted, also where there was none', async () => {
    const store = createSimNoteStore(open());
    const tenant = newTenant();
    await store.put(tenant, TARGET, [note(ICCID)]);
    await store.put(tenant, TARGET, [note(ICCID, { tags: [] }), note(ICCID_2, { tags: [] })]);
    expect(await store.listOfTarget(tenant, TARGET)).toEqual([]);
    expect(await store.read(tenant, TARGET, ICCID)).toBeUndefined();
  });
});

test('the last note of a SIM in one list is the one that stands', async () => {
  const writes: FakeStep[] = [];
  const table = createFakeTable({ before: (step) => void (step.write && writes.push(step)) });
  const store = createSimNoteStore(table);
  await store.put('demo', TARGET, [note(ICCID, { tags: [] }), note(ICCID_2), note(ICCID, { group: 'pumps' })]);
  expect(await store.read('demo', TARGET, ICCID)).toEqual(note(ICCID, { group: 'pumps' }));
  expect(writes).toHaveLength(2);
});

test('the notes of a target are one query', async () => {
  const steps: FakeStep[] = [];
  const table = createFakeTable({ before: (step) => void steps.push(step) });
  await createSimNoteStore(table).listOfTarget('demo', TARGET);
  expect(steps.map(({ verb }) => verb)).toEqual(['query']);
});

test('a crash before any write and another run leave the same notes', async () => {
  const notes = Array.from({ length: 30 }, (_, n) => (n % 5 === 0 ? note(iccid(n), { tags: [] }) : note(iccid(n))));
  const stateAfter = async (k: number) => {
    const table = createFakeTable();
    await createSimNoteStore(table).put(
      'demo',
      TARGET,
      notes.map((n) => note(n.iccid, { group: 'before' })),
    );
    const dying = createSimNoteStore(dyingView(table, k).view).put('demo', TARGET, notes);
    if (k < notes.length) await expect(dying).rejects.toThrow(Killed);
    await createSimNoteStore(table).put('demo', TARGET, notes);
    return table.dump();
  };
  const calm = await stateAfter(Number.POSITIVE_INFINITY);
  expect(calm).toHaveLength(24);
  for (const k of [0, 1, 19, 20, 29]) expect(await stateAfter(k)).toEqual(calm);
});
