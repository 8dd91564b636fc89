/** What holds of the machine whatever the looks are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reachOfValues, valuesOf } from '../../../shared/reach/metrics.ts';
import { type Reach, reachOf, step, type Tick, UNSEEN, wordOf } from '../../../shared/reach/reach.ts';
import { runs } from '../samples/runs.ts';

const PERIOD = 300;
const START = Date.UTC(2026, 10, 20);

const look = fc.record({
  /** Periods since the look before, in hundredths: runs by hand, runs that are missing. */
  after: fc.oneof({ weight: 8, arbitrary: fc.constant(100) }, fc.integer({ min: 1, max: 3000 })),
  verdict: fc.oneof(
    { weight: 3, arbitrary: fc.constant('good' as const) },
    fc.constant('degraded' as const),
    { weight: 3, arbitrary: fc.constant('bad' as const) },
    fc.constant(undefined),
  ),
  repeated: fc.boolean(),
});

const sequence = fc.array(look, { maxLength: 80 }).map((looks) => {
  let at = START;
  return looks.map(({ after, verdict, repeated }): Tick => {
    at += after * PERIOD * 10;
    return { at, verdict, confirmed: verdict === 'bad' && repeated };
  });
});

/** After each look, with the state before it. */
function history(ticks: readonly Tick[]): { tick: Tick; before: Reach; reach: Reach }[] {
  let before = UNSEEN;
  return ticks.map((tick) => {
    const reach = step(before, tick, PERIOD);
    const entry = { tick, before, reach };
    before = reach;
    return entry;
  });
}

test('nothing becomes down without two bad looks, of which the newest is one', () => {
  fc.assert(
    fc.property(sequence, (ticks) => {
      history(ticks).forEach(({ tick, before, reach }, i) => {
        if (reach.hard !== 'down' || before.hard === 'down') return;
        const known = ticks.slice(0, i + 1).filter(({ verdict }) => verdict !== undefined);
        expect(tick.verdict).toBe('bad');
        expect(tick.confirmed || known.at(-2)?.verdict === 'bad').toBe(true);
      });
    }),
    runs(400),
  );
});

test('a look that could not be taken changes nothing but that nothing is known now', () => {
  fc.assert(
    fc.property(sequence, (ticks) => {
      for (const { tick, before, reach } of history(ticks)) {
        if (tick.verdict !== undefined) continue;
        expect({ ...reach, unknown: before.unknown }).toEqual(before);
        expect(wordOf(reach)).toBe('unknown');
      }
      const known = ticks.filter(({ verdict }) => verdict !== undefined);
      expect({ ...reachOf(ticks, PERIOD), unknown: false }).toEqual(reachOf(known, PERIOD));
    }),
    runs(400),
  );
});

test('two opposite words never stand next to each other without a change of the confirmed state', () => {
  fc.assert(
    fc.property(sequence, (ticks) => {
      let told: string | undefined;
      let hard: string | undefined;
      for (const { reach } of history(ticks)) {
        const word = wordOf(reach);
        if (word === 'unknown' || word === 'flapping') continue;
        expect(word).toBe(reach.hard);
        if (told !== undefined && word !== told) expect(reach.hard).not.toBe(hard);
        [told, hard] = [word, reach.hard];
      }
    }),
    runs(400),
  );
});

test('flapping that is followed by a steady time ends, and the last word is the state of that time', () => {
  const steady = fc.constantFrom('good' as const, 'degraded' as const, 'bad' as const);
  fc.assert(
    fc.property(sequence, steady, (ticks, verdict) => {
      const from = ticks.at(-1)?.at ?? START;
      const rest = Array.from({ length: 22 }, (_, i): Tick => ({ at: from + (i + 1) * PERIOD * 1000, verdict }));
      const reach = reachOf([...ticks, ...rest], PERIOD);
      expect([reach.flapping, wordOf(reach)]).toEqual([
        false,
        { good: 'up', degraded: 'degraded', bad: 'down' }[verdict],
      ]);
    }),
    runs(300),
  );
});

test('every look twice, or all of them once more, comes to the same', () => {
  fc.assert(
    fc.property(sequence, (ticks) => {
      const once = reachOf(ticks, PERIOD);
      const twice = reachOf(
        ticks.flatMap((tick) => [tick, tick]),
        PERIOD,
      );
      expect(twice).toEqual(once);
      const known = ticks.filter(({ verdict }) => verdict !== undefined);
      const again = known.reduce((reach, tick) => step(reach, tick, PERIOD), once);
      expect(again).toEqual(once);
    }),
    runs(300),
  );
});

test('a reading carries the whole state to the next look', () => {
  fc.assert(
    fc.property(sequence, (ticks) => {
      let reach = UNSEEN;
      for (const tick of ticks) {
        reach = step(reach, tick, PERIOD);
        expect(reachOfValues(valuesOf(reach, undefined))).toEqual(reach);
      }
      expect(reach).toEqual(reachOf(ticks, PERIOD));
    }),
    runs(200),
  );
});

test('a state begins no later than the look that confirmed it, and no earlier than the one before', () => {
  fc.assert(
    fc.property(sequence, (ticks) => {
      for (const { before, reach } of history(ticks)) {
        if (reach.hard === before.hard) expect(reach.since).toBe(before.since);
        else expect([before.knownAt, reach.knownAt]).toContain(reach.since);
      }
    }),
    runs(300),
  );
});
