/** DynamoDB: tables, indexes and the leading keys of each request. Pure. */
import {
  arnOf,
  contextOf,
  type DescribedRequest,
  type Fields,
  fieldsOf,
  listOf,
  optionalText,
  readJson,
  requiredText,
  UnsupportedRequest,
  unknownOperation,
  type WireRequest,
  type World,
} from './wire.ts';

/** Attributes whose first part is the partition key: a whole item or a key. */
type Keyed = Fields;

interface Part {
  readonly action: string;
  readonly table: string;
  readonly index?: string | undefined;
  /** Undefined where the request has no leading keys (Scan, tables as a whole); AWS leaves the key out then. */
  readonly leadingKeys?: readonly string[];
  readonly fields?: Fields;
  readonly enclosing?: string;
}
type Read = (fields: Fields, world: World, operation: string) => readonly Part[];

const wholeTable: Read = (fields, _world, operation) => [
  { action: operation, table: requiredText(fields, 'TableName', operation) },
];

const OPERATIONS: Readonly<Record<string, Read>> = {
  GetItem: single('Key'),
  PutItem: single('Item'),
  UpdateItem: single('Key'),
  DeleteItem: single('Key'),
  Query: (fields, world, operation) => {
    const { table, index } = tableAndIndex(fields, operation);
    return [{ action: operation, table, index, fields, leadingKeys: [queriedKey(fields, table, index, world)] }];
  },
  Scan: (fields, _world, operation) => [{ action: operation, ...tableAndIndex(fields, operation), fields }],
  BatchGetItem: (fields, world, operation) =>
    Object.entries(fieldsOf(fields.RequestItems)).map(([table, asked]) => ({
      action: operation,
      table,
      fields,
      leadingKeys: keysOf(listOf(fieldsOf(asked).Keys), table, world),
    })),
  BatchWriteItem: (fields, world, operation) =>
    Object.entries(fieldsOf(fields.RequestItems)).map(([table, writes]) => ({
      action: operation,
      table,
      fields,
      leadingKeys: keysOf(listOf(writes).map(writtenKey), table, world),
    })),
  TransactGetItems: transaction({ Get: ['GetItem', 'Key'] }),
  TransactWriteItems: transaction({
    Put: ['PutItem', 'Item'],
    Update: ['UpdateItem', 'Key'],
    Delete: ['DeleteItem', 'Key'],
    ConditionCheck: ['ConditionCheckItem', 'Key'],
  }),
  CreateTable: wholeTable,
  UpdateTable: wholeTable,
  DeleteTable: wholeTable,
  DescribeTable: wholeTable,
  DescribeTimeToLive: wholeTable,
  UpdateTimeToLive: wholeTable,
  DescribeContinuousBackups: wholeTable,
  UpdateContinuousBackups: wholeTable,
};
/** Operations that concern no single table. */
const ANYWHERE: ReadonlySet<string> = new Set(['ListTables', 'DescribeLimits', 'DescribeEndpoints']);

/** JSON 1.0, `DynamoDB_20120810.<Operation>`; one description per table and action. */
export function describeDynamodb(request: WireRequest, world: World): DescribedRequest[] {
  const { operation, fields } = readJson(request);
  if (ANYWHERE.has(operation)) return [{ action: `dynamodb:${operation}`, resource: '*', context: {}, operation }];
  const read = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (read === undefined) throw unknownOperation('dynamodb', operation);
  const parts = read(fields, world, operation);
  if (parts.length === 0) throw new UnsupportedRequest(`${operation} names no table`);
  return parts.map((part) => ({
    action: `dynamodb:${part.action}`,
    resource: resourceOf(part, world),
    context: partContext(part),
    operation,
  }));
}

/** A table may be named by its ARN too. */
function resourceOf({ table, index }: Part, world: World): string {
  const arn = table.startsWith('arn:') ? table : arnOf(world, 'dynamodb', `table/${table}`);
  return index === undefined ? arn : `${arn}/index/${index}`;
}

function partContext({ leadingKeys, fields = {}, enclosing }: Part): DescribedRequest['context'] {
  const context = contextOf({
    'dynamodb:Select': optionalText(fields, 'Select'),
    'dynamodb:ReturnValues': optionalText(fields, 'ReturnValues'),
    'dynamodb:ReturnConsumedCapacity': optionalText(fields, 'ReturnConsumedCapacity'),
    'dynamodb:EnclosingOperation': enclosing,
  });
  return leadingKeys === undefined ? context : { ...context, 'dynamodb:LeadingKeys': [...new Set(leadingKeys)] };
}

function single(member: 'Key' | 'Item'): Read {
  return (fields, world, operation) => {
    const table = requiredText(fields, 'TableName', operation);
    return [{ action: operation, table, fields, leadingKeys: keysOf([fields[member]], table, world) }];
  };
}

/** `{TransactItems: [{Put: {…}}]}` asks for the permission of each part, grouped by action and table. */
function transaction(members: Readonly<Record<string, readonly [action: string, member: string]>>): Read {
  return (fields, world, operation) => {
    const groups = new Map<string, { action: string; table: string; keyed: unknown[] }>();
    for (const item of listOf(fields.TransactItems)) {
      for (const [kind, content] of Object.entries(fieldsOf(item))) {
        const known = Object.hasOwn(members, kind) ? members[kind] : undefined;
        if (known === undefined) throw new UnsupportedRequest(`${operation} with a part named ${kind}`);
        const [action, member] = known;
        const table = requiredText(fieldsOf(content), 'TableName', `${operation}.${kind}`);
        const group = groups.get(`${action} ${table}`) ?? { action, table, keyed: [] };
        group.keyed.push(fieldsOf(content)[member]);
        groups.set(`${action} ${table}`, group);
      }
    }
    return [...groups.values()].map(({ action, table, keyed }) => ({
      action,
      table,
      fields: { ReturnConsumedCapacity: fields.ReturnConsumedCapacity },
      leadingKeys: keysOf(keyed, table, world),
      enclosing: operation,
    }));
  };
}

function tableAndIndex(fields: Fields, operation: string): { table: string; index: string | undefined } {
  return { table: requiredText(fields, 'TableName', operation), index: optionalText(fields, 'IndexName') };
}

function writtenKey(write: unknown): unknown {
  const { PutRequest, DeleteRequest } = fieldsOf(write);
  return PutRequest === undefined ? fieldsOf(DeleteRequest).Key : fieldsOf(PutRequest).Item;
}

function partitionKey(table: string, index: string | undefined, world: World): string {
  const name = table.startsWith('arn:') ? table.slice(table.indexOf('table/') + 'table/'.length) : table;
  const attribute = world.partitionKeyOf(name, index);
  if (attribute !== undefined) return attribute;
  throw new UnsupportedRequest(`there is no table ${name}${index === undefined ? '' : ` with an index ${index}`}`);
}

function keysOf(items: readonly unknown[], table: string, world: World): string[] {
  const attribute = partitionKey(table, undefined, world);
  // A key without its partition key has no leading key; DynamoDB itself will refuse it.
  return items.flatMap((item) => scalarOf((fieldsOf(item) as Keyed)[attribute]) ?? []);
}

/** `{S: 'x'}`, `{N: '1'}`, `{B: base64}` as the text that policies compare. */
function scalarOf(value: unknown): string | undefined {
  const { S, N, B } = fieldsOf(value);
  const text = S ?? N ?? B;
  return typeof text === 'string' ? text : undefined;
}

/** The value that a Query demands of the partition key. Throws when it cannot be read: without it no leading key protects. */
function queriedKey(fields: Fields, table: string, index: string | undefined, world: World): string {
  const attribute = partitionKey(table, index, world);
  const legacy = listOf(fieldsOf(fieldsOf(fields.KeyConditions)[attribute]).AttributeValueList)[0];
  const expression = optionalText(fields, 'KeyConditionExpression');
  const value = expression === undefined ? scalarOf(legacy) : comparedValue(expression, attribute, fields);
  if (value !== undefined) return value;
  throw new UnsupportedRequest(`Query of ${table}: no value of its partition key ${attribute} can be read`);
}

const TOKEN = /[#:]?[A-Za-z0-9_.-]+|<>|<=|>=|[=<>(),]/g;

/** The value that `attribute = :value` names, names and values resolved. */
function comparedValue(expression: string, attribute: string, fields: Fields): string | undefined {
  const names = fieldsOf(fields.ExpressionAttributeNames);
  const values = fieldsOf(fields.ExpressionAttributeValues);
  const tokens = expression.match(TOKEN) ?? [];
  const isKey = (token = '') => (token.startsWith('#') ? names[token] : token) === attribute;
  for (const [at, token] of tokens.entries()) {
    if (token !== '=') continue;
    const [left, right] = [tokens[at - 1], tokens[at + 1]];
    const value = isKey(left) ? right : isKey(right) ? left : undefined;
    if (value?.startsWith(':')) return scalarOf(values[value]);
  }
  return undefined;
}
