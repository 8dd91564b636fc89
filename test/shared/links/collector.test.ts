import { expect, test } from 'vitest';
import type { CollectJob } from '../../../shared/collect/collector.port.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import { createLinkCollector } from '../../../shared/links/collector.ts';
import type { Batch, CounterLife, Reading } from '../../../shared/samples/sample.ts';

const PERIOD = 300_000;
const START = Date.UTC(2026, 10, 20);
const LIFE: CounterLife = { bootAt: START - 9e8, column: 'snmp:ifHCInOctets', bits: 64, ifIndex: 1 };
const VLANS = ['core1/vlan10', 'core1/vlan20'];

interface Given {
  readonly slot: number;
  /** Octets since boot, by interface. */
  readonly octets: Readonly<Record<string, number>>;
  readonly boundary?: boolean;
  readonly bootAt?: number;
  readonly down?: string;
}

function batchOf({ slot, octets, boundary = true, bootAt = LIFE.bootAt, down }: Given): Batch {
  const at = START + slot * PERIOD;
  const readings = Object.entries(octets).map(([entity, value]): Reading => {
    const life = { ...LIFE, bootAt, uptimeMs: at - bootAt };
    return {
      entity,
      receivedAt: at + 2000,
      values: {
        ifHCInOctets: BigInt(value),
        ifHCOutOctets: BigInt(value / 2),
        ifOperStatus: down === entity ? 2n : 1n,
      },
      lives: { ifHCInOctets: life, ifHCOutOctets: life },
    };
  });
  const ref = { tenant: 'demo', kind: 'interface', target: 'core1' };
  return { ...ref, slot: at, part: 0, receivedAt: at + 2000, periodSeconds: 300, boundary, readings };
}

const entity = (id: string, removedAt?: number): Entity => ({
  ...{ tenant: 'demo', kind: 'interface', id, target: 'core1', name: id, attributes: {}, labels: {} },
  ...{ simulated: false, firstSeenAt: START, ...(removedAt === undefined ? {} : { removedAt }) },
});

async function run(batches: readonly Batch[], options: { slot?: number; manual?: boolean; gone?: string } = {}) {
  const { slot = 1, manual = false, gone } = options;
  const collector = createLinkCollector({
    clock: { now: () => START + slot * PERIOD + 90_000 },
    samples: {
      readHead: async () => undefined,
      newestBatches: async ({ target }) => (target === 'core1' ? [...batches].reverse() : []),
    },
    entities: {
      read: async (_, __, id) => (VLANS.includes(id) ? entity(id, id === gone ? START : undefined) : undefined),
    },
  });
  const settings = { members: VLANS.map((id) => ({ interface: id, capacityMbps: 200 })) };
  const source = {
    tenant: 'demo',
    id: 'nttn',
    type: 'link',
    name: 'NTTN',
    periodSeconds: 300,
    settings,
    simulated: false,
  };
  const job = { source, slot: START + slot * PERIOD, manual } as unknown as CollectJob;
  return collector.read(job);
}

/** One Mb/s for five minutes. */
const MEGABIT = 37_500_000;
const first: Given = { slot: 0, octets: { 'core1/vlan10': 0, 'core1/vlan20': 1000 } };
const second: Given = { slot: 1, octets: { 'core1/vlan10': 150 * MEGABIT, 'core1/vlan20': 1000 + 190 * MEGABIT } };

test('the total is the sum of what the interfaces carried in that slot, in and out apart', async () => {
  const page = await run([batchOf(first), batchOf(second)]);
  expect(page.readings).toEqual([
    {
      entity: 'nttn/total',
      receivedAt: START + PERIOD + 2000,
      values: {
        ...{ inBitsPerSecond: 340_000_000n, outBitsPerSecond: 170_000_000n, maxBitsPerSecond: 340_000_000n },
        ...{ sumBitsPerSecond: 510_000_000n, members: 2n, membersKnown: 2n, membersUp: 2n, membersDown: 0n },
      },
    },
  ]);
  expect(page).toMatchObject({ rejected: [], complete: true, entities: [{ id: 'nttn/total' }] });
});

test('an interface that was not read in the slot makes the sum unknown and is named, whatever it carried before', async () => {
  const { readings, rejected } = await run([batchOf(first), batchOf(second)], { slot: 2 });
  expect(readings[0]?.values).toEqual({ members: 2n, membersKnown: 0n });
  expect(rejected.map(({ path }) => path)).toEqual(VLANS);
  const one = await run([batchOf(first), batchOf({ ...second, octets: { 'core1/vlan10': 150 * MEGABIT } })]);
  expect(one.readings[0]?.values.inBitsPerSecond).toBeUndefined();
  expect(one.rejected).toMatchObject([
    { path: 'core1/vlan20', message: expect.stringContaining('did not give the counter') },
  ]);
});

test('the first reading of all, and the first after a reboot, are no sum of 0', async () => {
  const fresh = await run([batchOf({ ...first, slot: 1 })]);
  expect(fresh.readings[0]?.values.inBitsPerSecond).toBeUndefined();
  expect(fresh.rejected[0]?.message).toContain('no earlier reading');
  const rebooted = await run([batchOf(first), batchOf({ ...second, bootAt: START + PERIOD - 60_000 })]);
  expect(rebooted.readings[0]?.values.inBitsPerSecond).toBeUndefined();
  expect(rebooted.rejected[0]?.message).toContain('began anew');
});

test('an interface that its router no longer has is named, and one that is down is counted', async () => {
  const gone = await run([batchOf(first), batchOf(second)], { gone: 'core1/vlan20' });
  expect(gone.rejected).toMatchObject([
    { path: 'core1/vlan20', message: expect.stringContaining('no such interface') },
  ]);
  const down = await run([batchOf(first), batchOf({ ...second, down: 'core1/vlan10' })]);
  expect(down.readings[0]?.values).toMatchObject({ membersUp: 1n, membersDown: 1n, inBitsPerSecond: 340_000_000n });
});

test('a run by hand takes the newest slot, and none that is long past; readings by hand are no slots', async () => {
  const extra = batchOf({ ...second, slot: 1.2, boundary: false, octets: { 'core1/vlan10': 2, 'core1/vlan20': 2 } });
  const batches = [batchOf(first), batchOf(second), extra];
  expect((await run(batches, { slot: 1.4, manual: true })).readings[0]?.values.inBitsPerSecond).toBe(340_000_000n);
  const late = await run(batches, { slot: 3, manual: true });
  expect(late.readings[0]?.values.inBitsPerSecond).toBeUndefined();
  expect(late.rejected[0]?.message).toContain('not been read lately');
});
