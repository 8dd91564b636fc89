/** What an IOS-XE's configuration says of limits, in the shapes of several releases, and what is sent to change it. */
import { describe, expect, test } from 'vitest';
import { cutIn, fromWireLimits, queuesIn } from '../../../shared/interfaces/iosxe-limits.convert.ts';
import { withoutQueue } from '../../../shared/interfaces/iosxe-limits-steps.ts';
import { police, shape } from './iosxe-limits-world.ts';

const policies = (...list: object[]) => ({ 'Cisco-IOS-XE-native:policy': { 'Cisco-IOS-XE-policy:policy-map': list } });
const policy = (name: string, ...actions: object[]) => ({
  name,
  class: [{ name: 'class-default', 'action-list': actions }],
});
const interfaces = (lists: object) => ({ 'Cisco-IOS-XE-native:interface': lists });
const ATTACHED = { input: 'a-in', output: 'a-out' };
const BOTH = policies(policy('a-in', police(5e6)), policy('a-out', shape(10e6)));
const row = (more: object = {}) => ({ name: '0/0/0.10', 'Cisco-IOS-XE-policy:service-policy': ATTACHED, ...more });
const ANY = interfaces({ GigabitEthernet: [{ name: '1' }] });

describe('the same in other shapes', () => {
  test.each([
    ['modules before names', BOTH, interfaces({ GigabitEthernet: [row()] }), 'GigabitEthernet0/0/0.10'],
    [
      'no modules',
      { policy: { 'policy-map': [policy('a-in', police(5e6)), policy('a-out', shape(10e6))] } },
      { interface: { GigabitEthernet: [{ name: '0/0/0.10', 'service-policy': ATTACHED }] } },
      'GigabitEthernet0/0/0.10',
    ],
    [
      'numbers as text',
      policies(policy('a-in', police('5000000' as never)), policy('a-out', shape('10000000' as never))),
      interfaces({ GigabitEthernet: [row()] }),
      'GigabitEthernet0/0/0.10',
    ],
    [
      'names one step below',
      BOTH,
      interfaces({
        GigabitEthernet: [
          row({ 'Cisco-IOS-XE-policy:service-policy': { input: { name: 'a-in' }, output: { name: 'a-out' } } }),
        ],
      }),
      'GigabitEthernet0/0/0.10',
    ],
    ['a number for a name', BOTH, interfaces({ Vlan: [row({ name: 10 })] }), 'Vlan10'],
    [
      'a sub-interface of a bundle',
      BOTH,
      interfaces({ 'Port-channel-subinterface': { 'Port-channel': [row({ name: '1.10' })] } }),
      'Port-channel1.10',
    ],
  ])('%s', (_, policy_, interfaces_, target) => {
    const limit = { fromTargetBitsPerSecond: 5e6, toTargetBitsPerSecond: 10e6 };
    expect(queuesIn(fromWireLimits(policy_, interfaces_))).toMatchObject({
      queues: [{ name: 'a', targets: [target], limit, dynamic: false, disabled: false }],
      notes: [],
    });
  });
});

test.each([
  ['no interface', BOTH, undefined, 'see no configured interface'],
  ['a list for an object', BOTH, interfaces([]), 'no list of interfaces'],
  ['text for policies', 'Log in', ANY, 'no list of policies'],
])('%s is an error, and no empty list', (_, policy_, interfaces_, message) => {
  expect(() => fromWireLimits(policy_, interfaces_)).toThrow(message);
});

test('a router without policies limits nobody', () => {
  expect(queuesIn(fromWireLimits(undefined, ANY))).toEqual({ queues: [], notes: [] });
});

test.each([
  ['shut with our mark', { description: '[headroom-cut] x', shutdown: [null] }, true],
  ['shut by somebody', { description: 'x', shutdown: [null] }, false],
  ['marked and open', { description: '[headroom-cut] x' }, false],
  ['marked within', { description: 'x [headroom-cut]', shutdown: [null] }, false],
])('an interface that is %s: cut off is %s', (_, more, isCut) => {
  const { length } = cutIn(fromWireLimits(undefined, interfaces({ GigabitEthernet: [row(more)] })));
  expect(length === 1).toBe(isCut);
});

test('names of a router stay within their place in a path', () => {
  const hostile = interfaces({ Vlan: [row({ name: '../0?0#0' })], '..': [row()], 'x/../y': [row()] });
  const paths = withoutQueue(fromWireLimits(BOTH, hostile), 'a').map(({ path }) => path);
  expect(paths).toHaveLength(4);
  expect(paths.filter((path) => /[?#]|\/\.\./.test(path))).toEqual([]);
});
