import { describe, expect, test } from 'vitest';
import { advanceState, EMPTY_HEAD, type HeadState } from '../../../shared/samples/head.ts';
import { packHead } from '../../../shared/samples/head-packing.ts';
import { unpackHead } from '../../../shared/samples/head-unpacking.ts';
import type { Metric } from '../../../shared/samples/metric.ts';
import type { Batch } from '../../../shared/samples/sample.ts';
import { batch, METRICS, type PortReading, SLOT_MS } from './router.ts';

const START = Date.parse('2026-11-10T00:00:00Z');
const slot = (n: number) => START + n * SLOT_MS;
const port = (input: number, entity = 'core1/ether1'): PortReading => ({ entity, input: BigInt(input) });
const stateAfter = (...batches: Batch[]): HeadState =>
  batches.reduce((state, b) => advanceState(state, b, METRICS), EMPTY_HEAD);
const only = (state: HeadState) => state.entities[0];
const amount = (state: HeadState) => only(state)?.increases.ifHCInOctets;

describe('the head', () => {
  test('a batch seen before changes nothing', () => {
    const [a, b] = [batch(slot(0), [port(1)]), batch(slot(1), [port(5)])];
    expect(stateAfter(a, b, b, a)).toEqual(stateAfter(a, b));
  });

  test('an increase follows the order of slots, whatever late batch comes in between', () => {
    const state = stateAfter(batch(slot(0), [port(100)]), batch(slot(2), [port(300)]), batch(slot(1), [port(200)]));
    expect(amount(state)).toMatchObject({ slot: slot(2), amount: 200n, reason: 'gap' });
  });

  test('an interface that was away goes on from its last reading, in however long', () => {
    const away = [1, 2, 3].map((n) => batch(slot(n), [port(n, 'core1/ether2')]));
    const state = stateAfter(
      batch(slot(0), [port(100)]),
      ...away,
      batch(slot(4), [port(900), port(4, 'core1/ether2')]),
    );
    expect(amount(state)).toMatchObject({ amount: 800n, reason: 'gap' });
    expect(state.entities.map((e) => e.slot)).toEqual([slot(4), slot(4)]);
  });

  test('a metric that is missing from the newest reading is unknown, and its last reading is kept for the next', () => {
    const both = (n: number): PortReading => ({ entity: 'core1/ether1', input: BigInt(n), output: BigInt(n * 10) });
    const without = stateAfter(batch(slot(0), [both(1)]), batch(slot(1), [port(2)]));
    expect(only(without)?.values).toEqual({ ifHCInOctets: 2n });
    expect(only(without)?.increases.ifHCOutOctets).toBeUndefined();
    const back = advanceState(without, batch(slot(2), [both(3)]), METRICS);
    expect(only(back)?.increases.ifHCOutOctets).toMatchObject({ amount: 20n, reason: 'gap' });
    expect(only(back)?.baselines).toEqual({});
  });

  test('a step back of the counter keeps the old value as the baseline', () => {
    const state = stateAfter(batch(slot(0), [port(1_000_000)]), batch(slot(1), [port(999_000)]));
    expect(amount(state)).toMatchObject({ amount: 0n, reason: 'jitter' });
    expect(only(state)?.values.ifHCInOctets).toBe(999_000n);
    expect(amount(advanceState(state, batch(slot(2), [port(1_000_500)]), METRICS))).toMatchObject({ amount: 500n });
  });

  test('a restart begins a new life: no increase, and the next one starts from there', () => {
    const boot = slot(1) - 60_000;
    const state = stateAfter(batch(slot(0), [port(5_000)]), batch(slot(1), [port(70)], { bootAt: boot }));
    expect(amount(state)).toMatchObject({ amount: undefined, reason: 'reset' });
    const next = advanceState(state, batch(slot(2), [port(100)], { bootAt: boot }), METRICS);
    expect(amount(next)).toMatchObject({ amount: 30n, rateable: true });
  });

  test('another part of the same slot adds entities and metrics, and restates none', () => {
    const state = stateAfter(
      batch(slot(0), [port(1)]),
      batch(slot(1), [port(5)]),
      batch(slot(1), [{ entity: 'core1/ether1', input: 77n, output: 9n }, port(1, 'core1/ether2')], { part: 1 }),
    );
    expect(only(state)?.values).toEqual({ ifHCInOctets: 5n, ifHCOutOctets: 9n });
    expect(amount(state)).toMatchObject({ amount: 4n });
    expect(state.entities).toHaveLength(2);
  });

  test('an entity unseen for longer than chunks live is forgotten', () => {
    const state = stateAfter(batch(slot(0), [port(1)]), batch(slot(401 * 288), [port(1, 'core1/ether2')]));
    expect(state.entities.map((e) => e.entity)).toEqual(['core1/ether2']);
  });

  test('a gauge has values and no increases', () => {
    const gauge: Metric = { id: 'ifHCInOctets', kind: 'gauge', unit: 'count', title: 'x' };
    const state = advanceState(EMPTY_HEAD, batch(slot(0), [port(3)]), [gauge]);
    expect(only(state)).toMatchObject({ values: { ifHCInOctets: 3n }, increases: {}, baselines: {} });
  });

  test('of a router with 40 ports takes at most 2 KB', () => {
    const ports = (n: number): PortReading[] =>
      Array.from({ length: 40 }, (_, i) => ({
        entity: `core1/sfp-sfpplus${i + 1}`,
        ifIndex: i + 1,
        input: 7_000_000_000_000n * BigInt(i + 1) + BigInt(n) * (3_000_000_000n + BigInt(i * 7919)),
        output: 9_000_000_000_000n * BigInt(i + 1) + BigInt(n) * (800_000_000n + BigInt(i * 104_729)),
      }));
    const state = stateAfter(batch(slot(0), ports(0)), batch(slot(1), ports(1)));
    const bytes = packHead(state);
    expect(unpackHead(bytes)).toEqual(state);
    expect(bytes.length).toBeLessThanOrEqual(2048);
  });
});
