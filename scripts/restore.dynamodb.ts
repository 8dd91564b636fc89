/** Copies items of a table that was brought back from a backup into the stage's own; what is the same already is not written. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ScanCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { PK, SK, TTL } from '../shared/platform/table.dynamodb.ts';

type Item = Record<string, AttributeValue>;

export interface RestoreOrder {
  readonly from: string;
  readonly to: string;
  /** Only this tenant's own items; the directory is left as it is. */
  readonly tenant?: string;
  /** False: count only. */
  readonly apply: boolean;
  readonly nowMs: number;
}

export interface RestoreCounts {
  readonly read: number;
  readonly written: number;
  /** Their time to live was over. */
  readonly expired: number;
  readonly same: number;
}

/** DynamoDB's own bound for one write of many. */
const WRITE_AT_ONCE = 25;
const LONGEST_PAUSE_MS = 5000;

/** Items that came into being after the backup stay; those that were changed since become what they were. */
export async function restoreItems(client: DynamoDBClient, order: RestoreOrder): Promise<RestoreCounts> {
  const counts = { read: 0, written: 0, expired: 0, same: 0 };
  let next: Item | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: order.from,
        ...(next ? { ExclusiveStartKey: next } : {}),
        ...(order.tenant === undefined
          ? {}
          : {
              FilterExpression: `begins_with(${PK}, :tenant)`,
              ExpressionAttributeValues: { ':tenant': { S: `${order.tenant}#` } },
            }),
      }),
    );
    const items = page.Items ?? [];
    const alive = items.filter((item) => Number(item[TTL]?.N ?? Number.POSITIVE_INFINITY) * 1000 > order.nowMs);
    counts.read += items.length;
    counts.expired += items.length - alive.length;
    for (let at = 0; at < alive.length; at += WRITE_AT_ONCE) {
      const some = alive.slice(at, at + WRITE_AT_ONCE);
      const differing = await thoseThatDiffer(client, order.to, some);
      counts.same += some.length - differing.length;
      counts.written += differing.length;
      if (order.apply) await write(client, order.to, differing);
    }
    next = page.LastEvaluatedKey;
  } while (next);
  return counts;
}

function keyOf(item: Item): Item {
  return { [PK]: item[PK] ?? { S: '' }, [SK]: item[SK] ?? { S: '' } };
}

function nameOf(item: Item): string {
  return JSON.stringify([item[PK]?.S, item[SK]?.S]);
}

async function thoseThatDiffer(client: DynamoDBClient, table: string, items: readonly Item[]): Promise<Item[]> {
  const there = new Map<string, Item>();
  let wanted: Item[] | undefined = items.map(keyOf);
  for (let attempt = 0; wanted && wanted.length > 0; attempt += 1) {
    if (attempt > 0) await pause(attempt);
    const answer: BatchGetItemCommandOutput = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } } }),
    );
    for (const item of answer.Responses?.[table] ?? []) there.set(nameOf(item), item);
    wanted = answer.UnprocessedKeys?.[table]?.Keys;
  }
  return items.filter((item) => !isDeepStrictEqual(there.get(nameOf(item)), item));
}

async function write(client: DynamoDBClient, table: string, items: readonly Item[]): Promise<void> {
  let left: WriteRequest[] = items.map((Item) => ({ PutRequest: { Item } }));
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt > 0) await pause(attempt);
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
    left = UnprocessedItems?.[table] ?? [];
  }
}

/** A throttled table takes what it can: the rest is offered again, ever more slowly. */
async function pause(attempt: number): Promise<void> {
  await sleep(Math.min(LONGEST_PAUSE_MS, 50 * 2 ** attempt));
}
