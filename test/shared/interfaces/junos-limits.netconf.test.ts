/** Limits on a simulated Junos: what is attached limits, what is disabled cuts, and whatever a router may do instead. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startJunosSimulator } from '../../../local/simulators/junos.ts';
import type { RouterLimits } from '../../../shared/interfaces/limits.port.ts';
import { FIRST, limit } from '../../contract/router-limits.ts';
import { JUNOS, START, USER } from '../../local/simulators/junos-world.ts';
import { attached, CONFIGURED, FREE_UNIT, HELD_UNIT, JunosLimitsWorld, policer, unit } from './junos-limits-world.ts';
import { failureOf } from './limits-world.ts';

let world: JunosLimitsWorld;
let limits: RouterLimits;
beforeEach(async () => {
  world = await new JunosLimitsWorld().start();
  limits = await world.limits();
});
afterEach(() => world.close());

const write = (mbps: number, targets = [HELD_UNIT], name = FIRST) =>
  limits.writeLimit({ name, targets, limit: limit(mbps) });
const queue = async (name = FIRST) => (await limits.readQueues()).queues.find((one) => one.name === name);
const notes = async () => (await limits.readQueues()).rejected.map(({ path, message }) => `${path} ${message}`);
const made = () => limits.operations.map(({ name, ok }) => (ok ? name : `${name} failed`));

describe('what a unit lets pass', () => {
  test('is held to the limit, in either direction, and is nothing while it is cut off', async () => {
    world.simulator.inject({ fault: 'load', interface: HELD_UNIT, inMbps: 400, outMbps: 400 });
    expect(world.megabits()).toEqual({ in: 50, out: 50 });
    await limits.writeLimit({
      ...{ name: FIRST, targets: [HELD_UNIT] },
      limit: { fromTargetBitsPerSecond: 10e6, toTargetBitsPerSecond: 30e6 },
    });
    expect(world.megabits()).toEqual({ in: 10, out: 30 });
    await limits.cut([HELD_UNIT]);
    expect(world.megabits()).toEqual({ in: 0, out: 0 });
    expect(world.megabits(FREE_UNIT).in).toBeGreaterThan(0);
    await limits.reconnect([HELD_UNIT]);
    expect(world.megabits()).toEqual({ in: 10, out: 30 });
  });

  test('of a queue that is removed is without a limit, and nothing of it is left', async () => {
    world.simulator.inject({ fault: 'load', interface: HELD_UNIT, inMbps: 400, outMbps: 400 });
    await limits.removeQueue(FIRST);
    expect(world.megabits()).toEqual({ in: 400, out: 400 });
    expect(world.configuration()).not.toContain('reseller_r1001');
  });
});

describe('a limit that would be one on paper only', () => {
  const BOTH = `<firewall>${policer('a-in', '10m')}${policer('a-out', '10m')}</firewall>`;
  test.each([
    ['policers that are attached to no unit', BOTH, 'is attached to no unit'],
    ['a family that passes by', `${BOTH}${attached(20, 'a', ['inet'])}`, 'inet6 input is without it'],
    [
      'an attachment that somebody deactivated',
      `${BOTH}${attached(20, 'a').replace('<input>', '<input inactive="inactive">')}`,
      'inet input is without it',
    ],
    [
      'one count for each family',
      `${BOTH.replaceAll('<logical-interface-policer/>', '')}${attached(20, 'a')}`,
      'each family gets the limit for itself',
    ],
    [
      'a family that policers do not see',
      `${BOTH}${attached(20, 'a')}${unit(20, '<family><mpls/></family>')}`,
      'family mpls is without it',
    ],
  ])('%s holds nobody, and says why', async (_, xml, why) => {
    world.configure(xml);
    expect(await queue('a')).toMatchObject({ targets: [], limit: limit(10) });
    expect(await notes()).toEqual([expect.stringMatching(new RegExp(`^queue a .*${why}`))]);
  });

  test.each([
    ['does not discard', policer('a-in', '10m').replace('<discard/>', '<loss-priority>high</loss-priority>')],
    ['has a share of the port', policer('a-in', '10m').replace(/bandwidth-limit/g, 'bandwidth-percent')],
    ['has no word of what exceeds it', policer('a-in', '10m').replaceAll('then>', 'other>')],
  ])('a policer that %s is no limit', async (_, xml) => {
    world.configure(`<firewall>${xml}</firewall>`);
    expect((await queue('a'))?.limit).toEqual({});
    expect((await notes()).join()).toContain('its policer a-in has no bandwidth-limit');
  });

  test('is mended by writing the limit', async () => {
    world.configure(
      unit(10, '<family><inet><policer><input inactive="inactive">reseller_r1001-in</input></policer></inet></family>'),
    );
    expect(await queue()).toMatchObject({ targets: [] });
    expect(await write(50)).toMatchObject({ targets: [HELD_UNIT], limit: limit(50) });
    expect(world.configuration()).not.toContain('inactive');
    expect(await notes()).toEqual([]);
  });
});

describe('nothing is changed', () => {
  const FOREIGN = '<firewall><policer><name>GOLD</name></policer></firewall>';
  test.each([
    [
      'where a policer of somebody else is attached',
      FOREIGN + unit(20, '<family><inet6><policer><output>GOLD</output></policer></inet6></family>'),
      FREE_UNIT,
      'policer GOLD at family inet6 output',
    ],
    ['where the queue of another customer is attached', '', HELD_UNIT, 'reseller_r1001-in'],
    ['where the unit is not configured', '', 'ge-0/0/0.99', 'no unit ge-0/0/0.99'],
    [
      'where somebody deactivated the unit',
      `<interfaces><interface><name>ge-0/0/0</name><unit inactive="inactive"><name>20</name></unit></interface></interfaces>`,
      FREE_UNIT,
      'no unit ge-0/0/0.20',
    ],
    [
      'where the unit routes nothing',
      unit(60, '<vlan-id>60</vlan-id>'),
      'ge-0/0/0.60',
      'neither family inet nor inet6',
    ],
    ['where packets would pass by', unit(20, '<family><vpls/></family>'), FREE_UNIT, 'family vpls would pass'],
  ])('%s, and that is named', async (_, xml, target, why) => {
    if (xml !== '') world.configure(xml);
    const before = world.configuration();
    const error = await failureOf(write(5, [target], 'reseller_r1200'));
    expect([error.code, error.message]).toEqual(['SOURCE_MALFORMED', expect.stringContaining(why)]);
    expect(world.configuration()).toBe(before);
    expect(made()).not.toContain('lock');
  });

  test.each(['lo0.0', 'fxp0.0', 'ge-0/0/0', 'GigabitEthernet0/0/0', 'ge-0/0/0.10</name>', 'vlan10', ''])(
    'for %s, which is no customer’s unit',
    async (target) => {
      expect((await failureOf(write(5, [target], 'x'))).code).toBe('REQUEST_INVALID');
      expect((await failureOf(limits.cut([target]))).code).toBe('REQUEST_INVALID');
    },
  );

  test.each(['', 'a b', '<x>', 'a'.repeat(61), '-a'])('by the name "%s", which is none for a policer', async (name) => {
    expect((await failureOf(write(5, [FREE_UNIT], name))).message).toContain('name: must be');
    await limits.removeQueue(name);
    expect(limits.operations.map((one) => one.name)).toEqual(['resolve']);
  });

  test('beyond what routers of this make can count', async () => {
    const tiny = limits.writeLimit({ name: FIRST, targets: [HELD_UNIT], limit: limit(0.004) });
    expect((await failureOf(tiny)).message).toContain(
      'limit.fromTargetBitsPerSecond: must be a whole number from 8000',
    );
  });

  test('when it stands there already, not even a lock is taken', async () => {
    await write(20);
    const before = made().length;
    await write(20);
    expect(made().slice(before)).toEqual(['read limits', 'read limits']);
  });
});

describe('a change', () => {
  test('is made under the lock, committed as one, and read back', async () => {
    await write(20);
    expect(made()).toEqual([
      ...['resolve', 'connect', 'read limits', 'lock', 'read limits', 'edit', 'edit', 'commit', 'unlock'],
      'read limits',
    ]);
  });

  test('waits for somebody else’s lock to go: try again, in the router’s words', async () => {
    world.simulator.inject({ fault: 'lock-held' });
    const error = await failureOf(write(20));
    expect([error.code, error.message]).toEqual([
      'SOURCE_UNAVAILABLE',
      expect.stringMatching(/somebody else is changing.*nothing was changed.*locked by: root/),
    ]);
    expect((await write(20)).limit).toEqual(limit(20));
  });

  test('waits where somebody left something uncommitted: it would be committed with ours', async () => {
    world.simulator.inject({ fault: 'lock-held', message: 'configuration database modified' });
    expect(await failureOf(write(20))).toMatchObject({
      ...{ code: 'SOURCE_UNAVAILABLE', message: expect.stringContaining('database modified') },
    });
  });

  test('that the router does not commit is taken back, in its words, and the lock with it', async () => {
    world.simulator.inject({ fault: 'commit-fails', message: 'daemon file propagation failed' });
    const before = world.configuration();
    const error = await failureOf(write(20));
    expect([error.code, error.message]).toEqual(['SOURCE_MALFORMED', expect.stringContaining('propagation failed')]);
    expect(made()).toEqual(expect.arrayContaining(['commit failed', 'discard', 'unlock']));
    expect(world.configuration()).toBe(before);
    expect(
      (await (await world.limits()).writeLimit({ name: FIRST, targets: [HELD_UNIT], limit: limit(20) })).limit,
    ).toEqual(limit(20));
  });

  test('by a user who may not is refused in words, and a second user may', async () => {
    world.simulator.inject({ fault: 'read-only' });
    expect(await failureOf(write(20))).toMatchObject({ code: 'SOURCE_REJECTED' });
    await world.close();
    await world.start({ writer: { user: 'changer', password: 'sesame-4711' } });
    limits = await world.limits();
    expect(await failureOf(write(20))).toMatchObject({ code: 'SOURCE_REJECTED' });
    limits = await world.limits({
      user: USER,
      password: JUNOS.password,
      writeUser: 'changer',
      writePassword: 'sesame-4711',
    });
    expect((await write(20)).limit).toEqual(limit(20));
    expect(made().filter((name) => name === 'connect')).toHaveLength(2);
  });

  test('whose answer does not come in time may have been made: nobody says that it was not', async () => {
    limits = await world.limits(undefined, 1_500);
    world.simulator.inject({ fault: 'slow-commit', seconds: 3 });
    expect(await failureOf(write(20))).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });

  test.each(['empty', 'truncated', 'no-xml', 'doctype', 'deep'])(
    'an answer that is %s is an error, and no list',
    async (shape) => {
      world.simulator.inject({ fault: 'garbage', shape });
      expect((await failureOf(limits.readQueues())).code).toMatch(/^SOURCE_(MALFORMED|UNAVAILABLE)$/);
    },
  );

  test.each(['chunked', 'prefixed', 'split-packets'])('is made on a router that speaks %s', async (style) => {
    world.simulator.inject({ fault: style });
    limits = await world.limits();
    expect(await write(20)).toMatchObject({ targets: [HELD_UNIT], limit: limit(20) });
  });

  test('one direction alone leaves nothing of the other', async () => {
    await limits.writeLimit({
      name: FIRST,
      targets: [HELD_UNIT],
      limit: { fromTargetBitsPerSecond: undefined, toTargetBitsPerSecond: 5e6 },
    });
    expect(world.configuration()).not.toContain('reseller_r1001-in');
    expect(await queue()).toMatchObject({ targets: [HELD_UNIT], limit: { toTargetBitsPerSecond: 5e6 } });
  });

  test('on a bundle is one limit over all of its cards', async () => {
    await world.close();
    const ae = {
      name: 'ae0',
      snmpIndex: 600,
      speed: '20Gbps',
      units: [{ unit: 10, snmpIndex: 601, peakIn: 1, peakOut: 1 }],
    };
    await world.start({ ports: [ae], configured: '' });
    limits = await world.limits();
    expect(await write(20, ['ae0.10'])).toMatchObject({ targets: ['ae0.10'] });
    expect(world.configuration()).toContain('<shared-bandwidth-policer/>');
  });
});

describe('a cut', () => {
  const ENABLE = unit(10, '<disable operation="delete"/>');

  test('that somebody undid by hand is none, and is made again', async () => {
    await limits.cut([HELD_UNIT]);
    world.configure(ENABLE);
    expect(await limits.readCut()).toEqual([]);
    await limits.cut([HELD_UNIT]);
    expect(await limits.readCut()).toEqual([HELD_UNIT]);
  });

  test('of a unit that somebody had disabled ends with that unit disabled, and says so', async () => {
    world.configure(unit(10, '<disable/>'));
    expect(await limits.readCut()).toEqual([]);
    await limits.cut([HELD_UNIT]);
    expect(await limits.readCut()).toEqual([HELD_UNIT]);
    const error = await failureOf(limits.reconnect([HELD_UNIT]));
    expect([error.code, error.message]).toEqual([
      'SOURCE_MALFORMED',
      expect.stringContaining(`still cuts off ${HELD_UNIT}`),
    ]);
    expect(await limits.readCut()).toEqual([]);
    world.configure(ENABLE);
    await limits.reconnect([HELD_UNIT]);
  });

  test('ends not while the port is disabled', async () => {
    await limits.cut([HELD_UNIT]);
    world.configure('<interfaces><interface><name>ge-0/0/0</name><disable/></interface></interfaces>');
    expect((await failureOf(limits.reconnect([HELD_UNIT]))).message).toContain('port ge-0/0/0 is disabled');
  });

  test('whose disable somebody deactivated cuts nobody, and is made again', async () => {
    await limits.cut([HELD_UNIT]);
    world.configure(unit(10, '<disable inactive="inactive"/>'));
    expect(await limits.readCut()).toEqual([]);
    await limits.cut([HELD_UNIT]);
    expect(await limits.readCut()).toEqual([HELD_UNIT]);
  });

  test('of a unit that is not there is refused; to connect it again is nothing', async () => {
    expect((await failureOf(limits.cut([HELD_UNIT, 'ge-0/0/0.99']))).message).toContain('no unit ge-0/0/0.99');
    expect(await limits.readCut()).toEqual([]);
    await limits.reconnect(['ge-0/0/0.99']);
  });
});

test('what stands in force outlives a restart of the simulator', async () => {
  let kept: unknown;
  const options = {
    routers: [{ ...JUNOS, configured: CONFIGURED }],
    now: () => START,
    persist: {
      load: () => kept,
      save: (state: unknown) => {
        kept = JSON.parse(JSON.stringify(state));
      },
    },
  };
  const first = await startJunosSimulator(options);
  first.inject({ fault: 'configure', xml: `<firewall>${policer('kept-in', '7m')}</firewall>` });
  const before = first.state();
  await first.close();
  const second = await startJunosSimulator(options);
  const shown = (state: unknown) => (state as { routers: { configuration: string }[] }).routers[0]?.configuration;
  expect(shown(second.state())).toBe(shown(before));
  expect(shown(before)).toContain('kept-in');
  await second.close();
});
