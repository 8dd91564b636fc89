/** The emulated Timestream against AWS's query client: the SQL that it knows, its types and pages, and what it refuses. */
import { CancelQueryCommand, QueryCommand } from '@aws-sdk/client-timestream-query';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, NOW, query, record, startWorld, type TimestreamWorld, write } from './timestream-world.ts';

let world: TimestreamWorld;
/** Two ports, every five minutes for an hour: 12 slots that end now; values 0, 100, … and its double. */
beforeAll(async () => {
  world = await startWorld();
  const slots = Array.from({ length: 12 }, (_, n) => n);
  const records = slots.flatMap((n) =>
    [1, 2].map((port) =>
      record({ at: NOW - (11 - n) * 5 * MINUTE, entity: `core1/ether${port}`, values: { octets: n * 100 * port } }),
    ),
  );
  await write(world, ...records);
  await write(world, record({ at: NOW - 10 * DAY, entity: 'core1/old', values: { octets: 5, speed: 10 } }));
});
afterAll(() => world.close());

const T = '"headroom"."samples"';
const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')}000000`;

describe('a query', () => {
  test.each<[string, string, (string | null)[][]]>([
    ['with ago', `SELECT count(*) FROM ${T} WHERE time > ago(30m)`, [['12']]],
    ['with ago and days', `SELECT count(*) FROM ${T} WHERE time >= ago(10d)`, [['25']]],
    [
      'with BETWEEN and from_milliseconds',
      `SELECT count(*) FROM ${T} WHERE time BETWEEN from_milliseconds(${NOW - 10 * MINUTE}) AND now()`,
      [['6']],
    ],
    [
      'with a timestamp literal',
      `SELECT max(octets) FROM ${T} WHERE time < timestamp '2026-11-20 11:55:00.000000000' and octets is not null`,
      [['1800']],
    ],
    [
      'of bins, averages and extremes',
      `SELECT bin(time, 30m) AS half, avg(octets), min(octets), max(octets), sum(octets), count(octets) FROM ${T} WHERE entity = 'core1/ether1' GROUP BY bin(time, 30m) ORDER BY half DESC`,
      [
        [at(NOW), '1100.0', '1100', '1100', '1100', '1'],
        [at(NOW - 30 * MINUTE), '750.0', '500', '1000', '4500', '6'],
        [at(NOW - HOUR), '200.0', '0', '400', '1000', '5'],
      ],
    ],
    ['of percentiles', `SELECT approx_percentile(octets, 0.5) FROM ${T} WHERE entity = 'core1/ether1'`, [['550']]],
    [
      'grouped by position',
      `SELECT entity, count(*) AS n FROM ${T} GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC, entity LIMIT 1`,
      [['core1/ether1', '12']],
    ],
    [
      'with IN, LIKE, NOT, OR',
      `SELECT DISTINCT entity FROM ${T} WHERE (entity IN ('core1/ether1') OR entity LIKE '%old') AND NOT octets < 0 ORDER BY entity`,
      [['core1/ether1'], ['core1/old']],
    ],
    [
      'with CASE, CAST and arithmetic',
      `SELECT CASE WHEN octets > 4 THEN 'many' ELSE 'few' END, CAST(octets AS DOUBLE) / 2, octets / 2, -octets + 1, octets % 2 FROM ${T} WHERE entity = 'core1/old'`,
      [['many', '2.5', '2', '-4', '1']],
    ],
    ['with NULL last', `SELECT speed FROM ${T} ORDER BY speed DESC LIMIT 2`, [['10'], [null]]],
    [
      'with coalesce and IS NULL',
      `SELECT count(*), coalesce(max(speed), 0) FROM ${T} WHERE speed IS NULL`,
      [['24', '0']],
    ],
    [
      'with a common table',
      `WITH h AS (SELECT entity, max(octets) AS top FROM ${T} GROUP BY entity) SELECT h.top FROM h WHERE top > 1500`,
      [['2200']],
    ],
    [
      'of a sub-select',
      `SELECT sum(top) FROM (SELECT entity, max(octets) AS top FROM ${T} GROUP BY entity) AS t`,
      [['3305']],
    ],
    [
      'of increases',
      `SELECT max(step) FROM (SELECT octets - lag(octets) OVER (PARTITION BY entity ORDER BY time) AS step FROM ${T})`,
      [['200']],
    ],
    [
      'newest by entity',
      `SELECT entity, max_by(octets, time) FROM ${T} WHERE time > ago(1d) GROUP BY entity ORDER BY entity`,
      [
        ['core1/ether1', '1100'],
        ['core1/ether2', '2200'],
      ],
    ],
    [
      'with times made of times',
      `SELECT to_milliseconds(time - 1h), date_trunc('day', time) + 1d FROM ${T} WHERE time = now() LIMIT 1`,
      [[String(NOW - HOUR), '2026-11-21 00:00:00.000000000']],
    ],
    [
      'with comments, bare and quoted names in any case',
      `select "Octets" -- the value\nfrom headroom.samples /* all */ where SPEED = 10;`,
      [['5']],
    ],
    [
      'of no table',
      "SELECT 1, 1.5, true, null, 9000000000, 'it''s', now()",
      [['1', '1.5', 'true', null, '9000000000', "it's", at(NOW)]],
    ],
    [
      'of intervals',
      `SELECT max(time) - min(time), 90m FROM ${T} WHERE speed IS NULL`,
      [['0 00:55:00.000000000', '0 01:30:00.000000000']],
    ],
    ['of nothing', `SELECT * FROM ${T} WHERE entity = 'none'`, []],
  ])('%s', async (_, sql, expected) => {
    expect(await query(world, sql)).toEqual(expected);
  });

  test('that selects all shows dimensions, measure name, time, measures', async () => {
    const page = await world.querier.send(new QueryCommand({ QueryString: `SELECT * FROM ${T} WHERE speed = 10` }));
    expect(page.ColumnInfo?.map((c) => [c.Name, c.Type?.ScalarType])).toEqual([
      ['tenant', 'VARCHAR'],
      ['entity', 'VARCHAR'],
      ['measure_name', 'VARCHAR'],
      ['time', 'TIMESTAMP'],
      ['octets', 'BIGINT'],
      ['speed', 'BIGINT'],
    ]);
  });

  test('names its columns as Timestream does, each with its type', async () => {
    const sql = `SELECT OCTETS, octets * 0.5, avg(octets) AS mean, count(*), bin(time, 1h) AS hour, 1, entity = 'x', 5m FROM ${T} GROUP BY octets, time, entity`;
    const page = await world.querier.send(new QueryCommand({ QueryString: sql }));
    expect(page.ColumnInfo?.map((c) => [c.Name, c.Type?.ScalarType])).toEqual([
      ['octets', 'BIGINT'],
      ['_col1', 'DOUBLE'],
      ['mean', 'DOUBLE'],
      ['_col3', 'BIGINT'],
      ['hour', 'TIMESTAMP'],
      ['_col5', 'INTEGER'],
      ['_col6', 'BOOLEAN'],
      ['_col7', 'INTERVAL_DAY_TO_SECOND'],
    ]);
  });
});

describe('pages', () => {
  const sql = `SELECT time, entity FROM ${T} ORDER BY time, entity`;
  const send = (NextToken?: string, MaxRows?: number, QueryString = sql) =>
    world.querier.send(new QueryCommand({ QueryString, NextToken, MaxRows }));

  test('the first page is empty and has a token; the others have MaxRows rows at most', async () => {
    const sizes: number[] = [];
    let token: string | undefined;
    do {
      const page = await send(token, 10);
      sizes.push(page.Rows?.length ?? 0);
      token = page.NextToken;
    } while (token);
    expect(sizes).toEqual([0, 10, 10, 5]);
  });

  test('a token belongs to its query string, and lives until the last page or a cancellation', async () => {
    const first = await send(undefined, 20);
    await expect(send(first.NextToken, 20, `${sql} LIMIT 1`)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(send('made-up')).rejects.toMatchObject({ name: 'ValidationException' });
    await send((await send(first.NextToken, 20)).NextToken, 20);
    await expect(send(first.NextToken, 20)).rejects.toMatchObject({ name: 'ValidationException' });
    const other = await send(undefined, 20);
    await world.querier.send(new CancelQueryCommand({ QueryId: other.QueryId }));
    await expect(send(other.NextToken)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('rows written between two pages belong to no page', async () => {
    const first = await send(undefined, 1000);
    await write(world, record({ entity: 'late', values: { octets: 1 }, MeasureName: 'late' }));
    expect((await send(first.NextToken, 1000)).Rows).toHaveLength(25);
  });

  test.each([0, 1001, 1.5])('MaxRows of %s is refused', async (MaxRows) => {
    await expect(send(undefined, MaxRows)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('refused, with what is wrong', () => {
  test.each([
    ['an unknown column', `SELECT nope FROM ${T}`, /Column 'nope' does not exist/],
    ['an alias where only columns are known', `SELECT octets AS o FROM ${T} WHERE o > 1`, /Column 'o' does not exist/],
    ['an alias in GROUP BY', `SELECT bin(time, 1h) AS hour FROM ${T} GROUP BY hour`, /Column 'hour' does not exist/],
    ['a hidden column of the emulator', `SELECT version FROM ${T}`, /Column 'version' does not exist/],
    ['a table of the engine', 'SELECT * FROM information_schema.tables', /does not exist/],
    ['a hidden table of the emulator', 'SELECT * FROM "headroom"."samples#rows"', /does not exist/],
    ['a table without its database', 'SELECT * FROM samples', /is not a "database"."table"/],
    ['a file', "SELECT * FROM '/etc/hostname'", /mismatched input/],
    ['a function of the engine', "SELECT getenv('HOME')", /does not know the function getenv/],
    ['a table function', "SELECT * FROM read_csv('/etc/hostname')", /is not a "database"/],
    ['a join', `SELECT * FROM ${T} a JOIN ${T} b ON a.time = b.time`, /JOIN/],
    ['a list of sources', `SELECT * FROM ${T}, ${T}`, /more than one source/],
    ['a union', `SELECT 1 FROM ${T} UNION SELECT 2 FROM ${T}`, /UNION/],
    ['a sub-select in an expression', `SELECT (SELECT 1) FROM ${T}`, /sub-select/],
    ['another statement', `DELETE FROM ${T}`, /begin with DELETE/],
    ['a second statement', `SELECT 1 FROM ${T}; DROP TABLE x`, /mismatched input 'drop'/],
    ['a time compared with a text', `SELECT * FROM ${T} WHERE time > '2026-01-01'`, /Cannot compare/],
    ['a text that is no number compared with one', `SELECT * FROM ${T} WHERE entity = 5`, /Could not convert/],
    ['what is neither grouped nor aggregated', `SELECT entity, max(octets) FROM ${T}`, /GROUP BY/],
    ['months', `SELECT bin(time, 1mo) FROM ${T}`, /intervals in mo/],
    ['a wrong number of arguments', `SELECT bin(time) FROM ${T}`, /Unexpected parameters for function bin/],
    ['a number beyond 64 bits', 'SELECT 9223372036854775808', /Invalid numeric literal/],
    ['a sum beyond 64 bits', `SELECT sum(octets * 900000000000000) FROM ${T}`, /overflow/i],
    ['an unclosed text', "SELECT 'x", /mismatched input/],
    ['an unknown table', 'SELECT 1 FROM "headroom"."other"', /does not exist/],
    ['a text of nothing', ' ', /begin with nothing/],
  ])('%s', async (_, sql, message) => {
    await expect(query(world, sql)).rejects.toMatchObject({
      name: expect.stringMatching(/^(ValidationException|ResourceNotFoundException)$/),
      message: expect.stringMatching(message),
    });
  });
});
