import fc from 'fast-check';
import { expect, test } from 'vitest';
import { baselineAfter, increases } from '../../../shared/samples/increase.ts';
import type { Metric } from '../../../shared/samples/metric.ts';
import { packChunk, unpackChunk } from '../../../shared/samples/packing.ts';
import type { Increase, RawPoint } from '../../../shared/samples/sample.ts';
import { runs } from './runs.ts';

const T0 = Date.UTC(2026, 9, 1);
const PERIOD = 300;
const UPTIME_WRAP_MS = 2 ** 32 * 10;
const options = { periodSeconds: PERIOD };
const octets: Metric = { id: 'ifHCInOctets', kind: 'counter', unit: 'octets', title: 'In' };
const remaining: Metric = { id: 'remainingOctets', kind: 'balance', unit: 'octets', title: 'Left' };

/** What happens in one period of the simulated port, and how much of its line it uses meanwhile. */
interface Event {
  readonly kind: 'poll' | 'missed' | 'reboot' | 'renumber' | 'clear' | 'dip';
  readonly load: number;
  readonly jitterMs: number;
}

interface Port {
  readonly bits: 32 | 64;
  readonly speed: number;
  readonly startValue: bigint;
  readonly uptimeAtStartMs: number;
}

interface Story {
  readonly points: RawPoint[];
  /** Octets that really passed between the first and the last reading. */
  readonly truth: bigint;
}

const QUIET = ['poll', 'missed', 'dip'] as const;
const ALL = ['poll', 'poll', 'poll', 'missed', 'reboot', 'renumber', 'clear', 'dip'] as const;

function events(kinds: readonly Event['kind'][], minLength = 1): fc.Arbitrary<Event[]> {
  const event = fc.record({
    kind: fc.constantFrom(...kinds),
    load: fc.double({ min: 0, max: 1, noNaN: true }),
    jitterMs: fc.integer({ min: -3000, max: 3000 }),
  });
  return fc.array(event, { minLength, maxLength: 40 });
}

/** Ages include the day on which the uptime begins again. */
function port(bits: 32 | 64, speeds: readonly number[]): fc.Arbitrary<Port> {
  return fc.record({
    bits: fc.constant(bits),
    speed: fc.constantFrom(...speeds),
    startValue: fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) / 2n }).map((value) => (bits === 32 ? value * 2n : value)),
    uptimeAtStartMs: fc.oneof(
      fc.integer({ min: 3_600_000, max: 90 * 86_400_000 }),
      fc.integer({ min: UPTIME_WRAP_MS - 3_000_000, max: UPTIME_WRAP_MS - 1 }),
    ),
  });
}

/** A restart in the very half minute in which the uptime would have begun again cannot be told from that. */
function restart(before: number, at: number): number {
  const sinceWrapMs = (at - before) % UPTIME_WRAP_MS;
  return Math.min(sinceWrapMs, UPTIME_WRAP_MS - sinceWrapMs) < 40_000 ? at + 90_000 : at;
}

function play(device: Port, script: readonly Event[]): Story {
  const octetsPerMs = device.speed / 8000;
  const modulus = 2n ** BigInt(device.bits);
  let [counter, passed, at] = [device.startValue, 0n, T0];
  let [bootAt, ifIndex, discontinuity] = [T0 - device.uptimeAtStartMs, 7, 0];
  const points: RawPoint[] = [];
  const poll = (slot: number, dip: bigint) => {
    const uptimeMs = (at - bootAt) % UPTIME_WRAP_MS;
    const read = counter - dip;
    const life = { column: 'snmp:octets', bits: device.bits, speedBitsPerSecond: device.speed, ifIndex };
    points.push({
      slot,
      receivedAt: at,
      value: ((read % modulus) + modulus) % modulus,
      boundary: true,
      life: { ...life, bootAt: at - uptimeMs, uptimeMs, discontinuity: String(discontinuity) },
    });
  };
  poll(T0, 0n);
  let polled = passed;
  script.forEach(({ kind, load, jitterMs }, i) => {
    const slot = T0 + (i + 1) * PERIOD * 1000;
    const until = slot + jitterMs;
    if (kind === 'reboot' || kind === 'clear') counter = 0n;
    if (kind === 'reboot') bootAt = restart(bootAt, at + 60_000);
    if (kind === 'clear') discontinuity += 100;
    if (kind === 'renumber') ifIndex += 1;
    const gained = BigInt(Math.floor(octetsPerMs * load * (until - at)));
    [counter, passed, at] = [counter + gained, passed + gained, until];
    if (kind === 'missed') return;
    const dip = kind === 'dip' ? BigInt(Math.floor(octetsPerMs * 999 * load)) : 0n;
    poll(slot, dip < counter ? dip : 0n);
    polled = passed;
  });
  return { points, truth: polled };
}

function known(list: readonly Increase[]): bigint {
  return list.reduce((sum, { amount }) => sum + (amount ?? 0n), 0n);
}

const anyPort = fc.oneof(port(64, [1e7, 1e9, 1e11]), port(32, [1e6, 1e7, 1e8]));

test('whatever happens to a port, the known increases never sum up to more than passed, and none is negative', () => {
  fc.assert(
    fc.property(anyPort, events(ALL), (device, script) => {
      const { points, truth } = play(device, script);
      const list = increases(octets, points, options);
      expect(known(list)).toBeLessThanOrEqual(truth);
      for (const { amount } of list) expect(amount ?? 0n).toBeGreaterThanOrEqual(0n);
    }),
    runs(400),
  );
});

test('as long as a port lives on, missed polls and jitter lose nothing: the sum is exact', () => {
  const calm = events(QUIET, 2).map((list) => [...list, { kind: 'poll' as const, load: 1, jitterMs: 0 }]);
  // 32 bits at 1 Mb/s stay sure for 8 hours, so that 40 missed polls are no reason to give up.
  const ports = fc.oneof(port(64, [1e7, 1e9, 1e11]), port(32, [1e6]));
  fc.assert(
    fc.property(ports, calm, (device, script) => {
      const { points, truth } = play(device, script);
      const list = increases(octets, points, options);
      expect(list.slice(1).every(({ amount }) => amount !== undefined)).toBe(true);
      expect(known(list)).toBe(truth);
    }),
    runs(400),
  );
});

test('a 32-bit column too fast for its period is unknown in every interval, rising or falling', () => {
  fc.assert(
    fc.property(port(32, [2e8, 1e9]), events(['poll', 'missed']), (device, script) => {
      const list = increases(octets, play(device, script).points, options).slice(1);
      expect(list.every(({ amount, reason }) => amount === undefined && reason === 'narrow')).toBe(true);
    }),
    runs(100),
  );
});

test('after any faults, the second ordinary reading in a row gives a known increase again', () => {
  const fault = fc.record({
    // Steps that no restart a minute after a poll can make up for.
    clockMs: fc.constantFrom(0, 0, -777_000, 430_000, 10_000, 86_400_000 * 300),
    value: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined }),
    ifIndex: fc.constantFrom(7, 8),
    dropped: fc.boolean(),
  });
  fc.assert(
    fc.property(port(64, [1e7, 1e9]), events(ALL, 3), fc.array(fault, { maxLength: 5 }), (device, script, faults) => {
      const tail: Event[] = [0, 1].map(() => ({ kind: 'poll', load: 0.4, jitterMs: 0 }));
      const { points } = play(device, [...script, ...tail]);
      const first = points.length - 2 - faults.length;
      const spoilt = points.flatMap((point, i): RawPoint[] => {
        const one = i < points.length - 2 ? faults[i - first] : undefined;
        if (one === undefined || point.life === undefined) return [point];
        if (one.dropped) return [];
        const bootAt = point.life.bootAt + one.clockMs;
        const life = { ...point.life, bootAt, ifIndex: one.ifIndex };
        return [{ ...point, receivedAt: point.receivedAt + one.clockMs, value: one.value ?? point.value, life }];
      });
      expect(increases(octets, spoilt, options).at(-1)?.amount).toBeDefined();
    }),
    runs(400),
  );
});

test('a series cut anywhere and gone on from its baseline gives the same increases as the whole', () => {
  fc.assert(
    fc.property(anyPort, events(ALL), fc.array(fc.nat(40), { maxLength: 4 }), (device, script, cuts) => {
      const { points } = play(device, script);
      const marks = [0, ...cuts.filter((cut) => cut <= points.length), points.length].sort((a, b) => a - b);
      let previous: RawPoint | undefined;
      const pieces = marks.flatMap((to, i) => {
        const part = points.slice(marks[i - 1] ?? 0, to);
        const from = { ...options, ...(previous === undefined ? {} : { previous }) };
        previous = baselineAfter(octets, part, from);
        return increases(octets, part, from);
      });
      expect(pieces).toEqual(increases(octets, points, options));
    }),
    runs(200),
  );
});

test('a duplicate of any reading changes neither the sum nor what follows', () => {
  fc.assert(
    fc.property(anyPort, events(ALL), fc.nat(40), (device, script, n) => {
      const { points } = play(device, script);
      const at = n % points.length;
      const doubled = [...points.slice(0, at + 1), ...points.slice(at, at + 1), ...points.slice(at + 1)];
      const list = increases(octets, doubled, options);
      expect(list[at + 1]?.reason).toBe('stale');
      expect(list.toSpliced(at + 1, 1)).toEqual(increases(octets, points, options));
    }),
    runs(200),
  );
});

test('the rounding of a chunk changes no amount', () => {
  fc.assert(
    // Half load at most: no reading lies so near a limit that 100 ms decide.
    fc.property(port(64, [1e9]), events(['poll', 'missed', 'reboot', 'clear']), (device, script) => {
      const { points } = play(
        device,
        script.map((event) => ({ ...event, load: event.load / 2 })),
      );
      const amounts = (list: readonly RawPoint[]) => increases(octets, list, options).map(({ amount }) => amount);
      expect(amounts(unpackChunk(packChunk(points)))).toEqual(amounts(points));
    }),
    runs(100),
  );
});

test('a balance never counts more than was consumed, and exactly that where nobody topped it up', () => {
  const step = fc.record({
    used: fc.bigInt({ min: 0n, max: 10n ** 9n }),
    added: fc.constantFrom(0n, 0n, 0n, 10n ** 10n),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      let [left, used] = [10n ** 11n, 0n];
      const points = steps.map((one, i): RawPoint => {
        const slot = T0 + i * PERIOD * 1000;
        if (i > 0) [left, used] = [left - one.used + one.added, used + one.used];
        return { slot, receivedAt: slot, value: left, boundary: true };
      });
      const total = known(increases(remaining, points, options));
      expect(total).toBeLessThanOrEqual(used);
      if (steps.every(({ added }) => added === 0n)) expect(total).toBe(used);
    }),
    runs(200),
  );
});
