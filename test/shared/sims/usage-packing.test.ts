import { expect, test } from 'vitest';
import type { DayUsage } from '../../../shared/sims/sim.ts';
import type { StatedDay } from '../../../shared/sims/usage.ts';
import { packUsage, unpackUsage } from '../../../shared/sims/usage-packing.ts';
import { chance } from '../samples/runs.ts';

/** Six values a day of up to so many MB, each day stated last at an instant of its own. */
function monthOf(megabytes: number, seed: number): StatedDay[] {
  const random = chance(seed);
  return Array.from({ length: 31 }, (_, i): StatedDay => {
    const micro = (): bigint => BigInt(Math.floor(random() * megabytes * 1e6));
    const [dataRx, dataTx, smsMo, smsMt] = [micro(), micro(), BigInt(Math.floor(random() * 300)), 3n];
    const usage: DayUsage = {
      day: `2026-10-${String(i + 1).padStart(2, '0')}`,
      dataTotal: dataRx + dataTx,
      dataRx,
      dataTx,
      smsTotal: smsMo + smsMt,
      smsMo,
      smsMt,
    };
    return { usage, statedAt: Date.UTC(2026, 9, i + 3) + Math.floor(random() * 86_400_000), closed: true };
  });
}

test.each([
  ['a quiet meter', 1, 520],
  ['a camera', 500, 620],
  ['a router of 20 GB a day', 10_000, 660],
])('a month of six values of %s fits', (_, megabytes, bytes) => {
  for (let seed = 0; seed < 20; seed++) {
    const month = monthOf(megabytes, seed);
    const packed = packUsage(month);
    expect(packed.length).toBeLessThanOrEqual(bytes);
    expect(unpackUsage(packed)).toEqual(month);
  }
});

test('a month whose totals are not the sums of their parts is below 900 bytes too', () => {
  const odd = monthOf(10_000, 7).map(({ usage, ...rest }, i) => ({
    ...rest,
    usage: { ...usage, dataTotal: BigInt(i) * 123_456_789n, smsTotal: 40_000n },
  }));
  expect(packUsage(odd).length).toBeLessThanOrEqual(900);
  expect(unpackUsage(packUsage(odd))).toEqual(odd);
});

test('an absent value and a 0 are two things', () => {
  const month: StatedDay[] = [
    { usage: { day: '2026-10-01', dataRx: 0n }, statedAt: 5, closed: false },
    { usage: { day: '2026-10-02' }, statedAt: 4, closed: true },
    { usage: { day: '2026-10-09', dataTotal: 0n, smsMt: 0n }, statedAt: 4, closed: false },
  ];
  expect(unpackUsage(packUsage(month))).toStrictEqual(month);
});

test('bytes of another format, cut or with more behind them are a bug', () => {
  const packed = packUsage(monthOf(1, 1));
  expect(() => unpackUsage(Uint8Array.of(2, ...packed.subarray(1)))).toThrow('usage of format 2');
  expect(() => unpackUsage(packed.subarray(0, -1))).toThrow('assertion failed');
  expect(() => unpackUsage(Uint8Array.of(...packed, 0))).toThrow('assertion failed');
});
