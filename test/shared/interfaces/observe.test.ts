/** Rates and loads of interfaces over their newest slots. */
import { describe, expect, test } from 'vitest';
import type { Entity } from '../../../shared/entities/entity.ts';
import { observeInterfaces, observeQueues } from '../../../shared/interfaces/observe.ts';
import type { Batch, CounterLife, Head, Reading } from '../../../shared/samples/sample.ts';

const PERIOD = 300_000;
const START = Date.UTC(2026, 10, 20);
const MEGABIT = 1_000_000;

const entity = (attributes: Entity['attributes'] = { speedBitsPerSecond: 100 * MEGABIT }): Entity => ({
  tenant: 'demo',
  kind: 'interface',
  id: 'core1/ether1',
  target: 'core1',
  name: 'Core 1 ether1',
  attributes,
  labels: {},
  simulated: false,
  firstSeenAt: START,
});

interface Given {
  /** Mb/s since the slot before, per direction; undefined = the counter is not there. */
  readonly received?: number;
  readonly sent?: number;
  readonly life?: Partial<CounterLife>;
  readonly boundary?: boolean;
  readonly absent?: boolean;
  readonly operStatus?: number;
  readonly atMs?: number;
}

function batchesOf(slots: readonly Given[]): Batch[] {
  const total = { received: 0n, sent: 0n };
  return slots.map((given, i) => {
    const slot = START + i * PERIOD + (given.atMs ?? 0);
    const { received, sent } = given;
    total.received += octets(received ?? 0);
    total.sent += octets(sent ?? 0);
    const life: CounterLife = {
      bootAt: START - 9e6,
      uptimeMs: slot - START + 9e6,
      ifIndex: 1,
      column: 'snmp:x',
      speedBitsPerSecond: 100 * MEGABIT,
      bits: 64,
      ...given.life,
    };
    const reading: Reading = {
      entity: 'core1/ether1',
      receivedAt: slot,
      values: {
        ...(received === undefined ? {} : { ifHCInOctets: total.received }),
        ...(sent === undefined ? {} : { ifHCOutOctets: total.sent }),
        ...(given.operStatus === undefined ? {} : { ifOperStatus: BigInt(given.operStatus) }),
      },
      lives: { ifHCInOctets: life, ifHCOutOctets: life },
    };
    return {
      ...{ tenant: 'demo', kind: 'interface', target: 'core1', slot, part: 0, receivedAt: slot },
      periodSeconds: 300,
      boundary: given.boundary ?? true,
      readings: given.absent === true ? [] : [reading],
    };
  });
}

const octets = (megabits: number) => BigInt(Math.round((megabits * MEGABIT * (PERIOD / 1000)) / 8));

function observed(slots: readonly Given[], of: Entity = entity(), head?: Head, observe = observeInterfaces) {
  const observations = observe({ head, batches: batchesOf(slots), entities: [of] });
  return (metric: string) =>
    observations.find((one) => one.metric === metric)?.values.map(({ value, reason }) => value ?? reason);
}

describe('rates', () => {
  test('are the increase over the elapsed time, per direction', () => {
    const values = observed([
      { received: 0, sent: 0 },
      { received: 40, sent: 10 },
      { received: 85, sent: 96 },
    ]);
    expect(values('inBitsPerSecond')?.slice(1)).toEqual([40 * MEGABIT, 85 * MEGABIT]);
    expect(values('outBitsPerSecond')?.slice(1)).toEqual([10 * MEGABIT, 96 * MEGABIT]);
    expect(values('inUtilisationPercent')?.slice(1)).toEqual([40, 85]);
  });

  test('never add both directions: a full-duplex line at 60 % each way is at 60 %', () => {
    const values = observed([
      { received: 0, sent: 0 },
      { received: 60, sent: 60 },
    ]);
    expect(values('maxUtilisationPercent')?.[1]).toBe(60);
  });

  test('with one direction unknown leave the busier one unknown', () => {
    const values = observed([{ received: 0, sent: 0 }, { received: 90 }]);
    expect(values('inUtilisationPercent')?.[1]).toBe(90);
    expect(values('maxUtilisationPercent')?.[1]).toBe('the router did not give the counter');
  });

  test.each<[string, Given, RegExp]>([
    ['a restart', { received: 10, sent: 10, life: { bootAt: START + PERIOD - 1000, uptimeMs: 1000 } }, /began anew/],
    ['another ifIndex', { received: 10, sent: 10, life: { ifIndex: 9 } }, /began anew/],
    ['a counter faster than its line', { received: 150, sent: 10 }, /faster than the line/],
    ['a row that is missing', { absent: true }, /did not give/],
    ['a slot that came much too late', { received: 10, sent: 10, atMs: PERIOD }, /too far apart/],
  ])('are unknown, with the reason, after %s', (_, given, reason) => {
    const values = observed([{ received: 0, sent: 0 }, given]);
    expect(values('inBitsPerSecond')?.[1]).toMatch(reason);
    expect(values('maxUtilisationPercent')?.[1]).toMatch(reason);
  });

  test('are unknown for a 32-bit counter that may have wrapped unseen', () => {
    const life = { bits: 32, speedBitsPerSecond: 200 * MEGABIT } as const;
    const values = observed([
      { received: 0, sent: 0, life },
      { received: 10, sent: 10, life },
    ]);
    expect(values('inBitsPerSecond')?.[1]).toMatch(/may have wrapped unseen/);
  });

  test('do not exist for manual runs, and are not disturbed by them', () => {
    const values = observed([
      { received: 0, sent: 0 },
      { received: 5, sent: 5, boundary: false, atMs: -PERIOD / 2 },
      { received: 20, sent: 20, atMs: -PERIOD },
    ]);
    expect(values('inBitsPerSecond')?.slice(1)).toEqual([25 * MEGABIT]);
  });
});

describe('loads', () => {
  test('do not exist where no speed is known: a rate does', () => {
    const values = observed(
      [
        { received: 0, sent: 0 },
        { received: 5, sent: 5 },
      ],
      entity({}),
    );
    expect(values('inBitsPerSecond')?.[1]).toBe(5 * MEGABIT);
    expect(values('maxUtilisationPercent')).toBeUndefined();
  });

  test('follow a configured speed, also above it: nothing is clamped', () => {
    const told = entity({ speedBitsPerSecond: 50 * MEGABIT, speedConfigured: true });
    expect(
      observed(
        [
          { received: 0, sent: 0 },
          { received: 60, sent: 1 },
        ],
        told,
      )('maxUtilisationPercent')?.[1],
    ).toBe(120);
  });

  test('follow the router’s speed of that very reading', () => {
    const slots = [
      { received: 0, sent: 0 },
      { received: 50, sent: 1, life: { speedBitsPerSecond: 200 * MEGABIT } },
    ];
    expect(observed(slots)('maxUtilisationPercent')?.[1]).toBe(25);
  });
});

test('three implausible readings in a row are counted, and a good one ends the run', () => {
  const fast = { received: 500, sent: 1 };
  const values = observed([{ received: 0, sent: 0 }, fast, fast, fast, { received: 1, sent: 1 }]);
  expect(values('implausibleReadings')).toEqual([0, 1, 2, 3, 0]);
});

test('the newest slot of a window of one takes its increase from the head', () => {
  const [batch] = batchesOf([{ received: 10, sent: 10 }]);
  const increase = {
    slot: START,
    from: START - PERIOD,
    to: START,
    elapsedMs: PERIOD,
    amount: octets(30),
    rateable: true,
  };
  const head: Head = {
    ...{ tenant: 'demo', kind: 'interface', target: 'core1', seq: 2, folded: 0, periodSeconds: 300 },
    entities: [
      {
        entity: 'core1/ether1',
        slot: START,
        receivedAt: START,
        values: {},
        increases: { ifHCInOctets: increase, ifHCOutOctets: increase },
      },
    ],
  };
  const observations = observeInterfaces({ head, batches: batch === undefined ? [] : [batch], entities: [entity()] });
  expect(observations.find(({ metric }) => metric === 'maxUtilisationPercent')?.values).toEqual([
    { slot: START, value: 30 },
  ]);
});

test('an interface that was removed is not judged', () => {
  expect(observeInterfaces({ head: undefined, batches: [], entities: [{ ...entity(), removedAt: START }] })).toEqual(
    [],
  );
});

test.each([
  ['up', 1, 0],
  ['down', 2, 1],
  ['down, for it is not there', 6, 1],
  ['down, for a lower layer is', 7, 1],
  ['not known while it is tested', 3, undefined],
  ['not known where the router does not know', 4, undefined],
  ['not known where the router does not say', undefined, undefined],
])('a port is %s', (_, operStatus, expected) => {
  const given = { received: 1, sent: 1, ...(operStatus === undefined ? {} : { operStatus }) };
  const observations = observeInterfaces({ head: undefined, batches: batchesOf([given]), entities: [entity()] });
  expect(observations.find(({ metric }) => metric === 'portDown')?.values).toMatchObject([{ value: expected }]);
});

describe('queues', () => {
  const loads = (slots: readonly Given[]) => {
    const values = observed(slots, { ...entity({ queue: 'r1' }), kind: 'queue' }, undefined, observeQueues);
    return (metric: string) => values(metric)?.slice(1);
  };
  const limit = (megabits: number) => ({ life: { speedBitsPerSecond: megabits * MEGABIT } });

  test('are judged by the limit that they had at each slot, so that a new plan judges nothing of before', () => {
    const values = loads([
      { received: 0, sent: 0, ...limit(50) },
      { received: 10, sent: 48, ...limit(50) },
      { received: 10, sent: 48, ...limit(100) },
    ]);
    expect(values('outUtilisationPercent')).toEqual([96, 48]);
    expect(values('maxUtilisationPercent')).toEqual([96, 48]);
  });

  test('without a limit have rates and no load', () => {
    const unlimited = { life: { speedBitsPerSecond: 0 } };
    const values = loads([
      { received: 0, sent: 0, ...unlimited },
      { received: 10, sent: 48, ...unlimited },
    ]);
    expect(values('outBitsPerSecond')).toEqual([48 * MEGABIT]);
    expect(values('outUtilisationPercent')).toEqual([expect.stringMatching(/no limit in this direction/)]);
  });
});
