import { describe, expect, test } from 'vitest';
import { freshness, isStale } from '../../../shared/samples/freshness.ts';
import type { Metric } from '../../../shared/samples/metric.ts';
import type { Increase, RawPoint } from '../../../shared/samples/sample.ts';
import { MAX_POINTS, readRange, seriesPoints } from '../../../shared/samples/series.ts';
import { answerSeries, type SeriesQuestion } from '../../../shared/samples/series-answer.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const NOW = Date.parse('2026-11-20T09:00:00Z');
const at = (text: string): number => Date.parse(`2026-11-${text}Z`);
const COUNTER: Metric = { id: 'ifHCInOctets', kind: 'counter', unit: 'octets', title: 'Received' };
const GAUGE: Metric = { id: 'expiresIn', kind: 'gauge', unit: 'seconds', title: 'Left' };

const point = (slot: number, value: bigint, receivedAt = slot + 700): RawPoint => ({
  slot,
  receivedAt,
  value,
  boundary: true,
});
const increase = (slot: number, amount: bigint | undefined, over: Partial<Increase> = {}): Increase => ({
  slot,
  from: slot - 5 * MINUTE_MS,
  to: slot,
  elapsedMs: 5 * MINUTE_MS,
  amount,
  rateable: amount !== undefined,
  ...over,
});

describe('a range', () => {
  test('is the last seven days unless told', () => {
    expect(readRange(undefined, undefined, 'raw', NOW)).toEqual({ from: NOW - 7 * DAY_MS, to: NOW });
    expect(readRange(undefined, NOW - DAY_MS, 'raw', NOW)).toEqual({ from: NOW - 8 * DAY_MS, to: NOW - DAY_MS });
  });

  test.each([
    ['backwards', NOW, NOW - 1, 'raw', ['query.from']],
    ['empty', NOW, NOW, 'raw', ['query.from']],
    ['longer than anything is kept', NOW - 401 * DAY_MS, NOW, 'day', ['query.from']],
    ['of too many steps', NOW - 60 * DAY_MS, NOW, 300, ['query.step']],
    ['all of it', NOW - 401 * DAY_MS, NOW, 300, ['query.from', 'query.step']],
  ] as const)('that is %s is refused, naming %j … %j', (_, from, to, step, paths) => {
    const refused = (() => {
      try {
        return readRange(from, to, step, NOW);
      } catch (error) {
        return error as { code: string; context: { issues: { path: string }[] } };
      }
    })();
    expect(refused).toMatchObject({ code: 'REQUEST_INVALID', context: { issues: paths.map((path) => ({ path })) } });
  });

  test('as long as anything is kept is taken, in days', () => {
    expect(readRange(NOW - 400 * DAY_MS, NOW, 'day', NOW)).toEqual({ from: NOW - 400 * DAY_MS, to: NOW });
  });
});

describe('raw points', () => {
  const range = { from: at('20T00:00:00'), to: at('20T12:00:00'), step: 'raw', zone: 'UTC' } as const;

  test('stand at their receipt, each with its own increase', () => {
    const [a, b] = [at('20T10:00:00'), at('20T10:05:00')];
    const points = seriesPoints(
      COUNTER,
      [point(a, 100n), point(b, 400n)],
      [increase(a, undefined, { reason: 'first' }), increase(b, 300n)],
      range,
    );
    expect(points).toEqual([
      { at: a + 700, value: 100n, increase: undefined, rate: undefined, reason: 'first' },
      { at: b + 700, value: 400n, increase: 300n, rate: 1 },
    ]);
  });

  test('that are no rate have none, though their increase is known', () => {
    const a = at('20T10:00:00');
    const [one] = seriesPoints(COUNTER, [point(a, 1n)], [increase(a, 300n, { rateable: false, reason: 'gap' })], range);
    expect(one).toMatchObject({ increase: 300n, rate: undefined, reason: 'gap' });
  });

  test('of a gauge have neither', () => {
    const a = at('20T10:00:00');
    expect(seriesPoints(GAUGE, [point(a, 5n)], [increase(a, 300n)], range)[0]).toMatchObject({
      value: 5n,
      increase: undefined,
      rate: undefined,
    });
  });
});

describe('steps', () => {
  test('have a row each, gaps left as gaps', () => {
    const range = { from: at('20T10:00:00'), to: at('20T11:00:00'), step: 900, zone: 'UTC' } as const;
    const readings = [point(at('20T10:00:00'), 1n), point(at('20T10:10:00'), 2n), point(at('20T10:45:00'), 9n)];
    const increases = [
      increase(at('20T10:00:00'), 60n),
      increase(at('20T10:10:00'), 90n),
      increase(at('20T10:45:00'), undefined, { reason: 'reset', elapsedMs: 0 }),
    ];
    expect(seriesPoints(COUNTER, readings, increases, range)).toEqual([
      { at: at('20T10:00:00'), value: 2n, increase: 150n, rate: 0.25 },
      { at: at('20T10:15:00'), value: undefined, increase: undefined, rate: undefined },
      { at: at('20T10:30:00'), value: undefined, increase: undefined, rate: undefined },
      { at: at('20T10:45:00'), value: 9n, increase: undefined, rate: undefined, reason: 'reset' },
    ]);
  });

  test('tell each reason once, and sum what is known', () => {
    const range = { from: at('20T10:00:00'), to: at('20T11:00:00'), step: 3600, zone: 'UTC' } as const;
    const increases = ['reset', 'gap', 'reset'].map((reason, i) =>
      increase(at(`20T10:${i}0:00`), reason === 'gap' ? 5n : undefined, { reason } as Partial<Increase>),
    );
    expect(seriesPoints(COUNTER, [], increases, range)).toMatchObject([
      { increase: 5n, reason: 'gap, reset', value: undefined },
    ]);
  });

  test('begin at whole multiples, the first one before the range where it does not', () => {
    const range = { from: at('20T10:07:00'), to: at('20T10:31:00'), step: 900, zone: 'UTC' } as const;
    expect(seriesPoints(COUNTER, [], [], range).map((p) => p.at)).toEqual([
      at('20T10:00:00'),
      at('20T10:15:00'),
      at('20T10:30:00'),
    ]);
  });

  test('of a day begin with the day of the zone, also where it has 23 or 25 hours', () => {
    const days = (from: string, to: string, zone: string) =>
      seriesPoints(COUNTER, [], [], { from: Date.parse(from), to: Date.parse(to), step: 'day', zone }).map((p) =>
        new Date(p.at).toISOString(),
      );
    expect(days('2026-11-19T22:00:00Z', '2026-11-21T00:00:00Z', 'Africa/Nairobi')).toEqual([
      '2026-11-19T21:00:00.000Z',
      '2026-11-20T21:00:00.000Z',
    ]);
    expect(days('2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z', 'Europe/Berlin')).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
  });

  test('put a reading into the day of its slot, not of its receipt', () => {
    const range = { from: at('20T00:00:00'), to: at('22T00:00:00'), step: 'day', zone: 'UTC' } as const;
    const late = point(at('20T23:59:00'), 7n, at('21T00:00:05'));
    expect(seriesPoints(COUNTER, [late], [], range).map((p) => p.value)).toEqual([7n, undefined]);
  });
});

describe('the answer', () => {
  const question = (over: Partial<SeriesQuestion> = {}): SeriesQuestion => ({
    ref: { tenant: 'demo', kind: 'interface', target: 'r', entity: 'r/a' },
    metric: COUNTER,
    zone: 'Africa/Nairobi',
    id: 'r~a',
    query: {},
    now: NOW,
    ...over,
  });

  test('has bigints as text, unknown as null, and asks for increases only where there are any', async () => {
    let asked = 0;
    const store = {
      readSeries: async () => [point(NOW - MINUTE_MS, 2n ** 60n)],
      readIncreases: async () => {
        asked += 1;
        return [];
      },
    };
    const answer = await answerSeries(store, question());
    expect(answer).toEqual({
      id: 'r~a',
      metric: 'ifHCInOctets',
      unit: 'octets',
      kind: 'counter',
      from: '2026-11-13T09:00:00.000Z',
      to: '2026-11-20T09:00:00.000Z',
      step: 'raw',
      zone: 'Africa/Nairobi',
      points: [{ at: '2026-11-20T08:59:00.700Z', value: '1152921504606846976', increase: null, rate: null }],
    });
    await answerSeries(store, question({ metric: GAUGE }));
    expect(asked).toBe(1);
  });

  test('that holds only the newest readings says from where on it is whole', async () => {
    const readings = Array.from({ length: MAX_POINTS + 5 }, (_, i) => point(NOW - DAY_MS + i * 1000, 1n));
    const store = { readSeries: async () => readings, readIncreases: async () => [] };
    const answer = await answerSeries(store, question({ query: { from: NOW - DAY_MS } }));
    expect(answer.points).toHaveLength(MAX_POINTS);
    expect(answer.from).toBe(answer.points[0]?.at);
  });
});

describe('how old a reading is', () => {
  test.each([
    ['never read', undefined, true, null],
    ['just read', NOW, false, 0],
    ['two periods ago', NOW - 1800_000, false, 1800],
    ['a little longer ago', NOW - 1800_001, true, 1800],
    ['from a clock ahead', NOW + 5000, false, 0],
  ])('%s', (_, readAt, stale, dataAgeSeconds) => {
    expect(isStale(readAt, 900, NOW)).toBe(stale);
    expect(freshness(readAt, 900, NOW)).toMatchObject({ stale, dataAgeSeconds });
  });
});
