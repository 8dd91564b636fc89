import { describe, expect, test } from 'vitest';
import {
  baselineAfter,
  implausibleRun,
  increases,
  nextIncrease,
  ratePerSecond,
} from '../../../shared/samples/increase.ts';
import type { Metric } from '../../../shared/samples/metric.ts';
import type { CounterLife, Increase, IncreaseReason, RawPoint } from '../../../shared/samples/sample.ts';

const T0 = Date.UTC(2026, 9, 1);
const PERIOD = 300;
const DAY_MS = 86_400_000;
const UPTIME_WRAP_MS = 2 ** 32 * 10;
const octets: Metric = { id: 'ifHCInOctets', kind: 'counter', unit: 'octets', title: 'In' };
const balance: Metric = { id: 'remainingOctets', kind: 'balance', unit: 'octets', title: 'Left' };
const session: Metric = { id: 'acctInputOctets', kind: 'highWater', unit: 'octets', title: 'In' };

const LIFE: CounterLife = { bootAt: T0 - DAY_MS, column: 'snmp:ifHCInOctets', bits: 64, speedBitsPerSecond: 1e9 };

/** A reading `seconds` after T0, at that slot; `life` overrides parts of a 1 Gb/s port that booted a day before. */
function at(seconds: number, value: bigint, life: Partial<CounterLife> = {}, rest: Partial<RawPoint> = {}): RawPoint {
  const slot = T0 + seconds * 1000;
  return { slot, receivedAt: slot, value, boundary: true, life: { ...LIFE, ...life }, ...rest };
}

/** The same without a life, as balances and sessions have none. */
function bare(seconds: number, value: bigint, rest: Partial<RawPoint> = {}): RawPoint {
  const slot = T0 + seconds * 1000;
  return { slot, receivedAt: slot, value, boundary: true, ...rest };
}

interface Case {
  readonly name: string;
  readonly from: RawPoint;
  readonly to: RawPoint;
  readonly amount: bigint | undefined;
  readonly reason?: IncreaseReason;
  readonly rateable?: boolean;
}

function check(metric: Metric, { from, to, amount, reason, rateable }: Case): void {
  const { increase } = nextIncrease(metric, from, to, PERIOD);
  expect({ amount: increase.amount, reason: increase.reason }).toEqual({ amount, reason });
  if (rateable !== undefined) expect(increase.rateable).toBe(rateable);
}

const uptime = (ms: number, receivedAt: number): Partial<CounterLife> => ({ bootAt: receivedAt - ms, uptimeMs: ms });

describe('the life of a counter', () => {
  const reset = { amount: undefined, reason: 'reset' } as const;
  const cases: Case[] = [
    { name: 'goes on while nothing changes', from: at(0, 100n), to: at(300, 400n), amount: 300n, rateable: true },
    {
      name: 'goes on when the boot instant differs by 33 s over 300 s',
      from: at(0, 100n),
      to: at(300, 400n, { bootAt: LIFE.bootAt + 33_000 }),
      amount: 300n,
    },
    {
      name: 'ends when the boot instant differs by more than 30 s and 1 % of the elapsed time',
      from: at(0, 100n),
      to: at(300, 400n, { bootAt: LIFE.bootAt + 33_001 }),
      ...reset,
    },
    {
      name: 'is given more room after a longer time, because clocks drift',
      from: at(0, 100n),
      to: at(36_000, 400n, { bootAt: LIFE.bootAt + 300_000 }),
      amount: 300n,
      reason: 'gap',
    },
    {
      name: 'goes on when the uptime begins again after 497 days',
      from: at(0, 100n, uptime(UPTIME_WRAP_MS - 100_000, T0)),
      to: at(300, 400n, uptime(200_000, T0 + 300_000)),
      amount: 300n,
      rateable: true,
    },
    {
      name: 'ends when the device restarts, even if the counter has grown past its old value',
      from: at(0, 100n, uptime(10 * DAY_MS, T0)),
      to: at(300, 400n, uptime(200_000, T0 + 300_000)),
      ...reset,
    },
    {
      name: 'ends at a restart so quick that the boot instant hardly moved, because the uptime fell',
      from: at(0, 100n, uptime(20_000, T0)),
      to: at(12, 400n, uptime(5_000, T0 + 12_000)),
      ...reset,
    },
    {
      name: 'ends when the discontinuity time changes',
      from: at(0, 100n, { discontinuity: '0' }),
      to: at(300, 400n, { discontinuity: '8640000' }),
      ...reset,
    },
    {
      name: 'ends when the discontinuity column appears, since nobody knows what it was before',
      from: at(0, 100n),
      to: at(300, 400n, { discontinuity: '0' }),
      ...reset,
    },
    { name: 'ends when ifIndex moves', from: at(0, 1n, { ifIndex: 3 }), to: at(300, 4n, { ifIndex: 4 }), ...reset },
    {
      name: 'ends when the value comes from another column',
      from: at(0, 1n),
      to: at(300, 4n, { column: 'rest:rx-byte' }),
      ...reset,
    },
    { name: 'ends when the width changes', from: at(0, 1n), to: at(300, 4n, { bits: 32 }), ...reset },
    { name: 'ends where one reading has no life at all', from: bare(0, 1n), to: at(300, 4n), ...reset },
    {
      name: 'goes on where none of the readings has one (imported history)',
      from: bare(0, 1n),
      to: bare(300, 4n),
      amount: 3n,
    },
    {
      name: 'does not end when only the speed changes',
      from: at(0, 1n, { speedBitsPerSecond: 1e8 }),
      to: at(300, 4n, { speedBitsPerSecond: 1e9 }),
      amount: 3n,
    },
  ];
  test.each(cases)('$name', (one) => check(octets, one));
});

describe('a 64-bit counter', () => {
  const atLine = 125_000_000n;
  const cases: Case[] = [
    {
      name: 'that goes back by less than a second at line rate has jittered: 0',
      from: at(0, 10n ** 12n),
      to: at(300, 10n ** 12n - atLine + 1n),
      amount: 0n,
      reason: 'jitter',
      rateable: true,
    },
    {
      name: 'that goes back by a second at line rate was reset, never wrapped',
      from: at(0, 10n ** 12n),
      to: at(300, 10n ** 12n - atLine),
      amount: undefined,
      reason: 'reset',
    },
    {
      name: 'that goes back from the very top was reset too',
      from: at(0, 2n ** 64n - 1n),
      to: at(300, 5n),
      amount: undefined,
      reason: 'reset',
    },
    {
      name: 'that goes back where the speed is unknown was reset',
      from: at(0, 100n, { speedBitsPerSecond: 0 }),
      to: at(300, 99n, { speedBitsPerSecond: 0 }),
      amount: undefined,
      reason: 'reset',
    },
    {
      name: 'that stands still gained 0, which is known',
      from: at(0, 7n),
      to: at(300, 7n),
      amount: 0n,
      rateable: true,
    },
    {
      name: 'may gain a tenth more than the line carries',
      from: at(0, 0n),
      to: at(300, (atLine * 300n * 11n) / 10n),
      amount: (atLine * 300n * 11n) / 10n,
    },
    {
      name: 'that gains one octet more than that is implausible',
      from: at(0, 0n),
      to: at(300, (atLine * 300n * 11n) / 10n + 1n),
      amount: undefined,
      reason: 'implausible',
      rateable: false,
    },
    {
      name: 'is judged by the higher of the speeds before and now (before)',
      from: at(0, 0n, { speedBitsPerSecond: 1e10 }),
      to: at(300, 10n * atLine * 300n, { speedBitsPerSecond: 1e9 }),
      amount: 10n * atLine * 300n,
    },
    {
      name: 'is judged by the higher of the speeds before and now (now)',
      from: at(0, 0n, { speedBitsPerSecond: 0 }),
      to: at(300, atLine * 300n),
      amount: atLine * 300n,
    },
    {
      name: 'has no limit where the speed is 0, as of bridges and tunnels',
      from: at(0, 0n, { speedBitsPerSecond: 0 }),
      to: at(300, 10n ** 17n, { speedBitsPerSecond: 0 }),
      amount: 10n ** 17n,
    },
  ];
  test.each(cases)('$name', (one) => check(octets, one));
});

describe('a 32-bit counter', () => {
  const narrow = (seconds: number, value: bigint, speedBitsPerSecond = 1e8) =>
    at(seconds, value, { bits: 32, speedBitsPerSecond });
  const top = 2n ** 32n - 1n;
  const unknown = { amount: undefined, reason: 'narrow' } as const;
  const cases: Case[] = [
    { name: 'that rises counts as it is', from: narrow(0, 5n), to: narrow(300, 1005n), amount: 1000n, rateable: true },
    { name: 'that falls has gone round once', from: narrow(0, top), to: narrow(300, 9n), amount: 10n, rateable: true },
    {
      name: 'of 104 Mb/s is still sure over 300 s',
      from: narrow(0, 0n, 104e6),
      to: narrow(300, 9n, 104e6),
      amount: 9n,
    },
    { name: 'of 105 Mb/s is not, rising', from: narrow(0, 0n, 105e6), to: narrow(300, 9n, 105e6), ...unknown },
    { name: 'of 105 Mb/s is not, falling', from: narrow(0, 9n, 105e6), to: narrow(300, 0n, 105e6), ...unknown },
    { name: 'of 100 Mb/s is not after a missed poll', from: narrow(0, 0n), to: narrow(600, 9n), ...unknown },
    { name: 'of unknown speed never is', from: narrow(0, 0n, 0), to: narrow(300, 9n, 0), ...unknown },
    {
      name: 'that falls so far that the line could not have carried the round was not a round',
      from: narrow(0, 10n ** 9n, 1e7),
      to: narrow(300, 0n, 1e7),
      amount: undefined,
      reason: 'implausible',
    },
    {
      name: 'that falls by less than a second at line rate has jittered, even where a round would just fit',
      from: narrow(0, 10n ** 6n, 104e6),
      to: narrow(300, 10n ** 6n - 1000n, 104e6),
      amount: 0n,
      reason: 'jitter',
    },
    {
      name: 'of a slow line that falls by less than a second at line rate has jittered',
      from: narrow(0, 10n ** 6n, 1e7),
      to: narrow(300, 10n ** 6n - 1000n, 1e7),
      amount: 0n,
      reason: 'jitter',
    },
  ];
  test.each(cases)('$name', (one) => check(octets, one));
});

describe('elapsed time', () => {
  const step = (receiptMs: number, uptimeMs: number) => {
    const to = T0 + receiptMs;
    return nextIncrease(
      octets,
      at(0, 0n, uptime(DAY_MS, T0)),
      { ...at(300, 9n, { bootAt: LIFE.bootAt, uptimeMs: DAY_MS + uptimeMs }), receivedAt: to },
      PERIOD,
    ).increase;
  };
  test('is that of the device where it differs from ours by a tenth or less', () => {
    expect(step(300_000, 299_480).elapsedMs).toBe(299_480);
    expect(step(300_000, 270_000).elapsedMs).toBe(270_000);
    expect(step(300_000, 330_000).elapsedMs).toBe(330_000);
  });
  test('is ours where the device differs by more', () => {
    expect(step(300_000, 269_999).elapsedMs).toBe(300_000);
    expect(step(300_000, 330_001).elapsedMs).toBe(300_000);
  });
  test('is ours where the device gives no uptime', () => {
    expect(nextIncrease(octets, at(0, 0n), at(301, 9n), PERIOD).increase.elapsedMs).toBe(301_000);
  });
  test.each([
    [149, false],
    [150, true],
    [450, true],
    [451, false],
  ])('of %d s at a period of 300 s may serve as a rate: %s', (seconds, rateable) => {
    expect(nextIncrease(octets, at(0, 0n), at(seconds, 9n), PERIOD).increase.rateable).toBe(rateable);
  });
  test('over 1.5 periods is a gap: it counts in totals and gives no rate', () => {
    const { increase } = nextIncrease(octets, at(0, 0n), at(900, 9n), PERIOD);
    expect(increase).toMatchObject({ amount: 9n, reason: 'gap', rateable: false, from: T0, to: T0 + 900_000 });
  });
  test.each([
    ['the earlier', at(0, 0n, {}, { boundary: false }), at(300, 9n)],
    ['the later', at(0, 0n), at(300, 9n, {}, { boundary: false })],
  ])('gives no rate when %s reading was made by hand', (_, from, to) => {
    expect(nextIncrease(octets, from, to, PERIOD).increase).toMatchObject({ amount: 9n, rateable: false });
  });
});

describe('a balance', () => {
  const cases: Case[] = [
    { name: 'that falls was consumed', from: bare(0, 900n), to: bare(300, 850n), amount: 50n, rateable: true },
    { name: 'that stands was not', from: bare(0, 900n), to: bare(300, 900n), amount: 0n },
    { name: 'may fall below 0', from: bare(0, 10n), to: bare(300, -5n), amount: 15n },
    {
      name: 'that rises was topped up: what was consumed meanwhile is unknown',
      from: bare(0, 10n),
      to: bare(300, 900n),
      amount: undefined,
      reason: 'topup',
      rateable: false,
    },
    { name: 'counts over a gap', from: bare(0, 900n), to: bare(3600, 100n), amount: 800n, reason: 'gap' },
    {
      name: 'that rose over a gap is still a top-up',
      from: bare(0, 10n),
      to: bare(3600, 900n),
      amount: undefined,
      reason: 'topup',
    },
  ];
  test.each(cases)('$name', (one) => check(balance, one));
  test('starts again from the topped-up value', () => {
    const list = increases(balance, [bare(0, 10n), bare(300, 900n), bare(600, 870n)], { periodSeconds: PERIOD });
    expect(list.map(({ amount }) => amount)).toEqual([undefined, undefined, 30n]);
  });
});

describe('a session, whose counter begins at 0', () => {
  test('brings its whole first reading, even if its start was never seen', () => {
    const [first] = increases(session, [bare(0, 5000n)], { periodSeconds: PERIOD });
    expect(first).toMatchObject({ amount: 5000n, reason: 'first', rateable: false, elapsedMs: 0 });
  });
  test('keeps its high-water mark when an older report comes late', () => {
    const list = increases(session, [bare(0, 5000n), bare(300, 4000n), bare(600, 6000n)], { periodSeconds: PERIOD });
    expect(list.map(({ amount, reason }) => [amount, reason])).toEqual([
      [5000n, 'first'],
      [0n, 'jitter'],
      [1000n, undefined],
    ]);
  });
});

describe('the baseline', () => {
  test('of a series that begins is its first reading, and the amount before it is unknown', () => {
    const point = at(0, 77n);
    const { increase, baseline } = nextIncrease(octets, undefined, point, PERIOD);
    expect(increase).toEqual({
      slot: T0,
      from: T0,
      to: T0,
      elapsedMs: 0,
      amount: undefined,
      reason: 'first',
      rateable: false,
    });
    expect(baseline).toBe(point);
  });

  test.each([
    ['a reset', at(300, 5n, { ifIndex: 9 })],
    ['an implausible jump', at(300, 10n ** 15n)],
    ['a gap', at(3000, 10n ** 6n + 5n)],
    ['an ordinary step', at(300, 10n ** 6n + 5n)],
  ])('after %s is the new reading', (_, point) => {
    expect(nextIncrease(octets, at(0, 10n ** 6n), point, PERIOD).baseline).toBe(point);
  });

  test('after jitter keeps the higher value, so that nothing is counted twice', () => {
    const list = increases(octets, [at(0, 1000n), at(300, 990n), at(600, 1010n)], { periodSeconds: PERIOD });
    expect(list.map(({ amount }) => amount)).toEqual([undefined, 0n, 10n]);
  });

  test('after jitter moves on in time: an idle line that stays lower gives a known 0 every period', () => {
    const points = [at(0, 1000n), ...[300, 600, 900, 1200].map((seconds) => at(seconds, 990n))];
    const list = increases(octets, points, { periodSeconds: PERIOD }).slice(1);
    expect(list.map(({ amount, rateable, elapsedMs }) => [amount, rateable, elapsedMs])).toEqual(
      Array.from({ length: 4 }, () => [0n, true, 300_000]),
    );
  });

  test.each([
    ['a duplicate', at(300, 400n)],
    ['a reading that arrived at the same instant', at(300, 450n, {}, { slot: T0 + 301_000 })],
    ['a late reading of an older slot', at(200, 300n)],
    ['a late reading of an older slot from before a restart', at(200, 10n ** 12n, { bootAt: LIFE.bootAt - DAY_MS })],
    ['an overlapping run that looked earlier', at(301, 390n, {}, { receivedAt: T0 + 290_000 })],
  ])('stays when %s is refused as stale, and the next step counts from it', (_, point) => {
    const before = at(300, 400n);
    const { increase, baseline } = nextIncrease(octets, before, point, PERIOD);
    expect(increase).toMatchObject({ amount: undefined, reason: 'stale', rateable: false, elapsedMs: 0 });
    expect(baseline).toBe(before);
    expect(nextIncrease(octets, baseline, at(600, 700n), PERIOD).increase.amount).toBe(300n);
  });

  test.each([
    ['a counter', octets, at(300, 400n, {}, { receivedAt: T0 + DAY_MS }), at(600, 700n)],
    [
      'a counter whose boot moved with the clock',
      octets,
      at(300, 9n, { bootAt: T0 }, { receivedAt: T0 + DAY_MS }),
      at(600, 7n),
    ],
    ['a balance', balance, bare(300, 400n, { receivedAt: T0 + DAY_MS }), bare(600, 300n)],
    ['a balance topped up since', balance, bare(300, 400n, { receivedAt: T0 + DAY_MS }), bare(600, 900n)],
  ])('of %s that carries a receipt from the future is given up at the next slot', (_, metric, ahead, next) => {
    const { increase, baseline } = nextIncrease(metric, ahead, next, PERIOD);
    expect(increase).toMatchObject({ amount: undefined, reason: 'stale' });
    expect(baseline).toBe(next);
  });

  test('is what a later call must be given to go on', () => {
    const points = [at(0, 1000n), at(300, 990n)];
    const previous = baselineAfter(octets, points, { periodSeconds: PERIOD });
    expect(previous).toMatchObject({ value: 1000n, slot: T0 + 300_000 });
    expect(baselineAfter(octets, [], { periodSeconds: PERIOD })).toBeUndefined();
  });
});

describe('a rate', () => {
  const increase = (amount: bigint | undefined, elapsedMs: number, rateable = true): Increase => ({
    slot: T0,
    from: T0 - elapsedMs,
    to: T0,
    elapsedMs,
    amount,
    rateable,
  });
  test.each([
    ['is whole units per second, rounded down', increase(1000n, 300_000), 3n],
    ['counts the real elapsed time', increase(3000n, 299_000), 10n],
    ['is unknown where the amount is', increase(undefined, 300_000), undefined],
    ['is unknown over a gap', increase(3000n, 900_000, false), undefined],
  ])('%s', (_, one, expected) => {
    expect(ratePerSecond(one)).toBe(expected);
  });
});

describe('implausible increases in a row', () => {
  const list = (...reasons: (IncreaseReason | undefined)[]) =>
    reasons.map(
      (reason): Increase => ({
        slot: T0,
        from: T0,
        to: T0,
        elapsedMs: 0,
        amount: undefined,
        rateable: false,
        ...(reason === undefined ? {} : { reason }),
      }),
    );
  test.each([
    ['of an empty list', list(), 0],
    ['at its end', list('implausible', undefined, 'implausible', 'implausible', 'implausible'), 3],
    ['that ended', list('implausible', 'implausible', undefined), 0],
    ['with a refused reading between them', list('implausible', 'stale', 'implausible'), 2],
  ])('are counted from the newest: %s', (_, increasesSoFar, run) => {
    expect(implausibleRun(increasesSoFar)).toBe(run);
  });
});

test.each(['gauge', 'state', 'periodTotal'] as const)('a %s has no increases, and asking for them is a bug', (kind) => {
  expect(() => increases({ ...octets, kind }, [bare(0, 1n)], { periodSeconds: PERIOD })).toThrow(/no increases/);
});
