import { expect, test } from 'vitest';
import { createBatchStore } from '../../../shared/samples/batches.dynamodb.ts';
import { createFakeTable } from '../../shared/fake-table.ts';
import { batch, REF, SLOT_MS } from './router.ts';

const START = Date.parse('2026-11-10T00:00:00Z');
const clock = { now: () => START };
const ALL = { whole: true };

test('two functions that meet new names of one target at once both store what can be read', async () => {
  const table = createFakeTable();
  const [a, b] = [createBatchStore(table, clock), createBatchStore(table, clock)];
  const first = batch(START, [{ entity: 'core1/ether1', input: 1n }]);
  await a.put(first);
  await b.newest(REF, 1);
  const [left, right] = [1, 2].map((n) => batch(START + n * SLOT_MS, [{ entity: `core1/new${n}`, input: 2n }]));
  if (!left || !right) throw new Error('no batches');
  await b.put(batch(START + 3 * SLOT_MS, [{ entity: 'core1/ether1', input: 3n }]));
  await Promise.all([a.put(left), b.put(right)]);
  for (const store of [a, b, createBatchStore(table, clock)]) {
    const read = await store.range(REF, START, START + 9 * SLOT_MS, ALL);
    expect(read.map((one) => one.readings[0]?.entity)).toEqual([
      'core1/ether1',
      'core1/new1',
      'core1/new2',
      'core1/ether1',
    ]);
  }
});

test('a function that knows old names reads a batch whose names came later', async () => {
  const table = createFakeTable();
  const [writer, reader] = [createBatchStore(table, clock), createBatchStore(table, clock)];
  await writer.put(batch(START, [{ entity: 'core1/ether1', input: 1n }]));
  expect(await reader.newest(REF, 1)).toHaveLength(1);
  const later = batch(START + SLOT_MS, [{ entity: 'core1/ether2', input: 2n, output: 5n }]);
  await writer.put(later);
  expect(await reader.newest(REF, 1)).toEqual([later]);
});

test('a full list of names is followed by a fresh one, and batches of both stay readable', async () => {
  const table = createFakeTable();
  const store = createBatchStore(table, clock);
  const sessions = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({ entity: `core1/pppoe-${from + n}`, input: BigInt(n) }));
  const batches = [0, 3000, 6000].map((from, n) => batch(START + n * SLOT_MS, sessions(from, 3000)));
  for (const one of batches) await store.put(one);
  const read = await createBatchStore(table, clock).range(REF, START, START + 9 * SLOT_MS, ALL);
  expect(read).toEqual(batches);
  expect(table.dump().filter(({ sk }) => String(sk).startsWith('!names'))).toHaveLength(3);
});

test('nothing is stored of a batch whose names could not be', async () => {
  const table = createFakeTable();
  const view = table.view((step) => {
    if (step.write && step.sk?.startsWith('!names')) throw new Error('the table is gone');
  });
  await expect(createBatchStore(view, clock).put(batch(START, [{ entity: 'a', input: 1n }]))).rejects.toThrow('gone');
  expect(table.dump()).toEqual([]);
});
