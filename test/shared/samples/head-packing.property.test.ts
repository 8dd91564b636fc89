import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HeadStateEntity } from '../../../shared/samples/head.ts';
import { packHead } from '../../../shared/samples/head-packing.ts';
import { unpackHead } from '../../../shared/samples/head-unpacking.ts';
import type { CounterLife, Increase, RawPoint } from '../../../shared/samples/sample.ts';

const LONG = Number(process.env.HEADROOM_LONG ?? 1);
const at = fc.integer({ min: 0, max: 4_000_000_000_000 });
const value = fc.oneof(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), fc.bigInt({ min: 0n, max: 300n }));
const word = fc.string({ unit: fc.constantFrom('a', 'ether', '/', '1', '😀', '😁', '#'), maxLength: 5 });

function optional<T>(key: string, arbitrary: fc.Arbitrary<T>) {
  return fc.option(arbitrary, { nil: undefined }).map((v) => (v === undefined ? {} : { [key]: v }));
}

const life: fc.Arbitrary<CounterLife> = fc
  .tuple(
    fc.record({ bootAt: at, column: word, bits: fc.constantFrom(32 as const, 64 as const) }),
    optional('uptimeMs', fc.integer({ min: 0, max: 2 ** 45 })),
    optional('discontinuity', word),
    optional('ifIndex', fc.integer({ min: 0, max: 2 ** 31 })),
    optional('speedBitsPerSecond', fc.integer({ min: 0, max: 2 ** 45 })),
  )
  .map((parts) => Object.assign({}, ...parts));

const reason = fc.constantFrom('first', 'reset', 'jitter', 'narrow', 'implausible', 'topup', 'gap', 'stale');
const increase: fc.Arbitrary<Increase> = fc
  .tuple(
    fc.record({ slot: at, from: at, to: at, elapsedMs: fc.integer({ min: 0, max: 2 ** 40 }), rateable: fc.boolean() }),
    fc.record({ amount: fc.option(value, { nil: undefined }) }),
    optional('reason', reason),
  )
  .map((parts) => Object.assign({}, ...parts));

const point: fc.Arbitrary<RawPoint> = fc
  .tuple(fc.record({ slot: at, receivedAt: at, value, boundary: fc.boolean() }), optional('life', life))
  .map((parts) => Object.assign({}, ...parts));

const metric = fc.constantFrom('in', 'out', 'state');
const recordOf = <T>(arbitrary: fc.Arbitrary<T>) => fc.dictionary(metric, arbitrary, { noNullPrototype: true });

const entity: fc.Arbitrary<HeadStateEntity> = fc
  .record({
    entity: word,
    slot: at,
    receivedAt: at,
    boundary: fc.boolean(),
    values: recordOf(value),
    lives: recordOf(life),
    increases: recordOf(increase),
    baselines: recordOf(point),
  })
  .map(({ lives, ...rest }) => {
    // A life belongs to a value.
    const own = Object.fromEntries(Object.entries(lives).filter(([name]) => rest.values[name] !== undefined));
    return { ...rest, ...(Object.keys(own).length === 0 ? {} : { lives: own }) };
  });

test('a head comes back as it was packed', () => {
  fc.assert(
    fc.property(fc.array(entity, { maxLength: 6 }), fc.option(at, { nil: undefined }), (entities, newestSlot) => {
      const state = { ...(newestSlot === undefined ? {} : { newestSlot }), entities };
      expect(unpackHead(packHead(state))).toEqual(state);
    }),
    { numRuns: 150 * LONG },
  );
});

test('packed bytes that are cut are refused, never half read', () => {
  fc.assert(
    fc.property(fc.array(entity, { minLength: 1, maxLength: 3 }), fc.nat(), (entities, cut) => {
      const bytes = packHead({ entities });
      expect(() => unpackHead(bytes.slice(0, cut % bytes.length))).toThrow();
    }),
    { numRuns: 100 * LONG },
  );
});
