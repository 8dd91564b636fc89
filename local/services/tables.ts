/** DynamoDB of this machine: dynalite on disk, with the sweep of expired items that AWS does in its own time. */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ScanCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { CloudClock } from '../cloud/clock.ts';
import type { CloudModel, TableModel } from '../model/types.ts';

/** Operations that dynalite lacks or answers wrongly: refused loudly, as the template must not rely on them here. */
export const UNSUPPORTED_TABLE_OPERATIONS: ReadonlySet<string> = new Set([
  'TransactWriteItems',
  'TransactGetItems',
  'ExecuteStatement',
  'BatchExecuteStatement',
  'ExecuteTransaction',
]);

/** The slowest request that we know, a sweep's scan, takes less. */
const DRAIN_MS = 3000;
const LOOK_MS = 10;

export interface TableService {
  readonly url: string;
  readonly client: DynamoDBClient;
  /** Deletes what has expired by the cloud's clock; returns how many items went. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

export async function startTables(
  model: CloudModel,
  folder: string,
  region: string,
  clock: CloudClock,
): Promise<TableService> {
  mkdirSync(folder, { recursive: true });
  const server: Server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: url, region, credentials, maxAttempts: 2 });
  const idle = watchRequests(server);
  const close = async (): Promise<void> => {
    client.destroy();
    await idle();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  try {
    for (const table of model.tables) await createTable(client, table);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, client, sweep: () => sweepAll(client, model.tables, clock), close };
}

/** Resolves when nothing is worked on: dynalite ends the process when its store is closed under a request. */
function watchRequests(server: Server): () => Promise<void> {
  const underWay = new Set<ServerResponse>();
  server.on('request', (_, response: ServerResponse) => {
    underWay.add(response);
    response.once('finish', () => underWay.delete(response));
  });
  // A caller that hung up gets no `finish`, and its request is worked on all the same.
  const isBusy = (): boolean => [...underWay].some((response) => !response.writableEnded);
  return async () => {
    for (let waited = 0; isBusy() && waited < DRAIN_MS; waited += LOOK_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };
}

async function createTable(client: DynamoDBClient, table: TableModel): Promise<void> {
  try {
    await client.send(new CreateTableCommand(table.create as unknown as CreateTableCommandInput));
  } catch (error) {
    if ((error as Error).name !== 'ResourceInUseException') throw error;
  }
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table.name }));
    if (Table && keysOf(Table) !== keysOf(table.create))
      throw new Error(
        `the table ${table.name} was made with other keys or indexes, which cannot be changed here: begin anew with npm start -- --fresh`,
      );
    if (Table?.TableStatus === 'ACTIVE') return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Key schemas of a table and its indexes as one text. */
function keysOf(table: TableDescription | TableModel['create']): string {
  const { KeySchema, GlobalSecondaryIndexes = [] } = table as TableDescription;
  const schema = (keys: TableDescription['KeySchema']) => (keys ?? []).map((k) => `${k.KeyType}:${k.AttributeName}`);
  const indexes = (GlobalSecondaryIndexes ?? []).map((i) => [i.IndexName, ...schema(i.KeySchema)].join(' '));
  return [schema(KeySchema).join(' '), ...indexes.sort()].join('; ');
}

async function sweepAll(client: DynamoDBClient, tables: readonly TableModel[], clock: CloudClock): Promise<number> {
  let removed = 0;
  for (const table of tables)
    if (table.ttlAttribute) removed += await sweepTable(client, table, table.ttlAttribute, clock);
  return removed;
}

async function sweepTable(client: DynamoDBClient, table: TableModel, ttl: string, clock: CloudClock): Promise<number> {
  const now = Math.floor(clock.now() / 1000);
  const names = (table.create.KeySchema as { AttributeName: string }[]).map((k) => k.AttributeName);
  let removed = 0;
  let next: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: table.name,
        FilterExpression: '#ttl < :now',
        ProjectionExpression: names.map((_, i) => `#k${i}`).join(', '),
        ExpressionAttributeNames: { '#ttl': ttl, ...Object.fromEntries(names.map((n, i) => [`#k${i}`, n])) },
        ExpressionAttributeValues: { ':now': { N: String(now) } },
        ...(next ? { ExclusiveStartKey: next } : {}),
      }),
    );
    for (const key of page.Items ?? []) {
      // An item whose life was prolonged since the page was read stays.
      const expired = {
        ConditionExpression: '#ttl < :now',
        ExpressionAttributeNames: { '#ttl': ttl },
        ExpressionAttributeValues: { ':now': { N: String(now) } },
      };
      const gone = await client.send(new DeleteItemCommand({ TableName: table.name, Key: key, ...expired })).then(
        () => true,
        (error: unknown) => {
          if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
          return false;
        },
      );
      if (gone) removed += 1;
    }
    next = page.LastEvaluatedKey;
  } while (next);
  return removed;
}
