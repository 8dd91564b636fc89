import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';

let flow: Flow;

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  await flow.addTaara('demo');
  await flow.runNow('collect-taara');
  await flow.pass(1);
}, 120_000);

afterAll(() => flow.stop());

/** New messages since the last look. */
async function news(): Promise<string[]> {
  const all = await flow.messages();
  const fresh = all.slice(seen).map((m) => m.body);
  seen = all.length;
  return fresh;
}
let seen = 0;

async function alertOfHome() {
  const { body } = await flow.call('GET', '/v1/alerts?state=all', { role: 'viewer' });
  return body.items.filter((a: { entity: string }) => a.entity.startsWith('home~'));
}

test('below 20 % the person on call hears a warning after the next reading', async () => {
  await news();
  await flow.inject('taara', { fault: 'drain', remainingPercent: 15 });
  await flow.runNow('collect-taara');
  const [message, ...more] = await news();
  expect(more).toEqual([]);
  expect(message).toMatch(/WARNING/i);
  expect(message).toContain('15.0 %');
  expect(message).toMatch(/simulated/i);
});

test('below 5 % it is critical, and goes at once although the last message is seconds old', async () => {
  await flow.inject('taara', { fault: 'drain', remainingPercent: 4 });
  await flow.runNow('collect-taara');
  const [message, ...more] = await news();
  expect(more).toEqual([]);
  expect(message).toMatch(/CRITICAL/i);
  expect(await alertOfHome()).toMatchObject([{ state: 'firing', severity: 'critical' }]);
});

test('a value inside the band between fire and clear changes nothing', async () => {
  await flow.inject('taara', { fault: 'topup', remainingPercent: 22 });
  await flow.runNow('collect-taara');
  await flow.pass(1);
  expect(await news()).toEqual([]);
  expect(await alertOfHome()).toMatchObject([{ state: 'firing' }]);
});

test('topping up brings the recovery, once, and the alert is history', async () => {
  await flow.inject('taara', { fault: 'topup', remainingPercent: 80 });
  await flow.runNow('collect-taara');
  await flow.pass(2);
  const [message, ...more] = await news();
  expect(more).toEqual([]);
  expect(message).toMatch(/RESOLVED|recovered|over/i);
  const [alert] = await alertOfHome();
  expect(alert).toMatchObject({ state: 'resolved', resolvedReason: 'cleared' });
  const { body } = await flow.call('GET', `/v1/alerts/${alert.id}`, { role: 'viewer' });
  expect(body.timeline.map((r: { event: string }) => r.event)).toEqual(
    expect.arrayContaining(['fired', 'severity', 'resolved']),
  );
});

test('the same slot asked for twice is one run', async () => {
  const requestedAt = new Date(flow.clock.now()).toISOString();
  const event = { types: ['taara'], manual: true, requestedAt };
  await Promise.all([flow.cloud.invoke('collect-dispatch', event), flow.cloud.invoke('collect-dispatch', event)]);
  await flow.settle();
  const { body } = await flow.call('GET', '/v1/runs?limit=50', { role: 'viewer' });
  const runs = body.items.filter((r: { slot: string }) => r.slot === requestedAt);
  expect(runs.map((r: { source: string }) => r.source).sort()).toEqual(['home', 'office']);
});

test('T12: the older "collect now" answers when the collection is over', async () => {
  const { status, body } = await flow.call('POST', '/api/collect');
  expect(status).toBe(200);
  expect(body).toEqual({ status: 'success', message: 'Data collection completed' });
});
