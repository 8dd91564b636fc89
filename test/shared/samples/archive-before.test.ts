/** What the first increase after a hole starts from, when the chunks that knew it are gone. */
import { expect, test } from 'vitest';
import { archiveWorld, DAY_MS } from './archive-world.ts';
import { batch, REF } from './router.ts';

const HOUR_MS = 3_600_000;
const SERIES = { ...REF, entity: 'core1/a', metric: 'ifHCInOctets' };
const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
const reading = (slot: number, input: bigint) => ({
  ...batch(slot, [{ entity: SERIES.entity, input }]),
  periodSeconds: 3600,
});

/** Increases of a span, from chunks while they live, and from the archive of these months alone. */
async function both(readings: readonly (readonly [number, bigint])[], months: readonly string[], from: string) {
  const world = archiveWorld();
  world.time.now = at('2025-04-01');
  await world.bring(readings.map(([slot, value]) => reading(slot, value)));
  const ask = (store: typeof world.reader) => store.readIncreases(SERIES, at(from), at('2025-04-01'));
  const known = await ask(world.store);
  for (const month of months) await world.archiveAll(month);
  world.time.now += 402 * DAY_MS;
  return { known, archived: await ask(world.reader) };
}

test('a month whose predecessor was never archived knows what its first increase starts from', async () => {
  const readings = [
    [at('2025-01-31') + 20 * HOUR_MS, 1000n],
    [at('2025-02-20'), 5000n],
  ] as const;
  for (const from of ['2025-02-01', '2025-02-10', '2025-02-20']) {
    const { known, archived } = await both(readings, ['2025-02'], from);
    expect(known.map(({ amount, reason }) => [amount, reason])).toEqual([[4000n, 'gap']]);
    expect(archived, from).toEqual(known);
  }
});

test('a hole of more than a month is bridged by the month that ends it', async () => {
  const readings = [
    [at('2025-01-05'), 1000n],
    [at('2025-03-20'), 5000n],
  ] as const;
  const { known, archived } = await both(readings, ['2025-01', '2025-02', '2025-03'], '2025-03-10');
  expect(known.map(({ amount }) => amount)).toEqual([4000n]);
  expect(archived).toEqual(known);
});

test.each([
  { where: 'within the month', first: '2025-02-03', month: '2025-02' },
  { where: 'in the month before', first: '2025-01-20', month: '2025-01' },
])('a step back just before a hole is not counted twice, $where', async ({ first }) => {
  const readings = [
    [at(first), 9000n],
    [at(first) + HOUR_MS, 8000n],
    [at('2025-02-20'), 10_000n],
  ] as const;
  const { known, archived } = await both(readings, ['2025-01', '2025-02'], '2025-02-10');
  expect(known.map(({ amount }) => amount)).toEqual([1000n]);
  expect(archived).toEqual(known);
});

test('a series that begins in the month has nothing before it', async () => {
  const { known, archived } = await both([[at('2025-02-20'), 5n]], ['2025-01', '2025-02'], '2025-02-10');
  expect(known.map(({ reason }) => reason)).toEqual(['first']);
  expect(archived).toEqual(known);
});
