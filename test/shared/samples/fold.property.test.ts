import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../../../shared/platform/errors.ts';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import { increases } from '../../../shared/samples/increase.ts';
import { chunkStart, roundPoint } from '../../../shared/samples/packing.ts';
import { slotRates, tops } from '../../../shared/samples/percentile.ts';
import { rollUp } from '../../../shared/samples/rollup.ts';
import type { Batch, RawPoint } from '../../../shared/samples/sample.ts';
import { createSampleStore, type DynamoSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { dayOf, dayStart } from '../../../shared/samples/zone.ts';
import { createFakeTable, type FakeTable } from '../../shared/fake-table.ts';
import { batch, METRICS, metricsOf, okRun, REF } from './router.ts';

const LONG = Number(process.env.HEADROOM_LONG ?? 1);
const TIMEOUT_MS = 20_000 * LONG;
const ZONE = 'Africa/Nairobi';
const HOUR = 3_600_000;
/** Hourly slots keep a chunk at six points; the second day begins at slot 24, the second month at slot 48. */
const START = Date.parse('2026-11-28T21:00:00Z');
const slot = (n: number) => START + n * HOUR;
const END = slot(80);
const chunkBefore = (n: number) => chunkStart(slot(n));

class Crash extends Error {}

/** A batch of one or two ports whose counters rise by another amount each hour. */
function hour(n: number, part = 0): Batch {
  const input = BigInt(n * n + 7 * n + part);
  const ports = [{ entity: 'core1/ether1', input }];
  if (n % 3 !== 0) ports.push({ entity: 'core1/ether2', input: input * 3n });
  return { ...batch(slot(n), ports, { part }), periodSeconds: 3600 };
}

function storeOver(table: Table, now: () => number): DynamoSampleStore {
  return createSampleStore(table, metricsOf, { now });
}

/** One run of a collector: the order of its writes is the one that was model-checked. */
async function deliver(store: DynamoSampleStore, b: Batch, now: number): Promise<boolean> {
  const lease = await store.acquireLease(REF, now, 3);
  if (!lease) return false;
  const stored = await store.putBatch(b);
  await store.advanceHead(lease, stored.batch, okRun(b.slot));
  await store.releaseLease(lease);
  return true;
}

function truth(batches: readonly Batch[], entity: string, metric: string): RawPoint[] {
  const bySlot = new Map<number, RawPoint>();
  for (const b of [...batches].sort((a, c) => a.slot - c.slot || a.part - c.part)) {
    const reading = b.readings.find((r) => r.entity === entity);
    const value = reading?.values[metric];
    const life = reading?.lives?.[metric];
    if (!reading || value === undefined) continue;
    const { receivedAt } = reading;
    bySlot.set(b.slot, roundPoint({ slot: b.slot, receivedAt, value, boundary: true, ...(life ? { life } : {}) }));
  }
  return [...bySlot.values()].sort((a, b) => a.slot - b.slot);
}

/** Everything that is stored, against the batches it must come from. */
async function verify(store: DynamoSampleStore, batches: readonly Batch[], withTops = true): Promise<void> {
  const [metric] = METRICS;
  if (!metric) throw new Error('no metric');
  for (const entity of ['core1/ether1', 'core1/ether2']) {
    const points = truth(batches, entity, metric.id);
    const read = await store.readSeries({ ...REF, entity, metric: metric.id }, START, END);
    expect(read.map((p) => [p.slot, p.value])).toEqual(points.map((p) => [p.slot, p.value]));
    const stored = [];
    for (const month of ['2026-11', '2026-12']) {
      stored.push(...((await store.readRollups('demo', metric.id, month)).get(entity) ?? []));
    }
    const days = stored.map(({ day }) => day);
    const expected = rollUp(metric, { points, periodSeconds: 3600 }, ZONE, days);
    expect(stored.map((d) => [d.day, d.total, d.peak, d.validSlots])).toEqual(
      expected.map((d) => [d.day, d.total, d.peak, d.validSlots]),
    );
    const sum = stored.reduce((all, { total }) => all + (total ?? 0n), 0n);
    expect(sum).toBe((points.at(-1)?.value ?? 0n) - (points[0]?.value ?? 0n));
    if (withTops) await verifyTops(store, entity, points);
  }
}

async function verifyTops(store: DynamoSampleStore, entity: string, points: readonly RawPoint[]): Promise<void> {
  const [metric] = METRICS;
  if (!metric) return;
  const today = dayStart(dayOf(END, ZONE), ZONE);
  const monthEnd = dayStart('2026-12-01', ZONE);
  const rates = slotRates(increases(metric, points, { periodSeconds: 3600 })).filter((r) => r.slot < today);
  for (const [month, own] of [
    ['2026-11', rates.filter((r) => r.slot < monthEnd)],
    ['2026-12', rates.filter((r) => r.slot >= monthEnd)],
  ] as const) {
    expect((await store.readTops('demo', metric.id, month)).get(entity) ?? []).toEqual(tops(own));
  }
}

type Act =
  | { readonly kind: 'deliver'; readonly n: number; readonly part: number; readonly crashAt: number }
  | { readonly kind: 'fold'; readonly at: number; readonly crashAt: number };

/** Who goes on, and for how many calls: long bursts let one finish while another holds what it read long ago. */
interface Burst {
  readonly who: number;
  readonly calls: number;
}

/** Runs all acts at once, their calls in the order told. Returns those that were neither killed nor refused. */
async function race(table: FakeTable, acts: readonly Act[], order: readonly Burst[]): Promise<Set<Act>> {
  const waiting = acts.map((): (() => void)[] => []);
  const done = new Set<Act>();
  let running = acts.length;
  const runs = acts.map(async (act, at) => {
    let steps = 0;
    const view = table.view(async () => {
      if (++steps === act.crashAt) throw new Crash();
      await new Promise<void>((go) => waiting[at]?.push(go));
    });
    const store = storeOver(view, () => (act.kind === 'fold' ? act.at : END));
    try {
      if (act.kind === 'fold') await store.fold(REF, ZONE, act.at);
      else if (!(await deliver(store, hour(act.n, act.part), at * 2))) return;
      done.add(act);
    } catch (error) {
      if (!(error instanceof Crash) && !isAppError(error, 'STORE_CONFLICT')) throw error;
    } finally {
      running--;
    }
  });
  for (let turn = 0; running > 0; turn++) {
    const { who = 0, calls = 1 } = order[turn % order.length] ?? {};
    for (let call = 0; call < calls && running > 0; call++) {
      await new Promise((next) => setImmediate(next));
      const ready = waiting.filter((own) => own.length > 0);
      ready[who % Math.max(1, ready.length)]?.shift()?.();
    }
  }
  await Promise.all(runs);
  return done;
}

const bursts = fc.array(
  fc.record({ who: fc.nat(5), calls: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 20, max: 90 })) }),
  { minLength: 1, maxLength: 25 },
);

const crashAt = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) },
);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      n: fc.integer({ min: 0, max: 70 }),
      part: fc.constantFrom(0, 0, 0, 1),
      crashAt,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fold' as const),
      // Up to now, or as the schedule has it, up to the start of the running chunk.
      at: fc.oneof(fc.integer({ min: 71, max: 79 }).map(slot), fc.integer({ min: 60, max: 79 }).map(chunkBefore)),
      crashAt,
    }),
  },
);

describe('fold', () => {
  test(
    'F19: whatever is delivered, doubled, late or cut short while folds run: what is folded is the sum of what is stored',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(act, { minLength: 2, maxLength: 14 }),
          fc.array(act, { maxLength: 8 }),
          bursts,
          async (first, second, order) => {
            const table = createFakeTable();
            const batches = new Map<string, Batch>();
            for (const acts of [first, second]) {
              const done = await race(table, acts, order);
              // The queue delivers again what was not acknowledged, until it is.
              const store = storeOver(table, () => END);
              for (const a of acts) {
                if (a.kind !== 'deliver') continue;
                batches.set(`${a.n}#${a.part}`, hour(a.n, a.part));
                if (!done.has(a)) expect(await deliver(store, hour(a.n, a.part), 1_000_000)).toBe(true);
              }
              const head = await store.readHead(REF);
              // Tops wait for the end of their day, which the folds of the race may not have seen.
              const allFolded = (await store.readUnfoldedSince(REF)) === undefined;
              if (head && head.folded === head.seq && allFolded) await verify(store, [...batches.values()], false);
            }
            const store = storeOver(table, () => END);
            await store.fold(REF, ZONE, END);
            const head = await store.readHead(REF);
            expect(head?.folded).toBe(head?.seq);
            await verify(store, [...batches.values()]);
          },
        ),
        { numRuns: 25 * LONG },
      );
    },
    TIMEOUT_MS,
  );

  test('a day that a fold closed before it died is read as the next one found it, whose clock was behind', async () => {
    const table = createFakeTable();
    const store = storeOver(table, () => END);
    for (const n of [0, 61]) await deliver(store, hour(n), 0);
    const closing = table.view(({ sk = '', write }) => {
      if (write && sk.startsWith('#running')) throw new Crash();
    });
    const dying = storeOver(closing, () => slot(72)).fold(REF, ZONE, slot(72));
    await expect(dying).rejects.toBeInstanceOf(Crash);
    await deliver(store, hour(16), 0);
    await storeOver(table, () => slot(71)).fold(REF, ZONE, slot(71));
    await verify(store, [hour(0), hour(16), hour(61)], false);
    await store.fold(REF, ZONE, END);
    await verify(store, [hour(0), hour(16), hour(61)]);
  });

  test(
    'F19: folds that meet each other and late readings around midnight lose nothing',
    async () => {
      const late = fc.record({
        kind: fc.constant('deliver' as const),
        n: fc.integer({ min: 14, max: 26 }),
        part: fc.constantFrom(0, 1),
        crashAt: fc.constant(0),
      });
      const fold = fc.record({
        kind: fc.constant('fold' as const),
        at: fc.constantFrom(slot(23) + 1, slot(24) - 1, slot(24) + 2, slot(27)),
        crashAt: fc.constant(0),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.tuple(late, fold, fold, late).chain((acts) => fc.shuffledSubarray(acts, { minLength: 3 })),
          fc.boolean(),
          bursts,
          async (acts, foldedBefore, order) => {
            const table = createFakeTable();
            const store = storeOver(table, () => END);
            const first = [12, 13, 16, 20, 22].map((n) => hour(n));
            for (const b of first) await deliver(store, b, 0);
            if (foldedBefore) await store.fold(REF, ZONE, slot(22) + 1);
            const done = await race(table, acts, order);
            const delivered = acts.flatMap((a) => (a.kind === 'deliver' ? [{ act: a, batch: hour(a.n, a.part) }] : []));
            const all = new Map([...first, ...delivered.map((d) => d.batch)].map((b) => [`${b.slot}#${b.part}`, b]));
            const head = await store.readHead(REF);
            if (delivered.every((d) => done.has(d.act)) && head?.folded === head?.seq) {
              await verify(store, [...all.values()], false);
            }
            for (const d of delivered) if (!done.has(d.act)) await deliver(store, d.batch, 1_000_000);
            await store.fold(REF, ZONE, END);
            await verify(store, [...all.values()]);
          },
        ),
        { numRuns: 50 * LONG },
      );
    },
    TIMEOUT_MS,
  );

  test.each([
    { name: 'within a day', late: 17, next: 23, after: 25 },
    { name: 'over midnight', late: 22, next: 24, after: 26 },
  ])('a fold that stalls after any of its steps never undoes what others folded meanwhile ($name)', async (given) => {
    const first = [12, 13, 16, 20, 21].map((n) => hour(n));
    let stalled = true;
    for (let k = 1; stalled; k++) {
      const table = createFakeTable();
      const other = storeOver(table, () => END);
      for (const b of first.slice(0, 2)) await deliver(other, b, 0);
      await other.fold(REF, ZONE, slot(14));
      for (const b of first.slice(2)) await deliver(other, b, 0);
      let steps = 0;
      let wake = (): void => undefined;
      const sleeping = new Promise<void>((resolve) => {
        wake = resolve;
      });
      let reached = (): void => undefined;
      const asleep = new Promise<boolean>((resolve) => {
        reached = () => resolve(true);
      });
      const view = table.view(async () => {
        if (++steps < k) return;
        reached();
        await sleeping;
      });
      const slow = storeOver(view, () => slot(21) + 1).fold(REF, ZONE, slot(21) + 1);
      stalled = await Promise.race([asleep, slow.then(() => false)]);
      const batches = [...first];
      for (const b of [hour(given.late), hour(20, 1), hour(given.next)]) {
        batches.push(b);
        await deliver(other, b, 0);
        await other.fold(REF, ZONE, Math.max(b.slot, slot(given.late)) + 1);
      }
      wake();
      await slow;
      const head = await other.readHead(REF);
      expect(head?.folded).toBe(head?.seq);
      await verify(other, batches, false);
      batches.push(hour(given.after));
      await deliver(other, hour(given.after), 0);
      await other.fold(REF, ZONE, slot(given.after) + 1);
      await verify(other, batches, false);
      await other.fold(REF, ZONE, END);
      await verify(other, batches);
    }
  });

  test('a fold that is killed after any of its steps is finished by the next one', async () => {
    const batches = [0, 1, 2, 17, 22, 23, 24, 47, 48, 66].map((n) => hour(n));
    const prepare = async () => {
      const table = createFakeTable();
      const store = storeOver(table, () => slot(25));
      for (const b of batches.slice(0, 6)) await deliver(store, b, 0);
      await store.fold(REF, ZONE, slot(25));
      for (const b of batches.slice(6)) await deliver(store, b, 0);
      return table;
    };
    let killed = true;
    for (let k = 1; killed; k++) {
      const table = await prepare();
      let steps = 0;
      killed = false;
      const view = table.view(() => {
        if (++steps >= k) {
          killed = true;
          throw new Crash();
        }
      });
      await storeOver(view, () => END)
        .fold(REF, ZONE, END)
        .catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      const store = storeOver(table, () => END);
      const head = await store.readHead(REF);
      if (killed) expect(head?.folded).toBeLessThan(head?.seq ?? 0);
      await store.fold(REF, ZONE, END);
      await verify(store, batches);
    }
  });

  test('a delivery that is killed after any of its steps and delivered again is stored once', async () => {
    let killed = true;
    for (let k = 1; killed; k++) {
      const table = createFakeTable();
      let steps = 0;
      killed = false;
      const view = table.view(() => {
        if (++steps >= k) {
          killed = true;
          throw new Crash();
        }
      });
      await deliver(
        storeOver(view, () => END),
        hour(1),
        0,
      ).catch(() => false);
      const store = storeOver(table, () => END);
      await deliver(store, hour(1), 100);
      await deliver(store, hour(2), 200);
      await store.fold(REF, ZONE, END);
      await verify(store, [hour(1), hour(2)]);
    }
  });
});
