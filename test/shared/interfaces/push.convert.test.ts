import { describe, expect, test } from 'vitest';
import type { CollectJob } from '../../../shared/collect/collector.port.ts';
import { inOctets } from '../../../shared/interfaces/metrics.ts';
import { type PushedReading, pushPack } from '../../../shared/interfaces/push.contract.ts';
import { fromPushedReading } from '../../../shared/interfaces/push.convert.ts';
import { createPushCollector } from '../../../shared/interfaces/push-collector.ts';
import { issuesOf } from '../../../shared/platform/issues.ts';
import { increases } from '../../../shared/samples/increase.ts';
import { NOON, sourceNamed } from '../collect/fakes.ts';

const SITE = { id: 'branch', name: 'Branch', simulated: false, configuredSpeed: () => undefined };
const PORT = { name: 'ether1', inOctets: '18446744073709551615', outOctets: '0', operStatus: 1 };
const reading = (interfaces: PushedReading['interfaces'], over: Partial<PushedReading> = {}): PushedReading => ({
  receivedAt: NOON,
  interfaces,
  ...over,
});

describe('a reading of a site', () => {
  test('becomes readings of its ports, to the last octet', () => {
    const { readings, entities, rejected } = fromPushedReading(
      reading([{ ...PORT, index: 3, alias: 'uplink', speedMbps: 2500 }], { uptimeMs: 600_250 }),
      SITE,
    );
    expect(rejected).toEqual([]);
    const life = { bootAt: NOON - 600_250, uptimeMs: 600_250, ifIndex: 3, speedBitsPerSecond: 2.5e9, bits: 64 };
    expect(readings).toEqual([
      {
        entity: 'branch/ether1',
        receivedAt: NOON,
        values: { ifHCInOctets: 18446744073709551615n, ifHCOutOctets: 0n, ifOperStatus: 1n },
        lives: {
          ifHCInOctets: { ...life, column: 'push:inOctets' },
          ifHCOutOctets: { ...life, column: 'push:outOctets' },
        },
      },
    ]);
    expect(entities).toMatchObject([
      { id: 'branch/ether1', name: 'Branch ether1 (uplink)', attributes: { ifIndex: 3, ifHighSpeedMbps: 2500 } },
    ]);
  });

  test('that lacks a value leaves it unknown, and a port without any is listed only', () => {
    const { readings, entities } = fromPushedReading(reading([{ name: 'a', inOctets: '5' }, { name: 'b' }]), SITE);
    expect(readings.map(({ entity, values }) => [entity, values])).toEqual([['branch/a', { ifHCInOctets: 5n }]]);
    expect(entities.map(({ id, attributes }) => [id, attributes])).toEqual([
      ['branch/a', { ifName: 'a' }],
      ['branch/b', { ifName: 'b' }],
    ]);
  });

  test('names that are hostile, empty or stand twice stay apart by their index, or are rejected', () => {
    const names = ['__proto__', 'a\u202e\u0000b', '', 'twin', 'twin', 'twin'];
    const ports = names.map((name, i) => ({ name, inOctets: '1', ...(i < 5 ? { index: i + 1 } : {}) }));
    const { readings, rejected } = fromPushedReading(reading(ports), SITE);
    expect(readings.map((r) => r.entity)).toEqual([
      'branch/__proto__',
      'branch/ab',
      'branch/#3',
      'branch/twin#4',
      'branch/twin#5',
    ]);
    expect(rejected).toEqual([{ path: 'interfaces[5]', message: 'has neither a name nor an index of its own' }]);
  });

  test('an index that stands twice is nobody’s', () => {
    const ports = [
      { name: 'a', index: 1, inOctets: '1' },
      { name: 'b', index: 1, inOctets: '2' },
    ];
    const { readings, rejected } = fromPushedReading(reading(ports), SITE);
    expect(readings.map((r) => r.lives?.ifHCInOctets?.ifIndex)).toEqual([undefined, undefined]);
    expect(rejected.map((r) => r.path)).toEqual(['interfaces[0].index', 'interfaces[1].index']);
  });

  test('an uptime in whole seconds tells a restart, and does not divide octets', () => {
    const life = (uptimeMs: number, isCoarse: boolean) =>
      fromPushedReading(reading([PORT], { uptimeMs, isCoarse }), SITE).readings[0]?.lives?.ifHCInOctets;
    expect(life(600_000, true)).toMatchObject({ bootAt: NOON - 600_000 });
    expect(life(600_000, true)).not.toHaveProperty('uptimeMs');
    expect(life(60_000, true)).toMatchObject({ uptimeMs: 60_000 });
    expect(life(600_000, false)).toMatchObject({ uptimeMs: 600_000 });
  });

  test('a restart begins a new life, and time passes by the site’s own clock', () => {
    const at = (octets: string, receivedAt: number, uptimeMs: number) => {
      const [first] = fromPushedReading(
        reading([{ ...PORT, inOctets: octets }], { receivedAt, uptimeMs }),
        SITE,
      ).readings;
      const life = first?.lives?.ifHCInOctets;
      return { slot: receivedAt, receivedAt, boundary: true, value: BigInt(octets), ...(life ? { life } : {}) };
    };
    const steps = increases(
      inOctets,
      [at('1000', NOON, 9_000_000), at('4000', NOON + 304_000, 9_300_000), at('5000', NOON + 600_000, 100_000)],
      { periodSeconds: 300 },
    );
    expect(steps.map(({ amount, elapsedMs, reason }) => [amount, elapsedMs, reason])).toEqual([
      [undefined, 0, 'first'],
      [3000n, 300_000, undefined],
      [undefined, expect.any(Number), 'reset'],
    ]);
  });
});

describe('the form of a pack', () => {
  const pack = (over: object) => ({ version: 1, readings: [{ interfaces: [{ name: 'a', ...over }] }] });
  const at = 'readings[0].interfaces[0]';

  test.each([
    [{ inOctets: '-1' }, `${at}.inOctets`],
    [{ inOctets: 5 }, `${at}.inOctets`],
    [{ outOctets: '1.5' }, `${at}.outOctets`],
    [{ outOctets: '18446744073709551616' }, `${at}.outOctets`],
    [{ inOctets: '0x10' }, `${at}.inOctets`],
    [{ inOctets: '' }, `${at}.inOctets`],
    [{ operStatus: 8 }, `${at}.operStatus`],
    [{ index: 0 }, `${at}.index`],
    [{ speedMbps: -1 }, `${at}.speedMbps`],
    [{ name: 'x'.repeat(256) }, `${at}.name`],
    [{ octets: '1' }, `${at}.octets`],
  ])('refuses %j, and says where', (over, path) => {
    expect(issuesOf(pushPack, pack(over)).map((issue) => issue.path)).toEqual([path]);
  });

  test('takes 12 readings and not 13, and no other version', () => {
    const readings = (count: number) => Array.from({ length: count }, () => ({ interfaces: [{ name: 'a' }] }));
    expect(issuesOf(pushPack, { version: 1, readings: readings(12) })).toEqual([]);
    expect(issuesOf(pushPack, { version: 1, readings: readings(13) }).map((i) => i.path)).toEqual(['readings']);
    expect(issuesOf(pushPack, { version: 2, readings: readings(1) }).map((i) => i.path)).toEqual(['version']);
  });
});

describe('the driver', () => {
  const source = sourceNamed('branch', {
    type: 'push',
    kind: 'interface',
    settings: { speedsBitsPerSecond: { ether1: 1e8 } },
  });
  const job = (over: Partial<CollectJob>): CollectJob => ({
    ...{
      source,
      secret: undefined,
      slot: NOON,
      manual: false,
      zone: 'UTC',
      deadline: NOON + 60_000,
      allowedNetworks: [],
    },
    tokens: { read: async () => undefined, write: async () => undefined, forget: async () => undefined },
    ...over,
  });

  test('hands on what came with the message, with the speed that the tenant knows', async () => {
    const page = await createPushCollector().read(job({ checkpoint: reading([PORT]) }));
    expect(page).toMatchObject({ complete: true, rejected: [], operations: [] });
    expect(page.entities[0]?.attributes).toMatchObject({ speedBitsPerSecond: 1e8, speedConfigured: true });
  });

  test('a reading that was kept back does not undo what was told of the ports since', async () => {
    const known = {
      entities: [{ id: 'branch/ether1' }],
      newest: [{ entity: 'branch/ether1', slot: NOON + 300_000 }],
    } as unknown as NonNullable<CollectJob['known']>;
    const page = await createPushCollector().read(job({ checkpoint: reading([PORT, { name: 'gone' }]), known }));
    expect(page.complete).toBe(false);
    expect(page.entities.map((draft) => draft.id)).toEqual(['branch/gone']);
    expect(page.readings.length).toBe(1);
  });

  test('a message without a reading is malformed, never a refusal of credentials', async () => {
    for (const checkpoint of [undefined, {}, { receivedAt: 'now', interfaces: [] }, 'text']) {
      await expect(createPushCollector().read(job({ checkpoint }))).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
    }
  });
});
