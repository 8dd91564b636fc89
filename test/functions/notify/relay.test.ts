import { expect, it } from 'vitest';
import { MAX_LINES, PACE_MS } from '../../../shared/notify/mailbox.ts';
import { desk, T0 } from '../../shared/notify/examples.ts';
import { createWorld, tenant } from './world.ts';

it('hands an alert on: line, cleared outbox, delivery row, message', async () => {
  const world = createWorld();
  await world.start();
  const alert = await world.owe(1, 'firing-warning');
  await world.run(1_000);
  expect(await world.alerts.readOpen('demo', alert.fingerprint)).toMatchObject({
    outbox: [],
    told: { desk: 'firing-warning' },
  });
  expect(await world.rows()).toMatchObject([
    {
      id: 'desk-1-0',
      status: 'accepted',
      channel: 'whatsapp',
      detectedAt: T0,
      queuedAt: T0,
      acceptedAt: T0,
      to: desk.phone,
      providerId: 'SM-whatsapp-0',
    },
  ]);
  expect(world.sent).toHaveLength(1);
});

it('the same outbox message again, also later, changes nothing', async () => {
  const world = createWorld();
  await world.start();
  const alert = await world.owe(1, 'firing-warning');
  await world.run(1_000);
  const body = JSON.stringify({
    version: 1,
    tenant: 'demo',
    fingerprints: [alert.fingerprint],
    added: 'by a newer one',
  });
  await world.handlers.relay(body);
  await world.handlers.relay(body);
  await world.run(20_000);
  expect(world.sent).toHaveLength(1);
});

it('two relays on one outbox at once make one message', async () => {
  const world = createWorld();
  await world.start();
  const alert = await world.owe(1, 'firing-warning');
  const body = JSON.stringify({ version: 1, tenant: 'demo', fingerprints: [alert.fingerprint] });
  await Promise.all([world.handlers.relay(body), world.handlers.relay(body), world.handlers.relay(body)]);
  await world.run(30_000, true);
  expect(world.sent).toHaveLength(1);
});

it('fault 23: a crowd of alerts at once is told in full, at most one message per 6 s', {
  timeout: 60_000,
}, async () => {
  const world = createWorld();
  await world.start();
  const count = process.env.HEADROOM_LONG ? 1_000 : 201;
  const messages = 1 + Math.ceil((count - 1) / MAX_LINES);
  for (let n = 0; n < count; n++) await world.owe(n, 'firing-warning');
  await world.run(20 * 60_000, true);
  const whatsapp = world.sent.filter((s) => s.channel === 'whatsapp');
  const rows = await world.rows();
  const told = rows.filter((row) => row.channel === 'whatsapp').flatMap((row) => row.lines.map((l) => l.entity));
  expect(new Set(told).size).toBe(count);
  expect(told).toHaveLength(count);
  expect(whatsapp).toHaveLength(messages);
  for (let i = 1; i < whatsapp.length; i++) {
    expect((whatsapp[i]?.at ?? 0) - (whatsapp[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(PACE_MS);
  }
  // No turn was missed: no wake-up was lost, and the minute check was not needed.
  expect((whatsapp.at(-1)?.at ?? 0) - T0).toBe((messages - 1) * PACE_MS);
  expect(await world.mailbox.due('demo', world.state.now + 3_600_000)).toEqual([]);
});

it('keeps few wake-ups in the air however many alerts come', async () => {
  const world = createWorld();
  await world.start();
  for (let n = 0; n < 50; n++) await world.owe(n, 'firing-warning');
  await world.run(1_000);
  const wakeUps = world.queue.filter((message) => message.body.includes('"recipient"'));
  expect(wakeUps).toHaveLength(1);
});

it('a rise in severity goes at once, within the pace of the first message', async () => {
  const world = createWorld();
  await world.start();
  await world.owe(1, 'firing-warning');
  await world.run(2_000);
  await world.owe(1, 'firing-critical');
  await world.run(2_100);
  expect(world.sent.map((s) => s.at - T0)).toEqual([0, 2_000]);
  expect(world.sent[1]?.message.text).toContain('CRITICAL');
});

it('a wake-up that comes early by another clock plans a new one', async () => {
  const world = createWorld();
  await world.start();
  await world.owe(1, 'firing-warning');
  await world.owe(2, 'firing-warning');
  await world.run(1_000);
  const early = world.queue.find((message) => message.body.includes('"recipient"'));
  if (!early) throw new Error('no wake-up was planned');
  world.queue.splice(world.queue.indexOf(early), 1);
  await world.handlers.relay(early.body);
  await world.run(8_000);
  expect(world.sent).toHaveLength(2);
});

it('tells each receiver over the ladder of that receiver', async () => {
  const other = { ...desk, id: 'second', name: 'Second', phone: '+447700900456', channels: ['sms'] as const };
  const world = createWorld({ receivers: [desk, other] });
  await world.start();
  await world.owe(1, 'firing-critical');
  await world.run(1_000);
  expect(world.sent.map((s) => [s.channel, s.message.to])).toEqual([
    ['whatsapp', '+447700900123'],
    ['sms', '+447700900456'],
  ]);
});

it.each([
  ['was removed', async (world: ReturnType<typeof createWorld>) => world.receivers.remove('demo', 'desk')],
  [
    'was switched off',
    async (world: ReturnType<typeof createWorld>) => world.receivers.put('demo', { ...desk, enabled: false }),
  ],
])('when the receiver %s meanwhile, nothing is sent and the alert says so', async (_, change) => {
  const world = createWorld();
  await world.start();
  const alert = await world.owe(1, 'firing-critical');
  await change(world);
  await world.run(60_000, true);
  expect(world.sent).toEqual([]);
  expect(await world.timeline(alert)).toContain('undelivered: desk is no longer to be told');
  expect(await world.mailbox.due('demo', world.state.now + 3_600_000)).toEqual([]);
});

it('fault 24: after the tenant is removed nothing is written and nothing sent', async () => {
  const world = createWorld();
  await world.start();
  await world.owe(1, 'firing-critical');
  world.owner.current = { ...tenant, removedAt: T0 };
  const before = world.dump();
  await world.run(60_000);
  expect(world.sent).toEqual([]);
  expect(world.dump()).toEqual(before);
});

it.each([
  ['no JSON', 'hello'],
  ['another version', '{"version":2,"tenant":"demo","recipient":"desk"}'],
  ['a tenant that is none', '{"version":1,"tenant":"../x","recipient":"desk"}'],
])('fault 21: refuses %s, so that it is put aside', async (_, body) => {
  await expect(createWorld().handlers.relay(body)).rejects.toMatchObject({ code: 'REQUEST_INVALID', retryable: false });
});
