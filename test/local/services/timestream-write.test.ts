/** The emulated Timestream against AWS's write client: what it stores, what it rejects, and what survives. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type _Record,
  DescribeTableCommand,
  ListDatabasesCommand,
  ListTablesCommand,
  WriteRecordsCommand,
} from '@aws-sdk/client-timestream-write';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  DATABASE,
  DAY,
  HOUR,
  MINUTE,
  modelOf,
  NOW,
  query,
  record,
  startWorld,
  TABLE,
  type TimestreamWorld,
  write,
} from './timestream-world.ts';

let world: TimestreamWorld;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const values = 'SELECT time, ifHCInOctets FROM "headroom"."samples" ORDER BY time, entity';
const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')}000000`;

test('a client that knows only the endpoint discovers it, writes and reads', async () => {
  expect(await write(world, record({ values: { ifHCInOctets: 7, ifHCOutOctets: 9 } }))).toEqual([]);
  expect(world.calls).toEqual(['DescribeEndpoints', 'WriteRecords']);
  const sql = 'SELECT tenant, entity, measure_name, time, ifHCInOctets, ifHCOutOctets FROM "headroom"."samples"';
  expect(await query(world, sql)).toEqual([['demo', 'core1/ether1', 'sample', at(NOW), '7', '9']]);
});

test('common attributes are merged into every record', async () => {
  const { Dimensions, ...common } = record({ MeasureValues: undefined as never });
  const out = await world.writer.send(
    new WriteRecordsCommand({
      DatabaseName: DATABASE,
      TableName: TABLE,
      CommonAttributes: { ...common, Dimensions: [{ Name: 'tenant', Value: 'demo' }] },
      Records: ['a', 'b'].map((entity, n) => ({
        Dimensions: [{ Name: 'entity', Value: entity }],
        MeasureValues: [{ Name: 'ifHCInOctets', Value: String(n), Type: 'BIGINT' }],
        ...(n === 1 ? { Time: String(NOW - 2 * DAY) } : {}),
      })),
    }),
  );
  expect(Dimensions).toHaveLength(2);
  expect(out.RecordsIngested).toEqual({ Total: 2, MemoryStore: 1, MagneticStore: 1 });
  expect(await query(world, 'SELECT tenant, entity, ifHCInOctets FROM headroom.samples ORDER BY entity')).toEqual([
    ['demo', 'a', '0'],
    ['demo', 'b', '1'],
  ]);
});

test('every type of measure comes back as it went in, an absent one as NULL', async () => {
  const types = [
    { Name: 'whole', Value: '-9223372036854775808', Type: 'BIGINT' },
    { Name: 'ratio', Value: '0.5', Type: 'DOUBLE' },
    { Name: 'word', Value: 'O\'Neil "x" 😀', Type: 'VARCHAR' },
    { Name: 'flag', Value: 'true', Type: 'BOOLEAN' },
    { Name: 'seen', Value: String(NOW - 1), Type: 'TIMESTAMP' },
  ] as const;
  expect(await write(world, record({ MeasureValues: [...types] }), record({ entity: 'other' }))).toEqual([]);
  const sql = 'SELECT whole, ratio, word, flag, seen, ifHCInOctets FROM headroom.samples ORDER BY entity';
  expect(await query(world, sql)).toEqual([
    ['-9223372036854775808', '0.5', 'O\'Neil "x" 😀', 'true', at(NOW - 1), null],
    [null, null, null, null, null, '1'],
  ]);
});

describe('versions of one record', () => {
  const given = (Version: number | undefined, value: number) =>
    record({ values: { ifHCInOctets: value }, ...(Version === undefined ? {} : { Version }) });
  test.each([
    ['the same value and version again is welcome', given(5, 1), given(5, 1), undefined, '1'],
    ['the same value with an older version is welcome', given(5, 1), given(4, 1), undefined, '1'],
    ['another value with a newer version replaces', given(5, 1), given(6, 2), undefined, '2'],
    ['another value with the same version is rejected', given(5, 1), given(5, 2), 5, '1'],
    ['another value with an older version is rejected', given(5, 1), given(4, 2), 5, '1'],
    ['no version means version 1', given(undefined, 1), given(1, 2), 1, '1'],
    [
      'fewer measures are another value',
      record({ Version: 5, values: { ifHCInOctets: 1, b: 2 } }),
      given(5, 1),
      5,
      '1',
    ],
  ])('%s', async (_, first, second, existing, kept) => {
    expect(await write(world, first)).toEqual([]);
    const rejected = await write(world, second);
    expect(rejected.map((r) => r.ExistingVersion)).toEqual(existing === undefined ? [] : [existing]);
    expect(await query(world, values)).toEqual([[at(NOW), kept]]);
    if (existing !== undefined) expect(rejected[0]?.Reason).toMatch(/higher (record )?version/i);
  });

  test('an equal value with a newer version raises the version', async () => {
    await write(world, given(5, 1));
    await write(world, given(9, 1));
    expect((await write(world, given(8, 2)))[0]?.ExistingVersion).toBe(9);
  });

  test('versions belong to one instant of one series', async () => {
    expect(await write(world, given(5, 1), record({ at: NOW - 1, values: { ifHCInOctets: 2 } }))).toEqual([]);
    expect(await write(world, record({ entity: 'x', values: { ifHCInOctets: 3 } }))).toEqual([]);
    expect(await write(world, record({ MeasureName: 'other', values: { ifHCInOctets: 4 } }))).toEqual([]);
    expect(await query(world, 'SELECT count(*) FROM headroom.samples')).toEqual([['4']]);
  });

  test('two of one call are judged in order', async () => {
    const rejected = await write(world, given(5, 1), given(5, 2), given(6, 3), given(5, 4));
    expect(rejected.map((r) => [r.RecordIndex, r.ExistingVersion])).toEqual([
      [1, 5],
      [3, 6],
    ]);
    expect(await query(world, values)).toEqual([[at(NOW), '3']]);
  });
});

test('of a call that is partly rejected the other records are stored', async () => {
  await write(world, record({ entity: 'b', Version: 3 }));
  const rejected = await write(
    world,
    record({ entity: 'a' }),
    record({ entity: 'b', Version: 2, values: { ifHCInOctets: 9 } }),
    record({ entity: 'c', at: NOW - 500 * DAY }),
    record({ entity: 'd' }),
  );
  expect(rejected.map((r) => [r.RecordIndex, r.ExistingVersion])).toEqual([
    [1, 3],
    [2, undefined],
  ]);
  expect((await query(world, 'SELECT entity FROM headroom.samples ORDER BY 1')).flat()).toEqual(['a', 'b', 'd']);
});

describe('retention', () => {
  const both = { memoryHours: 24, magneticDays: 30, magneticWrites: true };
  test.each([
    ['now', both, NOW, true],
    ['15 minutes ahead', both, NOW + 15 * MINUTE, true],
    ['more than 15 minutes ahead', both, NOW + 15 * MINUTE + 1, false],
    ['at the edge of memory', { ...both, magneticWrites: false }, NOW - 24 * HOUR, true],
    ['beyond memory without magnetic writes', { ...both, magneticWrites: false }, NOW - 24 * HOUR - 1, false],
    ['beyond memory with magnetic writes', both, NOW - 24 * HOUR - 1, true],
    ['at the edge of the magnetic store', both, NOW - 30 * DAY, true],
    ['beyond the magnetic store', both, NOW - 30 * DAY - 1, false],
  ])('a record %s', async (_, table, time, taken) => {
    await world.close();
    world = await startWorld({ model: modelOf(table) });
    const rejected = await write(world, record({ at: time }));
    expect(rejected).toHaveLength(taken ? 0 : 1);
    if (!taken) expect(rejected[0]?.Reason).toMatch(/timestamp is outside the time range/);
  });

  test('what has expired is no longer shown, and is deleted by a later write', async () => {
    await write(world, record({ at: NOW - 399 * DAY }), record());
    expect(await query(world, values)).toHaveLength(2);
    world.clock.moveTo(NOW + 2 * DAY);
    expect(await query(world, values)).toEqual([[at(NOW), '1']]);
    await write(world, record({ at: NOW + DAY }));
    world.clock.moveTo(NOW);
    expect((await query(world, values)).map(([time]) => time)).toEqual([at(NOW), at(NOW + DAY)]);
  });
});

describe('a call that AWS refuses as a whole', () => {
  const many = (n: number) => Array.from({ length: n }, (_, i) => record({ entity: `e${i}` }));
  const dimension = (Name: string, Value = 'x') => record({ Dimensions: [{ Name, Value }] });
  const measure = (Name: string, Value = '1') => record({ MeasureValues: [{ Name, Value, Type: 'BIGINT' }] });
  test.each<[string, _Record[]]>([
    ['no record', []],
    ['101 records', many(101)],
    [
      'a dimension twice',
      [
        record({
          Dimensions: [
            { Name: 'a', Value: '1' },
            { Name: 'a', Value: '2' },
          ],
        }),
      ],
    ],
    [
      '129 dimensions',
      [record({ Dimensions: Array.from({ length: 129 }, (_, i) => ({ Name: `d${i}`, Value: 'x' })) })],
    ],
    ['a dimension name of 61 bytes', [dimension('é'.repeat(31))]],
    ['a dimension without a value', [dimension('a', '')]],
    ['a reserved dimension name', [dimension('time')]],
    ['a dimension name with a colon', [dimension('a:b')]],
    ['a measure name that begins with ts_', [measure('ts_x')]],
    [
      'a measure twice',
      [record({ MeasureValues: [1, 2].map((v) => ({ Name: 'a', Value: `${v}`, Type: 'BIGINT' as const })) })],
    ],
    ['a value of 2049 characters', [measure('a', 'x'.repeat(2049))]],
    ['no measure', [record({ MeasureValues: [] })]],
    ['version 0', [record({ Version: 0 })]],
    ['a time that is no number', [record({ Time: 'yesterday' })]],
    ['an unknown unit', [record({ TimeUnit: 'WEEKS' as never })]],
    [
      'a record of one measure, which this emulator does not know',
      [record({ MeasureValueType: 'BIGINT', MeasureValue: '1' })],
    ],
  ])('%s', async (_, records) => {
    await expect(write(world, ...records)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('stores none of its records', async () => {
    await expect(write(world, record(), ...many(1), record({ Version: 0 }))).rejects.toThrow();
    await write(world, record({ entity: 'later' }));
    expect(await query(world, 'SELECT count(*) FROM headroom.samples')).toEqual([['1']]);
  });

  test('for a table that does not exist', async () => {
    const command = new WriteRecordsCommand({ DatabaseName: DATABASE, TableName: 'nope', Records: [record()] });
    await expect(world.writer.send(command)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('a record beyond a limit is rejected alone', () => {
  const texts = (n: number, length: number) =>
    Array.from({ length: n }, (_, i) => ({ Name: `m${i}`, Value: 'x'.repeat(length), Type: 'VARCHAR' as const }));
  const typed = (Name: string, Value: string, Type: 'BIGINT' | 'DOUBLE' | 'VARCHAR') =>
    record({ MeasureValues: [{ Name, Value, Type }] });
  test.each<[string, _Record]>([
    ['a series of more than 2 KB', record({ Dimensions: [{ Name: 'a', Value: 'x'.repeat(2048) }] })],
    ['a measure name of more than 256 bytes', record({ MeasureName: 'x'.repeat(257) })],
    ['a name of a measure value of more than 256 bytes', record({ values: { ['x'.repeat(257)]: 1 } })],
    ['more than 256 measure values', record({ MeasureValues: texts(257, 1) })],
    ['a record of more than 2 KB', record({ MeasureValues: texts(2, 1024) })],
    ['a whole number beyond 64 bits', typed('a', String(2n ** 63n), 'BIGINT')],
    ['a word where a number is said to be', typed('a', 'x', 'DOUBLE')],
    ['a measure of another type than before', typed('ifHCInOctets', 'x', 'VARCHAR')],
    ['a measure named like a dimension', record({ values: { tenant: 1 } })],
    ['a name that differs from another by case only', record({ values: { IFHCINOCTETS: 1 } })],
  ])('%s', async (_, bad) => {
    await write(world, record({ entity: 'first' }));
    expect(await write(world, bad, record({ entity: 'good' }))).toMatchObject([{ RecordIndex: 0 }]);
    expect((await query(world, 'SELECT entity FROM headroom.samples ORDER BY 1')).flat()).toEqual(['first', 'good']);
  });
});

test('instants finer than the engine keeps are refused rather than rounded', async () => {
  const fine = (Time: string) => record({ Time, TimeUnit: 'NANOSECONDS' });
  expect(await write(world, fine(`${NOW}123000`))).toEqual([]);
  await expect(write(world, fine(`${NOW}123456`))).rejects.toThrow(/finer than a microsecond/);
  const [[time] = []] = await query(world, 'SELECT time FROM headroom.samples');
  expect(time).toBe('2026-11-20 12:00:00.000123000');
});

test('names with quotes and spaces are names like others', async () => {
  const dimension = { Name: 'a "b"', Value: "it's; --" };
  expect(await write(world, record({ Dimensions: [dimension], values: { 'x y"z': 1 } }))).toEqual([]);
  expect(await query(world, 'SELECT "a ""b""", "x y""z" FROM headroom.samples')).toEqual([["it's; --", '1']]);
});

test('the tables of the template are described, and nothing is created', async () => {
  const table = new DescribeTableCommand({ DatabaseName: DATABASE, TableName: TABLE });
  expect((await world.writer.send(table)).Table).toMatchObject({
    TableStatus: 'ACTIVE',
    RetentionProperties: { MemoryStoreRetentionPeriodInHours: 24, MagneticStoreRetentionPeriodInDays: 400 },
  });
  expect((await world.writer.send(new ListDatabasesCommand({}))).Databases).toMatchObject([{ DatabaseName: DATABASE }]);
  expect((await world.writer.send(new ListTablesCommand({ DatabaseName: DATABASE }))).Tables).toHaveLength(1);
  expect((await world.service.handle('DeleteTable', {})).status).toBe(400);
});

test('F29: closed and opened again, rows, versions and types are the same', async () => {
  await write(world, record({ Version: 5 }), record({ at: NOW - 1, values: { b: 2 } }));
  await world.service.close();
  const again = await startWorld({ folder: world.folder });
  expect((await write(again, record({ Version: 4, values: { ifHCInOctets: 9 } })))[0]?.ExistingVersion).toBe(5);
  expect(await write(again, record({ Version: 6, values: { ifHCInOctets: 9 } }))).toEqual([]);
  expect(await query(again, 'SELECT ifHCInOctets, b FROM headroom.samples ORDER BY time')).toEqual([
    [null, '2'],
    ['9', null],
  ]);
  await again.close();
});

test('F29: what was acknowledged before a kill -9 is there afterwards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'timestream-kill-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'timestream-victim.ts'), folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let acknowledged = 0;
  await new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    child.stdout.on('data', (chunk: Buffer) => {
      acknowledged += chunk.toString().split('\n').length - 1;
      if (acknowledged >= 20) child.kill('SIGKILL');
    });
  });
  const again = await startWorld({ folder });
  const [[count] = []] = await query(again, 'SELECT count(*) FROM headroom.samples');
  expect(acknowledged).toBeGreaterThanOrEqual(20);
  // One call may have been stored whose answer never left.
  expect([acknowledged * 10, acknowledged * 10 + 10]).toContain(Number(count));
  await again.close();
  rmSync(folder, { recursive: true, force: true });
});
