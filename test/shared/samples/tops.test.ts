import { expect, test } from 'vitest';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { createFakeTable } from '../../shared/fake-table.ts';
import { batch, metricsOf, REF, SLOT_MS } from './router.ts';

const START = Date.parse('2026-11-01T00:00:00Z');
const slot = (n: number) => START + n * SLOT_MS;

/** Three days in which every slot's rate differs: slot n moves (n + 1) kilo-octets a second more than none. */
function values(count: number): bigint[] {
  const list = [0n];
  for (let n = 1; n < count; n++) list.push((list.at(-1) ?? 0n) + BigInt(n) * 300_000n);
  return list;
}

test('a correction that takes large values away brings back those that had been cut off', async () => {
  const count = 3 * 288;
  const input = values(count);
  const store = createSampleStore(createFakeTable(), metricsOf, { now: () => slot(count) });
  const bring = (slots: readonly number[], part: number, of: (n: number) => bigint) =>
    store.importPoints(
      REF,
      slots.map((n) => batch(slot(n), [{ entity: 'core1/ether1', input: of(n) }], { part })),
    );
  const all = Array.from({ length: count }, (_, n) => n);
  await bring(all, 0, (n) => input[n] ?? 0n);
  await store.fold(REF, 'UTC', slot(count));
  const rates = async () => {
    const tops = await store.readTops('demo', 'ifHCInOctets', '2026-11');
    return tops.get('core1/ether1')?.map(({ value }) => Number(value) / 1000) ?? [];
  };
  const before = await rates();
  expect(before).toEqual(Array.from({ length: 448 }, (_, n) => count - 1 - n));

  // The third day is restated as flat: its 288 values leave, and 288 older ones take their places.
  const flat = input[2 * 288] ?? 0n;
  await bring(all.slice(2 * 288 + 1), 1, () => flat);
  await store.fold(REF, 'UTC', slot(count));
  expect(await rates()).toEqual(Array.from({ length: 448 }, (_, n) => 2 * 288 - n));
});
