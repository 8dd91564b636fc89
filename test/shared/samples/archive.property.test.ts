/** From chunks to the archive and back: the same readings and the same increases, whatever the counters did. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { archiveRows, parseArchiveRows } from '../../../shared/samples/archive-csv.ts';
import type { Metric } from '../../../shared/samples/metric.ts';
import type { Batch, CounterLife, Reading } from '../../../shared/samples/sample.ts';
import { archiveWorld, DAY_MS } from './archive-world.ts';
import { REF } from './router.ts';
import { runs } from './runs.ts';

const text = fc.oneof(
  fc.constantFrom('', '~', '~~', '=1+1', "'", '-0', ' a', 'x,"y"\r\nz'),
  fc.string({ unit: 'grapheme' }),
);
const instant = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000 + 100);
const life: fc.Arbitrary<CounterLife> = fc
  .record({
    bootAt: instant,
    uptimeMs: fc.option(fc.nat({ max: 2 ** 40 }), { nil: undefined }),
    discontinuity: fc.option(text, { nil: undefined }),
    ifIndex: fc.option(fc.nat(), { nil: undefined }),
    column: text,
    speedBitsPerSecond: fc.option(fc.constantFrom(0, 64_000, 1_000_000_000, 400_000_000_000), { nil: undefined }),
    bits: fc.constantFrom(32 as const, 64 as const),
  })
  .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never);

test('any point is what it was after it was a row of CSV', () => {
  const point = fc.record({
    slot: instant,
    receivedAt: instant,
    value: fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    boundary: fc.boolean(),
    periodSeconds: fc.integer({ min: 60, max: 86_400 }),
    life: fc.option(life, { nil: undefined }),
  });
  fc.assert(
    fc.property(text, text, fc.array(point, { maxLength: 20 }), (entity, metric, given) => {
      const points = given.map(({ life: own, ...rest }) => (own ? { ...rest, life: own } : rest));
      const rows = archiveRows({ entity, metric, unit: 'octets' }, points);
      expect(parseArchiveRows(rows)).toEqual(points);
    }),
    runs(200),
  );
});

const COUNTED: readonly Metric[] = [
  { id: 'ifHCInOctets', kind: 'counter', unit: 'octets', title: 'Received' },
  { id: 'remaining', kind: 'balance', unit: 'octets', title: 'Left' },
  { id: 'state', kind: 'state', unit: 'state', title: 'State' },
];
/** The last days of one month and the first of the next. */
const BEGIN = Date.parse('2025-01-29T00:00:00Z');
const SLOT_MS = 2 * 3_600_000;
const SLOTS = 72;
const ENTITIES = ['core1/a', 'core1/b'];

const step = fc.record({
  /** Slots that pass before it: a hole, now and then of days. */
  skip: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.nat(20)),
  rise: fc.oneof(fc.nat(1_000_000), fc.integer({ min: -200_000, max: 0 }), fc.constant(2 ** 50)),
  reboot: fc.boolean(),
  late: fc.nat(90_000),
  only: fc.nat(6),
});

function batchesOf(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): Batch[] {
  let [slot, value, bootAt, left] = [0, 5_000_000n, BEGIN - 10 * DAY_MS, 10n ** 12n];
  return steps.flatMap(({ skip, rise, reboot, late, only }) => {
    slot += 1 + skip;
    if (slot >= SLOTS) return [];
    const at = BEGIN + slot * SLOT_MS;
    const receivedAt = at + late;
    if (reboot && only === 0) bootAt = at - 1000;
    value += BigInt(rise);
    left = rise === 2 ** 50 ? 10n ** 12n : left - BigInt(rise);
    const counter: CounterLife = {
      ...{ bootAt, uptimeMs: receivedAt - bootAt, ifIndex: 3, column: 'snmp:ifHCInOctets', bits: 64 },
      speedBitsPerSecond: 1_000_000_000,
    };
    const readings = ENTITIES.filter((_, at) => only !== at + 1).map(
      (entity): Reading => ({
        entity,
        receivedAt,
        values: { ifHCInOctets: value, state: BigInt(only), ...(only > 3 ? {} : { remaining: left }) },
        lives: { ifHCInOctets: counter },
      }),
    );
    return [{ ...REF, slot: at, part: 0, receivedAt, periodSeconds: SLOT_MS / 1000, boundary: only !== 5, readings }];
  });
}

test('readings and increases of the archive are those of the chunks that it was made of', async () => {
  const from = fc.integer({ min: -3, max: SLOTS });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: SLOTS }),
      fc.array(fc.tuple(from, from), { minLength: 4, maxLength: 4 }),
      async (steps, spans) => {
        const world = archiveWorld({ metrics: COUNTED });
        world.time.now = BEGIN + SLOTS * SLOT_MS + DAY_MS;
        await world.bring(batchesOf(steps));
        const ask = async (store: typeof world.reader) => {
          const answers: unknown[] = [];
          for (const [a, b] of [...spans, [-1, SLOTS + 1] as const]) {
            for (const entity of ENTITIES) {
              for (const { id: metric } of COUNTED) {
                const series = { ...REF, entity, metric };
                const [start, end] = [BEGIN + Math.min(a, b) * SLOT_MS, BEGIN + Math.max(a, b) * SLOT_MS];
                answers.push(await store.readSeries(series, start, end), await store.readIncreases(series, start, end));
              }
            }
          }
          return answers;
        };
        const known = await ask(world.store);
        // Before anything expires, so that what stood before the month is still there.
        await world.archiveAll('2025-01');
        await world.archiveAll('2025-02');
        expect(await ask(world.reader)).toEqual(known);
        world.time.now += 402 * DAY_MS;
        expect(
          (await world.store.readSeries({ ...REF, entity: ENTITIES[0] ?? '', metric: 'state' }, 0, world.time.now))
            .length,
        ).toBe(0);
        expect(await ask(world.reader)).toEqual(known);
      },
    ),
    runs(12),
  );
});
