import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePoints } from '../../../shared/samples/fold.ts';
import type { RawPoint } from '../../../shared/samples/sample.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { createFakeTable } from '../fake-table.ts';
import { meter } from '../meter.ts';
import { batch, METRICS, metricsOf, REF, SLOT_MS } from './router.ts';
import { runs } from './runs.ts';

const START = Date.parse('2026-11-20T00:00:00Z');
const slot = (n: number) => START + n * SLOT_MS;
const ENTITIES = ['core1/ether1', 'core1/ether2'];

/** Hours of two ports whose counters rise, step back and are missing now and then; folded up to a slot. */
async function filled(slots: readonly number[], folded: number) {
  const counted = meter(createFakeTable());
  const store = createSampleStore(counted.table, metricsOf, { now: () => slot(200) });
  const of = (n: number) =>
    batch(
      slot(n),
      ENTITIES.filter((_, i) => (n + i) % 5 > 0).map((entity, i) => ({
        entity,
        input: BigInt(n * 1000 - (n % 7 === 0 ? 1500 : i)),
        output: BigInt(n),
      })),
    );
  const [early, late] = [slots.filter((n) => n < folded), slots.filter((n) => n >= folded)];
  await store.importPoints(REF, early.map(of));
  await store.fold(REF, 'UTC', slot(200));
  await store.importPoints(REF, late.map(of));
  return { store, counted };
}

test('what is asked at once is answered as when it is asked one after the other', async () => {
  const world = fc.record({
    slots: fc.uniqueArray(fc.nat(180), { minLength: 1, maxLength: 60 }).map((all) => all.sort((a, b) => a - b)),
    folded: fc.nat(180),
    from: fc.nat(180),
    length: fc.nat(120),
  });
  await fc.assert(
    fc.asyncProperty(world, async ({ slots, folded, from, length }) => {
      const { store } = await filled(slots, folded);
      const [begin, end] = [slot(from), slot(from + length)];
      const questions = ENTITIES.flatMap((entity) =>
        METRICS.flatMap(({ id }) => [
          () => store.readSeries({ ...REF, entity, metric: id }, begin, end),
          () => store.readIncreases({ ...REF, entity, metric: id }, begin, end),
        ]),
      );
      const apart = [];
      for (const ask of questions) apart.push(await ask());
      expect(await Promise.all(questions.map((ask) => ask()))).toEqual(apart);
    }),
    runs(60),
  );
});

test('readings and increases of one stretch, asked at once, read the table once', async () => {
  const { store, counted } = await filled(
    Array.from({ length: 160 }, (_, n) => n),
    130,
  );
  const series = { ...REF, entity: ENTITIES[1] ?? '', metric: 'ifHCInOctets' };
  await store.readSeries(series, slot(80), slot(160));
  counted.reset();
  await Promise.all([store.readSeries(series, slot(80), slot(160)), store.readIncreases(series, slot(80), slot(160))]);
  const together = counted.calls;
  counted.reset();
  await store.readIncreases(series, slot(80), slot(160));
  expect(together).toBe(counted.calls);
});

test('a question that is asked again reads the table again', async () => {
  const { store } = await filled([1, 2], 2);
  const series = { ...REF, entity: ENTITIES[0] ?? '', metric: 'ifHCInOctets' };
  const slots = async () => (await store.readSeries(series, slot(0), slot(9))).map((point) => point.slot);
  expect(await slots()).toEqual([1, 2].map(slot));
  await store.importPoints(REF, [batch(slot(3), [{ entity: series.entity, input: 9n }])]);
  expect(await slots()).toEqual([1, 2, 3].map(slot));
});

test('points that are in order are merged as any others are', () => {
  const points = fc
    .array(fc.record({ n: fc.nat(12), value: fc.bigInt(0n, 9n) }))
    .map((all) => all.map(({ n, value }): RawPoint => ({ slot: slot(n), receivedAt: slot(n), value, boundary: true })));
  const inOrder = points.map((all) =>
    [...new Map(all.map((p) => [p.slot, p])).values()].sort((a, b) => a.slot - b.slot),
  );
  fc.assert(
    fc.property(fc.oneof(points, inOrder), fc.oneof(points, inOrder, fc.constant([])), (stored, winners) => {
      const bySlot = new Map([...stored, ...winners].map((p) => [p.slot, p]));
      const slots = [...bySlot.keys()].sort((a, b) => a - b);
      expect(mergePoints(stored, winners)).toEqual(slots.map((at) => bySlot.get(at)));
    }),
    runs(300),
  );
});
