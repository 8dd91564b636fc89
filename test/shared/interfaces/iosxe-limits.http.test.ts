/** Limits on a simulated IOS-XE: what is attached limits, what is shut cuts, and whatever a router may do instead. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RouterLimits } from '../../../shared/interfaces/limits.port.ts';
import { FIRST, limit } from '../../contract/router-limits.ts';
import { LINK } from '../../local/simulators/iosxe-world.ts';
import { PASSWORD, USER } from '../../local/simulators/routeros-world.ts';
import { FREE_INTERFACE, HELD_INTERFACE, IosxeLimitsWorld, police, shape } from './iosxe-limits-world.ts';
import { failureOf } from './limits-world.ts';

let world: IosxeLimitsWorld;
let limits: RouterLimits;
beforeEach(async () => {
  world = await new IosxeLimitsWorld().start();
  limits = await world.limits();
});
afterEach(() => world.close());

const write = (mbps: number, targets = [HELD_INTERFACE], name = FIRST) =>
  limits.writeLimit({ name, targets, limit: limit(mbps) });
const queue = async (name = FIRST) => (await limits.readQueues()).queues.find((one) => one.name === name);
const notes = async () => (await limits.readQueues()).rejected.map(({ path, message }) => `${path} ${message}`);
const made = () => limits.operations.map(({ name, ok }) => (ok ? name : `${name} failed`));
const changes = () => made().filter((name) => !/^(resolve|read)/.test(name));

describe('what an interface lets pass', () => {
  test('is held to the limit, in either direction, and is nothing while it is cut off', async () => {
    world.simulator.inject({ fault: 'load', interface: HELD_INTERFACE, inMbps: 400, outMbps: 400 });
    expect(world.megabits()).toEqual({ in: 50, out: 50 });
    await limits.writeLimit({
      ...{ name: FIRST, targets: [HELD_INTERFACE] },
      limit: { fromTargetBitsPerSecond: 10e6, toTargetBitsPerSecond: 30e6 },
    });
    expect(world.megabits()).toEqual({ in: 10, out: 30 });
    await limits.cut([HELD_INTERFACE]);
    expect(world.megabits()).toEqual({ in: 0, out: 0 });
    expect(world.megabits(FREE_INTERFACE).in).toBeGreaterThan(0);
    await limits.reconnect([HELD_INTERFACE]);
    expect(world.megabits()).toEqual({ in: 10, out: 30 });
  });

  test('of a queue that is removed is without a limit, and nothing of it is left', async () => {
    world.simulator.inject({ fault: 'load', interface: HELD_INTERFACE, inMbps: 400, outMbps: 400 });
    await limits.removeQueue(FIRST);
    expect(world.megabits()).toEqual({ in: 400, out: 400 });
    expect(JSON.stringify(world.running())).not.toContain('reseller_r1001');
  });

  test('is policed where the customer sends and shaped where it receives', async () => {
    await write(5, [FREE_INTERFACE], 'b');
    const actions = (name: string) => world.running().policies[name]?.class[0]?.['action-list'];
    expect([actions('b-in'), actions('b-out')]).toEqual([[police(5e6)], [shape(5e6)]]);
  });
});

describe('a limit that would be one on paper only', () => {
  beforeEach(async () => {
    await world.policy('a-in', [police(10e6)]);
    await world.policy('a-out', [police(10e6)]);
  });

  test('policies that are attached to no interface hold nobody, and say so', async () => {
    expect(await queue('a')).toMatchObject({ targets: [], limit: limit(10) });
    expect(await notes()).toEqual(['queue a is attached to no interface: it limits nothing']);
  });

  test('one direction without its policy holds nobody, and says so', async () => {
    await world.attach('20', { output: 'a-out' });
    expect(await queue('a')).toMatchObject({ targets: [] });
    expect(await notes()).toEqual([expect.stringContaining(`all that passes ${FREE_INTERFACE}: input is without it`)]);
    expect(await write(10, [FREE_INTERFACE], 'a')).toMatchObject({ targets: [FREE_INTERFACE] });
    expect(changes()).toEqual(['attach policies']);
  });

  test.each([
    ['lets pass what exceeds', () => world.policy('a-in', [police(10e6, { 'exceed-transmit': {} })])],
    ['has a class beside the limit', () => world.policy('a-in', [police(5e6)], 'VOICE')],
    [
      'counts packets',
      () =>
        world.policy('a-in', [
          { 'action-type': 'police', 'police-rate-unit': { police: { rate: { units: 500, xps: 'pps' } } } },
        ]),
    ],
    ['has no rate', () => world.policy('a-in', [{ 'action-type': 'police' }])],
    ['has two rates', () => world.policy('a-in', [shape(99e6)])],
  ])('a policy that %s is no limit, and not changed', async (_, change) => {
    await change();
    await world.attach('20', { input: 'a-in', output: 'a-out' });
    expect((await queue('a'))?.limit).toEqual({ toTargetBitsPerSecond: 10e6 });
    expect((await notes()).join()).toContain('its policy-map a-in is not one rate');
    expect((await failureOf(write(20, [FREE_INTERFACE], 'a'))).message).toContain('policy-map a-in is not one rate');
    expect(changes()).toEqual([]);
  });

  test('a policy that says itself that it drops is a limit, and whoever polices keeps doing so', async () => {
    await world.policy('a-in', [police(10e6, { 'conform-transmit': {}, 'exceed-drop': {} })]);
    await world.attach('20', { input: 'a-in', output: 'a-out' });
    expect(await queue('a')).toMatchObject({ targets: [FREE_INTERFACE], limit: limit(10) });
    await write(20, [FREE_INTERFACE], 'a');
    expect(world.running().policies['a-out']?.class[0]?.['action-list']).toEqual([police(20e6)]);
  });
});

describe('nothing is changed', () => {
  test('where the policy of somebody else is attached, and it is named', async () => {
    await world.policy('GOLD', [shape(1e9)]);
    await world.attach('20', { output: 'GOLD' });
    const error = await failureOf(write(5, [FREE_INTERFACE], 'b'));
    expect([error.code, error.message]).toEqual([
      'SOURCE_MALFORMED',
      expect.stringContaining('service-policy output GOLD'),
    ]);
    expect(changes()).toEqual([]);
  });

  test('where the interface is not configured: none is made', async () => {
    expect((await failureOf(write(5, [`${LINK}.99`], 'b'))).message).toContain(`no interface ${LINK}.99`);
    expect((await failureOf(limits.cut([`${LINK}.99`]))).message).toContain(`no interface ${LINK}.99`);
    expect(world.running().interfaces[`GigabitEthernet=0/0/0.99`]).toBeUndefined();
    await limits.reconnect([`${LINK}.99`]);
  });

  test('on a port that carries others: they would be held and cut off with it', async () => {
    expect((await failureOf(write(5, [LINK], 'b'))).message).toContain(`sub-interfaces on ${LINK}`);
    expect((await failureOf(limits.cut([LINK]))).message).toContain(`sub-interfaces on ${LINK}`);
    expect(changes()).toEqual([]);
  });

  test.each(['Loopback0', 'Null0', 'GigabitEthernet0', 'ge-0/0/0.10', 'Control Plane', '0/0/0', ''])(
    'for %s, which is no customer’s interface',
    async (target) => {
      expect((await failureOf(write(5, [target], 'b'))).code).toBe('REQUEST_INVALID');
      expect((await failureOf(limits.cut([target]))).code).toBe('REQUEST_INVALID');
    },
  );

  test('by a name that is too long for a policy map', async () => {
    expect((await failureOf(write(5, [FREE_INTERFACE], 'a'.repeat(37)))).message).toContain('name: must be 1 to 36');
    expect(await write(5, [FREE_INTERFACE], 'a'.repeat(36))).toMatchObject({ targets: [FREE_INTERFACE] });
  });

  test('when it stands there already', async () => {
    await write(50);
    expect(changes()).toEqual([]);
  });
});

describe('a change', () => {
  test('writes the rates before it attaches them, and detaches before it removes', async () => {
    await write(5, [FREE_INTERFACE], 'b');
    expect(changes()).toEqual(['write policies', 'attach policies']);
    await limits.removeQueue('b');
    expect(changes().slice(2)).toEqual(['detach policy', 'detach policy', 'remove policy', 'remove policy']);
  });

  test('to one direction alone leaves nothing of the other', async () => {
    const wanted = { fromTargetBitsPerSecond: undefined, toTargetBitsPerSecond: 5e6 };
    expect(await limits.writeLimit({ name: FIRST, targets: [HELD_INTERFACE], limit: wanted })).toMatchObject({
      ...{ targets: [HELD_INTERFACE], limit: { toTargetBitsPerSecond: 5e6 } },
    });
    expect(JSON.stringify(world.running())).not.toContain('reseller_r1001-in');
  });

  test('while somebody else changes the router is tried again later, in its words', async () => {
    world.simulator.inject({ fault: 'locked' });
    const error = await failureOf(write(20));
    expect([error.code, error.message]).toEqual(['SOURCE_UNAVAILABLE', expect.stringContaining('database is locked')]);
  });

  test('that breaks off half-way is brought to its end by the next try', async () => {
    await world.policy('b-in', [police(5e6)]);
    expect(await write(5, [FREE_INTERFACE], 'b')).toMatchObject({ targets: [FREE_INTERFACE], limit: limit(5) });
  });

  test('by a user who may not is refused in words, and a second user may', async () => {
    world.simulator.inject({ fault: 'refuse-write' });
    expect(await failureOf(write(20))).toMatchObject({
      ...{ code: 'SOURCE_REJECTED', message: expect.stringContaining('change anything') },
    });
    await world.close();
    const writer = { user: 'changer', password: 'sesame-4711' };
    await world.start({ writer });
    limits = await world.limits();
    expect(await failureOf(write(20, [FREE_INTERFACE], 'b'))).toMatchObject({ code: 'SOURCE_REJECTED' });
    limits = await world.limits({ user: USER, password: PASSWORD, writeUser: 'changer', writePassword: 'sesame-4711' });
    expect((await write(20, [FREE_INTERFACE], 'b')).limit).toEqual(limit(20));
  });

  test.each(['empty', 'truncated', 'deep', 'object', 'login-page'])(
    'an answer that is %s is an error, and no list',
    async (shape_) => {
      world.simulator.inject({ fault: 'garbage', shape: shape_ });
      expect((await failureOf(limits.readQueues())).code).toMatch(/^SOURCE_(MALFORMED|UNAVAILABLE)$/);
    },
  );

  test('is lost with a restart, unless it is to be saved', async () => {
    await write(20);
    world.simulator.inject({ fault: 'reboot' });
    expect(await queue()).toBeUndefined();
    limits = await world.limits(undefined, { saveConfiguration: true });
    await write(20);
    expect(changes().at(-1)).toBe('save configuration');
    world.simulator.inject({ fault: 'reboot' });
    expect(await queue()).toMatchObject({ targets: [HELD_INTERFACE], limit: limit(20) });
  });

  test('on a sub-interface of a bundle is made where those stand', async () => {
    await world.close();
    const bundle = {
      index: 9,
      name: 'Port-channel1.10',
      kind: 'vlan',
      speedBitsPerSecond: 2e9,
      peakIn: 1,
      peakOut: 1,
    } as const;
    await world.start({ ports: [bundle] });
    limits = await world.limits();
    expect(await write(5, ['Port-channel1.10'], 'b')).toMatchObject({ targets: ['Port-channel1.10'] });
    await limits.cut(['Port-channel1.10']);
    expect(await limits.readCut()).toEqual(['Port-channel1.10']);
  });
});

describe('a cut', () => {
  test('is marked in front of the description, which comes back', async () => {
    await world.configure('10', { description: 'Example Net' });
    await limits.cut([HELD_INTERFACE]);
    expect(world.entry()).toMatchObject({ description: '[headroom-cut] Example Net', shutdown: [null] });
    await limits.reconnect([HELD_INTERFACE]);
    expect(world.entry()).toMatchObject({ description: 'Example Net' });
    expect(world.entry().shutdown).toBeUndefined();
    await limits.cut([FREE_INTERFACE]);
    await limits.reconnect([FREE_INTERFACE]);
    expect(world.entry('20').description).toBeUndefined();
  });

  test('that somebody undid by hand is none, and is made again', async () => {
    await limits.cut([HELD_INTERFACE]);
    await world.remove('10', 'shutdown');
    expect(await limits.readCut()).toEqual([]);
    await limits.cut([HELD_INTERFACE]);
    expect(await limits.readCut()).toEqual([HELD_INTERFACE]);
    expect(world.entry().description).toBe('[headroom-cut]');
  });

  test('of an interface that somebody had shut ends with it shut, and says so', async () => {
    await world.configure('10', { description: 'Example Net', shutdown: [null] });
    expect(await limits.readCut()).toEqual([]);
    await limits.cut([HELD_INTERFACE]);
    expect(await limits.readCut()).toEqual([HELD_INTERFACE]);
    const error = await failureOf(limits.reconnect([HELD_INTERFACE]));
    expect([error.code, error.message]).toEqual([
      'SOURCE_MALFORMED',
      expect.stringContaining(`still cuts off ${HELD_INTERFACE}`),
    ]);
    expect(await limits.readCut()).toEqual([]);
    expect(world.entry().description).toBe('Example Net');
  });

  test('ends not while the port below is shut', async () => {
    await limits.cut([HELD_INTERFACE]);
    await world.change(`/restconf/data/Cisco-IOS-XE-native:native/interface/GigabitEthernet=0%2F0%2F0`, 'PATCH', {
      'Cisco-IOS-XE-native:GigabitEthernet': [{ name: '0/0/0', shutdown: [null] }],
    });
    expect((await failureOf(limits.reconnect([HELD_INTERFACE]))).message).toContain(`${LINK} is shut down`);
  });
});
