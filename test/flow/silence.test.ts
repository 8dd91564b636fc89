import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';

let flow: Flow;

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  await flow.addTaara('demo');
  // Every five minutes, so that three slots are a quarter of an hour.
  for (const id of ['home', 'office']) {
    const { status } = await flow.call('PATCH', `/v1/sources/${id}`, { body: { version: 1, periodSeconds: 300 } });
    expect(status).toBe(200);
  }
  await flow.runNow('collect-taara');
  await flow.pass(6);
}, 120_000);

afterAll(() => flow.stop());

test('an account that gives nothing for three slots raises its own alert, and its values are shown as old', async () => {
  await flow.inject('taara', { fault: 'server-error', times: 1000, account: 'home' });
  await flow.pass(20);
  const { body } = await flow.call('GET', '/v1/alerts', { role: 'viewer' });
  expect(body.items.map((a: { rule: string }) => a.rule)).toContain('bundle-no-data');
  const bundles = await flow.call('GET', '/v1/bundles', { role: 'viewer' });
  const home = bundles.body.items.find((b: { account: string; active: boolean }) => b.account === 'home' && b.active);
  expect(home).toMatchObject({ stale: true });
  expect((await flow.messages()).some((m) => /Home link/.test(m.body))).toBe(true);
}, 120_000);

test('the failed runs say what went wrong, and the account with data is not touched', async () => {
  const { body } = await flow.call('GET', '/v1/runs?source=home&limit=1', { role: 'viewer' });
  expect(body.items[0]).toMatchObject({ status: 'failed', errorCode: 'SOURCE_UNAVAILABLE' });
  const office = await flow.call('GET', '/v1/runs?source=office&limit=1', { role: 'viewer' });
  expect(office.body.items[0]).toMatchObject({ status: 'success' });
});
