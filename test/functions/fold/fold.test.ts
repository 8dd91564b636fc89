import { expect, test } from 'vitest';
import { createFold } from '../../../functions/fold/fold.ts';
import type { Tenant } from '../../../shared/entities/tenant.ts';
import { createTenantStore } from '../../../shared/entities/tenants.dynamodb.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { createFakeTable } from '../../shared/fake-table.ts';
import { batch, metricsOf, REF, SLOT_MS } from '../../shared/samples/router.ts';

/** Midnight in Kathmandu, UTC+5:45. */
const START = Date.parse('2026-11-09T18:15:00Z');
/** Ten minutes after the six hours that the day began in. */
const NOW = Date.parse('2026-11-10T00:10:00Z');
const TENANT: Tenant = {
  tenant: 'demo',
  name: 'Demo',
  zone: 'Asia/Kathmandu',
  simulated: true,
  allowedNetworks: [],
  createdAt: 0,
};
const BODY = JSON.stringify({ version: 1, ...REF, fromTheFuture: true });

async function open(tenant: Tenant | undefined = TENANT) {
  const table = createFakeTable();
  const clock = { now: () => NOW };
  const samples = createSampleStore(table, metricsOf, clock);
  const tenants = createTenantStore(table);
  if (tenant) await tenants.addTenant(tenant);
  const slots = Array.from({ length: 10 }, (_, n) => batch(START + (n - 2) * SLOT_MS, [port(n)]));
  await samples.importPoints(REF, slots);
  return { table, samples, tenants, fold: createFold({ samples, tenants, clock }) };
}

const port = (n: number) => ({ entity: 'core1/ether1', input: BigInt(n) * 10n });

test('a message folds its target in the zone of its tenant and tells how long the oldest batch waited', async () => {
  const { fold, samples } = await open();
  const waited = Math.round((NOW - (START - 2 * SLOT_MS + 1200)) / 1000);
  expect(await fold(BODY)).toEqual({ ...REF, series: 1, unfoldedSeconds: waited });
  const days = (await samples.readRollups('demo', 'ifHCInOctets', '2026-11')).get('core1/ether1');
  expect(days?.map((d) => [d.day, d.total])).toEqual([
    ['2026-11-09', 10n],
    ['2026-11-10', 80n],
  ]);
});

test('the six hours that are running wait for their end, and nothing is written before', async () => {
  const { fold, samples, table } = await open();
  await fold(BODY);
  await samples.importPoints(REF, [batch(NOW - SLOT_MS, [port(100)])]);
  const before = table.dump();
  expect(await fold(BODY)).toMatchObject({ series: 0, unfoldedSeconds: 299 });
  expect(table.dump()).toEqual(before);
});

test('the same message again changes nothing', async () => {
  const { fold, table } = await open();
  await fold(BODY);
  const before = table.dump();
  expect(await fold(BODY)).toEqual({ ...REF, series: 0, unfoldedSeconds: 0 });
  expect(table.dump()).toEqual(before);
});

test('F24: nothing is written for a tenant that is unknown or removed', async () => {
  const { fold, table, tenants } = await open();
  await tenants.putTenant({ ...TENANT, removedAt: NOW });
  const before = table.dump();
  expect(await fold(BODY)).toBeUndefined();
  expect(await fold(JSON.stringify({ version: 1, ...REF, tenant: 'other' }))).toBeUndefined();
  expect(table.dump()).toEqual(before);
});

test('F21: a message that is none is refused, so that it ends in the dead-letter queue', async () => {
  const { fold } = await open();
  for (const body of [
    '',
    '{}',
    'null',
    JSON.stringify({ version: 2, ...REF }),
    JSON.stringify({ version: 1, ...REF, tenant: 'A#b' }),
  ]) {
    await expect(fold(body)).rejects.toThrow();
  }
});

test('a table that does not answer is thrown on, so that the queue tries again', async () => {
  const { table, tenants } = await open();
  const view = table.view((step) => {
    if (step.write) throw new Error('throttled');
  });
  const clock = { now: () => NOW };
  const fold = createFold({ samples: createSampleStore(view, metricsOf, clock), tenants, clock });
  await expect(fold(BODY)).rejects.toThrow('throttled');
});
