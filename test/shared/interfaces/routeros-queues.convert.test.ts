/** Rows of simple queues, as routers tell them and as they must not be believed. */
import { describe, expect, test } from 'vitest';
import { canonicalTarget, type Limit, sameTargets } from '../../../shared/interfaces/limits.ts';
import { rulesState } from '../../../shared/interfaces/routeros-cut.convert.ts';
import {
  fromWireQueues,
  limitOf,
  toWireLimit,
  wantedIssues,
} from '../../../shared/interfaces/routeros-queues.convert.ts';

const ROW = {
  ...{ '.id': '*1', name: 'queue1', target: '198.51.100.0/24,2001:db8::/48', 'max-limit': '500M/1G', parent: 'none' },
  ...{
    bytes: '1000/18446744073709551615',
    dynamic: 'false',
    disabled: 'true',
    comment: 'one\u202e\u0000',
    'packet-marks': '',
  },
};
const bits = (sent: number | undefined, received: number | undefined): Limit => ({
  fromTargetBitsPerSecond: sent,
  toTargetBitsPerSecond: received,
});

test('a row is a queue: what the target sends comes first, octets are whole, text is cleaned', () => {
  expect(fromWireQueues([ROW])).toMatchObject({
    rejected: [],
    live: [
      {
        queue: {
          ...{ name: 'queue1', targets: ['198.51.100.0/24', '2001:db8::/48'], limit: bits(500e6, 1e9) },
          ...{ dynamic: false, disabled: true, comment: 'one' },
          ...{ octetsFromTarget: 1000n, octetsToTarget: 18446744073709551615n },
        },
      },
    ],
  });
});

test.each<[string, Limit | undefined]>([
  ['0/0', bits(undefined, undefined)],
  ['64k/128M', bits(64_000, 128_000_000)],
  ['500000000/500000000', bits(500e6, 500e6)],
  ['1.5M/0', bits(1_500_000, undefined)],
  ['50M', undefined],
  ['50M/50M/50M', undefined],
  ['-1/5', undefined],
  ['1e6/1e6', undefined],
  ['/', undefined],
  ['unlimited/unlimited', undefined],
])('the limit %s is read as numbers, or not at all', (text, expected) => {
  expect(limitOf(text)).toEqual(expected);
});

test('what is written is read back as the same', () => {
  for (const one of [bits(undefined, 7), bits(5e9, 1), bits(undefined, undefined)])
    expect(limitOf(toWireLimit(one))).toEqual(one);
});

test.each([
  ['no limit at all', { ...ROW, 'max-limit': undefined }, 'queue[0].max-limit'],
  ['a limit in other words', { ...ROW, 'max-limit': 'fast' }, 'queue[0].max-limit'],
  ['an id that is none', { ...ROW, '.id': '*1/../../system' }, 'queue[0]..id'],
  ['no row', null, 'queue[0]'],
])('a row with %s is rejected whole, for no limit would be a wrong one', (_, row, path) => {
  const { live, rejected } = fromWireQueues([row]);
  expect(live).toEqual([]);
  expect(rejected[0]?.path).toMatch(new RegExp(`^${path.replace(/[[\].]/g, '\\$&')}`));
});

test('octets that are no number are unknown', () => {
  expect(fromWireQueues([{ ...ROW, bytes: '12 MiB/3' }]).live[0]?.queue).not.toHaveProperty('octetsToTarget');
});

describe('a queue is idle', () => {
  const row = (id: number, target: string, more: object = {}) => ({
    ...{ '.id': `*${id}`, name: `q${id}`, target, 'max-limit': '1M/1M' },
    ...more,
  });
  test.each<[string, object, object, number]>([
    ['behind the same target', row(1, '198.51.100.1'), row(2, '198.51.100.1/32'), 1],
    ['behind a wider one', row(1, '198.51.100.0/24'), row(2, '198.51.100.1'), 1],
    ['behind everything', row(1, ''), row(2, 'ether2'), 1],
    ['behind the same interface', row(1, 'ether2'), row(2, 'ether2'), 1],
    ['not behind a narrower one', row(1, '198.51.100.1'), row(2, '198.51.100.0/24'), 0],
    ['not behind one that is off', row(1, '198.51.100.1', { disabled: 'true' }), row(2, '198.51.100.1'), 0],
    ['not behind one for some packets', row(1, '198.51.100.1', { 'packet-marks': 'voip' }), row(2, '198.51.100.1'), 0],
    ['not inside of its parent', row(1, '198.51.100.0/24'), row(2, '198.51.100.1', { parent: 'q1' }), 0],
    ['not while it is off itself', row(1, '198.51.100.1'), row(2, '198.51.100.1', { disabled: 'true' }), 0],
    ['not behind the other family', row(1, '0.0.0.0/0'), row(2, '2001:db8::1'), 0],
  ])('%s', (_, first, second, count) => {
    expect(fromWireQueues([first, second]).rejected).toHaveLength(count);
  });

  test('and thousands of queues are compared in no time', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => row(i + 1, `10.0.${i >> 8}.${i & 255}`));
    const startedAt = performance.now();
    expect(fromWireQueues(many).rejected).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });
});

test('everything wrong with a wish is said at once', () => {
  const issues = wantedIssues({ name: 'a\u0000', targets: ['a,b', ''], limit: bits(0, 1.5) });
  expect(issues.map(({ path }) => path)).toEqual([
    ...['name', 'targets[0]', 'targets[1]', 'limit.fromTargetBitsPerSecond', 'limit.toTargetBitsPerSecond'],
  ]);
});

test('targets are the same in whatever spelling and order', () => {
  expect(canonicalTarget('2001:DB8:0::1/128')).toBe('2001:db8::1');
  expect(sameTargets(['198.51.100.1/32', 'ether1'], ['ether1', '198.51.100.1'])).toBe(true);
  expect(sameTargets(['198.51.100.1'], ['198.51.100.1', '198.51.100.2'])).toBe(false);
});

test('a rule that the router made itself is not what others are put before', () => {
  const rule = (id: number, more: object) => ({ '.id': `*${id}`, chain: 'forward', action: 'passthrough', ...more });
  const state = rulesState([rule(15, { dynamic: 'true' }), rule(2, { action: 'accept' })]);
  expect(state).toEqual({
    ...{ missing: ['src-address-list', 'dst-address-list'], off: [], firstId: '*2', fastTrack: false },
  });
});
