import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCursor } from '../../../shared/platform/cursor.ts';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import type { LogPage, SimLog } from '../../../shared/sims/log.port.ts';
import type { CellReading, SimEvent } from '../../../shared/sims/sim.ts';
import { createSimLog } from '../../../shared/sims/simlog.dynamodb.ts';
import type { SimRef } from '../../../shared/sims/usage.port.ts';
import { startDynalite } from '../dynalite.ts';
import { createFakeTable, type FakeStep } from '../fake-table.ts';
import { DAY_MS, dyingView, ICCID, ICCID_2, Killed, newTenant } from './stores.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const HOUR_MS = 3_600_000;

const event = (at: number, type = 'Status changed', more: Partial<SimEvent> = {}): SimEvent => ({ at, type, ...more });
const cell = (cellId: number | undefined, more: Partial<CellReading> = {}): CellReading => ({
  mcc: '001',
  mnc: '01',
  lac: 10_001,
  ...(cellId === undefined ? {} : { cellId }),
  ...more,
});
const refOf = (tenant: string, iccid = ICCID): SimRef => ({ tenant, account: 'fleet1', iccid });
const logOn = (table: Table, now = NOW): SimLog => createSimLog({ table, clock: { now: () => now } });

async function walk<T>(list: (before?: string) => Promise<LogPage<T>>): Promise<T[][]> {
  const pages: T[][] = [];
  let before: string | undefined;
  do {
    const page = await list(before);
    pages.push([...page.items]);
    before = page.before;
  } while (before !== undefined && pages.length < 50);
  return pages;
}

let database: Awaited<ReturnType<typeof startDynalite>>;
beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());

describe.each([
  ['in memory', () => createFakeTable() as Table],
  ['in memory, of short pages', () => createFakeTable({ pageItems: 2 }) as Table],
  ['of dynalite', () => database.table],
])('the log on the table %s', (_, open) => {
  test('an event seen before is not stored again; the same instant holds several', async () => {
    const log = logOn(open());
    const ref = refOf(newTenant());
    const first = event(NOW - 5000, 'Update location', { imsi: '901000000000001', alert: false, mcc: '001' });
    expect(await log.recordEvents(ref, [first, event(NOW - 5000, 'PDP created')], NOW)).toBe(2);
    const reordered = { mcc: '001', alert: false, imsi: '901000000000001', type: 'Update location', at: NOW - 5000 };
    expect(await log.recordEvents(ref, [reordered, event(NOW - 1000), event(NOW - 1000)], NOW + 1)).toBe(1);
    expect(await log.recordEvents(ref, [], NOW)).toBe(0);
    const items = (await walk((before) => log.listEvents(ref, 10, before))).flat();
    expect(items).toHaveLength(3);
    expect(items[0]).toEqual(event(NOW - 1000));
    expect(items.slice(1)).toEqual(expect.arrayContaining([first, event(NOW - 5000, 'PDP created')]));
  });

  test('pages go from the newest to the oldest, each event once, and the last page is not empty', async () => {
    const log = logOn(open());
    const ref = refOf(newTenant());
    const events = Array.from({ length: 6 }, (_, i) => event(NOW - i * DAY_MS, `number ${i}`));
    expect(await log.recordEvents(ref, events, NOW)).toBe(6);
    await log.recordCell(ref, cell(1), NOW);
    expect((await walk((before) => log.listEvents(ref, 3, before))).map((page) => page.length)).not.toContain(0);
    for (const limit of [1, 2, 3, 5, 6, 7]) {
      expect((await walk((before) => log.listEvents(ref, limit, before))).flat()).toEqual(events);
    }
  });

  test('a cell is stored when it is another one, or after six hours in the same', async () => {
    const log = logOn(open());
    const ref = refOf(newTenant());
    const steps: [number, CellReading][] = [
      [0, cell(1)],
      [1, cell(1, { ageMinutes: 60, retrieved: false })],
      [2, cell(2)],
      [3, cell(1)],
      [8.9, cell(1)],
      [9, cell(1)],
      [10, cell(1, { lac: 10_002 })],
      [11, cell(undefined)],
    ];
    for (const [hours, reading] of steps) await log.recordCell(ref, reading, NOW + hours * HOUR_MS);
    const pages = await walk((before) => log.listCells(ref, 4, before));
    expect(pages.flat().map(({ at, lac, cellId }) => [(at - NOW) / HOUR_MS, lac, cellId])).toEqual([
      [11, 10_001, undefined],
      [10, 10_002, 1],
      [9, 10_001, 1],
      [3, 10_001, 1],
      [2, 10_001, 2],
      [0, 10_001, 1],
    ]);
    expect((await log.listEvents(ref, 10)).items).toEqual([]);
  });

  test('what is read is what was recorded, of this SIM and tenant alone', async () => {
    const log = logOn(open());
    const ref = refOf(newTenant());
    const reading = cell(7, { state: 'assumed_idle', retrieved: true, ageMinutes: 3, repliedAt: NOW - 400 });
    await log.recordCell(ref, reading, NOW);
    await log.recordEvents(ref, [event(NOW)], NOW);
    expect((await log.listCells(ref, 5)).items).toEqual([{ ...reading, at: NOW }]);
    for (const other of [refOf(ref.tenant, ICCID_2), { ...ref, account: 'fleet2' }, refOf(newTenant())]) {
      expect((await log.listCells(other, 5)).items).toEqual([]);
      expect((await log.listEvents(other, 5)).items).toEqual([]);
    }
  });
});

test('an answer that names no cell is not kept', async () => {
  const table = createFakeTable();
  await logOn(table).recordCell(refOf('demo'), { state: 'not_reachable', ageMinutes: 9 }, NOW);
  expect(table.dump()).toEqual([]);
});

test('a cell whose answer arrives late does not hide the one after it', async () => {
  const log = logOn(createFakeTable());
  const ref = refOf('demo');
  await log.recordCell(ref, cell(2), NOW);
  await log.recordCell(ref, cell(1), NOW - HOUR_MS);
  await log.recordCell(ref, cell(2), NOW + HOUR_MS);
  expect((await log.listCells(ref, 5)).items.map(({ cellId }) => cellId)).toEqual([2, 1]);
});

test('events and cells are kept 400 days, and an event as old as that is not born again', async () => {
  const table = createFakeTable();
  const ref = refOf('demo');
  const end = NOW + 400 * DAY_MS;
  await logOn(table).recordEvents(ref, [event(NOW), event(NOW + 2000)], NOW);
  await logOn(table).recordCell(ref, cell(1), NOW);
  const counts = async (now: number) => {
    const log = logOn(table, now);
    const pages = await walk((before) => log.listEvents(ref, 1, before));
    return [pages.flat().length, (await log.listCells(ref, 5)).items.length];
  };
  expect(await counts(end - 1)).toEqual([2, 1]);
  expect(await counts(end)).toEqual([1, 0]);
  expect(await counts(end + 2000)).toEqual([0, 0]);
  const empty = createFakeTable();
  expect(await logOn(empty, end).recordEvents(ref, [event(NOW), event(NOW + 2000)], end)).toBe(1);
  expect(empty.dump()).toHaveLength(1);
});

test('a list that the provider repeats costs one query and no write', async () => {
  const steps: FakeStep[] = [];
  const table = createFakeTable({ before: (step) => void steps.push(step) });
  const events = Array.from({ length: 60 }, (_, i) => event(NOW - i * 1000));
  await logOn(table).recordEvents(refOf('demo'), events, NOW);
  steps.length = 0;
  expect(await logOn(table).recordEvents(refOf('demo'), events, NOW + HOUR_MS)).toBe(0);
  expect(steps.map(({ verb }) => verb)).toEqual(['query']);
});

test('two that record the same events at once store each one once', async () => {
  const table = createFakeTable();
  const events = Array.from({ length: 30 }, (_, i) => event(NOW - i * 1000));
  const both = await Promise.all([1, 2].map((n) => logOn(table).recordEvents(refOf('demo'), events, NOW + n)));
  expect(both.reduce((sum, n) => sum + n, 0)).toBe(30);
  expect(table.dump()).toHaveLength(30);
});

test('a crash before any write and another run leave each event once', async () => {
  const events = Array.from({ length: 25 }, (_, i) => event(NOW - i * 1000));
  const stateAfter = async (k: number) => {
    const table = createFakeTable();
    const dying = logOn(dyingView(table, k).view).recordEvents(refOf('demo'), events, NOW);
    if (k < events.length) await expect(dying).rejects.toThrow(Killed);
    else await dying;
    await logOn(table).recordEvents(refOf('demo'), events, NOW + 1000);
    return table.dump();
  };
  const calm = await stateAfter(Number.POSITIVE_INFINITY);
  expect(calm).toHaveLength(25);
  for (const k of [0, 1, 7, 19, 20, 24]) expect(await stateAfter(k)).toEqual(calm);
});

describe('a place to go on from', () => {
  const table = createFakeTable();
  const ref = refOf('demo');
  const sk = `event#${new Date(NOW).toISOString()}#${'a'.repeat(32)}`;

  test.each([
    ['is no cursor', 'garbage'],
    ['is of another tenant', encodeCursor('other', `event#fleet1/${ICCID}`, sk)],
    ['is of another SIM', encodeCursor('demo', `event#fleet1/${ICCID_2}`, sk)],
    ['is of the list of cells', encodeCursor('demo', `cell#fleet1/${ICCID}`, sk)],
    ['points elsewhere', encodeCursor('demo', `event#fleet1/${ICCID}`, 'cell#2026-11-20T12:00:00.000Z')],
    ['points past the log', encodeCursor('demo', `event#fleet1/${ICCID}`, `${sk}#more`)],
    ['is empty', ''],
  ])('that %s is refused', async (_, before) => {
    await expect(logOn(table).listEvents(ref, 5, before)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  test('that this list gave out is taken', async () => {
    const own = encodeCursor('demo', `event#fleet1/${ICCID}`, sk);
    expect(await logOn(table).listEvents(ref, 5, own)).toEqual({ items: [] });
  });
});
