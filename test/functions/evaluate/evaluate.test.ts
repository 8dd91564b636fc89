import { describe, expect, test } from 'vitest';
import { nameEpisode } from '../../../functions/evaluate/evaluate-settle.ts';
import type { Source } from '../../../shared/collect/source.ts';
import type { LastRun } from '../../../shared/samples/sample.ts';
import { alertOf, finding } from '../../shared/alerts/examples.ts';
import { createMemoryAlerts } from '../../shared/alerts/memory-alerts.ts';
import { House, low, PERIOD, silent, T0 } from './world.ts';

const MINUTE = 60_000;
const SLOT = PERIOD * 1000;

test('a value past its limit opens one alert, owes the word, and names it to the relay', async () => {
  const house = new House();
  house.read(T0, 12n);
  const report = await house.run();
  expect(report).toMatchObject({ changes: ['created home/a1#low'], waiting: 1 });
  expect(house.alert()).toMatchObject({ state: 'firing', severity: 'warning', value: 12, entityName: 'Home bundle' });
  expect(house.sent).toEqual([{ version: 1, tenant: 'demo', fingerprints: ['home/a1#low'] }]);
});

test('fault 2: the same message again writes nothing', async () => {
  const house = new House();
  house.read(T0, 12n);
  await house.run();
  const before = house.alert();
  expect((await house.run()).changes).toEqual([]);
  expect(house.alert()).toBe(before);
});

test('fault 1: a crash between the write and the message is made good by the next run', async () => {
  const house = new House();
  house.read(T0, 12n);
  house.loseNext = true;
  await expect(house.run()).rejects.toThrow('died');
  expect(house.sent).toEqual([]);
  await house.run();
  expect(house.sent).toHaveLength(1);
});

test('a whole life: low, worse, topped up, told, put away', async () => {
  const house = new House();
  house.read(T0, 12n);
  await house.run();
  await house.relay();
  house.now = T0 + SLOT;
  house.read(T0 + SLOT, 3n);
  expect((await house.run()).changes).toEqual(['fired home/a1#low'].map(() => 'updated home/a1#low'));
  expect(house.alert()).toMatchObject({ severity: 'critical', outbox: [{ stage: 'firing-critical' }] });
  await house.relay();
  house.now = T0 + 2 * SLOT;
  house.read(T0 + 2 * SLOT, 100n);
  expect((await house.run()).changes).toEqual(['resolved home/a1#low']);
  await house.relay();
  expect((await house.run()).changes).toEqual(['finished home/a1#low']);
  expect([...house.memory.history.values()]).toMatchObject([{ told: { amina: 'resolved' }, severity: 'critical' }]);
});

test('an alert that nobody is to hear of is resolved and put away in one run', async () => {
  const house = new House();
  house.receivers = house.receivers.map((receiver) => ({ ...receiver, enabled: false }));
  house.read(T0, 12n);
  await house.run();
  expect(house.sent).toEqual([]);
  house.read(T0 + SLOT, 90n);
  house.now += SLOT;
  expect((await house.run()).changes).toEqual(['resolved home/a1#low', 'finished home/a1#low']);
});

test('a receiver who joins while it fires is told at the next look', async () => {
  const house = new House();
  const [amina] = house.receivers;
  if (!amina) throw new Error('nobody');
  house.receivers = [];
  house.read(T0, 12n);
  await house.run();
  house.receivers = [amina];
  await house.run();
  expect(house.alert()?.outbox).toMatchObject([{ recipient: 'amina', stage: 'firing-warning' }]);
});

test('fault 22: missing data during a breach is no recovery, and its own alert joins it', async () => {
  const house = new House();
  house.read(T0, 12n);
  await house.run();
  house.now = T0 + 3 * SLOT + MINUTE;
  house.watch = { tickAt: house.now, aliveSince: T0 };
  await house.run();
  expect(house.alert()).toMatchObject({ state: 'firing', judgedSlot: T0 });
  expect(house.alert('home#silent')).toMatchObject({ state: 'firing', severity: 'critical', entityName: 'Home' });
  expect(house.sent.at(-1)?.fingerprints.sort()).toEqual(['home#silent', 'home/a1#low']);
});

test('U12: a source that never answered is silent, and its first reading ends that', async () => {
  const house = new House();
  house.entities = [];
  house.now = T0 + 3 * SLOT + MINUTE;
  house.watch = { tickAt: house.now, aliveSince: T0 - 1 };
  await house.run();
  expect(house.alert('home#silent')).toMatchObject({ state: 'firing' });
  house.read(house.now, 90n);
  await house.run();
  expect(house.alert('home#silent')).toMatchObject({ state: 'resolved', resolvedReason: 'cleared' });
});

test('after the machine was off nothing is silent until it has been back for as long', async () => {
  const house = new House();
  house.read(T0, 90n);
  const back = T0 + 8 * 3_600_000;
  house.now = back;
  await house.run();
  house.watch = { tickAt: back, aliveSince: back };
  await house.run();
  expect(house.memory.open.size).toBe(0);
  house.now = back + 3 * SLOT + MINUTE;
  house.watch = { tickAt: house.now, aliveSince: back };
  await house.run();
  expect(house.alert('home#silent')?.state).toBe('firing');
});

test.each([
  ['the rule was disabled', (h: House) => (h.stored = [{ id: 'low', kind: 'bundle', version: 1 }]), 'rule disabled'],
  ['the rule was removed', (h: House) => (h.defaults = [silent]), 'rule removed'],
  [
    'the entity was removed',
    (h: House) => (h.entities = h.entities.map((e) => ({ ...e, removedAt: 1 }))),
    'entity removed',
  ],
  ['the source was removed', (h: House) => (h.source = undefined), 'entity removed'],
])('an open alert ends when %s', async (_, change, reason) => {
  const house = new House();
  house.read(T0, 12n);
  await house.run();
  change(house);
  // A default that vanishes is a deploy, and a deploy is a new process.
  house.now += MINUTE;
  house.read(T0 + 1, 12n);
  if (reason === 'rule removed') house.stored = [{ id: 'zzz', kind: 'bundle', version: 1 }];
  await house.run();
  expect(house.alert()).toMatchObject({
    state: 'resolved',
    resolvedReason: reason,
    outbox: [{ stage: 'firing-warning' }, {}],
  });
});

test('rules are remembered for half a minute, but read anew before an alert is born', async () => {
  const house = new House();
  house.read(T0, 90n);
  await house.run();
  await house.run();
  expect(house.ruleReads).toBe(1);
  house.stored = [{ id: 'low', kind: 'bundle', version: 1 }];
  house.read(T0 + 1, 3n);
  await house.run();
  expect(house.ruleReads).toBe(2);
  expect(house.memory.open.size).toBe(0);
  house.now += 31_000;
  await house.run();
  expect(house.ruleReads).toBe(3);
});

test('a rule that is disabled and enabled again within one slot makes two episodes with two names', async () => {
  const house = new House();
  house.read(T0, 12n);
  for (const disabled of [false, true, false]) {
    house.stored = disabled ? [{ id: 'low', kind: 'bundle', version: 1 }] : [];
    house.now += MINUTE;
    await house.run();
    if (disabled) await house.relay();
    await house.run();
  }
  expect([...house.memory.history.values()].map((a) => a.activeAt)).toEqual([T0]);
  expect(house.alert()).toMatchObject({ state: 'firing', activeAt: T0 - 1, told: {} });
  const before = house.alert();
  await house.run();
  expect(house.alert()).toBe(before);
});

test('fault 24: nothing is written for a tenant that was removed or never was', async () => {
  for (const gone of [undefined, { removedAt: T0 }]) {
    const house = new House();
    house.read(T0, 3n);
    house.tenant = gone && house.tenant ? { ...house.tenant, ...gone } : undefined;
    expect(await house.run()).toMatchObject({ findings: 0, waiting: 0 });
    expect(house.memory.open.size).toBe(0);
    expect(house.sent).toEqual([]);
  }
});

test('two evaluators at once: the loser looks again and finds it done', async () => {
  const house = new House();
  house.read(T0, 12n);
  const reports = await Promise.all([house.run(), house.run()]);
  expect(reports.flatMap((report) => report.changes)).toEqual(['created home/a1#low']);
  expect(house.memory.open.size).toBe(1);
});

test('races that never end are an error that a queue may repeat', async () => {
  const memory = createMemoryAlerts();
  const house = new House({ alerts: { ...memory.store, apply: async () => false } });
  house.read(T0, 12n);
  await expect(house.run()).rejects.toMatchObject({ code: 'STORE_CONFLICT', retryable: true });
});

test.each([
  ['no JSON', '{'],
  ['no message', '[]'],
  ['another version', JSON.stringify({ version: 2, tenant: 'demo', kind: 'bundle', target: 'home' })],
  ['a strange tenant', JSON.stringify({ version: 1, tenant: 'DEMO#x', kind: 'bundle', target: 'home' })],
  ['no target', JSON.stringify({ version: 1, tenant: 'demo', kind: 'bundle' })],
])('fault 21: %s is refused for good', async (_, body) => {
  await expect(new House().evaluate(body)).rejects.toMatchObject({ code: 'REQUEST_INVALID', retryable: false });
});

test('more fingerprints than one message takes go in several', async () => {
  const house = new House();
  const [entity] = house.entities;
  if (!entity) throw new Error('no entity');
  house.entities = Array.from({ length: 250 }, (_, i) => ({ ...entity, id: `home/${i}` }));
  house.read(T0, 3n);
  house.batches = house.batches.map((batch) => ({
    ...batch,
    readings: house.entities.map(({ id }) => ({ entity: id, receivedAt: T0, values: { left: 3n } })),
  }));
  await house.run();
  expect(house.sent.map((message) => message.fingerprints.length)).toEqual([100, 100, 50]);
});

test('a hold longer than what is read fires all the same, by what the pending alert remembers', async () => {
  const house = new House();
  house.defaults = [{ ...low, holdSeconds: 40 * PERIOD }];
  let fired = -1;
  for (let slot = 0; slot <= 45 && fired < 0; slot++) {
    house.now = T0 + slot * SLOT + 5_000;
    house.watch = { tickAt: house.now, aliveSince: T0 };
    house.read(T0 + slot * SLOT, 3n);
    await house.run();
    if (house.alert()?.state === 'firing') fired = slot;
  }
  expect(fired).toBe(40);
});

test('a finding older than what history has judged begins nothing', async () => {
  const memory = createMemoryAlerts();
  const past = alertOf({ state: 'resolved', judgedSlot: T0 + SLOT });
  await memory.store.apply(undefined, { change: 'created', alert: past, overflow: [] });
  await memory.store.apply(past, { change: 'finished', alert: undefined, finished: past, overflow: [] });
  const stale = await nameEpisode(memory.store, 'demo', past.fingerprint, finding('breach', T0), undefined);
  expect(stale.state).toBe('unknown');
  const fresh = finding('breach', T0 + SLOT, { since: T0 });
  expect(await nameEpisode(memory.store, 'demo', past.fingerprint, fresh, undefined)).toMatchObject({ since: T0 - 1 });
});

describe('an uplink', () => {
  const mutable = { ...low, mutedByUplink: true };
  const behind = { uplink: 'router:core1', periodSeconds: PERIOD };

  test('is that of the source, or the one that the entity names itself, and costs no read', async () => {
    const house = new House();
    house.defaults = [mutable, silent];
    if (house.source) house.source = { ...house.source, uplink: 'router:core1' };
    house.read(T0, 12n);
    await house.run();
    expect(house.alert()?.behind).toEqual(behind);
    const [entity] = house.entities;
    if (entity) house.entities = [{ ...entity, attributes: { uplink: 'link:nttn' } }];
    house.now += PERIOD * 1000;
    house.read(house.now, 12n);
    await house.run();
    expect(house.alert()?.behind).toEqual({ ...behind, uplink: 'link:nttn' });
  });

  test('is never the entity itself', async () => {
    const house = new House();
    house.defaults = [mutable];
    if (house.source) house.source = { ...house.source, uplink: 'reach:home/a1' };
    house.read(T0, 12n);
    await house.run();
    expect(house.alert()).not.toHaveProperty('behind');
  });

  const run = (part: Partial<LastRun>): LastRun => ({ slot: T0, at: T0, ok: false, failures: 3, ...part });
  test.each<[string, boolean, Partial<Source>, LastRun | undefined]>([
    ['it does not answer', true, {}, run({ error: 'SOURCE_UNAVAILABLE: timeout' })],
    ['it answers something that nobody understands', false, {}, run({ error: 'SOURCE_MALFORMED: no JSON' })],
    ['it refuses the credentials', false, { pausedReason: 'refused' }, run({ error: 'SOURCE_UNAVAILABLE: timeout' })],
    ['it was not asked since it last answered', false, {}, run({ ok: true })],
    ['it was never asked', false, {}, undefined],
    ['it sends by itself, and sends nothing', true, { type: 'push' }, undefined],
  ])('mutes what hangs on it by its silence where %s: %s', async (_, isDown, source, lastRun) => {
    const house = new House();
    house.defaults = [{ ...silent, mutesDependents: true }];
    if (house.source) house.source = { ...house.source, ...source };
    house.read(T0, 12n);
    if (house.head) house.head = { ...house.head, ...(lastRun ? { lastRun } : {}) };
    house.now = T0 + (3 * PERIOD + 61) * 1000;
    house.watch = { tickAt: house.now, aliveSince: T0 };
    await house.run();
    const alert = house.alert('home#silent');
    expect(alert).toMatchObject({ state: 'firing' });
    expect(alert?.mutes).toEqual(isDown ? { since: house.now } : undefined);
  });
});
