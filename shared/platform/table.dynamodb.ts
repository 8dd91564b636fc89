/** The one table: names of its attributes, its client with bounded retries, and DynamoDB's failures as ours. */
import { isDeepStrictEqual } from 'node:util';
import { ConditionalCheckFailedException, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DeleteCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { AppError } from './errors.ts';

export const PK = 'pk';
export const SK = 'sk';
/** Index for the lists that a partition cannot answer; its keys start with the tenant too. */
export const INDEX = 'byIndex';
export const INDEX_PK = 'ipk';
export const INDEX_SK = 'isk';
/** Epoch seconds after which DynamoDB may delete an item, in its own time: readers filter on it too. */
export const TTL = 'expiresAt';

export type Item = Record<string, unknown>;
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

type Named<T> = Omit<T, 'TableName'>;

/** A table with the few verbs that the house uses; there is no Scan on purpose. */
export interface Table {
  get(key: Key, options?: { consistent?: boolean }): Promise<Item | undefined>;
  /**
   * Resolves to false when the condition failed; the caller decides what that means. With `recognise`, a write that was
   * done but whose answer was lost counts as done: only where a twin by somebody else would do no harm.
   */
  put(
    item: Item & Key,
    condition?: Omit<Named<PutCommandInput>, 'Item'>,
    options?: { recognise?: boolean },
  ): Promise<boolean>;
  update(key: Key, input: Omit<Named<UpdateCommandInput>, 'Key'>): Promise<Item | false>;
  delete(key: Key, condition?: Omit<Named<DeleteCommandInput>, 'Key'>): Promise<boolean>;
  /** One page. */
  query(input: Named<QueryCommandInput>): Promise<{ items: Item[]; next?: Item }>;
  /** All pages, up to `maxItems`. */
  queryAll(input: Named<QueryCommandInput>, maxItems?: number): Promise<Item[]>;
}

/** More than this in one answer is a bug in the caller, not a large customer. */
const QUERY_ALL_LIMIT = 200_000;

/** The client of the house, without two habits of the SDK's that cost a fifth of reading a thousand items. */
export function openClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  const client = new DynamoDBClient({ maxAttempts: 5, base64Decoder: bytesOfBase64, ...config });
  // It copies every answer for a log that nobody keeps.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}

/** DynamoDB wrote the text: to prove each by a pattern first takes longer than to decode it. */
function bytesOfBase64(text: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(text, 'base64');
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function openTable(name: string, client: DynamoDBClient = openClient()): Table {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const table: Table = {
    async get(key, options = {}) {
      const out = await guarded(() =>
        documents.send(new GetCommand({ TableName: name, Key: key, ConsistentRead: options.consistent ?? false })),
      );
      return out.Item;
    },
    async put(item, condition = {}, { recognise = false } = {}) {
      let attempts = 1;
      const out = await conditional(
        () => documents.send(new PutCommand({ TableName: name, Item: item, ...condition })),
        (error) => {
          attempts = error.$metadata.attempts ?? 1;
        },
      );
      if (out !== false || !recognise || attempts === 1) return out !== false;
      return sameItem(item, await table.get({ pk: item.pk, sk: item.sk }, { consistent: true }));
    },
    async update(key, input) {
      const out = await conditional(() => documents.send(new UpdateCommand({ TableName: name, Key: key, ...input })));
      return out === false ? false : (out.Attributes ?? {});
    },
    delete: (key, condition = {}) =>
      conditional(() => documents.send(new DeleteCommand({ TableName: name, Key: key, ...condition }))).then(
        (r) => !!r,
      ),
    async query(input) {
      const out = await guarded(() => documents.send(new QueryCommand({ TableName: name, ...input })));
      return { items: out.Items ?? [], ...(out.LastEvaluatedKey ? { next: out.LastEvaluatedKey } : {}) };
    },
    async queryAll(input, maxItems = QUERY_ALL_LIMIT) {
      const items: Item[] = [];
      let next: Item | undefined;
      do {
        const page = await table.query({ ...input, ...(next ? { ExclusiveStartKey: next } : {}) });
        items.push(...page.items);
        next = page.next;
      } while (next && items.length < maxItems);
      return items;
    },
  };
  return table;
}

async function conditional<T>(
  send: () => Promise<T>,
  refused: (error: ConditionalCheckFailedException) => void = () => undefined,
): Promise<T | false> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw asStoreError(error);
    refused(error);
    return false;
  }
}

/** As the table holds it: fields without a value are not written. */
function sameItem(written: Item, stored: Item | undefined): boolean {
  return isDeepStrictEqual(withoutUndefined(written), stored);
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((entry) => entry !== undefined).map(withoutUndefined);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutUndefined(field)]));
}

async function guarded<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw asStoreError(error);
  }
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** A refusal by IAM or a malformed call is our bug and stays as it is; throttling and network faults are worth a retry. */
function asStoreError(error: unknown): unknown {
  const bugs = ['AccessDeniedException', 'ValidationException', 'ResourceNotFoundException'];
  if (bugs.includes(errorName(error))) return error;
  return new AppError('STORE_UNAVAILABLE', 'the table did not answer', { cause: error });
}

/**
 * For a write: the item is as it was read, or was not there where that is revision 0. `made` names when it was made: one
 * that was removed and made anew counts from 1 again.
 */
export function asRead<Made extends string>(
  made: Made,
  item: { readonly revision: number } & Readonly<Record<Made, number>>,
) {
  const { revision } = item;
  if (revision === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: '#revision = :revision AND #made = :made',
    ExpressionAttributeNames: { '#revision': 'revision', '#made': made },
    ExpressionAttributeValues: { ':revision': revision, ':made': item[made] },
  };
}
