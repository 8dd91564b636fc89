/** What real requests of the Timestream clients ask for, and which tables their SQL names. */
import * as query from '@aws-sdk/client-timestream-query';
import * as write from '@aws-sdk/client-timestream-write';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Capture, startCapture } from '../capture.ts';
import { arn, ask, type Client, described, type Row, rows } from '../world.ts';

let capture: Capture;
beforeAll(async () => {
  capture = await startCapture();
});
afterAll(() => capture.close());

const samples = arn('timestream', 'database/headroom/table/samples');
const WRITE: Row[] = [
  [
    'WriteRecords',
    new write.WriteRecordsCommand({ DatabaseName: 'headroom', TableName: 'samples', Records: [] }),
    [['timestream:WriteRecords', samples]],
  ],
  ['DescribeEndpoints', new write.DescribeEndpointsCommand({}), [['timestream:DescribeEndpoints', '*']]],
  [
    'CreateTable',
    new write.CreateTableCommand({ DatabaseName: 'headroom', TableName: 'samples' }),
    [['timestream:CreateTable', samples]],
  ],
  [
    'DescribeDatabase',
    new write.DescribeDatabaseCommand({ DatabaseName: 'headroom' }),
    [['timestream:DescribeDatabase', arn('timestream', 'database/headroom')]],
  ],
  ['ListTables of all', new write.ListTablesCommand({}), [['timestream:ListTables', '*']]],
];
const QUERY: Row[] = [
  [
    'Query of a table',
    new query.QueryCommand({ QueryString: 'SELECT * FROM "headroom"."samples" WHERE time > ago(1h)' }),
    [['timestream:Select', samples]],
  ],
  ['Query of no table', new query.QueryCommand({ QueryString: 'SELECT 1' }), [['timestream:SelectValues', '*']]],
  [
    'PrepareQuery',
    new query.PrepareQueryCommand({ QueryString: 'SELECT * FROM headroom.samples' }),
    [['timestream:PrepareQuery', samples]],
  ],
  ['DescribeEndpoints', new query.DescribeEndpointsCommand({}), [['timestream:DescribeEndpoints', '*']]],
];

const openWrite = (settings: object) => new write.TimestreamWriteClient(settings) as Client;
const openQuery = (settings: object) => new query.TimestreamQueryClient(settings) as Client;

describe('Timestream write', () => {
  test.each(WRITE)('%s', async (_, command, expected) => {
    expect(await described(capture, openWrite, command)).toMatchObject(rows(expected));
  });
});

describe('Timestream query', () => {
  test.each(QUERY)('%s', async (_, command, expected) => {
    expect(await described(capture, openQuery, command)).toMatchObject(rows(expected));
  });
});

describe('the SQL of a query names its tables', () => {
  const table = (name: string, database = 'headroom') => arn('timestream', `database/${database}/table/${name}`);
  const sql = (QueryString: string) =>
    ask('timestream', 'POST', '/', { QueryString }, { 'x-amz-target': 'Timestream_20181101.Query' }).map(
      (one) => `${one.action} ${one.resource}`,
    );

  test.each([
    ['quoted', 'SELECT * FROM "headroom"."samples"', [`timestream:Select ${table('samples')}`]],
    ['bare, in any case', 'select * from headroom.samples s where s.x = 1', [`timestream:Select ${table('samples')}`]],
    [
      'joined',
      'SELECT * FROM headroom.a JOIN headroom.b ON a.x = b.x',
      [`timestream:Select ${table('a')}`, `timestream:Select ${table('b')}`],
    ],
    [
      'listed',
      'SELECT * FROM headroom.a x, headroom.b AS y WHERE 1 = 1',
      [`timestream:Select ${table('a')}`, `timestream:Select ${table('b')}`],
    ],
    [
      'once though used twice',
      'SELECT * FROM headroom.a UNION ALL SELECT * FROM headroom.a',
      [`timestream:Select ${table('a')}`],
    ],
    [
      'inside a sub-query',
      'SELECT * FROM (SELECT * FROM headroom.a) t, headroom.b',
      [`timestream:Select ${table('b')}`, `timestream:Select ${table('a')}`],
    ],
    [
      'inside a common table',
      'WITH t AS (SELECT * FROM headroom.a), u(x) AS (SELECT x FROM t) SELECT * FROM u',
      [`timestream:Select ${table('a')}`],
    ],
    ['of another database', 'SELECT * FROM "other"."samples"', [`timestream:Select ${table('samples', 'other')}`]],
    ['not in texts', "SELECT 'x FROM headroom.secret' FROM headroom.a", [`timestream:Select ${table('a')}`]],
    [
      'not in comments',
      'SELECT 1 -- FROM headroom.secret\nFROM headroom.a /* FROM headroom.b */',
      [`timestream:Select ${table('a')}`],
    ],
    ['not in extract', 'SELECT extract(hour FROM time) FROM headroom.a', [`timestream:Select ${table('a')}`]],
    ['not an unnested list', 'SELECT * FROM headroom.a CROSS JOIN UNNEST(x) AS t', [`timestream:Select ${table('a')}`]],
    ['SHOW TABLES', 'SHOW TABLES FROM "headroom"', [`timestream:ListTables ${arn('timestream', 'database/headroom')}`]],
    ['SHOW DATABASES', 'SHOW DATABASES', ['timestream:ListDatabases *']],
    ['SHOW MEASURES', 'SHOW MEASURES FROM headroom.a', [`timestream:ListMeasures ${table('a')}`]],
    ['DESCRIBE', 'DESCRIBE headroom.a', [`timestream:DescribeTable ${table('a')}`]],
  ])('%s', (_, text, expected) => {
    expect(sql(text)).toEqual(expected);
  });

  test.each([
    ['without a database', 'SELECT * FROM samples', '"samples" is not "database"."table"'],
    ['hidden in parentheses', 'SELECT * FROM (headroom.a)', 'is not "database"."table"'],
    ['of an unknown statement', 'DELETE FROM headroom.a', 'cannot tell which permission DELETE needs'],
  ])('or is refused: %s', (_, text, message) => {
    expect(() => sql(text)).toThrow(message);
  });
});
