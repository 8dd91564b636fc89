import { afterAll, beforeAll } from 'vitest';
import type { Clock } from '../../../shared/platform/clock.ts';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { sampleStoreContract } from '../../contract/sample-store.ts';
import { startDynalite } from '../../shared/dynalite.ts';
import { createFakeTable } from '../../shared/fake-table.ts';
import { metricsOf } from './router.ts';

let dynalite: Awaited<ReturnType<typeof startDynalite>>;
let tables = 0;

beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

function over(table: Table) {
  let now = 0;
  const clock: Clock = { now: () => now };
  return {
    store: createSampleStore(table, metricsOf, clock),
    setNow: (at: number) => {
      now = at;
    },
  };
}

/** One server serves all cases: each sees its own keys only. */
function apart(table: Table): Table {
  const prefix = `${++tables}!`;
  const on = (value: unknown) => `${prefix}${String(value)}`;
  const off = (item: Record<string, unknown>) => ({ ...item, pk: String(item.pk).slice(prefix.length) });
  return {
    get: async (key, options) => {
      const item = await table.get({ ...key, pk: on(key.pk) }, options);
      return item && off(item);
    },
    put: (item, condition) => table.put({ ...item, pk: on(item.pk) }, condition),
    update: async (key, input) => {
      const item = await table.update({ ...key, pk: on(key.pk) }, input);
      return item && off(item);
    },
    delete: (key, condition) => table.delete({ ...key, pk: on(key.pk) }, condition),
    query: async (input) => {
      const values = { ...input.ExpressionAttributeValues, ':pk': on(input.ExpressionAttributeValues?.[':pk']) };
      const page = await table.query({ ...input, ExpressionAttributeValues: values });
      return { ...page, items: page.items.map(off) };
    },
    queryAll: async (input, most) => {
      const values = { ...input.ExpressionAttributeValues, ':pk': on(input.ExpressionAttributeValues?.[':pk']) };
      return (await table.queryAll({ ...input, ExpressionAttributeValues: values }, most)).map(off);
    },
  };
}

sampleStoreContract('the sample store on a table in memory', async () => over(createFakeTable()));
sampleStoreContract('the sample store on a table in memory with small pages', async () =>
  over(createFakeTable({ pageItems: 7 })),
);
sampleStoreContract('the sample store on dynalite', async () => over(apart(dynalite.table)));
