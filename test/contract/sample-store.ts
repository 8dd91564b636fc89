/** What every store of samples must do, whatever stands behind it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { chunkStart } from '../../shared/samples/packing.ts';
import type { Batch } from '../../shared/samples/sample.ts';
import type { DynamoSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import type { LeaseClaim, LeaseRun } from '../../shared/samples/samples.port.ts';
import { batch, okRun, type PortReading, REF, SLOT_MS } from '../shared/samples/router.ts';

export interface OpenStore {
  readonly store: DynamoSampleStore;
  readonly setNow: (at: number) => void;
}

const ZONE = 'Africa/Nairobi';
const DAY_MS = 86_400_000;
/** Midnight in Nairobi. */
const START = Date.parse('2026-11-09T21:00:00Z');
const slot = (n: number) => START + n * SLOT_MS;
const series = (metric = 'ifHCInOctets', entity = 'core1/ether1') => ({ ...REF, entity, metric });
const port = (n: number, entity = 'core1/ether1'): PortReading => ({ entity, input: BigInt(n) * 1000n, output: 7n });

async function collect(store: DynamoSampleStore, ...batches: Batch[]): Promise<void> {
  const lease = await store.acquireLease(REF, 0, 60_000);
  if (!lease) throw new Error('the lease is held');
  for (const b of batches) {
    const stored = await store.putBatch(b);
    await store.advanceHead(lease, stored.batch, okRun(b.slot));
  }
  await store.releaseLease(lease);
}

/** Run n, which knows the runs that are done. */
function claimOf(n: number, { done = [], asked = [] }: { done?: number[]; asked?: LeaseRun[] } = {}): LeaseClaim {
  return {
    run: { slot: slot(n), part: 3 },
    isDone: async (run) => {
      asked.push(run);
      return done.some((d) => slot(d) === run.slot);
    },
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

export function sampleStoreContract(name: string, open: () => Promise<OpenStore>): void {
  describe(name, () => {
    let store: DynamoSampleStore;
    let setNow: OpenStore['setNow'];
    beforeEach(async () => {
      ({ store, setNow } = await open());
      setNow(slot(0));
    });

    test('a target that was never collected has no head', async () => {
      expect(await store.readHead(REF)).toBeUndefined();
      expect(await store.readHeads('demo', 'interface')).toEqual([]);
      expect(await store.newestBatches(REF, 3)).toEqual([]);
    });

    test('F2: a part delivered twice is stored once, the loser gets what is stored, and seq rises all the same', async () => {
      const [first, again] = [batch(slot(0), [port(1)]), batch(slot(0), [port(2)], { lateMs: 900 })];
      await collect(store, first);
      expect(await store.putBatch(again)).toEqual({ batch: first, existed: true });
      await collect(store, again);
      expect((await store.readHead(REF))?.seq).toBe(2);
      expect(await store.newestBatches(REF, 9)).toEqual([first]);
    });

    test('F2: of the same part stored at once, one wins and both callers hold the winner', async () => {
      const results = await Promise.all(range(1, 6).map((n) => store.putBatch(batch(slot(0), [port(n)]))));
      expect(results.filter((r) => !r.existed)).toHaveLength(1);
      expect(new Set(results.map((r) => r.batch.readings[0]?.values.ifHCInOctets)).size).toBe(1);
    });

    test('F4: while a lease is held no other run gets one; an expired one passes on and its holder is refused', async () => {
      const old = await store.acquireLease(REF, slot(0), 60_000);
      expect(await store.acquireLease(REF, slot(0) + 59_000, 60_000)).toBeUndefined();
      const young = await store.acquireLease(REF, slot(0) + 60_000, 60_000);
      if (!old || !young) throw new Error('no lease');
      expect(young.version).toBeGreaterThan(old.version);
      await expect(store.advanceHead(old, batch(slot(0), [port(1)]), okRun(slot(0)))).rejects.toMatchObject({
        code: 'STORE_CONFLICT',
      });
      await store.releaseLease(old);
      expect(await store.acquireLease(REF, slot(0) + 61_000, 60_000)).toBeUndefined();
      await store.advanceHead(young, batch(slot(0), [port(1)]), okRun(slot(0)));
      await store.releaseLease(young);
      expect(await store.acquireLease(REF, slot(0) + 62_000, 60_000)).toBeDefined();
    });

    test('F4: a lease is taken over from a run that the log knows as done, and from no other', async () => {
      const held = await store.acquireLease(REF, slot(0), 60_000, claimOf(1));
      if (!held) throw new Error('no lease');
      expect(await store.acquireLease(REF, slot(0) + 1000, 60_000)).toBeUndefined();
      expect(await store.acquireLease(REF, slot(0) + 1000, 60_000, claimOf(2))).toBeUndefined();
      const asked: LeaseRun[] = [];
      const next = await store.acquireLease(REF, slot(0) + 1000, 60_000, claimOf(2, { done: [1], asked }));
      expect(asked).toEqual([{ slot: slot(1), part: 3 }]);
      expect(next?.version).toBeGreaterThan(held.version);
      // It was asked for the first one; the second holds it now.
      expect(await store.acquireLease(REF, slot(0) + 2000, 60_000, claimOf(3, { done: [1] }))).toBeUndefined();
      await expect(store.advanceHead(held, batch(slot(0), [port(1)]), okRun(slot(0)))).rejects.toMatchObject({
        code: 'STORE_CONFLICT',
      });
      await store.releaseLease(held);
      expect(await store.acquireLease(REF, slot(0) + 2000, 60_000, claimOf(3))).toBeUndefined();
    });

    test('who found a lease taken leaves word of when he comes back, until somebody has it', async () => {
      const held = await store.acquireLease(REF, slot(0), 60_000, claimOf(1));
      expect(await store.leaseAwaitedAt(REF)).toBeUndefined();
      await store.awaitLease(REF, slot(0) + 5000);
      expect(await store.leaseAwaitedAt(REF)).toBe(slot(0) + 5000);
      if (held) await store.advanceHead(held, batch(slot(0), [port(1)]), okRun(slot(0)));
      await store.acquireLease(REF, slot(0) + 5000, 60_000, claimOf(2, { done: [1] }));
      expect(await store.leaseAwaitedAt(REF)).toBeUndefined();
    });

    test('of many that find the holder done at once, one gets the lease', async () => {
      await store.acquireLease(REF, slot(0), 60_000, claimOf(1));
      const leases = await Promise.all(
        range(2, 10).map((n) => store.acquireLease(REF, slot(0) + 1000, 60_000, claimOf(n, { done: [1] }))),
      );
      expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    test('a lease whose holder is unknown is waited for, whatever the log says', async () => {
      await store.acquireLease(REF, slot(0), 60_000);
      const isDone = async () => true;
      const run = { slot: slot(1), part: 0 };
      expect(await store.acquireLease(REF, slot(0) + 1000, 60_000, { run, isDone })).toBeUndefined();
      expect(await store.acquireLease(REF, slot(0) + 60_000, 60_000, { run, isDone })).toBeDefined();
      // Without a name it forgets the one before, whose end would say nothing about it.
      expect(await store.acquireLease(REF, slot(0) + 120_000, 60_000)).toBeDefined();
      expect(await store.acquireLease(REF, slot(0) + 121_000, 60_000, { run, isDone })).toBeUndefined();
    });

    test('of many that ask for the lease at once, one gets it', async () => {
      const leases = await Promise.all(range(0, 8).map(() => store.acquireLease(REF, slot(0), 60_000)));
      expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    test('the head holds the newest values and increases; an older slot never replaces them', async () => {
      await collect(
        store,
        batch(slot(0), [port(1)]),
        batch(slot(1), [port(5)]),
        batch(slot(0), [port(3)], { part: 1 }),
      );
      const head = await store.readHead(REF);
      expect(head).toMatchObject({ seq: 3, folded: 0, newestSlot: slot(1), periodSeconds: 300 });
      expect(head?.entities).toHaveLength(1);
      expect(head?.entities[0]).toMatchObject({
        entity: 'core1/ether1',
        slot: slot(1),
        values: { ifHCInOctets: 5000n },
      });
      expect(head?.entities[0]?.increases.ifHCInOctets).toMatchObject({ amount: 4000n, rateable: true });
    });

    test('heads of a kind come in order of target', async () => {
      for (const target of ['b#2', 'a%1', 'c']) {
        const ref = { ...REF, target };
        const lease = await store.acquireLease(ref, slot(0), 1000);
        if (lease) await store.advanceHead(lease, batch(slot(0), [port(1)], { ref }), okRun(slot(0)));
      }
      expect((await store.readHeads('demo', 'interface')).map((h) => h.target)).toEqual(['a%1', 'b#2', 'c']);
      expect(await store.readHeads('other', 'interface')).toEqual([]);
    });

    test('a failed run is told by the head and takes nothing from it; an older failure does not hide a newer run', async () => {
      await collect(store, batch(slot(0), [port(1)]));
      const failed = { slot: slot(1), at: slot(1), ok: false, error: 'SOURCE_UNAVAILABLE: no answer', failures: 1 };
      await store.recordFailure(REF, failed);
      expect(await store.readHead(REF)).toMatchObject({ lastRun: failed, seq: 1, newestSlot: slot(0) });
      await store.recordFailure(REF, { ...failed, at: slot(0), failures: 9 });
      expect((await store.readHead(REF))?.lastRun).toEqual(failed);
      await store.recordFailure({ ...REF, target: 'new' }, failed);
      expect(await store.readHead({ ...REF, target: 'new' })).toMatchObject({ seq: 0, entities: [], lastRun: failed });
    });

    test('newest batches come newest first, parts of a slot in order', async () => {
      await collect(
        store,
        ...range(0, 4).map((n) => batch(slot(n), [port(n)])),
        batch(slot(2), [port(9)], { part: 1 }),
      );
      const newest = await store.newestBatches(REF, 3);
      expect(newest.map((b) => [b.slot, b.part])).toEqual([
        [slot(3), 0],
        [slot(2), 1],
        [slot(2), 0],
      ]);
    });

    test('a batch whose 35 days are over is gone for readers, whenever it is deleted', async () => {
      await collect(store, batch(slot(0), [port(1)]), batch(slot(1), [port(2)]));
      setNow(slot(0) + 35 * DAY_MS);
      expect(await store.newestBatches(REF, 9)).toHaveLength(2);
      setNow(slot(1) + 35 * DAY_MS + 10_000);
      expect(await store.newestBatches(REF, 9)).toEqual([]);
      expect(await store.readSeries(series(), slot(0), slot(9))).toEqual([]);
    });

    test('readings are the same before, between and after folds, and never doubled', async () => {
      const batches = range(0, 100).map((n) => batch(slot(n), [port(n), port(2 * n, 'core1/ether2')]));
      const expected = range(20, 90).map((n) => [slot(n), BigInt(n) * 1000n]);
      const look = async () => {
        const points = await store.readSeries(series(), slot(20), slot(90));
        expect(points.map((p) => [p.slot, p.value])).toEqual(expected);
        const increases = await store.readIncreases(series(), slot(20), slot(90));
        expect(increases).toHaveLength(70);
        expect(increases.every((i) => i.amount === 1000n && i.rateable)).toBe(true);
      };
      await collect(store, ...batches.slice(0, 60));
      await store.fold(REF, ZONE, slot(60));
      await collect(store, ...batches.slice(60, 99));
      await look();
      expect(await store.fold(REF, ZONE, slot(99))).toMatchObject({ folded: 99 });
      await look();
      await collect(store, ...batches.slice(99));
      await store.fold(REF, ZONE, slot(100));
      await look();
      expect(await store.readHead(REF)).toMatchObject({ seq: 100, folded: 100 });
    });

    test('a fold up to the running chunk leaves that one alone: it is read from its batches and folded once it is over', async () => {
      const chunk = chunkStart(slot(72));
      const fed = range(0, 80).filter((n) => slot(n) < chunk + 6 * SLOT_MS);
      await collect(store, ...fed.map((n) => batch(slot(n), [port(n)])));
      setNow(chunk + 6 * SLOT_MS);
      const look = async () => {
        const points = await store.readSeries(series(), slot(0), slot(999));
        expect(points.map((p) => p.slot)).toEqual(fed.map(slot));
      };
      expect(await store.fold(REF, ZONE, chunk)).toMatchObject({ series: 2 });
      await look();
      const before = fed.filter((n) => slot(n) < chunk).length;
      // The readings of the running chunk are not taken for missing ones.
      expect((await store.readRollups('demo', 'ifHCInOctets', '2026-11')).get('core1/ether1')).toMatchObject([
        { day: '2026-11-10', validSlots: before - 1, largestGapSeconds: 0 },
      ]);
      expect(await store.readUnfoldedSince(REF)).toBe(chunk);
      expect(await store.fold(REF, ZONE, chunk)).toMatchObject({ series: 0 });
      expect(await store.fold(REF, ZONE, chunk + 6 * SLOT_MS)).toMatchObject({ series: 2 });
      await look();
      expect(await store.readUnfoldedSince(REF)).toBeUndefined();
      expect((await store.readRollups('demo', 'ifHCInOctets', '2026-11')).get('core1/ether1')?.[0]?.validSlots).toBe(
        fed.length - 1,
      );
    });

    test('a day ends only with a chunk that is over: its last slots may still wait', async () => {
      await collect(store, ...range(270, 300).map((n) => batch(slot(n), [port(n)])));
      const [ended, running] = [chunkStart(slot(287)), chunkStart(slot(287)) + 6 * 3_600_000];
      const days = async () =>
        (await store.readRollups('demo', 'ifHCInOctets', '2026-11')).get('core1/ether1')?.map((d) => [d.day, d.total]);
      await store.fold(REF, ZONE, ended);
      expect(await days()).toBeUndefined();
      await store.fold(REF, ZONE, running);
      expect(await days()).toEqual([
        ['2026-11-10', 17_000n],
        ['2026-11-11', 12_000n],
      ]);
    });

    test('F19: a late reading is read at once, and once folded the day knows it', async () => {
      const late = batch(slot(50), [port(50)], { lateMs: 6 * 3_600_000 });
      await collect(
        store,
        ...range(0, 100)
          .filter((n) => n !== 50)
          .map((n) => batch(slot(n), [port(n)])),
      );
      setNow(slot(120));
      await store.fold(REF, ZONE, slot(100));
      expect((await store.readRollups('demo', 'ifHCInOctets', '2026-11')).get('core1/ether1')?.[0]).toMatchObject({
        validSlots: 98 - 1,
      });
      await collect(store, late);
      expect((await store.readSeries(series(), slot(0), slot(100))).map((p) => p.slot)).toContain(slot(50));
      await store.fold(REF, ZONE, slot(100));
      expect((await store.readRollups('demo', 'ifHCInOctets', '2026-11')).get('core1/ether1')?.[0]).toMatchObject({
        total: 99_000n,
        validSlots: 99,
      });
    });

    test('F3: a part that restates a slot replaces its readings', async () => {
      await collect(store, ...range(0, 3).map((n) => batch(slot(n), [port(n)])));
      await store.fold(REF, ZONE, slot(3));
      await collect(store, batch(slot(1), [{ entity: 'core1/ether1', input: 1500n }], { part: 1 }));
      for (const fold of [false, true]) {
        if (fold) await store.fold(REF, ZONE, slot(3));
        const points = await store.readSeries(series(), slot(0), slot(3));
        expect(points.map((p) => p.value)).toEqual([0n, 1500n, 2000n]);
      }
    });

    test('days hold the sum of their increases; today stands among them while it runs', async () => {
      const batches = range(0, 400).map((n) => batch(slot(n), [port(n), port(3 * n, 'core1/ether2')]));
      for (const [from, to] of [
        [0, 70],
        [70, 150],
        [150, 290],
        [290, 400],
      ] as const) {
        await store.importPoints(REF, batches.slice(from, to));
        setNow(slot(to));
        await store.fold(REF, ZONE, slot(to));
      }
      const rollups = await store.readRollups('demo', 'ifHCInOctets', '2026-11');
      expect([...rollups.keys()].sort()).toEqual(['core1/ether1', 'core1/ether2']);
      const days = rollups.get('core1/ether1');
      expect(days?.map((d) => [d.day, d.total, d.validSlots, d.expectedSlots])).toEqual([
        ['2026-11-10', 287_000n, 287, 288],
        ['2026-11-11', 112_000n, 112, 288],
      ]);
      expect(rollups.get('core1/ether2')?.[0]?.total).toBe(3n * 287_000n);
    });

    test('tops hold the largest rates of closed days only', async () => {
      const burst = (n: number) => (n === 100 ? 50_000_000n : 0n);
      const ports = (n: number): PortReading[] => [
        { entity: 'core1/ether1', input: BigInt(n) * 300_000n + (n >= 100 ? burst(100) : 0n) },
      ];
      const batches = range(0, 300).map((n) => batch(slot(n), ports(n)));
      await store.importPoints(REF, batches.slice(0, 200));
      setNow(slot(200));
      await store.fold(REF, ZONE, slot(200));
      expect((await store.readTops('demo', 'ifHCInOctets', '2026-11')).size).toBe(0);
      await store.importPoints(REF, batches.slice(200));
      setNow(slot(300));
      await store.fold(REF, ZONE, slot(300));
      const tops = (await store.readTops('demo', 'ifHCInOctets', '2026-11')).get('core1/ether1');
      expect(tops).toHaveLength(287);
      expect(tops?.[0]).toEqual({ slot: slot(100), value: 50_300_000n / 300n });
      expect(tops?.[1]?.value).toBe(1000n);
    });

    test('a fold with nothing new changes nothing', async () => {
      await collect(store, ...range(0, 5).map((n) => batch(slot(n), [port(n)])));
      expect(await store.fold(REF, ZONE, slot(5))).toEqual({ series: 2, folded: 5 });
      expect(await store.fold(REF, ZONE, slot(5))).toEqual({ series: 0, folded: 5 });
      expect(await store.fold({ ...REF, target: 'unknown' }, ZONE, slot(5))).toEqual({ series: 0, folded: 0 });
    });

    test('a late reading after the batches have expired joins the stored chunk instead of replacing it', async () => {
      await collect(
        store,
        ...range(0, 20)
          .filter((n) => n !== 7)
          .map((n) => batch(slot(n), [port(n)])),
      );
      await store.fold(REF, ZONE, slot(20));
      const later = slot(20) + 40 * DAY_MS;
      setNow(later);
      await store.importPoints(REF, [{ ...batch(slot(7), [port(7)], { part: 9000 }), receivedAt: later }]);
      await store.fold(REF, ZONE, later);
      const points = await store.readSeries(series(), slot(0), slot(20));
      expect(points.map((p) => p.value)).toEqual(range(0, 20).map((n) => BigInt(n) * 1000n));
      const day = (await store.readRollups('demo', 'ifHCInOctets', '2026-11')).get('core1/ether1')?.[0];
      expect(day).toMatchObject({ day: '2026-11-10', total: 19_000n, validSlots: 19 });
    });

    test('an imported history is folded, shown on the head, and no run; twice the same has one effect', async () => {
      const history = range(0, 300).map((n) => ({
        ...batch(slot(n), [port(n)], { part: 9000 }),
        receivedAt: slot(400),
      }));
      setNow(slot(400));
      expect(await store.importPoints(REF, history)).toEqual({ stored: 300, existed: 0 });
      expect(await store.importPoints(REF, history)).toEqual({ stored: 0, existed: 300 });
      await store.fold(REF, ZONE, slot(400));
      const head = await store.readHead(REF);
      expect(head).toMatchObject({ seq: 600, folded: 600, entities: [{ slot: slot(299) }] });
      expect(head?.newestSlot).toBeUndefined();
      expect((await store.readSeries(series(), slot(0), slot(300))).length).toBe(300);
      const days = (await store.readRollups('demo', 'ifHCInOctets', '2026-11')).get('core1/ether1');
      expect(days?.map((d) => d.total)).toEqual([287_000n, 12_000n]);
    });

    test('a change of zone cuts the days anew from the chunks', async () => {
      await store.importPoints(
        REF,
        range(0, 400).map((n) => batch(slot(n), [port(n)])),
      );
      setNow(slot(400));
      await store.fold(REF, ZONE, slot(400));
      await store.recompute(REF, 'UTC', 2, slot(0), slot(400));
      const days = (await store.readRollups('demo', 'ifHCInOctets', '2026-11')).get('core1/ether1');
      expect(days?.map((d) => [d.day, d.total])).toEqual([
        ['2026-11-09', 35_000n],
        ['2026-11-10', 288_000n],
        ['2026-11-11', 76_000n],
      ]);
    });

    test('F24: once a head is removed, a run under way cannot bring it back', async () => {
      const lease = await store.acquireLease(REF, slot(0), 60_000);
      if (!lease) throw new Error('no lease');
      await store.advanceHead(lease, batch(slot(0), [port(1)]), okRun(slot(0)));
      await store.removeHead(REF);
      await expect(store.advanceHead(lease, batch(slot(1), [port(1)]), okRun(slot(1)))).rejects.toMatchObject({
        code: 'STORE_CONFLICT',
      });
      expect(await store.readHead(REF)).toBeUndefined();
    });
  });
}
