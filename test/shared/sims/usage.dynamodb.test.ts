import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import { dayName, dayNumber } from '../../../shared/samples/zone.ts';
import type { DayUsage } from '../../../shared/sims/sim.ts';
import { createUsageStore } from '../../../shared/sims/usage.dynamodb.ts';
import type { SimRef, UsageStore } from '../../../shared/sims/usage.port.ts';
import { usageMonthKey } from '../../../shared/sims/usage-keys.ts';
import { startDynalite } from '../dynalite.ts';
import { createFakeTable, type FakeStep } from '../fake-table.ts';
import { itemBytes } from '../meter.ts';
import { chance, runs } from '../samples/runs.ts';
import { DAY_MS, dyingView, ICCID, ICCID_2, Killed, newTenant } from './stores.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const CLOSED = '2026-11-20';

const usage = (day: string, dataTotal: bigint, more: Partial<DayUsage> = {}): DayUsage => ({ day, dataTotal, ...more });
const refOf = (tenant: string, iccid = ICCID, account = 'fleet1'): SimRef => ({ tenant, account, iccid });
const storeOn = (table: Table, now = NOW): UsageStore => createUsageStore({ table, clock: { now: () => now } });

let database: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());

describe.each([
  ['in memory', () => createFakeTable({ pageItems: 3 }) as Table],
  ['of dynalite', () => database.table],
])('usage on the table %s', (_, open) => {
  test('days come back by their bounds, over months, oldest first', async () => {
    const store = storeOn(open());
    const ref = refOf(newTenant());
    const days = [usage('2026-11-02', 3n), usage('2026-10-31', 1n, { smsMo: 0n }), usage('2026-11-01', 2n)];
    expect(await store.record(ref, days, NOW, CLOSED)).toEqual([]);
    const all = [usage('2026-10-31', 1n, { smsMo: 0n }), usage('2026-11-01', 2n), usage('2026-11-02', 3n)];
    expect(await store.read(ref, '2026-06-01', '2026-11-20')).toEqual(all);
    expect(await store.read(ref, '2026-10-31', '2026-11-01')).toEqual(all.slice(0, 2));
    expect(await store.read(ref, '0001-01-01', '9999-12-31')).toEqual(all);
    expect(await store.read(ref, '2026-11-02', '2026-11-01')).toEqual([]);
    expect(await store.read(refOf(ref.tenant, ICCID_2), '2026-10-01', '2026-11-20')).toEqual([]);
    expect(await store.read(refOf(ref.tenant, ICCID, 'fleet2'), '2026-10-01', '2026-11-20')).toEqual([]);
  });

  test('a month of all SIMs is read by account and ICCID, and of no other tenant', async () => {
    const store = storeOn(open());
    const [tenant, other] = [newTenant(), newTenant()];
    for (const iccid of [ICCID, ICCID_2]) {
      await store.record(refOf(tenant, iccid), [usage('2026-11-01', 4n), usage('2026-10-01', 9n)], NOW, CLOSED);
    }
    await store.record(refOf(tenant, ICCID, 'a#b'), [usage('2026-11-03', 10n ** 20n)], NOW, CLOSED);
    await store.record(refOf(tenant, ICCID, 'fleet3'), [usage('2026-11-03', 0n)], NOW, CLOSED);
    await store.record(refOf(other), [usage('2026-11-01', 5n)], NOW, CLOSED);
    expect(await store.readMonth(tenant, '2026-11')).toEqual(
      new Map([
        [`a#b/${ICCID}`, [usage('2026-11-03', 10n ** 20n)]],
        [`fleet1/${ICCID}`, [usage('2026-11-01', 4n)]],
        [`fleet1/${ICCID_2}`, [usage('2026-11-01', 4n)]],
        [`fleet3/${ICCID}`, [usage('2026-11-03', 0n)]],
      ]),
    );
    expect(await store.readMonth(tenant, '2026-09')).toEqual(new Map());
  });

  test('a restatement of a closed day is returned and logged once, with exact values', async () => {
    const store = storeOn(open());
    const ref = refOf(newTenant());
    const [before, after] = [usage('2026-11-01', 10n ** 20n + 1n, { smsMt: 2n }), usage('2026-11-01', 10n ** 20n + 2n)];
    await store.record(ref, [before], NOW - 2000, CLOSED);
    const correction = { iccid: ICCID, day: '2026-11-01', before, after };
    expect(await store.record(ref, [after], NOW - 1000, CLOSED)).toEqual([correction]);
    expect(await store.record(ref, [after], NOW, CLOSED)).toEqual([]);
    expect(await store.listCorrections(ref.tenant, 10)).toEqual([{ ...correction, at: NOW - 1000 }]);
    expect(await store.read(ref, '2026-11-01', '2026-11-01')).toEqual([after]);
  });

  test('corrections are listed newest first, of all SIMs or of one', async () => {
    const table = open();
    const tenant = newTenant();
    const months = [200, 100, 40, 1];
    for (const [n, ago] of months.entries()) {
      const at = NOW - ago * DAY_MS;
      const store = storeOn(table, at);
      const day = dayName(dayNumber('2026-11-20') - ago - 3);
      for (const iccid of [ICCID, ICCID_2]) {
        await store.record(refOf(tenant, iccid), [usage(day, 1n)], at - 5, '2026-12-31');
        await store.record(refOf(tenant, iccid), [usage(day, BigInt(n) + 2n)], at, '2026-12-31');
      }
    }
    // The runs of the tenant stand in the same partition.
    await table.put({ pk: `${tenant}#L#2026-11`, sk: 'run#2026-11-20T00:00:00.000Z#fleet1#0000', source: 'fleet1' });
    const store = storeOn(table);
    const told = (list: Awaited<ReturnType<UsageStore['listCorrections']>>) =>
      list.map(({ at, iccid, after }) => [(NOW - at) / DAY_MS, iccid, after.dataTotal]);
    const all = months.flatMap((ago, n) => [ICCID, ICCID_2].map((iccid) => [ago, iccid, BigInt(n) + 2n])).reverse();
    expect(told(await store.listCorrections(tenant, 100))).toEqual(all);
    expect(told(await store.listCorrections(tenant, 3))).toEqual(all.slice(0, 3));
    expect(told(await store.listCorrections(tenant, 100, ICCID_2))).toEqual(all.filter(([, id]) => id === ICCID_2));
    expect(told(await store.listCorrections(tenant, 1, ICCID))).toEqual([[1, ICCID, 5n]]);
    expect(await store.listCorrections(tenant, 0)).toEqual([]);
    expect(await store.listCorrections(newTenant(), 10)).toEqual([]);
  });
});

describe('writing', () => {
  test('costs one write for a month that changed, and none where nothing did', async () => {
    const writes: FakeStep[] = [];
    const table = createFakeTable({ before: (step) => void (step.write && writes.push(step)) });
    const store = storeOn(table);
    const ref = refOf('demo');
    await store.record(ref, [usage('2026-11-18', 1n), usage('2026-11-20', 1n)], NOW, CLOSED);
    expect(writes).toHaveLength(1);
    await store.record(ref, [usage('2026-11-18', 1n), usage('2026-11-20', 1n)], NOW + 1000, CLOSED);
    await store.record(ref, [usage('2026-11-18', 5n)], NOW - 1000, CLOSED);
    await store.record(ref, [], NOW + 2000, CLOSED);
    expect(writes).toHaveLength(1);
    await store.record(ref, [usage('2026-11-20', 2n), usage('2026-10-31', 2n)], NOW + 3000, CLOSED);
    expect(writes).toHaveLength(3);
  });

  test('two at once lose nothing, and each stored change is logged once', async () => {
    const table = createFakeTable();
    const ref = refOf('demo');
    await storeOn(table).record(ref, [usage('2026-11-01', 1n), usage('2026-11-02', 1n)], NOW - 9000, CLOSED);
    // The slower one reads, then is held up until the faster one has written.
    const slow = table.view(async (step) => {
      if (step.verb === 'put' && step.pk.includes('#R#')) await faster;
    });
    const faster: Promise<unknown> = storeOn(table.view(() => undefined)).record(
      ref,
      [usage('2026-11-01', 3n), usage('2026-11-03', 1n)],
      NOW - 1000,
      CLOSED,
    );
    const late = await storeOn(slow).record(
      ref,
      [usage('2026-11-01', 2n), usage('2026-11-02', 2n)],
      NOW - 2000,
      CLOSED,
    );
    await faster;
    const days = [usage('2026-11-01', 3n), usage('2026-11-02', 2n), usage('2026-11-03', 1n)];
    expect(await storeOn(table).read(ref, '2026-11-01', '2026-11-30')).toEqual(days);
    expect(late.map(({ day }) => day)).toEqual(['2026-11-02']);
    const logged = await storeOn(table).listCorrections('demo', 10);
    expect(logged.map(({ day, after }) => [day, after.dataTotal])).toEqual([
      ['2026-11-01', 3n],
      ['2026-11-02', 2n],
    ]);
  });

  test('whoever was slow to settle does not strike out what another one owes', async () => {
    const table = createFakeTable();
    const ref = refOf('demo');
    await storeOn(table).record(ref, [usage('2026-11-01', 1n), usage('2026-11-02', 1n)], NOW - 9000, CLOSED);
    // While the first is about to settle, a second one stores its own correction and dies before it is logged.
    const slow = table.view(async (step) => {
      if (step.verb !== 'update') return;
      const { view } = dyingView(table, 2);
      const dying = storeOn(view).record(ref, [usage('2026-11-02', 2n)], NOW - 1000, CLOSED);
      await expect(dying).rejects.toThrow(Killed);
    });
    await storeOn(slow).record(ref, [usage('2026-11-01', 2n)], NOW - 2000, CLOSED);
    const found = await storeOn(table).record(ref, [usage('2026-11-02', 2n)], NOW, CLOSED);
    expect(found.map(({ day }) => day)).toEqual(['2026-11-02']);
    const logged = await storeOn(table).listCorrections('demo', 10);
    expect(logged.map(({ day }) => day)).toEqual(['2026-11-02', '2026-11-01']);
  });

  test('gives up as a conflict when others write each time', async () => {
    const table = createFakeTable();
    const ref = refOf('demo');
    let n = 0n;
    const busy = table.view(async (step) => {
      if (step.verb === 'put')
        await storeOn(table.view(() => undefined)).record(ref, [usage('2026-11-20', ++n)], NOW + Number(n), CLOSED);
    });
    const losing = storeOn(busy).record(ref, [usage('2026-11-02', 1n)], NOW, CLOSED);
    await expect(losing).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    expect(n).toBeLessThan(20n);
  });
});

test('a list of corrections looks at a bounded number of pages', async () => {
  const steps: FakeStep[] = [];
  const table = createFakeTable({ pageItems: 1 });
  for (let n = 0; n < 70; n++) {
    await storeOn(table).record(refOf('demo'), [usage('2026-11-01', BigInt(n))], NOW - 1000 + n, CLOSED);
  }
  const store = storeOn(table.view((step) => void steps.push(step)));
  expect(await store.listCorrections('demo', 1000, ICCID_2)).toEqual([]);
  expect(steps.length).toBeLessThanOrEqual(40);
  expect(await store.listCorrections('demo', 20)).toHaveLength(20);
});

describe('life', () => {
  test('a month is kept 400 days after its end: then it is neither read nor written', async () => {
    const table = createFakeTable();
    const ref = refOf('demo');
    const end = Date.parse('2026-12-01T00:00:00Z') + 400 * DAY_MS;
    await storeOn(table).record(ref, [usage('2026-11-01', 1n)], NOW, CLOSED);
    const read = async (at: number) => {
      const store = storeOn(table, at);
      return [
        (await store.read(ref, '2026-11-01', '2026-11-30')).length,
        (await store.readMonth('demo', '2026-11')).size,
      ];
    };
    expect(await read(end - 1)).toEqual([1, 1]);
    expect(await read(end)).toEqual([0, 0]);
    const [item] = table.dump();
    expect(item?.expiresAt).toBe(end / 1000);
    await storeOn(table, end).record(refOf('demo', ICCID_2), [usage('2026-11-01', 1n)], end, '2028-01-01');
    expect(table.dump()).toHaveLength(1);
  });

  test('a correction is kept a year', async () => {
    const table = createFakeTable();
    const ref = refOf('demo');
    await storeOn(table).record(ref, [usage('2026-11-01', 1n)], NOW - 1000, CLOSED);
    await storeOn(table).record(ref, [usage('2026-11-01', 2n)], NOW, CLOSED);
    const count = async (at: number) => (await storeOn(table, at).listCorrections('demo', 10)).length;
    expect(await count(NOW + 366 * DAY_MS - 1)).toBe(1);
    expect(await count(NOW + 366 * DAY_MS)).toBe(0);
  });
});

test('a thousand SIMs of full months fit one page of a query', async () => {
  const table = createFakeTable();
  const random = chance(1);
  const days = Array.from({ length: 31 }, (_, i) => {
    const [dataRx, dataTx] = [BigInt(Math.floor(random() * 5e8)), BigInt(Math.floor(random() * 5e7))];
    return {
      ...usage(dayName(dayNumber('2026-10-01') + i), dataRx + dataTx),
      dataRx,
      dataTx,
      smsTotal: 9n,
      smsMo: 4n,
      smsMt: 5n,
    };
  });
  const ref = refOf('a-tenant-of-some-length', ICCID, 'onence-production');
  // Each day stated last at an instant of its own.
  for (const [i, day] of days.entries()) await storeOn(table).record(ref, [day], NOW + i * 86_399_999, '2027-12-31');
  const item = await table.get(usageMonthKey(ref, '2026-10'));
  expect(itemBytes(item ?? {})).toBeLessThan(1000);
  expect(1000 * itemBytes(item ?? {})).toBeLessThan(1_048_576);
});

/** Restatements of four days over the end of a month, each newer than the one before. */
const story = fc
  .array(fc.array(fc.tuple(fc.nat(3), fc.bigInt({ min: 0n, max: 3n })), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((steps) =>
    steps.map((values) => [...new Map(values)].map(([n, total]) => usage(dayName(dayNumber('2026-10-30') + n), total))),
  );

test('a crash before any write and another run leave the same days and each correction once', async () => {
  await fc.assert(
    fc.asyncProperty(story, fc.array(fc.nat(12), { maxLength: 4 }), fc.nat(1), async (statements, kills, later) => {
      const tell = async (crashes: boolean) => {
        const table = createFakeTable();
        const ref = refOf('demo');
        for (const [i, days] of statements.entries()) {
          // The second run of a job asks the provider anew: its statement is a little younger.
          const at = NOW + i * 1000;
          if (crashes) {
            for (const [n, k] of kills.entries()) {
              const { view } = dyingView(table, k);
              const dying = storeOn(view).record(ref, days, at + later * n, CLOSED);
              await dying.catch((error: unknown) => {
                if (!(error instanceof Killed)) throw error;
              });
            }
          }
          await storeOn(table).record(ref, days, at + later * 10, CLOSED);
        }
        const store = storeOn(table);
        const corrections = await store.listCorrections('demo', 100);
        return {
          days: await store.read(ref, '2026-10-01', '2026-11-30'),
          corrections: corrections.map(({ at: _at, ...correction }) => JSON.stringify(correction, texts)).sort(),
          owed: table.dump().filter((item) => 'owed' in item).length,
        };
      };
      const calm = await tell(false);
      expect(await tell(true)).toEqual(calm);
      expect(calm.owed).toBe(0);
    }),
    runs(300),
  );
});

test('whichever write a crash comes before, a correction is told by the run that finds it owed', async () => {
  const told = async (k: number) => {
    const table = createFakeTable();
    const ref = refOf('demo');
    await storeOn(table).record(ref, [usage('2026-11-01', 1n)], NOW - 1000, CLOSED);
    const { view, writes } = dyingView(table, k);
    const died = await storeOn(view)
      .record(ref, [usage('2026-11-01', 2n)], NOW, CLOSED)
      .then(
        () => false,
        () => true,
      );
    const again = await storeOn(table).record(ref, [usage('2026-11-01', 2n)], NOW + 1, CLOSED);
    return {
      died,
      writes: writes(),
      again: again.length,
      logged: (await storeOn(table).listCorrections('demo', 9)).length,
    };
  };
  const calm = await told(Number.POSITIVE_INFINITY);
  expect(calm).toEqual({ died: false, writes: 3, again: 0, logged: 1 });
  for (let k = 0; k < 3; k++) expect(await told(k)).toEqual({ died: true, writes: k + 1, again: 1, logged: 1 });
});

function texts(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
