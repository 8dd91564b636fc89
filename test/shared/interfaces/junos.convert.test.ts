/** What Junos's answers mean: every field as recorded, every field as it can be wrong. */
import { describe, expect, test } from 'vitest';
import { countInterfaces, fromWireJunos } from '../../../shared/interfaces/junos.convert.ts';
import { ifTypeOf, operStatusOf, speedBitsPerSecond, withoutAge } from '../../../shared/interfaces/junos-words.ts';
import { fixture, replyOf } from './junos-router.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;
const ROUTER = { id: 'edge1', name: 'Edge 1', simulated: false, configuredSpeed: () => undefined };

const uptimeXml = (content: string) =>
  `<rpc-reply><system-uptime-information>${content}</system-uptime-information></rpc-reply>`;
const ONE_DAY = uptimeXml(
  '<system-booted-time><time-length junos:seconds="86400">1d</time-length></system-booted-time>',
);

function convertXml(
  interfaces: string,
  uptime: string | undefined = ONE_DAY,
  router: typeof ROUTER | typeof PLANNED = ROUTER,
) {
  return fromWireJunos(
    {
      interfaces: { value: replyOf('interfaces', interfaces), receivedAt: NOW },
      uptime: uptime === undefined ? undefined : { value: replyOf('uptime', uptime), receivedAt: NOW + 200 },
    },
    router,
  );
}
const PLANNED = { ...ROUTER, configuredSpeed: (name: string) => (name === 'ge-0/0/0.10' ? 200_000_000 : undefined) };

const listOf = (...ports: string[]) =>
  `<rpc-reply><interface-information>${ports.join('')}</interface-information></rpc-reply>`;
const octets = (received: string, sent: string) =>
  `<traffic-statistics><input-bytes>${received}</input-bytes><output-bytes>${sent}</output-bytes></traffic-statistics>`;
const port = (name: string, more = '', index = '506') =>
  `<physical-interface><name>${name}</name><admin-status>up</admin-status><oper-status>up</oper-status><snmp-index>${index}</snmp-index><speed>1000mbps</speed>${octets('10', '20')}${more}</physical-interface>`;

describe('a recorded router', () => {
  const converted = convertXml(fixture('extensive'), fixture('uptime'));
  const reading = (name: string) => converted.readings.find(({ entity }) => entity === `edge1/${name}`);
  const entity = (name: string) => converted.entities.find(({ id }) => id === `edge1/${name}`);

  test('gives every port and unit under its name, nothing rejected', () => {
    expect(converted.rejected).toEqual([]);
    expect(converted.complete).toBe(true);
    expect(converted.entities.map(({ id }) => id)).toEqual([
      'edge1/ge-0/0/0',
      'edge1/ge-0/0/0.10',
      'edge1/ge-0/0/0.32767',
      'edge1/fe-0/3/0',
      'edge1/fe-0/3/0.0',
      'edge1/gr-0/0/0',
      'edge1/pfe-0/0/0',
    ]);
    expect(countInterfaces(replyOf('interfaces', fixture('extensive')))).toBe(7);
  });

  test('gives counters of 64 bits to the last digit, never those of IPv6 alone or of the MAC', () => {
    const life = {
      bootAt: NOW + 200 - 9_762_386_000,
      ifIndex: 506,
      speedBitsPerSecond: 1_000_000_000,
      discontinuity: '2014-06-04 12:52:13 UTC',
      bits: 64,
    };
    expect(reading('ge-0/0/0')).toEqual({
      entity: 'edge1/ge-0/0/0',
      receivedAt: NOW,
      values: { ifHCInOctets: 18446744073709551615n, ifHCOutOctets: 9007199254740993n, ifOperStatus: 1n },
      lives: {
        ifHCInOctets: { ...life, column: 'junos:traffic-statistics/input-bytes' },
        ifHCOutOctets: { ...life, column: 'junos:traffic-statistics/output-bytes' },
      },
    });
  });

  test('counts a unit by itself, bounded by its port’s line and cleared with it', () => {
    expect(reading('ge-0/0/0.10')).toMatchObject({
      values: { ifHCInOctets: 103809n, ifHCOutOctets: 813440n, ifOperStatus: 1n },
      lives: { ifHCInOctets: { ifIndex: 507, speedBitsPerSecond: 1e9, discontinuity: '2014-06-04 12:52:13 UTC' } },
    });
    expect(entity('ge-0/0/0.10')?.attributes).toEqual({ ifName: 'ge-0/0/0.10', ifIndex: 507, ifType: 135 });
  });

  test('takes both directions from the one element that has octets, and says from which', () => {
    expect(reading('fe-0/3/0.0')).toMatchObject({
      values: { ifHCInOctets: 1n, ifHCOutOctets: 2n },
      lives: { ifHCOutOctets: { column: 'junos:transit-statistics/output-bytes' } },
    });
  });

  test('knows nothing of a unit without octets and flags', () => {
    expect(entity('ge-0/0/0.32767')).toBeDefined();
    expect(reading('ge-0/0/0.32767')).toBeUndefined();
  });

  test.each([
    ['ge-0/0/0', 1n],
    ['fe-0/3/0', 2n],
    // Below a port that is down.
    ['fe-0/3/0.0', 7n],
    // Administratively down, whatever else it says.
    ['pfe-0/0/0', 2n],
  ])('tells the state of %s', (name, state) => {
    expect(reading(name)?.values.ifOperStatus).toBe(state);
  });

  test('takes a speed from a line only', () => {
    expect(entity('ge-0/0/0')?.attributes).toMatchObject({ ifHighSpeedMbps: 1000, speedBitsPerSecond: 1e9, ifType: 6 });
    expect(entity('gr-0/0/0')?.attributes.speedBitsPerSecond).toBeUndefined();
    expect(reading('gr-0/0/0')?.lives?.ifHCInOctets?.speedBitsPerSecond).toBeUndefined();
  });

  test('gives names as people wrote them', () => {
    expect(entity('ge-0/0/0')?.name).toBe('Edge 1 ge-0/0/0 (NTTN <1 Gb/s> & more)');
  });

  test('has no index where the router has none', () => {
    expect(entity('pfe-0/0/0')?.attributes).toEqual({ ifName: 'pfe-0/0/0', ifType: 53 });
  });
});

describe('an aggregated port', () => {
  const { readings, rejected } = convertXml(fixture('aggregated'));
  const reading = (name: string) => readings.find(({ entity }) => entity === `edge1/${name}`);

  test('counts a unit by its bundle, never by one of its links, and says so', () => {
    expect(reading('ae0.10')).toMatchObject({
      values: { ifHCInOctets: 9007199254740993n, ifHCOutOctets: 18446744073709551615n, ifOperStatus: 1n },
      lives: {
        ifHCInOctets: { column: 'junos:lag-traffic-statistics/lag-bundle/input-bytes', ifIndex: 541 },
        ifHCOutOctets: { column: 'junos:lag-traffic-statistics/lag-bundle/output-bytes', speedBitsPerSecond: 2e10 },
      },
    });
    expect(reading('ae0')?.values.ifHCInOctets).toBe(9007199254740995n);
    expect(rejected).toEqual([]);
  });

  test('has no octets for a unit whose links alone are counted', () => {
    expect(reading('ae0.20')?.values).toEqual({ ifOperStatus: 1n });
  });

  test('counts a unit by itself where it counts both', () => {
    const both = fixture('aggregated').replace(
      '<lag-traffic-statistics>',
      `${octets('1', '2')}<lag-traffic-statistics>`,
    );
    const unit = convertXml(both).readings.find(({ entity }) => entity === 'edge1/ae0.10');
    expect(unit?.values).toMatchObject({ ifHCInOctets: 1n, ifHCOutOctets: 2n });
  });

  test('names the bundle where its octets are wrong', () => {
    const wrong = convertXml(fixture('aggregated').replace('>9007199254740993<', '>12 KiB<'));
    expect(wrong.rejected.map(({ path }) => path)).toEqual([
      'interface[0].unit[0].lag-traffic-statistics.lag-bundle.input-bytes',
    ]);
  });
});

test('the tenant’s word is a unit’s speed; the line still bounds its counters', () => {
  const { entities, readings } = convertXml(fixture('extensive'), ONE_DAY, PLANNED);
  expect(entities[1]?.attributes).toMatchObject({ speedBitsPerSecond: 200_000_000, speedConfigured: true });
  expect(readings[1]?.lives?.ifHCInOctets?.speedBitsPerSecond).toBe(1_000_000_000);
});

test('prefixes and namespaces of any release make no difference', () => {
  const plain = convertXml(fixture('extensive'));
  const prefixed = fixture('extensive')
    .replace(/<(\/?)(?=[a-z])/g, '<$1j:')
    .replace('xmlns=', 'xmlns:j=');
  expect(convertXml(prefixed)).toEqual(plain);
});

describe('the brief form', () => {
  const brief = fixture('extensive').replace(/<(input|output)-bytes>\d+<\/\1-bytes>/g, '<$1-packets>5</$1-packets>');

  test('has states, no octets, and is told as what it is', () => {
    const { readings, rejected, entities } = convertXml(brief);
    expect(entities).toHaveLength(7);
    expect(readings.flatMap(({ values }) => Object.keys(values))).toEqual(Array(6).fill('ifOperStatus'));
    expect(rejected).toEqual([{ path: 'interface', message: expect.stringMatching(/brief form/) }]);
  });
});

describe('a value that is wrong', () => {
  test.each([
    ['letters', '12 KiB', /not a whole number/],
    ['a sign', '-1', /not a whole number/],
    ['too many bits', '18446744073709551616', /64 bits/],
    ['nothing', '', /not a whole number/],
  ])('octets of %s are unknown, and the other direction is not', (_, text, message) => {
    const { readings, rejected } = convertXml(listOf(port('ge-0/0/0').replace('>10<', `>${text}<`)));
    expect(readings[0]?.values).toEqual({ ifHCOutOctets: 20n, ifOperStatus: 1n });
    expect(rejected).toMatchObject([
      { path: 'interface[0].traffic-statistics.input-bytes', message: expect.stringMatching(message) },
    ]);
  });

  test('a time of clearing as long as the answer costs no more than to read it, on any number of units', () => {
    const cleared = `<statistics-cleared>${'('.repeat(300_000)}</statistics-cleared>`;
    const unit = (i: number) => `<logical-interface><name>ge-0/0/0.${i}</name>${octets('1', '2')}</logical-interface>`;
    const units = Array.from({ length: 1000 }, (_, i) => unit(i)).join('');
    const startedAt = performance.now();
    const { readings } = convertXml(listOf(port('ge-0/0/0', cleared + units)));
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(readings[1]?.lives?.ifHCInOctets?.discontinuity).toBe('('.repeat(128));
  });

  test('an element that stands twice is neither', () => {
    const twice = port('ge-0/0/0').replace('<oper-status>', '<oper-status>down</oper-status><oper-status>');
    const { readings, rejected } = convertXml(listOf(twice));
    expect(readings[0]?.values.ifOperStatus).toBeUndefined();
    expect(rejected.map(({ path }) => path)).toEqual(['interface[0].oper-status']);
  });

  test('a state that is not known is unknown', () => {
    const { readings, rejected } = convertXml(
      listOf(port('ge-0/0/0').replace('<oper-status>up', '<oper-status>maybe')),
    );
    expect(readings[0]?.values.ifOperStatus).toBeUndefined();
    expect(rejected).toMatchObject([{ path: 'interface[0].oper-status', rawText: 'maybe' }]);
  });

  test('an index that stands twice is nobody’s', () => {
    const { entities, rejected } = convertXml(listOf(port('ge-0/0/0'), port('ge-0/0/1')));
    expect(entities.map(({ attributes }) => attributes.ifIndex)).toEqual([undefined, undefined]);
    expect(rejected.map(({ path }) => path)).toEqual(['interface[0].snmp-index', 'interface[1].snmp-index']);
  });

  test('a port that is empty is counted as missing', () => {
    const { entities, rejected, complete } = convertXml(listOf('<physical-interface/>', port('ge-0/0/0')));
    expect(entities).toHaveLength(1);
    expect(rejected).toMatchObject([{ path: 'interface[0]', message: 'is empty' }]);
    expect(complete).toBe(false);
  });

  test('a port without a name and an index is left out, and said so', () => {
    const nameless = port('').replace('<snmp-index>506</snmp-index>', '');
    const { entities, rejected, complete } = convertXml(listOf(nameless, port('ge-0/0/0')));
    expect(entities.map(({ id }) => id)).toEqual(['edge1/ge-0/0/0']);
    expect(rejected).toMatchObject([{ path: 'interface[0]' }]);
    expect(complete).toBe(false);
  });
});

describe('several routing engines', () => {
  const item = (node: string, ...ports: string[]) =>
    `<multi-routing-engine-item><re-name>${node}</re-name><interface-information>${ports.join('')}</interface-information></multi-routing-engine-item>`;
  const wrapped = (...items: string[]) =>
    `<rpc-reply><multi-routing-engine-results>${items.join('')}</multi-routing-engine-results></rpc-reply>`;

  test('one of them tells as a router without', () => {
    expect(convertXml(wrapped(item('node0', port('ge-0/0/0'))))).toEqual(convertXml(listOf(port('ge-0/0/0'))));
  });

  test('what both list is the first one’s, what one lists is its own', () => {
    const second = item('node1', port('fxp0', '', '2'), port('ge-7/0/0', '', '600'));
    const { entities, rejected } = convertXml(wrapped(item('node0', port('fxp0', '', '1')), second));
    expect(entities.map(({ id, attributes }) => [id, attributes.ifIndex])).toEqual([
      ['edge1/fxp0', 1],
      ['edge1/ge-7/0/0', 600],
    ]);
    expect(rejected).toMatchObject([{ message: expect.stringMatching(/another routing engine/), rawText: 'fxp0' }]);
  });
});

describe('an uptime', () => {
  const bootOf = (uptime: string | undefined) =>
    convertXml(listOf(port('ge-0/0/0')), uptime).readings[0]?.lives?.ifHCInOctets;

  test('in seconds is when counters began', () => {
    expect(bootOf(ONE_DAY)).toMatchObject({ bootAt: NOW + 200 - DAY_MS });
    expect(bootOf(ONE_DAY)).not.toHaveProperty('uptimeMs');
  });

  test('of a router that has just started goes along', () => {
    expect(bootOf(ONE_DAY.replace('86400', '60'))).toMatchObject({ bootAt: NOW - 59_800, uptimeMs: 59_800 });
  });

  test('without a length is by the router’s own clock, whatever it shows', () => {
    const clock = (now: string, boot: string) =>
      uptimeXml(
        `<current-time><date-time seconds="${now}">x</date-time></current-time><system-booted-time><date-time seconds="${boot}">y</date-time></system-booted-time>`,
      );
    expect(bootOf(clock('90000', '3600'))).toMatchObject({ bootAt: NOW + 200 - DAY_MS });
    expect(bootOf(clock('3600', '90000'))).toMatchObject({ bootAt: 0 });
  });

  test('by routing engine is the first one’s', () => {
    const item = (seconds: string) =>
      `<multi-routing-engine-item>${ONE_DAY.replace('86400', seconds).replace(/<\/?rpc-reply>/g, '')}</multi-routing-engine-item>`;
    const both = `<rpc-reply><multi-routing-engine-results>${item('86400')}${item('60')}</multi-routing-engine-results></rpc-reply>`;
    expect(bootOf(both)).toMatchObject({ bootAt: NOW + 200 - DAY_MS });
  });

  test.each([
    ['empty', '<rpc-reply/>'],
    [
      'without seconds',
      uptimeXml('<system-booted-time><date-time>2026-06-17 04:11:55 JST</date-time></system-booted-time>'),
    ],
    ['of letters', ONE_DAY.replace('86400', 'long')],
  ])('that is %s is unknown, and said so', (_, xml) => {
    const { readings, rejected } = convertXml(listOf(port('ge-0/0/0')), xml);
    expect(readings[0]?.lives?.ifHCInOctets?.bootAt).toBe(0);
    expect(rejected).toMatchObject([{ path: 'system-uptime-information' }]);
  });
});

test.each([
  ['10Gbps', 1e10],
  ['1000mbps', 1e9],
  ['800mbps', 8e8],
  ['2.5Gbps', 2.5e9],
  ['155.52mbps', 155_520_000],
  ['Auto', undefined],
  ['Unspecified', undefined],
  ['Unlimited', undefined],
  ['0mbps', undefined],
  ['', undefined],
])('speed %s', (text, expected) => {
  expect(speedBitsPerSecond(text)).toBe(expected);
});

test.each([
  ['up', 1n],
  ['Down', 2n],
  ['lower-layer-down', 7n],
  ['lowerLayerDown', 7n],
  ['not-present', 6n],
  ['', undefined],
  ['upside', undefined],
])('state %s', (word, expected) => {
  expect(operStatusOf(word)).toBe(expected);
});

test.each([
  ['ge-0/0/0', false, 6],
  ['xe-1/2/3', false, 6],
  ['fxp0', false, 6],
  ['ge-0/0/0.10', true, 135],
  ['ae12', false, 161],
  ['ae12.100', true, 135],
  ['lo0', false, 24],
  ['gr-0/0/0', false, 131],
  ['gre', false, 53],
  ['irb.100', true, 53],
  ['so-0/0/0', false, undefined],
  ['', false, 53],
])('kind of %s', (name, isUnit, expected) => {
  expect(ifTypeOf(name, isUnit)).toBe(expected);
});

test.each([
  ['2026-03-02 10:07:14 UTC (1w2d 03:04 ago)', '2026-03-02 10:07:14 UTC'],
  ['Never', 'Never'],
])('%s without its age', (text, expected) => {
  expect(withoutAge(text)).toBe(expected);
});
