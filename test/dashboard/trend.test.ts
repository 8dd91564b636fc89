import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeriesResponse } from '../../dashboard/contract.ts';
import {
  areaPath,
  type Frame,
  gapsOf,
  isEmpty,
  linePath,
  peakOf,
  segmentsOf,
  summary,
  type Trend,
  trendOf,
  unknownMs,
} from '../../dashboard/trend.ts';

const STEP = 1000;
const trend = (values: readonly (number | undefined)[]): Trend => ({
  from: 0,
  to: values.length * STEP,
  stepMs: STEP,
  points: values.map((value, i) => ({ at: i * STEP, value })),
});
const frame = (top: number, count: number): Frame => ({ from: 0, to: count * STEP, top, width: 100, height: 10 });

function series(from: string, to: string, points: readonly (readonly [string, string | null])[]): SeriesResponse {
  const rows = points.map(([at, value]) => ({
    at,
    value,
    increase: null,
    rate: value === null ? null : Number(value),
  }));
  return {
    id: 'x',
    metric: 'remaining',
    unit: 'octets',
    kind: 'balance',
    from,
    to,
    step: '1h',
    zone: 'UTC',
    points: rows,
  };
}

describe('a trend of a series', () => {
  const [from, to] = ['2026-11-20T00:30:00Z', '2026-11-20T04:10:00Z'];
  const hour = (h: number): string => `2026-11-20T0${h}:00:00Z`;

  it('takes an unknown value for a gap, and 0 for 0', () => {
    const found = trendOf(
      series(from, to, [
        [hour(0), '5'],
        [hour(1), null],
        [hour(2), '0'],
        [hour(3), '4'],
        [hour(4), '3'],
      ]),
      'value',
      3_600_000,
    );
    expect(found.points.map((p) => p.value)).toEqual([5, undefined, 0, 4, 3]);
    expect(gapsOf(found)).toEqual([{ from: Date.parse(hour(1)), to: Date.parse(hour(2)) }]);
  });

  it('misses nothing in a first step cut by the range and a last step that is not over', () => {
    const found = trendOf(
      series(from, to, [
        [hour(0), null],
        [hour(1), '5'],
        [hour(2), '5'],
        [hour(3), '4'],
        [hour(4), null],
      ]),
      'value',
      3_600_000,
    );
    expect(gapsOf(found)).toEqual([]);
  });

  it('keeps the gap of a last step that is over', () => {
    const found = trendOf(
      series(from, hour(4), [
        [hour(1), '5'],
        [hour(2), '5'],
        [hour(3), null],
      ]),
      'value',
      3_600_000,
    );
    expect(gapsOf(found)).toHaveLength(1);
  });

  it('turns octets a second into bits a second', () => {
    const found = trendOf(series(from, hour(2), [[hour(1), '125']]), 'rate', 3_600_000, 8);
    expect(found.points[0]?.value).toBe(1000);
  });
});

describe('lines', () => {
  it('break where nothing is known, and show a lonely reading as a dot', () => {
    expect(linePath(trend([10, 10, undefined, 5, undefined, 0, 0]), frame(10, 7))).toBe(
      'M7.1 0L21.4 0M50 5h0M78.6 10L92.9 10',
    );
  });

  it('enclose an area under each stretch, but none under a dot', () => {
    expect(areaPath(trend([10, 10, undefined, 5]), frame(10, 4))).toBe('M12.5 10L12.5 0L37.5 0L37.5 10Z');
  });

  it('stay inside the frame when a value is above it', () => {
    expect(linePath(trend([20, -5]), frame(10, 2))).toBe('M25 0L75 10');
  });

  it('of nothing are nothing', () => {
    const empty = trend([undefined, undefined]);
    expect([linePath(empty, frame(1, 2)), isEmpty(empty), peakOf(empty), summary(empty, String)]).toEqual([
      '',
      true,
      0,
      'no reading',
    ]);
  });
});

describe('the sentence', () => {
  it('names the first, the newest and both ends', () => {
    expect(summary(trend([3, 9, undefined, 1, 2]), (v) => `${v} GB`)).toBe(
      'first 3 GB, newest 2 GB, lowest 1 GB, highest 9 GB',
    );
  });
});

describe('any trend', () => {
  it('is made of its known stretches and its gaps, nothing lost and nothing joined', () => {
    const numRuns = process.env.HEADROOM_LONG ? 5_000 : 100;
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }), { minLength: 1, maxLength: 200 }),
        (values) => {
          const t = trend(values);
          expect(
            segmentsOf(t)
              .flat()
              .map((p) => p.value),
          ).toEqual(values.filter((v) => v !== undefined));
          expect(unknownMs(t)).toBe(values.filter((v) => v === undefined).length * STEP);
          const breaks = values.filter((v, i) => v !== undefined && (i === 0 || values[i - 1] === undefined)).length;
          expect(segmentsOf(t)).toHaveLength(breaks);
          expect(linePath(t, frame(peakOf(t), values.length)).split('M')).toHaveLength(breaks + 1);
        },
      ),
      { numRuns },
    );
  });
});
