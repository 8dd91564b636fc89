import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, PHONE, startFlow } from './flow.ts';

let flow: Flow;

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  await flow.addTaara('demo');
}, 120_000);

afterAll(() => flow.stop());

const sms = async () => (await flow.messages()).filter((m) => m.channel === 'sms');

test('a WhatsApp that is refused at once becomes an SMS', async () => {
  await flow.inject('twilio', { fault: 'reject', code: 63016, at: 'answer' });
  await flow.runNow('collect-taara');
  await flow.pass(1);
  expect(await sms()).toMatchObject([{ to: PHONE }]);
});

test('one that is refused by callback becomes an SMS too', async () => {
  await flow.inject('twilio', { fault: 'reject', code: 63016, at: 'callback' });
  await flow.inject('taara', { fault: 'drain', remainingPercent: 15 });
  await flow.runNow('collect-taara');
  await new Promise((resolve) => setTimeout(resolve, 300));
  await flow.pass(2);
  expect(await sms()).toHaveLength(2);
});

test('a provider that fails for a while gets the message in the end, and only once', async () => {
  const before = (await flow.messages()).length;
  await flow.inject('twilio', { fault: 'server-error', times: 2 });
  await flow.inject('taara', { fault: 'drain', remainingPercent: 3 });
  await flow.runNow('collect-taara');
  await flow.pass(6);
  const critical = (await flow.messages()).slice(before).filter((m) => /CRITICAL/i.test(m.body));
  expect(critical.length).toBeGreaterThanOrEqual(1);
  expect(critical.filter((m) => m.channel === 'whatsapp').length).toBeLessThanOrEqual(1);
});
