import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { virtualClock } from '../../../local/cloud/clock.ts';
import type { CloudModel, TableModel } from '../../../local/model/types.ts';
import { startTables, type TableService } from '../../../local/services/tables.ts';
import { emptyModel, REGION } from '../cloud/model.ts';

const START = Date.parse('2026-11-20T09:00:00Z');
let folder: string;
let tables: TableService | undefined;
const clock = virtualClock(START);

const table = (indexes: string[] = ['byIndex'], keys = ['pk', 'sk']): TableModel => ({
  name: 'things',
  arn: `arn:aws:dynamodb:${REGION}:000000000000:table/things`,
  ttlAttribute: 'expiresAt',
  create: {
    TableName: 'things',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...new Set([...keys, ...(indexes.length > 0 ? ['ipk'] : [])])].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    KeySchema: keys.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
    ...(indexes.length > 0
      ? {
          GlobalSecondaryIndexes: indexes.map((IndexName) => ({
            IndexName,
            KeySchema: [{ AttributeName: 'ipk', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          })),
        }
      : {}),
  },
});
const model = (...made: TableModel[]): CloudModel => emptyModel({ tables: made });
const open = async (cloud: CloudModel): Promise<TableService> => {
  await tables?.close();
  tables = undefined;
  tables = await startTables(cloud, folder, REGION, clock);
  return tables;
};
const put = (service: TableService, sk: string, expiresAt?: number) =>
  service.client.send(
    new PutItemCommand({
      TableName: 'things',
      Item: {
        pk: { S: 'a' },
        sk: { S: sk },
        ...(expiresAt === undefined ? {} : { expiresAt: { N: String(expiresAt) } }),
      },
    }),
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-tables-'));
});
afterEach(async () => {
  await tables?.close();
  tables = undefined;
  rmSync(folder, { recursive: true, force: true });
});

test('items outlive a restart', async () => {
  await put(await open(model(table())), 'kept');
  const again = await open(model(table()));
  const { Item } = await again.client.send(
    new GetItemCommand({ TableName: 'things', Key: { pk: { S: 'a' }, sk: { S: 'kept' } } }),
  );
  expect(Item?.sk).toEqual({ S: 'kept' });
});

test.each([
  ['another index', table(['byIndex', 'byOther'])],
  ['an index less', table([])],
  ['other keys', table(['byIndex'], ['pk', 'other'])],
])('a kept table with %s than the template says is refused with the way out', async (_, changed) => {
  await open(model(table()));
  await expect(open(model(changed))).rejects.toThrow(/the table things was made with other keys.*--fresh/);
});

test('the sweep deletes what has expired by the clock of the cloud, and nothing else', async () => {
  const service = await open(model(table()));
  const at = Math.floor(clock.now() / 1000);
  await put(service, 'for ever');
  await put(service, 'later', at + 3600);
  await put(service, 'past', at - 60);
  expect(await service.sweep()).toBe(1);
  clock.moveBy(2 * 3_600_000);
  expect(await service.sweep()).toBe(1);
  const { Items } = await service.client.send(new ScanCommand({ TableName: 'things' }));
  expect(Items?.map((i) => i.sk?.S)).toEqual(['for ever']);
});
