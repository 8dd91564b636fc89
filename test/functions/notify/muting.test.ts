import { beforeEach, describe, expect, it } from 'vitest';
import type { Alert, AlertStage } from '../../../shared/alerts/alert.ts';
import { refill } from '../../../shared/alerts/outbox.ts';
import { sourceNamed } from '../../shared/collect/fakes.ts';
import { desk, T0 } from '../../shared/notify/examples.ts';
import { createWorld, type World } from './world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Two slots of five minutes, and the first word's wait. */
const GRACE_MS = 11.5 * MINUTE;
const GATEWAY = 'core/gw#reach-down';
const DEVICES = Array.from({ length: 20 }, (_, i) => i + 1);

let world: World;

async function begin(part: Parameters<typeof createWorld>[0] = {}): Promise<void> {
  world = createWorld(part);
  await world.start();
}
beforeEach(() => begin());

const at = () => ({ activeAt: world.state.now, firedAt: world.state.now, judgedSlot: world.state.now });
const behind = (uplink: string) => ({ behind: { uplink, periodSeconds: 300 } });

/** A device goes down behind the gateway. */
const fails = (n: number, part: Partial<Alert> = {}) =>
  world.owe(n, 'firing-critical', { ...at(), ...behind('reach:core~gw'), ...part });

/** The gateway itself does. */
const gatewayFails = (part: Partial<Alert> = {}) =>
  world.owe(0, 'firing-critical', {
    ...{ fingerprint: GATEWAY, entity: 'core/gw', entityName: 'Core gateway', rule: 'reach-down', ...at() },
    mutes: { since: world.state.now },
    ...part,
  });

/** The alert ends, as the evaluator writes it, and the relay is told. */
async function recovers(fingerprint: string): Promise<Alert> {
  const open = await world.alerts.readOpen('demo', fingerprint);
  if (!open) throw new Error(`${fingerprint} is not open`);
  const { outbox: _words, version: _version, told: _told, ...rest } = open;
  const now = world.state.now;
  const over = { ...open, state: 'resolved' as const };
  const { outbox } = refill(over, [{ id: desk.id, minSeverity: 'info' }], now);
  const mutes = open.mutes ? { mutes: { ...open.mutes, until: now } } : {};
  return world.owe(0, 'resolved', { ...rest, ...mutes, state: 'resolved', outbox, resolvedAt: now });
}

/** Nobody is owed a word of it any more, so it goes into history. */
async function isPutAway(fingerprint: string): Promise<void> {
  const open = await world.alerts.readOpen('demo', fingerprint);
  if (open?.outbox.length !== 0) throw new Error(`${fingerprint} still owes words`);
  await world.alerts.apply(open, { change: 'finished', finished: open, alert: undefined, overflow: [] });
}

const device = (n: number): string => `core1/ether${n}#low`;
const openOf = (n: number) => world.alerts.readOpen('demo', device(n));
/** What was sent so far, the oldest first; what went unconfirmed went by SMS as well. */
async function messages() {
  const rows = (await world.rows()).filter((row) => row.channel === 'whatsapp');
  return rows.sort((a, b) => a.queuedAt - b.queuedAt || a.claim - b.claim);
}
/** Stage and name of every line in them. */
const lines = async () =>
  (await messages()).flatMap((row) => row.lines.map((line): [AlertStage, string] => [line.stage, line.entityName]));
const until = (ms: number) => world.run(ms, true);
const GATEWAY_DOWN: [AlertStage, string] = ['firing-critical', 'Core gateway'];

describe('a gateway and twenty devices behind it go down', () => {
  it('in one look: one message comes, and every device shows what mutes it', async () => {
    for (const n of DEVICES) await fails(n);
    const gateway = await gatewayFails();
    await until(30 * MINUTE);
    expect(await lines()).toEqual([GATEWAY_DOWN]);
    for (const n of DEVICES) {
      expect((await openOf(n))?.muted).toEqual({
        ...{ by: GATEWAY, episode: gateway.activeAt, name: 'Core gateway', since: T0 },
      });
    }
  });

  it('one after the other, the gateway last: they wait for it', async () => {
    for (const n of DEVICES) await fails(n);
    await until(80 * SECOND);
    expect(world.sent).toEqual([]);
    await gatewayFails();
    await until(30 * MINUTE);
    expect(await lines()).toEqual([GATEWAY_DOWN]);
  });

  it('later than their wait: they are told, and so is the end of each', async () => {
    await fails(1);
    await until(2 * MINUTE);
    await gatewayFails();
    await until(3 * MINUTE);
    await recovers(device(1));
    await until(5 * MINUTE);
    expect(await lines()).toEqual([
      ['firing-critical', 'Core 1, port 1'],
      GATEWAY_DOWN,
      ['resolved', 'Core 1, port 1'],
    ]);
  });
});

describe('when the gateway is back', () => {
  it('devices that come back with it are never told of, and one that stays down is told once, then its end', async () => {
    for (const n of DEVICES) await fails(n);
    await gatewayFails();
    await until(10 * MINUTE);
    await recovers(GATEWAY);
    await until(11 * MINUTE);
    await isPutAway(GATEWAY);
    await until(15 * MINUTE);
    for (const n of DEVICES.slice(1)) await recovers(device(n));
    await until(10 * MINUTE + GRACE_MS - SECOND);
    const spoken = [GATEWAY_DOWN, ['resolved', 'Core gateway']];
    expect(await lines()).toEqual(spoken);
    expect((await openOf(1))?.muted).toMatchObject({ by: GATEWAY, until: T0 + 10 * MINUTE });
    await until(24 * MINUTE);
    expect(await lines()).toEqual([...spoken, ['firing-critical', 'Core 1, port 1']]);
    const told = await openOf(1);
    expect(told).toMatchObject({ outbox: [], told: { desk: 'firing-critical' } });
    expect(told?.muted).toBeUndefined();
    expect(told?.timeline.map((row) => row.event)).toEqual(['muted', 'unmuted', 'told']);
    const spared = await openOf(2);
    expect(spared).toMatchObject({ outbox: [], told: {}, muted: { by: GATEWAY } });
    await recovers(device(1));
    await until(40 * MINUTE);
    expect((await lines()).slice(3)).toEqual([['resolved', 'Core 1, port 1']]);
  });

  it('several that stay down come in one message', async () => {
    for (const n of [1, 2, 3]) await fails(n);
    await gatewayFails();
    await until(10 * MINUTE);
    await recovers(GATEWAY);
    await until(30 * MINUTE);
    expect(await messages()).toHaveLength(3);
    expect((await lines()).slice(2).map(([, name]) => name)).toEqual([
      'Core 1, port 1',
      'Core 1, port 2',
      'Core 1, port 3',
    ]);
  });

  it('and goes again before they were told, they are muted by its new alert', async () => {
    await fails(1);
    await gatewayFails();
    await until(10 * MINUTE);
    await recovers(GATEWAY);
    await until(12 * MINUTE);
    await isPutAway(GATEWAY);
    await until(14 * MINUTE);
    const again = await gatewayFails();
    await until(60 * MINUTE);
    expect((await lines()).filter(([, name]) => name !== 'Core gateway')).toEqual([]);
    expect((await openOf(1))?.muted).toMatchObject({ by: GATEWAY, episode: again.activeAt, since: T0 + 14 * MINUTE });
  });
});

describe('an alert behind an uplink', () => {
  it('that is well waits 90 s, no longer', async () => {
    await fails(1);
    await until(89 * SECOND);
    expect(world.sent).toEqual([]);
    await until(91 * SECOND);
    expect(await lines()).toEqual([['firing-critical', 'Core 1, port 1']]);
  });

  it('that is a link waits until that could be added up', async () => {
    await fails(1, behind('link:nttn'));
    await until(179 * SECOND);
    expect(world.sent).toEqual([]);
    await until(181 * SECOND);
    expect(await lines()).toHaveLength(1);
  });

  it('waits no longer than that when the timer is lost', async () => {
    await fails(1);
    await world.run(SECOND);
    world.queue.length = 0;
    await until(3 * MINUTE);
    expect(await lines()).toHaveLength(1);
  });

  it('that nobody could judge for three slots is told: nobody knows that it is down', async () => {
    await fails(1);
    await gatewayFails({ mutes: { since: T0, freshSeconds: 900 } });
    await until(16.5 * MINUTE);
    expect(await lines()).toEqual([GATEWAY_DOWN]);
    await until(16.5 * MINUTE + GRACE_MS + 2 * MINUTE);
    expect(await lines()).toEqual([GATEWAY_DOWN, ['firing-critical', 'Core 1, port 1']]);
  });

  it('is muted by what the uplink hangs on, also while nothing is known of the uplink itself', async () => {
    const targets = [{ name: 'gw', host: '192.0.2.1', method: 'tcp', port: 80, uplink: 'router:core1' }];
    world.sources.set('core', sourceNamed('core', { type: 'ping', settings: { targets } }));
    world.sources.set('core1', sourceNamed('core1', { type: 'routeros', uplink: 'link:nttn' }));
    const link = { fingerprint: 'nttn/total#link-down', entity: 'nttn/total', entityName: 'NTTN Dhaka' };
    await fails(1);
    await world.owe(0, 'firing-critical', { ...link, ...at(), mutes: { since: T0 } });
    await until(20 * MINUTE);
    expect(await lines()).toEqual([['firing-critical', 'NTTN Dhaka']]);
    expect((await openOf(1))?.muted).toMatchObject({ by: link.fingerprint, name: 'NTTN Dhaka' });
  });

  it('is told where the way up leads back: two that mute each other would both be lost', async () => {
    world.sources.set('core1', sourceNamed('core1', { type: 'routeros', uplink: 'router:core2' }));
    world.sources.set('core2', sourceNamed('core2', { type: 'routeros', uplink: 'router:core1' }));
    const silent = (id: string, uplink: string) =>
      world.owe(0, 'firing-critical', {
        ...{ fingerprint: `${id}#interface-no-data`, entity: id, entityName: id, ...at(), ...behind(uplink) },
        mutes: { since: T0 },
      });
    await silent('core1', 'router:core2');
    await silent('core2', 'router:core1');
    await until(5 * MINUTE);
    expect((await lines()).map(([, name]) => name).sort()).toEqual(['core1', 'core2']);
  });

  it('is told when it hangs on something else by now', async () => {
    await fails(1);
    await gatewayFails();
    await until(5 * MINUTE);
    const held = await openOf(1);
    await fails(1, { ...held, ...behind('router:other') });
    await until(8 * MINUTE);
    expect(await lines()).toEqual([GATEWAY_DOWN, ['firing-critical', 'Core 1, port 1']]);
  });

  it('is told to whoever is not told of the uplink', async () => {
    const boss = { ...desk, id: 'boss', name: 'Boss', phone: '+447700900199' };
    await begin({ receivers: [desk, boss] });
    await fails(1);
    await gatewayFails({ outbox: [{ recipient: 'desk', stage: 'firing-critical', detectedAt: T0 }] });
    await until(5 * MINUTE);
    const rows = (await messages()).map((row) => [row.recipient, row.lines.map((line) => line.entityName)]);
    expect(rows.sort()).toEqual([
      ['boss', ['Core 1, port 1']],
      ['desk', ['Core gateway']],
    ]);
  });
});

/** Each place in the full run; every third in the quick one, before and after a step in turn. */
const STRIDE = process.env.HEADROOM_FULL ? 1 : 3;

describe('killed after any step', () => {
  /** The gateway and two devices fail; the gateway and one of them come back. */
  async function story(crashAt: number): Promise<void> {
    await begin();
    await fails(1);
    await fails(2);
    await gatewayFails();
    world.state.steps = 0;
    world.state.crashAt = crashAt;
    await until(10 * MINUTE);
    const open = async (fingerprint: string) => (await world.alerts.readOpen('demo', fingerprint)) !== undefined;
    const dies = world.state.crashAt;
    world.state.crashAt = -1;
    if (await open(GATEWAY)) await recovers(GATEWAY);
    if (await open(device(2))) await recovers(device(2));
    world.state.crashAt = dies;
    await until(60 * MINUTE);
  }

  it('the gateway and the device that stays down are told, the other one is not, and nothing waits', async () => {
    await story(-1);
    const steps = world.state.steps;
    expect(steps).toBeGreaterThan(20);
    for (let crashAt = 2; crashAt <= steps * 2 + 1; crashAt += STRIDE) {
      await story(crashAt);
      const where = `crash at ${crashAt} of ${steps * 2 + 1}`;
      expect(await lines(), where).toEqual([
        GATEWAY_DOWN,
        ['resolved', 'Core gateway'],
        ['firing-critical', 'Core 1, port 1'],
      ]);
      for (const n of [1, 2]) expect((await openOf(n))?.outbox, where).toEqual([]);
      expect(new Set(world.sent.map((one) => one.message.deliveryId)).size, where).toBe(world.sent.length);
    }
  });
});
