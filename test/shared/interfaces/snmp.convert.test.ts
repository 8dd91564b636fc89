/** Walks of IF-MIB, as routers give them, made into readings and entities. */
import { describe, expect, test } from 'vitest';
import { columnsToAskNext, fromWireWalk } from '../../../shared/interfaces/snmp.convert.ts';
import { type Cell, type ColumnName, TYPES, type Walk } from '../../../shared/interfaces/snmp.wire.ts';

const receivedAt = Date.UTC(2026, 10, 20);
const router = { id: 'core1', name: 'Core 1', simulated: false, configuredSpeed: () => undefined };

type Given = Partial<Record<ColumnName, readonly [type: number, value: unknown]>>;

/** One row per ifIndex; all from one response. */
function walkOf(
  rows: Readonly<Record<number, Given>>,
  clocks: { uptimeTicks?: number; engineTimeSeconds?: number; firstUptimeTicks?: number } = { uptimeTicks: 360_000 },
): Walk {
  const cells = new Map<ColumnName, Map<number, Cell>>();
  const { uptimeTicks, engineTimeSeconds } = clocks;
  for (const [index, columns] of Object.entries(rows)) {
    for (const [column, [type, value]] of Object.entries(columns) as [ColumnName, [number, unknown]][]) {
      const known = cells.get(column) ?? new Map<number, Cell>();
      known.set(Number(index), { type, value, stamp: { receivedAt, uptimeTicks } });
      cells.set(column, known);
    }
  }
  return {
    cells,
    engineTimeSeconds,
    firstUptimeTicks: clocks.firstUptimeTicks ?? uptimeTicks,
    lastUptimeTicks: uptimeTicks,
  };
}

const text = (value: string) => [TYPES.octetString, new TextEncoder().encode(value)] as const;
const hex = (value: string) => [TYPES.counter64, Uint8Array.from(Buffer.from(value, 'hex'))] as const;
const gauge = (value: number) => [TYPES.gauge32, value] as const;
const integer = (value: number) => [TYPES.integer, value] as const;

describe('a Counter64', () => {
  test.each([
    ['00', 0n],
    ['23d80ff3', 0x23d80ff3n],
    ['7fffffffffffffff', 2n ** 63n - 1n],
    ['008000000000000000', 2n ** 63n],
    ['00ffffffffffffffff', 2n ** 64n - 1n],
    ['ffffffffffffffff', 2n ** 64n - 1n],
  ])('of the octets %s is %s', (octets, value) => {
    const { readings } = fromWireWalk(walkOf({ 1: { ifName: text('e'), ifHCInOctets: hex(octets) } }), router);
    expect(readings[0]?.values).toEqual({ ifHCInOctets: value });
  });

  test.each([
    ['nothing', hex('')],
    ['ten octets', hex('00000000000000000001')],
    ['more than 64 bits', hex('010000000000000000')],
    ['a string', text('12345')],
    ['a negative number', integer(-4)],
    ['null', [TYPES.counter64, null] as const],
  ])('that is %s is rejected, never 0', (_, cell) => {
    const walk = walkOf({ 1: { ifName: text('e'), ifHCInOctets: cell, ifHCOutOctets: hex('07') } });
    const { readings, rejected } = fromWireWalk(walk, router);
    expect(readings[0]?.values).toEqual({ ifHCOutOctets: 7n });
    expect(rejected).toEqual([
      { path: 'ifHCInOctets.1', message: 'is not a Counter64', rawText: expect.stringMatching(/^type \d+: /) },
    ]);
  });
});

describe('what is absent', () => {
  test('is unknown: a row without any value has an entity and no reading', () => {
    const { entities, readings } = fromWireWalk(walkOf({ 4: { ifName: text('eth0') } }), router);
    expect(entities.map(({ id }) => id)).toEqual(['core1/eth0']);
    expect(readings).toEqual([]);
  });

  test('is no part of the life: a router without discontinuity time and without uptime (RouterOS, some switches)', () => {
    const row = { ifName: text('ether1'), ifHCInOctets: hex('05'), ifHighSpeed: gauge(1000), ifType: integer(6) };
    const { readings } = fromWireWalk(walkOf({ 2: row }, {}), router);
    expect(readings[0]?.lives).toEqual({
      ifHCInOctets: { bootAt: 0, ifIndex: 2, column: 'snmp:ifHCInOctets', speedBitsPerSecond: 1e9, bits: 64 },
    });
  });

  test.each<[string, Given, ColumnName[]]>([
    [
      'nothing when all is there',
      { ifName: text('e'), ifHCInOctets: hex('01'), ifHCOutOctets: hex('01'), ifHighSpeed: gauge(0) },
      [],
    ],
    ['the 32-bit counters', { ifName: text('e'), ifHighSpeed: gauge(0) }, ['ifInOctets', 'ifOutOctets']],
    [
      'the name',
      { ifName: text(''), ifHCInOctets: hex('01'), ifHCOutOctets: hex('01'), ifHighSpeed: gauge(0) },
      ['ifDescr'],
    ],
    ['the speed', { ifName: text('e'), ifHCInOctets: hex('01'), ifHCOutOctets: hex('01') }, ['ifSpeed']],
  ])('is asked for elsewhere: %s', (_, row, columns) => {
    expect(columnsToAskNext(walkOf({ 1: row }))).toEqual(columns);
  });
});

describe('names', () => {
  test.each<[string, Readonly<Record<number, string>>, string[]]>([
    ['are the ifName', { 1: 'ge-0/0/0.10', 2: 'Gi1/0/1' }, ['ge-0/0/0.10', 'Gi1/0/1']],
    ['that stand twice all get their index', { 1: 'eth', 2: 'lan', 3: 'eth' }, ['eth#1', 'lan', 'eth#3']],
    [
      'that end like an index get one, so that none collides',
      { 1: 'eth', 2: 'eth', 3: 'eth#1' },
      ['eth#1', 'eth#2', 'eth#1#3'],
    ],
    ['that are empty are their index', { 7: '', 8: '   ' }, ['#7', '#8']],
    ['of prototypes are names like others', { 1: '__proto__', 2: 'constructor' }, ['__proto__', 'constructor']],
    ['lose what nobody can see', { 1: 'eth\u0000\u0007\u200b0', 2: '\u202ertl\u2028' }, ['eth0', 'rtl']],
    ['equal only after cleaning are told apart', { 1: 'eth0', 2: 'eth0\u0000' }, ['eth0#1', 'eth0#2']],
  ])('%s', (_, rows, ids) => {
    const given = Object.fromEntries(Object.entries(rows).map(([index, name]) => [index, { ifName: text(name) }]));
    expect(fromWireWalk(walkOf(given), router).entities.map(({ id }) => id)).toEqual(ids.map((id) => `core1/${id}`));
  });

  test('fall back to ifDescr', () => {
    const walk = walkOf({ 1: { ifName: text(''), ifDescr: text('FastEthernet0/1') } });
    expect(fromWireWalk(walk, router).entities[0]?.id).toBe('core1/FastEthernet0/1');
  });

  test('of giant length are cut, whole characters only', () => {
    const walk = walkOf({ 1: { ifName: text('🚀'.repeat(5000)) } });
    expect(fromWireWalk(walk, router).entities[0]?.id).toBe(`core1/${'🚀'.repeat(128)}`);
  });

  test('of people stand beside the router’s', () => {
    const walk = walkOf({ 1: { ifName: text('ether1'), ifAlias: text('uplink') } });
    expect(fromWireWalk(walk, router).entities[0]).toMatchObject({
      name: 'Core 1 ether1 (uplink)',
      target: 'core1',
      labels: { router: 'core1' },
      attributes: { ifName: 'ether1', ifAlias: 'uplink', ifIndex: 1 },
    });
  });
});

describe('the line speed', () => {
  test.each<[string, Given, number | undefined]>([
    ['is ifHighSpeed', { ifHighSpeed: gauge(10_000), ifType: integer(6) }, 10_000_000_000],
    ['is ifSpeed where there is no other', { ifSpeed: gauge(64_000), ifType: integer(6) }, 64_000],
    ['is unknown where ifSpeed is at its end', { ifSpeed: gauge(4_294_967_295), ifType: integer(6) }, undefined],
    ['is unknown at 0', { ifHighSpeed: gauge(0), ifType: integer(6) }, undefined],
    ['means nothing on a bridge', { ifHighSpeed: gauge(10), ifType: integer(209) }, undefined],
    ['means nothing on PPP', { ifHighSpeed: gauge(10), ifType: integer(23) }, undefined],
    ['means nothing on a loopback', { ifHighSpeed: gauge(10), ifType: integer(24) }, undefined],
  ])('%s', (_, row, speed) => {
    const walk = walkOf({ 1: { ifName: text('x'), ifHCInOctets: hex('01'), ...row } });
    const { entities, readings } = fromWireWalk(walk, router);
    expect(entities[0]?.attributes.speedBitsPerSecond).toBe(speed);
    expect(readings[0]?.lives?.ifHCInOctets?.speedBitsPerSecond).toBe(speed);
  });

  test('means nothing on a dynamic PPPoE port, whatever type it claims', () => {
    const walk = walkOf({ 1: { ifName: text('<pppoe-anna>'), ifHighSpeed: gauge(10), ifType: integer(6) } });
    expect(fromWireWalk(walk, router).entities[0]?.attributes.speedBitsPerSecond).toBeUndefined();
  });

  test('of the tenant is judged by; what the counter can surely carry is the larger of both', () => {
    const walk = walkOf({
      1: { ifName: text('x'), ifHCInOctets: hex('01'), ifHighSpeed: gauge(1000), ifType: integer(6) },
    });
    const { entities, readings } = fromWireWalk(walk, { ...router, configuredSpeed: () => 200_000_000 });
    expect(entities[0]?.attributes).toMatchObject({ speedBitsPerSecond: 200_000_000, speedConfigured: true });
    expect(readings[0]?.lives?.ifHCInOctets?.speedBitsPerSecond).toBe(1_000_000_000);
  });
});

describe('uptime', () => {
  const WRAP = 2 ** 32;
  const uptimeOf = (clocks: Parameters<typeof walkOf>[1]) =>
    fromWireWalk(walkOf({ 1: { ifName: text('x'), ifHCInOctets: hex('01') } }, clocks), router).readings[0]?.lives
      ?.ifHCInOctets;

  test.each<[string, NonNullable<Parameters<typeof walkOf>[1]>, number]>([
    ['is sysUpTime', { uptimeTicks: 1234 }, 12_340],
    [
      'has wrapped as often as the engine’s clock tells',
      { uptimeTicks: 500, engineTimeSeconds: Math.round((2 * WRAP) / 100) + 5 },
      (2 * WRAP + 500) * 10,
    ],
    [
      'is believed alone when the engine began later',
      { uptimeTicks: 500_000_000, engineTimeSeconds: 60 },
      5_000_000_000,
    ],
    [
      'is believed alone when both clocks have nothing in common',
      { uptimeTicks: 500, engineTimeSeconds: 20_000_000 },
      5_000,
    ],
    ['goes on when it wraps within the walk', { uptimeTicks: 5, firstUptimeTicks: WRAP - 5 }, (WRAP + 5) * 10],
  ])('%s', (_, clocks, uptimeMs) => {
    expect(uptimeOf(clocks)).toMatchObject({ uptimeMs, bootAt: receivedAt - uptimeMs });
  });
});

test('the state of a link is one of seven; anything else is rejected', () => {
  const walk = walkOf({
    1: { ifName: text('up'), ifOperStatus: integer(1) },
    2: { ifName: text('lower'), ifOperStatus: integer(7) },
    3: { ifName: text('odd'), ifOperStatus: integer(8) },
  });
  const { readings, rejected } = fromWireWalk(walk, router);
  expect(readings.map(({ values }) => values.ifOperStatus)).toEqual([1n, 7n]);
  expect(rejected.map(({ path }) => path)).toEqual(['ifOperStatus.3']);
});

test('of a row with counters in both widths, the wide one is taken', () => {
  const walk = walkOf({
    1: {
      ifName: text('x'),
      ifHCInOctets: hex('0100000000'),
      ifInOctets: [TYPES.counter32, 0],
      ifOutOctets: [TYPES.counter32, 9],
    },
  });
  const [reading] = fromWireWalk(walk, router).readings;
  expect(reading?.values).toEqual({ ifHCInOctets: 4_294_967_296n, ifHCOutOctets: 9n });
  expect([reading?.lives?.ifHCInOctets?.bits, reading?.lives?.ifHCOutOctets?.bits]).toEqual([64, 32]);
});
