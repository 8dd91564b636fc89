import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, PHONE, startFlow } from './flow.ts';

let flow: Flow;

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  await flow.addTaara('demo');
  await flow.runNow('collect-taara');
}, 120_000);

afterAll(() => flow.stop());

test('T1: every account is read, and what is left is exact to the byte', async () => {
  const { status, body } = await flow.call('GET', '/v1/bundles', { role: 'viewer' });
  expect(status).toBe(200);
  const office = body.items.find((b: { account: string }) => b.account === 'office');
  expect(office).toMatchObject({
    simulated: true,
    active: true,
    stale: false,
    remainingPercent: expect.closeTo(12, 1),
  });
  expect(Number(office.remainingOctets)).toBeCloseTo(120e9, -10);
});

test('the account at 12 % has one open alert, and the person on call was told once by WhatsApp', async () => {
  const { body } = await flow.call('GET', '/v1/alerts', { role: 'viewer' });
  expect(body.items).toHaveLength(1);
  expect(body.items[0]).toMatchObject({
    state: 'firing',
    severity: 'warning',
    rule: 'bundle-remaining',
    threshold: 20,
    unit: '%',
  });
  const messages = await flow.messages();
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatchObject({ channel: 'whatsapp', to: PHONE });
  expect(messages[0]?.body).toContain('12.0 %');
});

test('half an hour later the schedule has read on its own, and nobody was told the same twice', async () => {
  await flow.pass(31);
  const { body } = await flow.call('GET', '/v1/runs?source=home&limit=10', { role: 'viewer' });
  expect(body.items.length).toBeGreaterThanOrEqual(3);
  expect(body.items.every((r: { status: string }) => r.status === 'success')).toBe(true);
  expect(await flow.messages()).toHaveLength(1);
});

test('nothing was denied that the story needs', async () => {
  const response = await fetch(`${flow.cloud.publicUrl}/_local/iam`);
  const iam = (await response.json()) as { denied: unknown[] };
  expect(iam.denied).toEqual([]);
});
