/** A table brought back from a backup, copied into the one that is used. */
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreItems } from '../../scripts/restore.dynamodb.ts';
import { openTable, PK, SK, type Table } from '../../shared/platform/table.dynamodb.ts';
import { startDynalite } from '../shared/dynalite.ts';

const NOW = Date.UTC(2026, 10, 20);
let world: Awaited<ReturnType<typeof startDynalite>>;
let backup: Table;

beforeAll(async () => {
  world = await startDynalite();
  await world.client.send(
    new CreateTableCommand({
      TableName: 'backup',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [PK, SK].map((n) => ({ AttributeName: n, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: PK, KeyType: 'HASH' },
        { AttributeName: SK, KeyType: 'RANGE' },
      ],
    }),
  );
  backup = openTable('backup', world.client);
  const large = 'x'.repeat(20_000);
  // Enough that the backup is read in several pages.
  for (let i = 0; i < 120; i += 1) await backup.put({ pk: 'acme#S', sk: `s${i}`, value: i, large });
  await backup.put({ pk: 'acme#C', sk: 'kept', value: new Uint8Array([1, 2, 3]) });
  await backup.put({ pk: 'acme#A', sk: 'changed', value: 'before' });
  await backup.put({ pk: 'acme#Q', sk: 'over', expiresAt: NOW / 1000 - 1 });
  await backup.put({ pk: 'acme#Q', sk: 'alive', expiresAt: NOW / 1000 + 60 });
  await backup.put({ pk: 'acme2#C', sk: 'other', value: 1 });
  await backup.put({ pk: '@tenants', sk: 'acme' });
  await world.table.put({ pk: 'acme#C', sk: 'kept', value: new Uint8Array([1, 2, 3]) });
  await world.table.put({ pk: 'acme#A', sk: 'changed', value: 'after' });
  await world.table.put({ pk: 'acme#A', sk: 'newer', value: 'since' });
}, 30_000);
afterAll(() => world.close());

const order = { from: 'backup', to: 'test', nowMs: NOW };

test('first it only counts', async () => {
  const counts = await restoreItems(world.client, { ...order, apply: false });
  expect(counts).toEqual({ read: 126, written: 124, expired: 1, same: 1 });
  expect(await world.table.get({ pk: 'acme#S', sk: 's0' })).toBeUndefined();
});

test('one tenant comes back without touching another or the directory', async () => {
  const counts = await restoreItems(world.client, { ...order, tenant: 'acme', apply: true });
  expect(counts).toEqual({ read: 124, written: 122, expired: 1, same: 1 });
  expect(await world.table.get({ pk: 'acme#A', sk: 'changed' })).toMatchObject({ value: 'before' });
  expect(await world.table.get({ pk: 'acme#A', sk: 'newer' })).toMatchObject({ value: 'since' });
  expect(await world.table.get({ pk: 'acme#S', sk: 's119' })).toMatchObject({ value: 119 });
  expect(await world.table.get({ pk: 'acme#Q', sk: 'over' })).toBeUndefined();
  expect(await world.table.get({ pk: 'acme2#C', sk: 'other' })).toBeUndefined();
  expect(await world.table.get({ pk: '@tenants', sk: 'acme' })).toBeUndefined();
});

test('all of it comes back, and a second time there is nothing left to write', async () => {
  await restoreItems(world.client, { ...order, apply: true });
  expect(await world.table.get({ pk: '@tenants', sk: 'acme' })).toBeDefined();
  const again = await restoreItems(world.client, { ...order, apply: true });
  expect(again).toEqual({ read: 126, written: 0, expired: 1, same: 125 });
});
