/** Hostile lists of queues, and the life of a queue's counter: whatever comes, no octets are made up. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOctets, outOctets } from '../../../shared/interfaces/metrics.ts';
import { fromWireCountedQueues } from '../../../shared/interfaces/routeros-counted-queues.convert.ts';
import { nextIncrease } from '../../../shared/samples/increase.ts';

const NOW = Date.UTC(2026, 10, 20);
const PERIOD_SECONDS = 300;
const ROUTER = { id: 'core1', name: 'Core 1', simulated: false };

const anyJson = fc.jsonValue({ maxDepth: 3 });
const FIELDS = ['.id', 'name', 'bytes', 'max-limit', 'burst-limit', 'dynamic', 'disabled', 'invalid', '__proto__'];
const TEMPTING = ['*1', '*F', 'r1', '1/2', `${'9'.repeat(20)}/0`, 'true', '50M/50M', '0/0'];
const hostileRow = fc.oneof(
  anyJson,
  fc.dictionary(fc.constantFrom(...FIELDS), fc.oneof(anyJson, fc.constantFrom(...TEMPTING))),
);
const hostile = fc.array(hostileRow, { maxLength: 12 });

const GOOD = {
  ...{ '.id': '*ABC', name: 'good', bytes: '18446744073709551614/7', 'max-limit': '0/0', 'burst-limit': '0/0' },
  ...{ dynamic: 'false', disabled: 'false', invalid: 'false' },
};

function convert(rows: readonly unknown[], receivedAt = NOW, bootAt = NOW - 86_400_000) {
  return fromWireCountedQueues({ rows, receivedAt }, bootAt, ROUTER);
}

test('no list throws, no queue stands twice, every value fits 64 bits, and what was rejected is not called gone', () => {
  fc.assert(
    fc.property(hostile, (rows) => {
      const { fed, rejected } = convert(rows);
      const ids = fed.entities.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(fed.readings.map(({ entity }) => entity)).toEqual(ids);
      for (const { values } of fed.readings) {
        for (const value of Object.values(values)) expect(value >= 0n && value < 2n ** 64n).toBe(true);
      }
      if (rejected.some(({ path }) => /^queue\[\d+\]$/.test(path))) expect(fed.complete).toBe(false);
    }),
  );
});

test('a good queue is read as if nothing hostile stood beside it', () => {
  fc.assert(
    fc.property(hostile, fc.nat(), (rows, at) => {
      const all = [...rows];
      all.splice(at % (all.length + 1), 0, GOOD);
      const { readings } = convert(all).fed;
      expect(readings.find(({ entity }) => entity === 'core1/good')?.values).toEqual({
        ...{ ifHCInOctets: 18446744073709551614n, ifHCOutOctets: 7n, ifOperStatus: 1n },
      });
    }),
  );
});

/** What a queue went through between two readings. */
const EVENTS = ['nothing', 'reset by hand', 'made anew', 'router restarted'] as const;

test('an increase is what passed since the reading before, or it is unknown: never more, never negative', () => {
  const octets = fc.bigInt({ min: 0n, max: 2n ** 40n });
  fc.assert(
    fc.property(octets, octets, octets, fc.constantFrom(...EVENTS), (sent, passedBefore, passedAfter, event) => {
      const before = { ...GOOD, bytes: `${sent}/0` };
      const begunAnew = event !== 'nothing';
      const after = {
        ...GOOD,
        ...(event === 'made anew' ? { '.id': '*ABD' } : {}),
        bytes: `${begunAnew ? passedAfter : sent + passedBefore + passedAfter}/0`,
      };
      const later = NOW + PERIOD_SECONDS * 1000;
      const bootAt = event === 'router restarted' ? later - 60_000 : NOW - 86_400_000;
      const pointOf = (row: unknown, at: number, boot: number) => {
        const [reading] = convert([row], at, boot).fed.readings;
        const value = reading?.values[inOctets.id] ?? 0n;
        const life = reading?.lives?.[inOctets.id];
        return { slot: at, receivedAt: at, value, boundary: true, ...(life === undefined ? {} : { life }) };
      };
      const { increase } = nextIncrease(
        inOctets,
        pointOf(before, NOW, NOW - 86_400_000),
        pointOf(after, later, bootAt),
        PERIOD_SECONDS,
      );
      // Counters that a person reset show only where they have not grown beyond what they were.
      const isSeen = event !== 'reset by hand' || passedAfter < sent;
      if (begunAnew && isSeen) expect([increase.amount, increase.reason]).toEqual([undefined, 'reset']);
      else if (begunAnew) expect((increase.amount ?? -1n) >= 0n && (increase.amount ?? 0n) <= passedAfter).toBe(true);
      else expect(increase.amount).toBe(passedBefore + passedAfter);
    }),
  );
});

test('what the target receives is told by the counter of sent octets, whichever of both is larger', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (a, b) => {
      const [reading] = convert([{ ...GOOD, bytes: `${a}/${b}` }]).fed.readings;
      expect([reading?.values[inOctets.id], reading?.values[outOctets.id]]).toEqual([a, b]);
    }),
  );
});
