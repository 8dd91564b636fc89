/** What IOS-XE's answers mean: every field as recorded, every field as it can be wrong. */
import { describe, expect, test } from 'vitest';
import {
  fromWireInterfaces,
  type IosxeAnswers,
  lacksWideCounters,
  rowsIn,
} from '../../../shared/interfaces/iosxe.convert.ts';
import { ifTypeOf, instantOf } from '../../../shared/interfaces/iosxe-words.ts';
import { cisco, ciscoRows, fixture, ietf, ietfRows, oldRow, type Row } from './iosxe-router.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
/** Of the fixture, by the router's clock, which is half a second slow. */
const BOOT = Date.UTC(2026, 10, 3, 6);
const DISCONTINUITY = Date.UTC(2026, 10, 3, 6, 0, 4, 565);
const ROUTER = { id: 'asr1', name: 'ASR 1', simulated: false, configuredSpeed: () => undefined };
const SYSTEM = { value: fixture('system'), receivedAt: NOW + 500 };

function convert(rows: readonly unknown[], more: Partial<IosxeAnswers> = {}, router = ROUTER) {
  const interfaces = { rows, receivedAt: NOW };
  return fromWireInterfaces({ interfaces, olderInterfaces: undefined, system: SYSTEM, ...more }, router);
}

const port = (more: Record<string, unknown> = {}, statistics: Record<string, unknown> = {}): Row => ({
  name: 'GigabitEthernet0/0/0',
  'interface-type': 'iana-iftype-ethernet-csmacd',
  'oper-status': 'if-oper-state-ready',
  'if-index': 1,
  speed: '1000000000',
  ...more,
  statistics: {
    'discontinuity-time': '2026-11-03T06:00:04.565+00:00',
    'in-octets': '10',
    'out-octets': 20,
    'out-octets-64': '20',
    ...statistics,
  },
});

const clockAt = (bootTime: unknown, currentTime: unknown) => ({
  value: { 'device-system-data': { 'boot-time': bootTime, 'current-time': currentTime } },
  receivedAt: NOW,
});

describe('a recorded router', () => {
  const converted = convert(ciscoRows());
  const of = (name: string) => converted.readings.find(({ entity }) => entity === `asr1/${name}`);

  test('gives every interface under its name, nothing rejected', () => {
    expect(converted.rejected).toEqual([]);
    expect(converted.complete).toBe(true);
    expect(converted.entities.map(({ id }) => id)).toEqual([
      'asr1/GigabitEthernet0/0/0',
      'asr1/GigabitEthernet0/0/0.10',
      'asr1/GigabitEthernet0/0/0.20',
      'asr1/TenGigabitEthernet0/1/0',
      'asr1/Loopback0',
      'asr1/Vlan10',
      'asr1/Control Plane',
    ]);
  });

  test('gives counters of 64 bits to the last digit, from out-octets-64 and not from out-octets', () => {
    const life = {
      bootAt: NOW + 500 - (NOW - DISCONTINUITY),
      ifIndex: 1,
      speedBitsPerSecond: 1_000_000_000,
      bits: 64,
    };
    expect(of('GigabitEthernet0/0/0')).toEqual({
      entity: 'asr1/GigabitEthernet0/0/0',
      receivedAt: NOW,
      values: { ifHCInOctets: 18446744073709551615n, ifHCOutOctets: 9007199254740993n, ifOperStatus: 1n },
      lives: {
        ifHCInOctets: { ...life, column: 'iosxe:in-octets' },
        ifHCOutOctets: { ...life, column: 'iosxe:out-octets-64' },
      },
    });
  });

  test('gives a sub-interface its own counters and its own life', () => {
    const vlan = of('GigabitEthernet0/0/0.10');
    expect(vlan?.values).toEqual({ ifHCInOctets: 771203344n, ifHCOutOctets: 5123001239n, ifOperStatus: 1n });
    const cleared = Date.UTC(2026, 10, 19, 8, 15, 30, 1);
    expect(vlan?.lives?.ifHCInOctets?.bootAt).toBe(NOW + 500 - (NOW - cleared));
  });

  test('lets what has no time of its own, and no number, begin with the router', () => {
    const life = of('Control Plane')?.lives?.ifHCInOctets;
    expect(life).toEqual({ bootAt: NOW + 500 - (NOW - BOOT), column: 'iosxe:in-octets', bits: 64 });
    expect(converted.entities.at(-1)?.attributes).not.toHaveProperty('ifIndex');
  });

  test('says of each interface what SNMP would: index, alias, type, speed where it means something', () => {
    const attributes = (name: string) => converted.entities.find(({ id }) => id === `asr1/${name}`)?.attributes;
    expect(attributes('GigabitEthernet0/0/0')).toEqual({
      ifName: 'GigabitEthernet0/0/0',
      ifIndex: 1,
      ifAlias: 'NTTN 192.0.2.1',
      ifType: 6,
      ifHighSpeedMbps: 1000,
      speedBitsPerSecond: 1_000_000_000,
    });
    expect(attributes('GigabitEthernet0/0/0.10')).toMatchObject({ ifType: 135, speedBitsPerSecond: 1_000_000_000 });
    for (const name of ['Loopback0', 'Vlan10', 'Control Plane']) {
      expect(attributes(name)?.speedBitsPerSecond).toBeUndefined();
    }
  });

  test('gives states as RFC 2863 numbers them', () => {
    const states = converted.readings.map(({ values }) => Number(values.ifOperStatus));
    expect(states).toEqual([1, 1, 7, 2, 1, 1, 1]);
  });

  test('is the same where everything is a string', () => {
    const asText = (value: unknown): unknown =>
      typeof value === 'number'
        ? String(value)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asText(member)]))
          : value;
    expect(convert(ciscoRows().map(asText))).toEqual(converted);
  });
});

describe('a release before 17.2', () => {
  const old = ciscoRows().map(oldRow);
  const olderInterfaces = { rows: ietfRows(), receivedAt: NOW + 200 };

  test('is noticed by what it lacks', () => {
    expect([ciscoRows(), old, [], [{}], [null]].map(lacksWideCounters)).toEqual([false, true, false, false, false]);
  });

  test('is counted by the tree that has 64 bits, both directions at its instant', () => {
    const { readings, rejected } = convert(old, { olderInterfaces });
    expect(rejected).toEqual([]);
    const wide = convert(ciscoRows()).readings;
    readings.slice(0, -1).forEach(({ values, receivedAt, lives }, i) => {
      expect(values).toEqual(wide[i]?.values);
      expect(receivedAt).toBe(NOW + 200);
      expect(lives?.ifHCOutOctets).toMatchObject({ column: 'ietf:out-octets', bits: 64 });
      expect(lives?.ifHCInOctets?.column).toBe('ietf:in-octets');
      expect(lives?.ifHCInOctets?.bootAt).toBe(wide[i]?.lives?.ifHCInOctets?.bootAt);
    });
  });

  test('has 32 bits, and says so, for what that tree does not list or lists twice', () => {
    const twice = { rows: [...ietfRows(), ...ietfRows()], receivedAt: NOW };
    for (const more of [{}, { olderInterfaces: twice }]) {
      const [reading] = convert(old, more).readings;
      expect(reading?.values.ifHCInOctets).toBe(18446744073709551615n);
      expect(reading?.values.ifHCOutOctets).toBe(1044100730n);
      expect(reading?.lives?.ifHCInOctets).toMatchObject({ column: 'iosxe:in-octets', bits: 64 });
      expect(reading?.lives?.ifHCOutOctets).toMatchObject({ column: 'iosxe:out-octets', bits: 32 });
    }
  });

  test('cannot have more than 32 bits in a counter of 32', () => {
    const { readings, rejected } = convert([oldRow(port({}, { 'out-octets': '4294967296' }))]);
    expect(readings[0]?.values).not.toHaveProperty('ifHCOutOctets');
    expect(rejected).toEqual([
      { path: 'interface[0].statistics.out-octets', message: 'has more than 32 bits', rawText: '4294967296' },
    ]);
  });

  test('may have the IETF’s tree alone', () => {
    const { readings, entities, rejected, complete } = convert([], { olderInterfaces });
    expect([readings.length, rejected, complete]).toEqual([6, [], true]);
    expect(entities[0]?.attributes).toMatchObject({ ifType: 6, ifIndex: 1, speedBitsPerSecond: 1_000_000_000 });
    expect(readings.map(({ values }) => Number(values.ifOperStatus))).toEqual([1, 1, 7, 2, 1, 1]);
    expect(readings[0]?.values.ifHCOutOctets).toBe(9007199254740993n);
    expect(readings[0]?.lives?.ifHCOutOctets).toMatchObject({ column: 'ietf:out-octets', bits: 64 });
  });
});

describe('one field', () => {
  test.each([
    ['zero', '0', 0n],
    ['the largest', '18446744073709551615', 18446744073709551615n],
    ['a whole JSON number', 12, 12n],
    ['one octet more than 64 bits hold', '18446744073709551616', undefined],
    ['negative', '-1', undefined],
    ['a fraction', 1.5, undefined],
    ['with an exponent', '1e3', undefined],
    ['empty', '', undefined],
    ['a JSON number that has lost digits', 2 ** 60, undefined],
    ['a list', ['1'], undefined],
    ['null', null, undefined],
  ])('of octets: %s', (_, value, expected) => {
    const { readings, rejected } = convert([port({}, { 'out-octets-64': value })]);
    expect(readings[0]?.values).toEqual({
      ifHCInOctets: 10n,
      ...(expected === undefined ? {} : { ifHCOutOctets: expected }),
      ifOperStatus: 1n,
    });
    const paths = expected === undefined ? ['interface[0].statistics.out-octets-64'] : [];
    expect(rejected.map(({ path }) => path)).toEqual(paths);
  });

  test('that is absent is unknown, and no mistake', () => {
    const row = port();
    const { 'in-octets': _gone, ...statistics } = row.statistics;
    const { readings, rejected } = convert([{ ...row, statistics }]);
    expect(readings[0]?.values).toEqual({ ifHCOutOctets: 20n, ifOperStatus: 1n });
    expect(Object.keys(readings[0]?.lives ?? {})).toEqual(['ifHCOutOctets']);
    expect(rejected).toEqual([]);
  });

  test.each([
    ['absent', undefined, []],
    ['a text', 'none', ['interface[0].statistics']],
    ['a list', [], ['interface[0].statistics']],
  ])('statistics that are %s leave the state', (_, statistics, paths) => {
    const { statistics: _gone, ...bare } = port();
    const { readings, rejected } = convert([statistics === undefined ? bare : { ...bare, statistics }]);
    expect(readings[0]?.values).toEqual({ ifOperStatus: 1n });
    expect(rejected.map(({ path }) => path)).toEqual(paths);
  });

  test.each([
    ['if-oper-state-ready', 1],
    ['if-oper-state-no-pass', 2],
    ['if-oper-state-test', 3],
    ['if-oper-state-unknown', 4],
    ['if-oper-state-invalid', 4],
    ['if-oper-state-dormant', 5],
    ['if-oper-state-not-present', 6],
    ['if-oper-state-lower-layer-down', 7],
    ['not-present', 6],
    ['sleeping', undefined],
    ['toString', undefined],
    [1, undefined],
  ])('of state: %s', (word, expected) => {
    const { readings, rejected } = convert([port({ 'oper-status': word })]);
    expect(readings[0]?.values.ifOperStatus).toBe(expected === undefined ? undefined : BigInt(expected));
    expect(rejected.length).toBe(expected === undefined ? 1 : 0);
  });

  test.each([
    ['as text', '100000000', 100_000_000, 0],
    ['as a number', 100_000_000, 100_000_000, 0],
    ['none', '0', undefined, 0],
    ['in words', 'fast', undefined, 1],
    ['beyond all lines', '18446744073709551615', undefined, 1],
  ])('of speed: %s', (_, speed, expected, count) => {
    const { entities, rejected } = convert([port({ speed })]);
    expect(entities[0]?.attributes.speedBitsPerSecond).toBe(expected);
    expect(rejected).toHaveLength(count);
  });

  test('text of a router is cut and cleaned before it is a key', () => {
    const { entities } = convert([port({ name: ` Gi\u202E0\n${'x'.repeat(200)}`, description: '\u0000' })]);
    expect(entities[0]?.attributes.ifName).toBe(`Gi0${'x'.repeat(125)}`);
    expect(entities[0]?.attributes.ifAlias).toBeUndefined();
  });

  test('a configured speed is kept beside the router’s', () => {
    const router = { ...ROUTER, configuredSpeed: () => 200_000_000 as number | undefined } as typeof ROUTER;
    const { entities, readings } = convert([port()], {}, router);
    expect(entities[0]?.attributes).toMatchObject({ speedBitsPerSecond: 200_000_000, speedConfigured: true });
    expect(readings[0]?.lives?.ifHCInOctets?.speedBitsPerSecond).toBe(1_000_000_000);
  });

  test('an if-index that is 0, malformed or another row’s is no part of the life', () => {
    for (const [index, rejections] of [
      [0, 0],
      ['x', 1],
      [2, 2],
    ] as const) {
      const rows = [port({ 'if-index': index }), port({ name: 'GigabitEthernet0/0/1', 'if-index': 2 })];
      const { readings, rejected, entities } = convert(rows);
      expect(entities.map(({ id }) => id)).toEqual(['asr1/GigabitEthernet0/0/0', 'asr1/GigabitEthernet0/0/1']);
      expect(readings[0]?.lives?.ifHCInOctets).not.toHaveProperty('ifIndex');
      expect(rejected).toHaveLength(rejections);
    }
  });
});

describe('when a life began', () => {
  const lifeOf = (discontinuity: unknown, system: IosxeAnswers['system']) => {
    const told = discontinuity === undefined ? {} : { 'discontinuity-time': discontinuity };
    const { 'discontinuity-time': _gone, ...without } = port().statistics;
    const { readings, rejected } = convert([{ ...port(), statistics: { ...without, ...told } }], { system });
    return { life: readings[0]?.lives?.ifHCInOctets, paths: rejected.map(({ path }) => path) };
  };
  const boot = '2026-11-20T10:00:00+00:00';
  const current = '2026-11-20T11:00:00+00:00';
  const HOUR_MS = 3_600_000;

  test.each([
    ['with the router', '2026-11-20T09:00:00+00:00', HOUR_MS],
    ['later, when its counters began again', '2026-11-20T10:30:00+00:00', HOUR_MS / 2],
    ['in any zone', '2026-11-20T16:30:00+06:00', HOUR_MS / 2],
    ['with the router, where the instant is yet to come', '2026-11-20T18:00:00+00:00', HOUR_MS],
    ['with the router, where nothing else is told', undefined, HOUR_MS],
  ])('it began %s; an age counts, so the router’s clock may be wrong', (_, discontinuity, ageMs) => {
    const { life, paths } = lifeOf(discontinuity, clockAt(boot, current));
    expect(life?.bootAt).toBe(NOW - ageMs);
    expect(life).not.toHaveProperty('discontinuity');
    expect(life).not.toHaveProperty('uptimeMs');
    expect(paths).toEqual([]);
  });

  test('a young router’s age goes along, so that a second restart is seen', () => {
    const { life } = lifeOf(boot, clockAt(boot, '2026-11-20T10:00:50+00:00'));
    expect(life).toMatchObject({ bootAt: NOW - 50_000, uptimeMs: 50_000 });
  });

  test('without a clock the instant itself stands for it, the same in any zone', () => {
    const lives = ['2026-11-20T10:30:00.5+00:00', '2026-11-20T16:30:00.500+06:00'].map((text) =>
      lifeOf(text, undefined),
    );
    for (const { life, paths } of lives) {
      expect([life?.bootAt, life?.discontinuity, paths]).toEqual([0, '2026-11-20T10:30:00.500Z', []]);
    }
  });

  test('without either it is unknown, and said so once', () => {
    const rows = [
      port({}, { 'discontinuity-time': 'once' }),
      port({ name: 'b', 'if-index': 2 }, { 'discontinuity-time': 7 }),
    ];
    const { readings, rejected } = convert(rows, { system: undefined });
    expect(readings.map(({ lives }) => lives?.ifHCInOctets?.bootAt)).toEqual([0, 0]);
    expect(rejected.map(({ path }) => path)).toEqual([
      'interface[0].statistics.discontinuity-time',
      'interface[1].statistics.discontinuity-time',
      'system',
    ]);
  });

  test.each([
    ['no instants', clockAt('yesterday', 'now')],
    ['half of it', clockAt(boot, undefined)],
    ['a start yet to come', clockAt(current, boot)],
    ['a start in the age of steam', clockAt('1901-01-01T00:00:00Z', current)],
    ['no object', { value: [1], receivedAt: NOW }],
  ])('a clock of %s is none, and said so', (_, system) => {
    const { life, paths } = lifeOf(boot, system);
    expect([life?.bootAt, life?.discontinuity]).toEqual([0, '2026-11-20T10:00:00.000Z']);
    expect(paths).toEqual(['system']);
  });
});

describe('a list', () => {
  const rows = [{ name: 'a' }];
  test.each([
    ['by itself', cisco(rows), rows],
    ['in its container', { 'Cisco-IOS-XE-interfaces-oper:interfaces': { interface: rows } }, rows],
    ['in the IETF’s container', { 'ietf-interfaces:interfaces-state': { interface: rows } }, rows],
    ['of the IETF', ietf(rows), rows],
    ['of one, as an object', cisco(rows[0]), rows],
    ['that is empty', cisco([]), []],
    ['in an empty container', { 'ietf-interfaces:interfaces-state': {} }, []],
    ['that is none', cisco('none'), undefined],
    ['of something else', { 'Cisco-IOS-XE-native:native': {} }, undefined],
    ['as a list', rows, undefined],
    ['as nothing', null, undefined],
  ])('%s', (_, value, expected) => {
    expect(rowsIn(value)).toEqual(expected);
  });

  test('with a row that is no object, or has neither name nor number, is not complete', () => {
    const { entities, rejected, complete } = convert([null, 7, {}, port()]);
    expect(entities).toHaveLength(1);
    expect(rejected.map(({ path }) => path)).toEqual(['interface[0]', 'interface[1]', 'interface[2]']);
    expect(complete).toBe(false);
  });
});

describe('words', () => {
  test.each([
    ['2026-11-20T12:00:00+00:00', NOW],
    ['2026-11-20T12:00:00Z', NOW],
    ['2026-11-20T18:00:00.000000+06:00', NOW],
    ['2026-11-20 12:00:00', undefined],
    ['2026-13-20T12:00:00Z', undefined],
    ['12:00', undefined],
    ['', undefined],
  ])('the instant %s', (text, at) => {
    expect(instantOf(text)).toBe(at);
  });

  test.each([
    ['iana-iftype-ethernet-csmacd', 6],
    ['iana-if-type:ethernetCsmacd', 6],
    ['ianaift:softwareLoopback', 24],
    ['iana-iftype-prop-virtual', 53],
    ['iana-iftype-ieee8023-adlag', 161],
    ['iana-if-type:tunnel', 131],
    ['iana-iftype-toaster', undefined],
    ['constructor', undefined],
  ])('the kind %s', (word, type) => {
    expect(ifTypeOf(word)).toBe(type);
  });
});
