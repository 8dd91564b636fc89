import { describe, expect, test } from 'vitest';
import {
  chunkStart,
  packBatch,
  packChunk,
  roundPoint,
  unpackBatch,
  unpackChunk,
} from '../../../shared/samples/packing.ts';
import type { Batch, CounterLife, RawPoint, Reading } from '../../../shared/samples/sample.ts';
import { chance } from './runs.ts';

const T0 = Date.UTC(2026, 9, 1);
const PERIOD_MS = 300_000;
const random = chance(42);
const between = (low: number, high: number) => low + (high - low) * random();

function life(receivedAt: number, ifIndex: number, column: string): CounterLife {
  const uptimeMs = Math.floor((receivedAt - T0 + 30 * 86_400_000) / 10) * 10;
  const bootAt = receivedAt - uptimeMs;
  return { bootAt, uptimeMs, column, bits: 64, speedBitsPerSecond: 1e9, ifIndex, discontinuity: '0' };
}

/** A router's answer: eight ports a response, the responses some tens of ms apart. */
function routerBatch(ports: number): Batch {
  let receivedAt = T0 + 1800;
  const readings = Array.from({ length: ports }, (_, i): Reading => {
    if (i % 8 === 0) receivedAt += Math.floor(between(20, 60));
    const octets = () => BigInt(Math.floor(10 ** between(10, 14)));
    return {
      entity: `core1/ether${i}`,
      receivedAt,
      values: { ifHCInOctets: octets(), ifHCOutOctets: octets(), ifOperStatus: 1n },
      lives: {
        ifHCInOctets: life(receivedAt, i + 1, 'snmp:ifHCInOctets'),
        ifHCOutOctets: life(receivedAt, i + 1, 'snmp:ifHCOutOctets'),
      },
    };
  });
  return {
    tenant: 'demo',
    kind: 'interface',
    target: 'core1',
    slot: T0,
    part: 0,
    receivedAt: T0 + 1800,
    periodSeconds: 300,
    boundary: true,
    readings,
  };
}

/** Six hours of a counter like those of the generated benchmark data. */
function busyCounter(lives: boolean): RawPoint[] {
  const rate = 10 ** between(4.5, 7);
  let value = BigInt(Math.floor(between(0, 1e9)));
  return Array.from({ length: 72 }, (_, k) => {
    const slot = T0 + k * PERIOD_MS;
    value += BigInt(Math.floor(rate * 300 * between(0.5, 1.5)));
    const jitterMs = Math.round((random() < 0.5 ? -1 : 1) * between(50, 300));
    const receivedAt = slot + 1500 + jitterMs;
    const point = { slot, receivedAt, value, boundary: true };
    return lives ? { ...point, life: life(receivedAt, 12, 'snmp:ifHCInOctets') } : point;
  });
}

describe('a batch', () => {
  test.each([40, 50])('of a router of %d ports takes at most 18 bytes a port and fits one write unit', (ports) => {
    const batch = routerBatch(ports);
    const { bytes } = packBatch(batch, []);
    expect(bytes.length / ports).toBeLessThanOrEqual(18);
    expect(bytes.length).toBeLessThanOrEqual(900);
  });

  test('is read back with the dictionary it was packed with, and with any later one', () => {
    const batch = routerBatch(10);
    const first = packBatch(batch, ['an older word']);
    const second = packBatch({ ...batch, readings: [{ entity: 'new', receivedAt: T0, values: {} }] }, first.dictionary);
    expect(unpackBatch(first.bytes, batch, first.dictionary)).toEqual(batch);
    expect(unpackBatch(first.bytes, batch, second.dictionary)).toEqual(batch);
  });

  test('only ever adds words behind those there are, and none when it brings nothing new', () => {
    const batch = routerBatch(3);
    const { dictionary } = packBatch(batch, ['a', 'b']);
    expect(dictionary.slice(0, 2)).toEqual(['a', 'b']);
    expect(new Set(dictionary).size).toBe(dictionary.length);
    expect(packBatch(batch, dictionary).dictionary).toEqual(dictionary);
  });

  test('is not read with the dictionary of another target', () => {
    const batch = routerBatch(3);
    const { bytes, dictionary } = packBatch(batch, []);
    const foreign = dictionary.map((word) => word.replace('core1', 'core2'));
    expect(() => unpackBatch(bytes, batch, foreign)).toThrow(/another dictionary/);
    expect(() => unpackBatch(bytes, batch, dictionary.slice(1))).toThrow(/dictionary of/);
  });

  test('takes tenant, kind, target, slot and part from its key', () => {
    const batch = routerBatch(1);
    const { bytes, dictionary } = packBatch(batch, []);
    const key = { tenant: 'other', kind: 'k', target: 't', slot: T0 + 60_000, part: 3 };
    expect(unpackBatch(bytes, key, dictionary)).toMatchObject(key);
  });

  test('keeps a metric that is absent apart from one that is 0, and no lives apart from empty ones', () => {
    const readings: Reading[] = [
      { entity: 'a', receivedAt: T0, values: { remainingOctets: 0n } },
      { entity: 'b', receivedAt: T0, values: {}, lives: {} },
      { entity: 'a', receivedAt: T0 - 5, values: { remainingOctets: -1n } },
    ];
    const batch = { ...routerBatch(0), boundary: false, readings };
    const { bytes, dictionary } = packBatch(batch, []);
    expect(unpackBatch(bytes, batch, dictionary)).toEqual(batch);
  });

  test('of hostile names is data like any other', () => {
    const life0: CounterLife = { bootAt: 0, column: '__proto__', bits: 32, discontinuity: '007' };
    const values = Object.fromEntries([['__proto__', 7n]]);
    const lives = Object.fromEntries([['__proto__', life0]]);
    const batch = { ...routerBatch(0), readings: [{ entity: 'constructor', receivedAt: T0, values, lives }] };
    const { bytes, dictionary } = packBatch(batch, []);
    const [reading] = unpackBatch(bytes, batch, dictionary).readings;
    expect(Object.entries(reading?.values ?? {})).toEqual([['__proto__', 7n]]);
    expect(Object.entries(reading?.lives ?? {})).toEqual([['__proto__', life0]]);
  });

  test('that was cut at any byte is refused', () => {
    const batch = routerBatch(3);
    const { bytes, dictionary } = packBatch(batch, []);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => unpackBatch(bytes.subarray(0, length), batch, dictionary)).toThrow(/assertion failed/);
    }
  });

  test('of a later format is refused', () => {
    const batch = routerBatch(1);
    const { bytes, dictionary } = packBatch(batch, []);
    expect(() => unpackBatch(Uint8Array.of(2, ...bytes.subarray(1)), batch, dictionary)).toThrow(/format 2/);
  });
});

describe('a chunk', () => {
  test.each([
    ['without lives', false, 4.3],
    ['with a life whose boot jitters', true, 5.0],
  ])('of busy counters %s takes few bytes a value, far below 1 KB in all', (_, lives, most) => {
    const sizes = Array.from({ length: 200 }, () => packChunk(busyCounter(lives)).length);
    expect(sizes.reduce((sum, size) => sum + size, 0) / (200 * 72)).toBeLessThanOrEqual(most);
    expect(Math.max(...sizes)).toBeLessThan(512);
  });

  test('of a level that never changes takes next to nothing', () => {
    const points = Array.from({ length: 72 }, (_, k) => ({
      slot: T0 + k * PERIOD_MS,
      receivedAt: T0 + k * PERIOD_MS + 900,
      value: 1n,
      boundary: true,
    }));
    expect(packChunk(points).length).toBeLessThan(40);
  });

  test('keeps both lives of a counter that was restarted, and the readings by hand between the slots', () => {
    const calm = busyCounter(true);
    const points = calm.map((point, k) => {
      if (k < 40) return k % 7 === 0 ? { ...point, slot: point.slot + 12_345, boundary: false } : point;
      const uptimeMs = (k - 39) * PERIOD_MS;
      const restarted = { ...life(0, 14, 'snmp:ifHCInOctets'), bootAt: point.receivedAt - uptimeMs, uptimeMs };
      return { ...point, value: point.value - (calm[39]?.value ?? 0n), life: restarted };
    });
    expect(unpackChunk(packChunk(points))).toEqual(points.map(roundPoint));
    expect(packChunk(points).length).toBeLessThan(1024);
  });

  test('of nothing is read back as nothing', () => {
    expect(unpackChunk(packChunk([]))).toEqual([]);
  });

  test('that was cut at any byte, or goes on behind its end, is refused', () => {
    const bytes = packChunk(busyCounter(true));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => unpackChunk(bytes.subarray(0, length))).toThrow(/assertion failed/);
    }
    expect(() => unpackChunk(Uint8Array.of(...bytes, 0))).toThrow(/too many/);
    expect(() => unpackChunk(Uint8Array.of(9, ...bytes.subarray(1)))).toThrow(/format 9/);
  });
});

describe('rounding for a chunk', () => {
  const at = (receivedAt: number, bootAt?: number, uptimeMs?: number): RawPoint => {
    const point = { slot: T0, receivedAt, value: 1n, boundary: true };
    if (bootAt === undefined) return point;
    return { ...point, life: { bootAt, column: 'c', bits: 64, ...(uptimeMs === undefined ? {} : { uptimeMs }) } };
  };
  test.each([
    ['a receipt', at(1049), at(1000)],
    ['a receipt that lies in the middle', at(1050), at(1100)],
    ['a receipt before 1970', at(-20), at(0)],
    ['a boot without uptime', at(1049, 151), at(1000, 200)],
    ['a boot that is receipt minus uptime, kept so', at(1049, 678, 371), at(1000, 600, 400)],
    ['a boot of another source', at(1049, 760, 349), at(1000, 800, 300)],
  ])('puts %s on the grid of 100 ms', (_, point, expected) => {
    expect(roundPoint(point)).toEqual(expected);
  });
});

test.each([
  [Date.UTC(2026, 9, 1, 0, 0), Date.UTC(2026, 9, 1, 0)],
  [Date.UTC(2026, 9, 1, 5, 59, 59, 999), Date.UTC(2026, 9, 1, 0)],
  [Date.UTC(2026, 9, 1, 6, 0), Date.UTC(2026, 9, 1, 6)],
  [Date.UTC(2026, 9, 1, 23, 55), Date.UTC(2026, 9, 1, 18)],
])('the chunk of slot %d begins at %d', (slot, start) => {
  expect(chunkStart(slot)).toBe(start);
});
