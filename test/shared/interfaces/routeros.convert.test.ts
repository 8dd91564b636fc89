/** What RouterOS's answers mean: every field as recorded, every field as it can be wrong. */
import { describe, expect, test } from 'vitest';
import {
  fromWireInterfaces,
  portsWithRate,
  type RouterosAnswers,
} from '../../../shared/interfaces/routeros.convert.ts';
import { durationMs, ifTypeOf, rateBitsPerSecond } from '../../../shared/interfaces/routeros-words.ts';
import { fixture } from './routeros-router.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const ROUTER = { id: 'core1', name: 'Core 1', simulated: false, configuredSpeed: () => undefined };
const UPTIME = { value: { uptime: '1d' }, receivedAt: NOW };
const DAY_MS = 86_400_000;

function convert(rows: readonly unknown[], more: Partial<RouterosAnswers> = {}, router = ROUTER) {
  const answers = { interfaces: { rows, receivedAt: NOW }, resource: UPTIME, rates: undefined, ...more };
  return fromWireInterfaces(answers, router);
}

const port = (more: Record<string, unknown> = {}) => ({
  '.id': '*1',
  name: 'ether1',
  type: 'ether',
  running: 'true',
  disabled: 'false',
  'rx-byte': '10',
  'tx-byte': '20',
  ...more,
});
const without = (field: string) => {
  const { [field]: _gone, ...rest } = port() as Record<string, unknown>;
  return rest;
};

describe('a recorded router', () => {
  const converted = fromWireInterfaces(
    {
      interfaces: { rows: fixture('interfaces') as unknown[], receivedAt: NOW + 700 },
      resource: { value: fixture('resource'), receivedAt: NOW + 900 },
      rates: { value: fixture('rates'), receivedAt: NOW + 1900 },
    },
    ROUTER,
  );
  const uptimeMs = 17 * DAY_MS + (20 * 3600 + 12 * 60 + 20) * 1000;

  test('gives every interface under its name, nothing rejected', () => {
    expect(converted.rejected).toEqual([]);
    expect(converted.complete).toBe(true);
    expect(converted.entities.map(({ id }) => id)).toEqual([
      'core1/ether1',
      'core1/ether2',
      'core1/sfp-sfpplus1',
      'core1/vlan10',
      'core1/vlan20',
      'core1/bridge1',
      'core1/<pppoe-r1001>',
      'core1/lo',
    ]);
  });

  test('gives counters of 64 bits to the last digit', () => {
    expect(converted.readings[0]).toEqual({
      entity: 'core1/ether1',
      receivedAt: NOW + 700,
      values: { ifHCInOctets: 18446744073709551615n, ifHCOutOctets: 9007199254740993n, ifOperStatus: 1n },
      lives: {
        ifHCInOctets: {
          bootAt: NOW + 900 - uptimeMs,
          ifIndex: 1,
          speedBitsPerSecond: 1_000_000_000,
          bits: 64,
          column: 'routeros:rx-byte',
        },
        ifHCOutOctets: {
          bootAt: NOW + 900 - uptimeMs,
          ifIndex: 1,
          speedBitsPerSecond: 1_000_000_000,
          bits: 64,
          column: 'routeros:tx-byte',
        },
      },
    });
  });

  test('gives a VLAN its own counters, never a number worked out of something else', () => {
    const vlan = converted.readings.find(({ entity }) => entity === 'core1/vlan10');
    expect(vlan?.values).toEqual({ ifHCInOctets: 771203344n, ifHCOutOctets: 5123001239n, ifOperStatus: 1n });
    expect(vlan?.lives?.ifHCInOctets?.speedBitsPerSecond).toBeUndefined();
  });

  test('says of each interface what SNMP would: index, alias, type, and a speed only where one was agreed', () => {
    const of = (id: string) => converted.entities.find((e) => e.id === id);
    expect(of('core1/ether1')).toEqual({
      id: 'core1/ether1',
      target: 'core1',
      name: 'Core 1 ether1 (NTTN 192.0.2.1)',
      attributes: {
        ifName: 'ether1',
        ifIndex: 1,
        ifAlias: 'NTTN 192.0.2.1',
        ifType: 6,
        ifHighSpeedMbps: 1000,
        speedBitsPerSecond: 1_000_000_000,
      },
      labels: { router: 'core1' },
      simulated: false,
    });
    expect(of('core1/sfp-sfpplus1')?.attributes).toEqual({ ifName: 'sfp-sfpplus1', ifIndex: 3, ifType: 6 });
    expect(of('core1/vlan10')?.attributes).toMatchObject({ ifIndex: 10, ifType: 135 });
    expect(of('core1/<pppoe-r1001>')?.attributes).toMatchObject({ ifIndex: 0xf00007, ifType: 23 });
  });

  test('says which ports are worth asking for a rate', () => {
    expect(portsWithRate(fixture('interfaces') as unknown[])).toEqual(['*1', '*2']);
  });
});

describe('one field', () => {
  test.each([
    ['disabled and not running', 'true', 'false', 2n],
    ['disabled, whatever runs', 'true', 'true', 2n],
    ['running', 'false', 'true', 1n],
    ['not running', 'false', 'false', 2n],
    ['not said to run', 'false', undefined, undefined],
    ['running as a boolean', false, true, 1n],
    ['in other words', 'false', 'yes', undefined],
  ])('of state: %s', (_, disabled, running, expected) => {
    const { readings } = convert([
      port({ disabled, ...(running === undefined ? { running: undefined } : { running }) }),
    ]);
    expect(readings[0]?.values.ifOperStatus).toBe(expected);
  });

  test.each([
    ['zero', '0', 0n],
    ['the largest', '18446744073709551615', 18446744073709551615n],
    ['a whole JSON number', 12, 12n],
    ['one octet more than 64 bits hold', '18446744073709551616', undefined],
    ['negative', '-1', undefined],
    ['a fraction', '1.5', undefined],
    ['with an exponent', '1e3', undefined],
    ['with a unit', '12.3 MiB', undefined],
    ['hexadecimal', '0x10', undefined],
    ['empty', '', undefined],
    ['a JSON number that has lost digits', 2 ** 60, undefined],
    ['a list', ['1'], undefined],
    ['null', null, undefined],
  ])('of octets: %s', (_, value, expected) => {
    const { readings, rejected } = convert([port({ 'rx-byte': value })]);
    expect(readings[0]?.values).toEqual({
      ...(expected === undefined ? {} : { ifHCInOctets: expected }),
      ifHCOutOctets: 20n,
      ifOperStatus: 1n,
    });
    expect(rejected.map(({ path }) => path)).toEqual(expected === undefined ? ['interface[0].rx-byte'] : []);
  });

  test('that is absent is unknown, and no mistake', () => {
    const { readings, rejected } = convert([without('rx-byte')]);
    expect(readings[0]?.values).toEqual({ ifHCOutOctets: 20n, ifOperStatus: 1n });
    expect(Object.keys(readings[0]?.lives ?? {})).toEqual(['ifHCOutOctets']);
    expect(rejected).toEqual([]);
  });

  test('an interface of which nothing is known is listed and has no reading', () => {
    const { entities, readings } = convert([{ '.id': '*1', name: 'ether1' }]);
    expect(entities.map(({ id }) => id)).toEqual(['core1/ether1']);
    expect(readings).toEqual([]);
  });

  test('text of a router is cut and cleaned before it is a key', () => {
    const { entities } = convert([port({ name: ` e\u202Eth\n1${'x'.repeat(200)}`, comment: '\u0000' })]);
    expect(entities[0]?.attributes.ifName).toBe(`eth1${'x'.repeat(124)}`);
    expect(entities[0]?.attributes.ifAlias).toBeUndefined();
  });

  test('a configured speed is kept beside the agreed one', () => {
    const router = { ...ROUTER, configuredSpeed: () => 200_000_000 as number | undefined } as typeof ROUTER;
    const rates = { value: [{ name: 'ether1', rate: '1Gbps' }], receivedAt: NOW };
    const { entities, readings } = convert([port()], { rates }, router);
    expect(entities[0]?.attributes).toMatchObject({ speedBitsPerSecond: 200_000_000, speedConfigured: true });
    expect(readings[0]?.lives?.ifHCInOctets?.speedBitsPerSecond).toBe(1_000_000_000);
  });
});

describe('names and numbers', () => {
  const ids = (rows: readonly unknown[]) => convert(rows).entities.map(({ id }) => id);

  test('a name that stands twice gets its number, both bearers alike, in any order', () => {
    const rows = [port(), port({ '.id': '*A' }), port({ '.id': '*2', name: 'ether2' })];
    expect(ids(rows)).toEqual(['core1/ether1#1', 'core1/ether1#10', 'core1/ether2']);
    expect(ids([...rows].reverse()).sort()).toEqual(ids(rows).sort());
  });

  test.each([
    ['absent', undefined],
    ['malformed', 'ether1'],
    ['another row’s as well', '*2'],
  ])('an .id that is %s is no part of the life; the name alone is enough', (_, id) => {
    const row = id === undefined ? without('.id') : port({ '.id': id });
    const { entities, readings } = convert([row, port({ '.id': '*2', name: 'ether2' })]);
    expect(entities[0]?.id).toBe('core1/ether1');
    expect(entities[0]?.attributes).not.toHaveProperty('ifIndex');
    expect(readings[0]?.lives?.ifHCInOctets).not.toHaveProperty('ifIndex');
    expect(readings.map(({ entity }) => entity)).toEqual(['core1/ether1', 'core1/ether2']);
  });

  test('rows that cannot be told apart are rejected, and the list is then not complete', () => {
    const { entities, readings, rejected, complete } = convert([
      without('.id'),
      without('.id'),
      port({ '.id': '*2', name: 'ether2' }),
    ]);
    expect(entities.map(({ id }) => id)).toEqual(['core1/ether2']);
    expect(readings).toHaveLength(1);
    expect(rejected.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'interface[0] has neither a name nor an .id of its own',
      'interface[1] has neither a name nor an .id of its own',
    ]);
    expect(complete).toBe(false);
  });

  test('a row that is no object is rejected, and takes nothing along', () => {
    const { entities, rejected, complete } = convert([null, 7, [port()], port()]);
    expect(entities).toHaveLength(1);
    expect(rejected.map(({ path }) => path)).toEqual(['interface[0]', 'interface[1]', 'interface[2]']);
    expect(complete).toBe(false);
  });
});

describe('the start of the router', () => {
  const lifeOf = (resource: RouterosAnswers['resource']) => {
    const { readings, rejected } = convert([port()], { resource });
    return { life: readings[0]?.lives?.ifHCInOctets, rejected };
  };

  test.each([
    ['an object', { uptime: '1h' }],
    ['a list with one object, as the manual shows it', [{ uptime: '1h' }]],
  ])('is receipt minus uptime, from %s', (_, value) => {
    const { life, rejected } = lifeOf({ value, receivedAt: NOW + 2000 });
    expect(life?.bootAt).toBe(NOW + 2000 - 3_600_000);
    expect(life).not.toHaveProperty('uptimeMs');
    expect(rejected).toEqual([]);
  });

  test('a young router’s uptime goes along, so that a second restart is seen', () => {
    expect(lifeOf({ value: { uptime: '50s' }, receivedAt: NOW + 2000 }).life).toMatchObject({
      bootAt: NOW - 48_000,
      uptimeMs: 48_000,
    });
  });

  test.each([
    ['absent', {}],
    ['a number', { uptime: 7 }],
    ['in other words', { uptime: 'long' }],
    ['of two routers', [{ uptime: '1h' }, { uptime: '2h' }]],
    ['absurd', { uptime: '99999999999w' }],
    ['null', null],
  ])('is unknown, and said so, when the uptime is %s', (_, value) => {
    const { life, rejected } = lifeOf({ value, receivedAt: NOW });
    expect(life?.bootAt).toBe(0);
    expect(rejected.map(({ path }) => path)).toEqual(['resource.uptime']);
  });
});

describe('rates', () => {
  const speedOf = (value: unknown, rows: readonly unknown[] = [port()]) => {
    const { entities, rejected } = convert(rows, { rates: { value, receivedAt: NOW } });
    return [entities[0]?.attributes.speedBitsPerSecond, rejected.length];
  };

  test.each([
    ['agreed', [{ name: 'ether1', rate: '2.5Gbps' }], 2_500_000_000, 0],
    ['absent while the link is down', [{ name: 'ether1', status: 'no-link' }], undefined, 0],
    ['empty', [{ name: 'ether1', rate: '' }], undefined, 0],
    ['in other words', [{ name: 'ether1', rate: 'fast' }], undefined, 1],
    ['of another port', [{ name: 'ether2', rate: '1Gbps' }], undefined, 0],
    ['of two ports of one name', [1, 2, 3].map(() => ({ name: 'ether1', rate: '1Gbps' })), undefined, 0],
    ['an error inside a 200', [{ status: 'ERROR: busy' }], undefined, 1],
    ['no list', { ret: 1 }, undefined, 0],
  ])('%s', (_, value, speed, rejected) => {
    expect(speedOf(value)).toEqual([speed, rejected]);
  });

  test('only an Ethernet port has one', () => {
    expect(speedOf([{ name: 'ether1', rate: '1Gbps' }], [port({ type: 'vlan' })])).toEqual([undefined, 0]);
  });
});

describe('words', () => {
  test.each([
    ['1w2d3h4m5s', 788_645_000],
    ['2d20h12m20s', 245_540_000],
    ['5m', 300_000],
    ['0s', 0],
    ['453us', 0],
    ['1ms200us', 1],
    ['1s20ms', 1020],
    ['2w1d02:03:04', 1_303_384_000],
    ['', undefined],
    ['5', undefined],
    ['5s4m', undefined],
    ['-5s', undefined],
    ['1e3s', undefined],
    ['5s ', undefined],
  ])('the duration %s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each([
    ['10Mbps', 1e7],
    ['100Mbps', 1e8],
    ['1Gbps', 1e9],
    ['2.5Gbps', 2.5e9],
    ['100Gbps', 1e11],
    ['0bps', undefined],
    ['0Gbps', undefined],
    ['1Gb', undefined],
    ['fastGbps', undefined],
  ])('the rate %s', (text, rate) => {
    expect(rateBitsPerSecond(text)).toBe(rate);
  });

  test.each([
    ['ether', 6],
    ['l2tp-out', 23],
    ['gre-tunnel', 131],
    ['eoip', 131],
    ['veth', undefined],
  ])('the kind %s', (word, type) => {
    expect(ifTypeOf(word)).toBe(type);
  });
});
