import { expect, it } from 'vitest';
import { afterStatus } from '../../../shared/notify/ladder.ts';
import { PHONE, T0 } from '../../shared/notify/examples.ts';
import { type Answers, acceptAll, createWorld, type World } from './world.ts';

async function told(answers: Answers, untilMs: number, prepare?: (world: World) => void): Promise<World> {
  const world = createWorld({ answers });
  await world.start();
  prepare?.(world);
  await world.owe(1, 'firing-critical');
  await world.run(untilMs, true);
  return world;
}

const rowsOf = async (world: World) =>
  (await world.rows()).reverse().map((row) => [row.channel, row.status, row.concludedAs, row.attempts]);
const timelineOf = async (world: World) => {
  const alert = await world.alerts.readOpen('demo', 'core1/ether1#low');
  return alert ? await world.timeline(alert) : [];
};
const reject: Answers = (channel, n) =>
  channel === 'whatsapp' ? { outcome: 'permanent', reason: 'wants a template', code: '63016' } : acceptAll(channel, n);

it('gives the provider text, template and a callback address that names the delivery', async () => {
  const world = await told(acceptAll, 1_000);
  expect(world.sent[0]?.message).toMatchObject({
    tenant: 'demo',
    deliveryId: 'desk-1-0',
    to: PHONE,
    simulated: false,
    template: { name: 'alert_firing', language: 'en' },
    callbackUrl: 'https://headroom.example.net/v1/callbacks/twilio?tenant=demo&delivery=desk-1-0&day=2026-11-20',
  });
});

it('a refusal brings the next channel at once', async () => {
  const world = await told(reject, 1_000);
  expect(await rowsOf(world)).toEqual([
    ['whatsapp', 'failed', 'failed', 1],
    ['sms', 'accepted', undefined, 1],
  ]);
  expect(world.sent.map((s) => [s.channel, s.at])).toEqual([['sms', T0]]);
  expect(await timelineOf(world)).toContain(
    'undelivered: WhatsApp to Night desk failed: wants a template; SMS follows',
  );
});

it('when every channel refuses, the alert shows it', async () => {
  const world = await told(() => ({ outcome: 'permanent', reason: 'no such number', code: '21211' }), 1_000);
  expect(await rowsOf(world)).toEqual([
    ['whatsapp', 'failed', 'failed', 1],
    ['sms', 'failed', 'failed', 1],
  ]);
  expect(await timelineOf(world)).toContain(
    'undelivered: SMS to Night desk failed: no such number; no channel is left',
  );
});

it('a passing trouble is retried on the same channel', async () => {
  const answers: Answers = (channel, n) =>
    n === 0 && outage-- > 0 ? { outcome: 'retryable', reason: 'HTTP 503' } : acceptAll(channel, n);
  let outage = 2;
  const world = await told(answers, 60_000);
  expect(await rowsOf(world)).toEqual([['whatsapp', 'accepted', undefined, 3]]);
  expect(world.sent.map((s) => s.at - T0)).toEqual([20_000]);
});

it('an outage of one channel ends in the other, and one of both in a failed delivery that shows', async () => {
  const one = await told(
    (c, n) => (c === 'sms' ? acceptAll(c, n) : { outcome: 'retryable', reason: 'HTTP 500' }),
    120_000,
  );
  expect(await rowsOf(one)).toEqual([
    ['whatsapp', 'failed', 'failed', 4],
    ['sms', 'accepted', undefined, 1],
  ]);
  const both = await told(() => ({ outcome: 'retryable', reason: 'HTTP 500' }), 3 * 3_600_000);
  expect((await rowsOf(both)).map((row) => row[1])).toEqual(['failed', 'failed']);
});

it('fault 20: after a time-out that hid an acceptance the message is found, not sent again', async () => {
  const world = await told(
    (channel, n) => (n === 0 ? { outcome: 'retryable', reason: 'no answer', uncertain: true } : acceptAll(channel, n)),
    60_000,
  );
  expect(world.sent).toHaveLength(1);
  expect(await rowsOf(world)).toEqual([['whatsapp', 'accepted', undefined, 2]]);
});

it('without a receipt the next channel follows after 120 s, and a late receipt corrects the row', async () => {
  const world = await told(acceptAll, 121_000);
  expect(await rowsOf(world)).toEqual([
    ['whatsapp', 'accepted', 'unconfirmed', 1],
    ['sms', 'accepted', undefined, 1],
  ]);
  const [whatsapp] = (await world.rows()).reverse();
  if (!whatsapp) throw new Error('no row');
  await world.deliveries.change(whatsapp, (row) =>
    afterStatus(row, { status: 'delivered', providerId: 'SM-whatsapp-0' }, world.state.now),
  );
  await world.handlers.whatsapp(
    JSON.stringify({ version: 1, tenant: 'demo', day: whatsapp.day, delivery: whatsapp.id }),
  );
  await world.run(125_000);
  expect((await rowsOf(world))[0]).toEqual(['whatsapp', 'delivered', 'delivered', 1]);
  expect(await timelineOf(world)).toEqual(
    expect.arrayContaining([
      'told: WhatsApp to Night desk: accepted, no receipt within 120 s; SMS follows',
      'delivered: WhatsApp to Night desk: delivered',
    ]),
  );
  expect(world.sent).toHaveLength(2);
});

it('a receipt whose callback was lost is fetched before the next channel is tried', async () => {
  const world = await told(acceptAll, 300_000, (w) =>
    w.statuses.set('SM-whatsapp-0', { status: 'delivered', providerId: 'SM-whatsapp-0' }),
  );
  expect(await rowsOf(world)).toEqual([['whatsapp', 'delivered', 'delivered', 1]]);
  expect(world.sent).toHaveLength(1);
});

it('a channel without receipts ends with its acceptance, and says so', async () => {
  const world = await told(
    (channel, n) =>
      channel === 'sms' ? { outcome: 'accepted', providerId: 'id', receipts: false } : reject(channel, n),
    300_000,
  );
  expect((await rowsOf(world))[1]).toEqual(['sms', 'accepted', 'final', 1]);
  expect(await timelineOf(world)).toContain('told: SMS to Night desk: accepted; this channel gives no receipts');
});

it('the same message many times at once sends once', async () => {
  const world = createWorld();
  await world.start();
  await world.owe(1, 'firing-critical');
  const [relayMessage] = world.queue.splice(0);
  await world.handlers.relay(relayMessage?.body ?? '');
  const [publication] = world.queue.filter((message) => message.to === 'whatsapp');
  await Promise.all(Array.from({ length: 5 }, () => world.handlers.whatsapp(publication?.body ?? '')));
  expect(world.sent).toHaveLength(1);
});

it('a delivery that does not exist, or whose tenant is gone, is left alone', async () => {
  const world = await told(acceptAll, 1_000);
  const body = { version: 1, tenant: 'demo', day: '2026-11-20', delivery: 'desk-1-0' };
  await world.handlers.whatsapp(JSON.stringify({ ...body, delivery: 'desk-9-0' }));
  await world.handlers.whatsapp(JSON.stringify({ ...body, tenant: 'other' }));
  expect(world.sent).toHaveLength(1);
});
