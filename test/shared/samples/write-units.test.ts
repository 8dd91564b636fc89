import { expect, test } from 'vitest';
import { chunkStart, packChunk } from '../../../shared/samples/packing.ts';
import type { Batch, Reading } from '../../../shared/samples/sample.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { createFakeTable } from '../fake-table.ts';
import { meter } from '../meter.ts';
import { life, metricsOf, okRun, REF, SLOT_MS } from './router.ts';

const PORTS = 48;
const DAY_SLOTS = 288;
/** Its names, its lives, its empty head: what is paid once. */
const WARM_UP_SLOTS = 24;
/** 40 minutes into a chunk, which begins an hour after the first slot. */
const FOLD_AT = 20;
/** In the middle of a month, so that rollups and tops have half their size; an hour before midnight. */
const START = Date.parse('2026-11-15T23:00:00Z');
const slot = (n: number) => START + n * SLOT_MS;

/** Repeatable noise, 0 to 1. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

/** Counters of a busy access router: rates that wander between 20 and 100 Mb/s, receipts that jitter by 100 ms. */
function createRouter() {
  const counters = new Map<string, bigint>();
  return (n: number): Batch => {
    const receivedAt = slot(n) + 800 + Math.floor(noise(n) * 100);
    const readings = Array.from({ length: PORTS }, (_, i): Reading => {
      const at = receivedAt + i * 3;
      const count = (column: string, share: number) => {
        const rate = 1.25e7 * share * (0.2 + 0.8 * noise(n * 97 + i * 31 + column.length));
        const value =
          (counters.get(`${i}${column}`) ?? BigInt(i) * 7_000_000_000_000n) + BigInt(Math.floor(rate * 300));
        counters.set(`${i}${column}`, value);
        return value;
      };
      return {
        entity: `core1/sfp-sfpplus${i + 1}`,
        receivedAt: at,
        values: { ifHCInOctets: count('ifHCInOctets', 1), ifHCOutOctets: count('ifHCOutOctets', 0.3) },
        lives: {
          ifHCInOctets: life(at, START - 1e9, 'ifHCInOctets', i + 1),
          ifHCOutOctets: life(at, START - 1e9, 'ifHCOutOctets', i + 1),
        },
      };
    });
    return { ...REF, slot: slot(n), part: 0, receivedAt, periodSeconds: 300, boundary: true, readings };
  };
}

test('a router of 48 ports costs under 0.06 write units a sample for batches and folds, 0.12 with lease and head', async () => {
  const counted = meter(createFakeTable());
  let now = START;
  const store = createSampleStore(counted.table, metricsOf, { now: () => now });
  const router = createRouter();
  const batches: Batch[] = [];
  for (let n = 0; n < WARM_UP_SLOTS + DAY_SLOTS; n++) {
    if (n === WARM_UP_SLOTS) counted.reset();
    const b = router(n);
    batches.push(b);
    now = b.receivedAt;
    const lease = await store.acquireLease(REF, now, 60_000);
    if (!lease) throw new Error('no lease');
    await store.advanceHead(lease, (await store.putBatch(b)).batch, okRun(b.slot));
    // Every six hours, when a chunk is over; a finished run leaves its lease to run out.
    if (n % 72 === FOLD_AT) await store.fold(REF, 'UTC', chunkStart(now));
  }
  const units = (...shelves: string[]) =>
    shelves.reduce((sum, shelf) => sum + (counted.writes.get(shelf) ?? 0), 0) / (PORTS * DAY_SLOTS);
  const report = JSON.stringify(Object.fromEntries([...counted.writes.keys()].map((s) => [s, units(s).toFixed(4)])));
  expect(units('B', 'names', 'S', 'R', 'P'), report).toBeLessThan(0.06);
  expect(units(...counted.writes.keys()), report).toBeLessThan(0.12);
  expect(bytesPerValue(batches.slice(0, 72)), report).toBeLessThan(5.1);
});

/** Of one port's busier counter over six hours. Its rates are pure noise: 3.9 of the bytes are what noise weighs. */
function bytesPerValue(batches: readonly Batch[]): number {
  const points = batches.flatMap(({ slot: at, readings }) => {
    const [value, own] = [readings[7]?.values.ifHCInOctets, readings[7]?.lives?.ifHCInOctets];
    if (!readings[7] || value === undefined || !own) return [];
    return [{ slot: at, receivedAt: readings[7].receivedAt, value, boundary: true, life: own }];
  });
  return packChunk(points).length / points.length;
}
