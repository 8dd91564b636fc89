import { describe, expect, test } from 'vitest';
import { createResellerCollector } from '../../../shared/resellers/collector.ts';
import { ALL_RESELLERS, resellerEntity, targetOfReseller, WATCH_TARGETS } from '../../../shared/resellers/watch.ts';
import {
  batchOf,
  type Counted,
  calls,
  MBPS,
  MEGABIT,
  PERIOD,
  recordOf,
  resellerEntityNamed,
  runCollector,
  START,
  workOf,
} from './watch-world.ts';

const first: Counted = { slot: 0, octets: { ether5: [0, 500], ether6: [0, 0] } };
const second: Counted = { slot: 1, octets: { ether5: [80 * MEGABIT, 500 + 5 * MEGABIT], ether6: [10 * MEGABIT, 0] } };
const both = [batchOf(first), batchOf(second)];
const both6 = { interfaces: ['core1/ether5', 'core1/ether6'] };
const mapped = (...interfaces: string[]) => ({
  routers: [{ router: 'core1', queue: 'q', targets: [], interfaces }],
});
type Page = Awaited<ReturnType<typeof runCollector>>;
const readingOf = ({ fed = [] }: Page, id = 'r1') =>
  fed.flatMap(({ readings }) => readings).find(({ entity }) => entity === resellerEntity(id));
const draftOf = ({ fed = [] }: Page, id = 'r1') =>
  fed.flatMap(({ entities }) => entities).find((one) => one.id === resellerEntity(id));

describe('the load of a reseller', () => {
  test('is what its port sends to the customer and receives from them, against the plan of each direction', async () => {
    const page = await runCollector({ records: [recordOf('r1')], batches: both });
    expect(readingOf(page)).toEqual({
      entity: resellerEntity('r1'),
      receivedAt: START + PERIOD + 2000,
      values: {
        ...{ toTargetBitsPerSecond: 80_000_000n, fromTargetBitsPerSecond: 5_000_000n, planUse: 8000n },
        ...{ missingInterfaces: 0n, limitFailed: 0n, differences: 0n, suspended: 0n },
      },
    });
    expect(page).toMatchObject({ rejected: [], complete: true });
    expect(draftOf(page)).toMatchObject({
      ...{ name: 'Customer r1 (r1)', target: targetOfReseller('r1') },
      attributes: { interfaces: 1, planToTargetBitsPerSecond: 100 * MBPS, planFromTargetBitsPerSecond: 20 * MBPS },
    });
  });

  test('is what its queue carried where no port is named, and of nothing where nobody reads that queue', async () => {
    const records = [recordOf('r1', mapped())];
    const [start, load] = [{ q: [0, 500] }, { q: [60 * MEGABIT, 500 + 4 * MEGABIT] }] as const;
    const batches = [
      batchOf({ slot: 0, octets: start, kind: 'queue' }),
      batchOf({ slot: 1, octets: load, kind: 'queue' }),
    ];
    const read = await runCollector({ records, batches, queues: ['core1/q'] });
    expect(readingOf(read)?.values).toMatchObject({ toTargetBitsPerSecond: 60_000_000n, planUse: 6000n });
    // Whether its router tells of no queues, the queue was never made, or was made just now: nobody is woken for the load as well.
    const made = batchOf({ slot: 1, octets: load, kind: 'queue' });
    for (const [queues, some] of [
      [[], []],
      [['core1/q'], []],
      [['core1/q'], [made]],
    ] as const) {
      const values = readingOf(await runCollector({ records, batches: some, queues }))?.values;
      expect(values).toMatchObject({ missingInterfaces: 0n });
      expect(values).not.toHaveProperty('planUse');
    }
  });

  test('is of the fuller direction, which may be the narrow one', async () => {
    const upload = batchOf({ slot: 1, octets: { ether5: [10 * MEGABIT, 500 + 19 * MEGABIT] } });
    const page = await runCollector({ records: [recordOf('r1')], batches: [batchOf(first), upload] });
    expect(readingOf(page)?.values.planUse).toBe(9500n);
  });

  test('adds up several ports, and is unknown as soon as one of them is, which is named', async () => {
    const records = [recordOf('r1', mapped('ether5', 'ether6'))];
    const page = await runCollector({ records, batches: both, ...both6 });
    expect(readingOf(page)?.values).toMatchObject({ toTargetBitsPerSecond: 90_000_000n, planUse: 9000n });
    const { ether5 } = second.octets;
    const half = [batchOf(first), batchOf({ slot: 1, octets: ether5 ? { ether5 } : {} })];
    const unknown = await runCollector({ records, batches: half, ...both6 });
    expect(readingOf(unknown)?.values).toEqual({
      missingInterfaces: 1n,
      limitFailed: 0n,
      differences: 0n,
      suspended: 0n,
    });
    expect(unknown.rejected).toMatchObject([{ path: 'r1 core1/ether6', message: expect.stringContaining('counter') }]);
    expect(draftOf(unknown)?.attributes).toMatchObject({ missing: 'core1/ether6' });
  });

  test('of a router that was not read is unknown, and no fault of the port', async () => {
    const page = await runCollector({ records: [recordOf('r1')], batches: both, slot: 2 });
    expect(readingOf(page)?.values).toEqual({ missingInterfaces: 0n, limitFailed: 0n, differences: 0n, suspended: 0n });
    expect(page.rejected).toMatchObject([{ message: expect.stringContaining('not been read lately') }]);
  });

  test('of a port that its router no longer has is unknown, and is the fault of the mapping', async () => {
    const page = await runCollector({ records: [recordOf('r1')], batches: both, interfaces: [] });
    expect(readingOf(page)?.values.missingInterfaces).toBe(1n);
    expect(page.rejected).toMatchObject([{ message: expect.stringContaining('no such interface') }]);
  });

  test('of a port on a router that is no source any more is the fault of the mapping, too', async () => {
    const page = await runCollector({ records: [recordOf('r1')], interfaces: [] });
    expect(readingOf(page)?.values.missingInterfaces).toBe(1n);
  });

  test('after a reboot, and in the very first slot, is no load of 0', async () => {
    const rebooted = batchOf({ ...second, bootAt: START + PERIOD - 60_000 });
    for (const batches of [[batchOf(first), rebooted], [batchOf(second)]])
      expect(readingOf(await runCollector({ records: [recordOf('r1')], batches }))?.values).not.toHaveProperty(
        'planUse',
      );
  });

  test('of a router that is read every 15 minutes is that of its newest slot, as long as that holds', async () => {
    const slow = { periodSeconds: 900 };
    const batches = [batchOf({ ...first, slot: -3, ...slow }), batchOf({ ...second, slot: 0, ...slow })];
    const at = async (slot: number) =>
      readingOf(await runCollector({ records: [recordOf('r1')], batches, slot }))?.values.toTargetBitsPerSecond;
    // The octets of the second batch, over 15 minutes.
    expect(Number(await at(2))).toBeCloseTo((80 * MBPS) / 3, -1);
    expect(await at(3)).toBeUndefined();
  });

  test('by hand is that of the newest slot, and none that is long past', async () => {
    const at = async (slot: number) =>
      readingOf(await runCollector({ records: [recordOf('r1')], batches: both, slot, manual: true }))?.values.planUse;
    expect([await at(1.4), await at(2.6)]).toEqual([8000n, undefined]);
  });

  test.each([
    ['without a plan', { plan: undefined as never }],
    ['suspended', { status: 'suspended' as const }],
    ['without an interface', mapped()],
  ])('%s, no plan is used', async (_, over) => {
    const page = await runCollector({ records: [recordOf('r1', over)], batches: both });
    expect(readingOf(page)?.values).not.toHaveProperty('planUse');
    expect(readingOf(page)?.values.missingInterfaces).toBe(0n);
  });
});

describe('what stands beside the load', () => {
  test('is what the router said, cleaned and cut, where it does not have what was asked for', async () => {
    const lastError = `core1: no\u202e such\nitem ${'x'.repeat(500)}`;
    const record = recordOf('r1', { work: workOf({ phase: 'failed', lastError }) });
    const page = await runCollector({ records: [record], batches: both });
    expect(readingOf(page)?.values).toMatchObject({ limitFailed: 1n });
    const { limitSays } = draftOf(page)?.attributes ?? {};
    expect(limitSays).toMatch(/^Given up: core1: no suchitem x+$/);
    expect(String(limitSays).length).toBeLessThanOrEqual(200);
  });

  test('is one entity for all, so that silence can be told from nobody to look at', async () => {
    const none = await runCollector({ records: [] });
    expect(none.readings).toEqual([
      { entity: ALL_RESELLERS, receivedAt: expect.any(Number), values: { resellersTotal: 0n, resellersUnknown: 0n } },
    ]);
    const records = [recordOf('r1'), recordOf('r2', mapped('ether9'))];
    const some = await runCollector({ records, batches: both });
    expect(some.readings[0]?.values).toEqual({ resellersTotal: 2n, resellersUnknown: 1n });
  });
});

describe('storage targets', () => {
  test('are eight, each reseller in the same one for ever, and a crashed run is looked for in all of them', async () => {
    expect(WATCH_TARGETS).toHaveLength(8);
    // Their past lies there: these must never change.
    expect(['r1', 'r1001', 'corner'].map(resellerEntity)).toMatchInlineSnapshot(`
      [
        "headroom-resellers.0006/r1",
        "headroom-resellers.0003/r1001",
        "headroom-resellers.0003/corner",
      ]
    `);
    const collector = createResellerCollector({} as never);
    expect((await collector.mayHaveFed?.({} as never))?.map(({ kind, target }) => `${kind} ${target}`)).toEqual(
      WATCH_TARGETS.map((target) => `reseller ${target}`),
    );
  });

  test('lose the entity of a reseller that is no more, also when nobody else is in there', async () => {
    const known = ['r1', 'r2'].map((id) => resellerEntityNamed(resellerEntity(id)));
    const gone = ({ fed = [] }: Page) => fed.flatMap((one) => one.gone ?? []);
    expect(gone(await runCollector({ records: [recordOf('r1')], batches: both, known }))).toEqual([
      resellerEntity('r2'),
    ]);
    expect(gone(await runCollector({ records: [], known })).sort()).toEqual(known.map(({ id }) => id).sort());
    const removed = known.map((one) => ({ ...one, removedAt: START }));
    expect(gone(await runCollector({ records: [], known: removed }))).toEqual([]);
  });

  test('are folded when a new stretch of six hours begins', async () => {
    const target = targetOfReseller('r1');
    const head = (newestSlot: number) => ({
      ...{ tenant: 'demo', kind: 'reseller', target, seq: 1, folded: 0, periodSeconds: 300, entities: [], newestSlot },
    });
    const due = async (newestSlot: number) =>
      (await runCollector({ records: [recordOf('r1')], batches: both, head: head(newestSlot) })).fed?.[0]?.foldDue;
    expect([await due(START), await due(START - PERIOD)]).toEqual([undefined, true]);
  });

  test('10,000 resellers on 20 routers: each router is read once, and nobody is left out', async () => {
    const records = Array.from({ length: 10_000 }, (_, i) => {
      const router = `core${i % 20}`;
      return recordOf(`r${i}`, { routers: [{ router, queue: `q${i}`, targets: [], interfaces: [`p${i}`] }] });
    });
    const names = records.map((_, i) => [`core${i % 20}`, `p${i}`] as const);
    const octets = (router: string, sent: number) =>
      Object.fromEntries(names.filter(([of]) => of === router).map(([, port]) => [port, [sent, 0] as const]));
    const routers = [...new Set(names.map(([router]) => router))];
    const page = await runCollector({
      records,
      batches: routers.flatMap((router) => [
        batchOf({ slot: 0, router, octets: octets(router, 0) }),
        batchOf({ slot: 1, router, octets: octets(router, 50 * MEGABIT) }),
      ]),
      interfaces: names.map(([router, port]) => `${router}/${port}`),
    });
    expect(calls).toHaveLength(20);
    expect(page.readings[0]?.values).toEqual({ resellersTotal: 10_000n, resellersUnknown: 0n });
    const readings = page.fed?.flatMap((one) => one.readings) ?? [];
    expect(readings).toHaveLength(10_000);
    expect(readings.every(({ values }) => values.planUse === 5000n)).toBe(true);
    for (const { readings: part } of page.fed ?? []) expect(part.length).toBeLessThan(1500);
  });
});
