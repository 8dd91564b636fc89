import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../../../local/cloud/clock.ts';
import type { CloudModel } from '../../../local/model/types.ts';
import { startTables } from '../../../local/services/tables.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-tables-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const model = {
  tables: [
    {
      name: 'test',
      create: {
        TableName: 'test',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      },
    },
  ],
} as unknown as CloudModel;

/** As the gateway hands it on: nobody hangs up when the client goes. */
async function put(url: string, sk: string): Promise<boolean> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      'x-amz-date': '20261120T090000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x',
    },
    body: JSON.stringify({ TableName: 'test', Item: { pk: { S: 'a' }, sk: { S: sk } } }),
  }).catch(() => undefined);
  return response?.status === 200;
}

test('fault 29: closed in the middle of requests, it ends them first, and what it acknowledged is there afterwards', async () => {
  const acknowledged: string[] = [];
  for (const delayMs of [1, 3, 6, 10, 15, 25, 40, 500]) {
    const tables = await startTables(model, folder, 'us-east-1', realClock());
    // Writes to one item wait for each other inside dynalite, where its own closing does not see them.
    const names = Array.from({ length: 80 }, () => String(delayMs));
    const writes = names.map(async (name) => {
      if (await put(tables.url, name)) acknowledged.push(name);
    });
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await tables.close();
    await Promise.all(writes);
  }
  const again = await startTables(model, folder, 'us-east-1', realClock());
  const { Items = [] } = await again.client.send(
    new QueryCommand({
      TableName: 'test',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'a' } },
    }),
  );
  await again.close();
  const kept = new Set(Items.map((item) => item.sk?.S));
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(acknowledged.filter((name) => !kept.has(name))).toEqual([]);
}, 20_000);
