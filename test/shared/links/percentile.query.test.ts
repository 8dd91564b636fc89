import { expect, test } from 'vitest';
import type { Source } from '../../../shared/collect/source.ts';
import { linkPercentile } from '../../../shared/links/percentile.query.ts';
import type { RawPoint } from '../../../shared/samples/sample.ts';
import type { SeriesRef } from '../../../shared/samples/samples.port.ts';

const ZONE = 'Asia/Dhaka';
/** Midnight in Dhaka. */
const MONTH = Date.parse('2026-10-31T18:00:00Z');
const PERIOD = 300_000;
const SLOTS = 30 * 288;

const source = (committedMbps?: number) =>
  ({
    tenant: 'demo',
    id: 'nttn',
    type: 'link',
    periodSeconds: 300,
    settings: {
      members: [{ interface: 'core1/vlan10', capacityMbps: 1000 }],
      ...(committedMbps ? { committedMbps } : {}),
    },
  }) as unknown as Source;

const point = (i: number, mbps: number, boundary = true): RawPoint => ({
  slot: MONTH + i * PERIOD + 45_000,
  receivedAt: MONTH + i * PERIOD + 45_000,
  value: BigInt(mbps * 1e6),
  boundary,
});

function ask(points: readonly RawPoint[], question = {}, options: { now?: number; committed?: number } = {}) {
  const asked: { ref: SeriesRef; from: number; to: number }[] = [];
  const samples = {
    readSeries: async (ref: SeriesRef, from: number, to: number) => {
      asked.push({ ref, from, to });
      return points.filter(({ slot }) => slot >= from && slot < to);
    },
  };
  const clock = { now: () => options.now ?? MONTH + 40 * 86_400_000 };
  const answer = linkPercentile({ samples, clock }, { zone: ZONE }, source(options.committed), {
    month: '2026-11',
    ...question,
  });
  return { answer, asked };
}

test('of a whole month it is the 433rd largest of 8640 slots, in the tenant’s own month', async () => {
  const points = Array.from({ length: SLOTS }, (_, i) => point(i, (i * 7919) % SLOTS));
  const { answer, asked } = ask(points);
  // Values 0 to 8639, each once: the 433rd largest is 8639 - 432.
  expect(await answer).toMatchObject({
    ...{ month: '2026-11', zone: ZONE, mode: 'max', closed: true, valueBitsPerSecond: 8207e6, validSlots: SLOTS },
    ...{ expectedSlots: SLOTS, coveragePercent: 100, flagged: false, committedBitsPerSecond: null, slotsLeft: null },
  });
  expect(asked).toMatchObject([{ from: MONTH, to: MONTH + 30 * 86_400_000, ref: { metric: 'maxBitsPerSecond' } }]);
});

test.each([
  ['in', 'inBitsPerSecond'],
  ['out', 'outBitsPerSecond'],
  ['sum', 'sumBitsPerSecond'],
])('counted by %s it reads the series that was computed so, slot by slot', async (mode, metric) => {
  expect(ask([], { mode }).asked).toMatchObject([{ ref: { metric, entity: 'nttn/total', kind: 'link' } }]);
});

test('in a running month coverage is that of the slots so far, and what is left is that of the whole', async () => {
  const now = MONTH + 10 * 288 * PERIOD;
  const points = Array.from({ length: 10 * 288 }, (_, i) => point(i, i % 288 < 12 ? 900 : 100));
  const { answer } = ask(points, {}, { now, committed: 800 });
  const { expectedSlots, ...rest } = await answer;
  expect(rest).toMatchObject({ closed: false, expectedSlotsOfMonth: SLOTS, coveragePercent: 100, flagged: false });
  expect(expectedSlots).toBe(2880);
  // 432 of the month may lie above; 12 a day did.
  expect(rest.slotsLeft).toBe(432 - 120);
  const passed = await ask(points, {}, { now, committed: 50 }).answer;
  expect(passed.slotsLeft).toBe(432 - 2880);
});

test('what is left agrees with the figure, also where slots were lost', async () => {
  const points = Array.from({ length: 4000 }, (_, i) => point(i, i < 250 ? 600 : 100));
  const whole = await ask(points, {}, { committed: 500 }).answer;
  expect(whole).toMatchObject({ closed: true, valueBitsPerSecond: 600e6, slotsLeft: 200 - 250 });
});

test('missing slots flag the figure, readings by hand count nothing, and nothing known is no 0', async () => {
  const half = Array.from({ length: SLOTS }, (_, i) => point(i, 100)).filter((_, i) => i % 2 === 0);
  expect(await ask(half).answer).toMatchObject({ coveragePercent: 50, flagged: true, valueBitsPerSecond: 100e6 });
  const byHand = [...half, point(1, 9000, false)];
  expect(await ask(byHand).answer).toMatchObject({ validSlots: SLOTS / 2, valueBitsPerSecond: 100e6 });
  expect(await ask([]).answer).toMatchObject({ valueBitsPerSecond: null, validSlots: 0, flagged: true });
});

test('a month that has not begun is refused', async () => {
  await expect(ask([], { month: '2027-03' }).answer).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});
