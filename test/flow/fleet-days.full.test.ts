import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../shared/platform/clock.ts';
import { createUsageStore } from '../../shared/sims/usage.dynamodb.ts';
import { type Flow, startFlow } from './flow.ts';

/** The n-th SIM of the simulated fleet, from 1. */
const iccidOf = (n: number): string => `8988${String(n).padStart(15, '0')}`;
let flow: Flow;

beforeAll(async () => {
  flow = await startFlow({ sims: 24 });
  await flow.addTenant('demo');
  // Status every hour instead of every six: the story is the same, and told sooner.
  await flow.addFleet('demo', { slowMinutes: 60 });
  await flow.runNow('collect-sims');
}, 120_000);

afterAll(() => flow.stop());

const get = async (path: string) => {
  const { status, body } = await flow.call('GET', path, { role: 'viewer' });
  expect(status, path).toBe(200);
  return body;
};
const told = async (pattern: RegExp) => (await flow.messages()).filter(({ body }) => pattern.test(body));
const alertOf = async (rule: string, n: number) => {
  const { items } = await get('/v1/alerts?limit=500');
  return items.find((a: { rule: string; entity: string }) => a.rule === rule && a.entity.endsWith(iccidOf(n)));
};

test('a SIM that falls below its limits is told of in the same run: first the warning, then that nothing is left', async () => {
  await flow.inject('onence', { fault: 'drain', iccid: iccidOf(3), remainingPercent: 12 });
  await flow.pass(15);
  expect(await alertOf('sim-data-remaining', 3)).toMatchObject({ state: 'firing', severity: 'warning' });
  await flow.inject('onence', { fault: 'drain', iccid: iccidOf(3), remainingPercent: 0 });
  await flow.pass(75);
  expect(await alertOf('sim-data-exhausted', 3)).toMatchObject({ state: 'firing', severity: 'critical' });
  expect((await told(/data is used up/)).length).toBeGreaterThan(0);
}, 60_000);

test('a SIM in another device and in another country is told of; a top-up ends what its quota was about', async () => {
  await flow.inject('onence', { fault: 'topup', iccid: iccidOf(3) });
  await flow.inject('onence', { fault: 'swap-imei', iccid: iccidOf(7) });
  await flow.inject('onence', { fault: 'move', iccid: iccidOf(8) });
  await flow.pass(75);
  expect(await alertOf('sim-imei-changed', 7)).toMatchObject({ state: 'firing' });
  expect(await alertOf('sim-country-changed', 8)).toMatchObject({ state: 'firing' });
  expect(await alertOf('sim-data-exhausted', 3)).toBeUndefined();
}, 120_000);

test('F15: a day that the provider restates is taken over, and what it was before is kept', async () => {
  const path = `/v1/sims/${iccidOf(6)}/usage?from=2026-11-19&to=2026-11-19`;
  const before = await get(path);
  await flow.inject('onence', { fault: 'restate', iccid: iccidOf(6), day: '2026-11-19', megabytes: 321.5 });
  await flow.pass(75);
  const after = await get(path);
  expect(after.items[0].dataMegabytes).toBe('321.5');
  expect(before.items[0].dataMegabytes).not.toBe('321.5');
  const store = createUsageStore({ table: flow.table, clock: systemClock });
  const corrections = await store.listCorrections('demo', 50, iccidOf(6));
  expect(corrections).toMatchObject([{ day: '2026-11-19', after: { dataTotal: 321_500_000n } }]);
}, 60_000);
