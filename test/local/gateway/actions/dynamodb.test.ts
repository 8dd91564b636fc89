/** What real requests of the DynamoDB client ask for. */
import * as dynamodb from '@aws-sdk/client-dynamodb';
import { QueryCommand as DocumentQuery, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnsupportedRequest } from '../../../../local/gateway/actions.ts';
import { type Capture, startCapture } from '../capture.ts';
import { arn, type Client, described, INDEX, type Row, rows, STORE } from '../world.ts';

let capture: Capture;
beforeAll(async () => {
  capture = await startCapture();
});
afterAll(() => capture.close());

const S = (text: string) => ({ S: text });
const keys = (...leading: string[]) => ({ 'dynamodb:LeadingKeys': leading });
const item = { pk: S('demo#B'), sk: S('1') };
const inTable = { TableName: 'store' };
const Key = item;

const DYNAMODB: Row[] = [
  ['GetItem', new dynamodb.GetItemCommand({ ...inTable, Key }), [['dynamodb:GetItem', STORE, keys('demo#B')]]],
  [
    'PutItem',
    new dynamodb.PutItemCommand({ ...inTable, Item: { ...item, ipk: S('other#X') } }),
    [['dynamodb:PutItem', STORE, keys('demo#B')]],
  ],
  [
    'UpdateItem',
    new dynamodb.UpdateItemCommand({ ...inTable, Key, ReturnValues: 'ALL_NEW' }),
    [['dynamodb:UpdateItem', STORE, { ...keys('demo#B'), 'dynamodb:ReturnValues': 'ALL_NEW' }]],
  ],
  ['DeleteItem', new dynamodb.DeleteItemCommand({ ...inTable, Key }), [['dynamodb:DeleteItem', STORE, keys('demo#B')]]],
  [
    'GetItem by a number',
    new dynamodb.GetItemCommand({ TableName: 'numbers', Key: { n: { N: '7' } } }),
    [['dynamodb:GetItem', arn('dynamodb', 'table/numbers'), keys('7')]],
  ],
  [
    'GetItem by bytes',
    new dynamodb.GetItemCommand({ TableName: 'numbers', Key: { n: { B: Buffer.from('x') } } }),
    [['dynamodb:GetItem', arn('dynamodb', 'table/numbers'), keys('eA==')]],
  ],
  [
    'a table by its ARN',
    new dynamodb.GetItemCommand({ TableName: STORE, Key }),
    [['dynamodb:GetItem', STORE, keys('demo#B')]],
  ],
  [
    'Query',
    new dynamodb.QueryCommand({
      ...inTable,
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': S('demo#E') },
    }),
    [['dynamodb:Query', STORE, keys('demo#E')]],
  ],
  [
    'Query by names, in parentheses, sort key first',
    new dynamodb.QueryCommand({
      ...inTable,
      KeyConditionExpression: '(#s BETWEEN :a AND :b) AND (#p=:p)',
      ExpressionAttributeNames: { '#p': 'pk', '#s': 'sk' },
      ExpressionAttributeValues: { ':p': S('demo#E'), ':a': S('1'), ':b': S('2') },
    }),
    [['dynamodb:Query', STORE, keys('demo#E')]],
  ],
  [
    'Query whose sort key is equal too',
    new dynamodb.QueryCommand({
      ...inTable,
      KeyConditionExpression: 'sk = :s and pk = :p',
      ExpressionAttributeValues: { ':s': S('other#E'), ':p': S('demo#E') },
    }),
    [['dynamodb:Query', STORE, keys('demo#E')]],
  ],
  [
    'Query of an index, by its own key',
    new dynamodb.QueryCommand({
      ...inTable,
      IndexName: 'byIndex',
      Select: 'COUNT',
      KeyConditionExpression: 'ipk = :p',
      ExpressionAttributeValues: { ':p': S('demo#A') },
    }),
    [['dynamodb:Query', INDEX, { ...keys('demo#A'), 'dynamodb:Select': 'COUNT' }]],
  ],
  [
    'Query by the older conditions',
    new dynamodb.QueryCommand({
      ...inTable,
      KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [S('demo#E')] } },
    }),
    [['dynamodb:Query', STORE, keys('demo#E')]],
  ],
  ['Scan has no leading keys', new dynamodb.ScanCommand(inTable), [['dynamodb:Scan', STORE, {}]]],
  ['Scan of an index', new dynamodb.ScanCommand({ ...inTable, IndexName: 'byIndex' }), [['dynamodb:Scan', INDEX, {}]]],
  [
    'BatchGetItem of two tables',
    new dynamodb.BatchGetItemCommand({
      RequestItems: {
        store: { Keys: [Key, { ...Key, pk: S('demo#C') }, Key] },
        numbers: { Keys: [{ n: { N: '1' } }] },
      },
    }),
    [
      ['dynamodb:BatchGetItem', STORE, keys('demo#B', 'demo#C')],
      ['dynamodb:BatchGetItem', arn('dynamodb', 'table/numbers'), keys('1')],
    ],
  ],
  [
    'BatchWriteItem puts and deletes',
    new dynamodb.BatchWriteItemCommand({
      RequestItems: {
        store: [{ PutRequest: { Item: item } }, { DeleteRequest: { Key: { ...Key, pk: S('other#B') } } }],
      },
    }),
    [['dynamodb:BatchWriteItem', STORE, keys('demo#B', 'other#B')]],
  ],
  [
    'TransactWriteItems asks for each part',
    new dynamodb.TransactWriteItemsCommand({
      TransactItems: [
        { Put: { ...inTable, Item: item } },
        { Put: { ...inTable, Item: { ...item, pk: S('demo#C') } } },
        { ConditionCheck: { ...inTable, Key, ConditionExpression: 'attribute_exists(pk)' } },
        { Update: { ...inTable, Key, UpdateExpression: 'SET a = b' } },
        { Delete: { ...inTable, Key } },
      ],
    }),
    [
      ['dynamodb:PutItem', STORE, { ...keys('demo#B', 'demo#C'), 'dynamodb:EnclosingOperation': 'TransactWriteItems' }],
      [
        'dynamodb:ConditionCheckItem',
        STORE,
        { ...keys('demo#B'), 'dynamodb:EnclosingOperation': 'TransactWriteItems' },
      ],
      ['dynamodb:UpdateItem', STORE, { ...keys('demo#B'), 'dynamodb:EnclosingOperation': 'TransactWriteItems' }],
      ['dynamodb:DeleteItem', STORE, { ...keys('demo#B'), 'dynamodb:EnclosingOperation': 'TransactWriteItems' }],
    ],
  ],
  [
    'TransactGetItems',
    new dynamodb.TransactGetItemsCommand({ TransactItems: [{ Get: { ...inTable, Key } }] }),
    [['dynamodb:GetItem', STORE, { ...keys('demo#B'), 'dynamodb:EnclosingOperation': 'TransactGetItems' }]],
  ],
  ['DescribeTable', new dynamodb.DescribeTableCommand(inTable), [['dynamodb:DescribeTable', STORE]]],
  ['ListTables', new dynamodb.ListTablesCommand({}), [['dynamodb:ListTables', '*']]],
];

const open = (settings: object) => new dynamodb.DynamoDBClient(settings) as Client;

describe('DynamoDB', () => {
  test.each(DYNAMODB)('%s', async (_, command, expected) => {
    expect(await described(capture, open, command)).toMatchObject(rows(expected));
  });
});

describe('refusals', () => {
  test.each<[string, object, string]>([
    [
      'PartiQL',
      new dynamodb.ExecuteStatementCommand({ Statement: 'SELECT * FROM store' }),
      'does not know the operation ExecuteStatement of dynamodb',
    ],
    ['a table that does not exist', new dynamodb.GetItemCommand({ TableName: 'nope', Key }), 'there is no table nope'],
    [
      'an index that does not exist',
      new dynamodb.QueryCommand({ ...inTable, IndexName: 'nope', KeyConditionExpression: 'a = :a' }),
      'there is no table store with an index nope',
    ],
    [
      'a Query without its partition key',
      new dynamodb.QueryCommand({
        ...inTable,
        KeyConditionExpression: 'sk = :s',
        ExpressionAttributeValues: { ':s': S('x') },
      }),
      'no value of its partition key pk can be read',
    ],
    [
      'a Query by a range of its partition key',
      new dynamodb.QueryCommand({
        ...inTable,
        KeyConditionExpression: 'pk > :s',
        ExpressionAttributeValues: { ':s': S('x') },
      }),
      'no value of its partition key pk can be read',
    ],
  ])('%s', async (_, command, message) => {
    await expect(described(capture, open, command)).rejects.toThrow(UnsupportedRequest);
    await expect(described(capture, open, command)).rejects.toThrow(message);
  });
});

test('a query through the document client is read as it is on the wire', async () => {
  const openDocuments = (settings: object) =>
    DynamoDBDocumentClient.from(new dynamodb.DynamoDBClient(settings)) as Client;
  const command = new DocumentQuery({
    ...inTable,
    KeyConditionExpression: '#p = :p',
    ExpressionAttributeNames: { '#p': 'pk' },
    ExpressionAttributeValues: { ':p': 'demo#E' },
  });
  const expected = rows([['dynamodb:Query', STORE, keys('demo#E')]]);
  expect(await described(capture, openDocuments, command)).toMatchObject(expected);
});
