/** The SNMP driver against an agent over a real socket: what a walk brings, and every way in which it may end badly. */
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import type { Responder } from '../../../local/snmp/responder.ts';
import type { Collector } from '../../../shared/collect/collector.port.ts';
import { createSnmpCollector } from '../../../shared/interfaces/snmp.snmp.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { jobFor, type Row, startTableAgent, tableOf } from './table-agent.ts';

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

function open<T extends { close(): unknown }>(opened: T): T {
  toClose.push(opened);
  return opened;
}

const collector: Collector = createSnmpCollector({ clock: systemClock, firstTimeoutsMs: [300, 300] });

function rows(count: number): Row[] {
  return Array.from({ length: count }, (_, i) => ({
    index: 7 * i + 3,
    name: `ge-0/0/${i}`,
    alias: `customer ${i}`,
    type: 6,
    status: 1 + (i % 2),
    wide: [2n ** 40n + BigInt(i), 2n ** 63n + BigInt(i)] as const,
    speedMbps: 1000,
    discontinuity: 0,
  }));
}

async function failure(reading: Promise<unknown>): Promise<AppError> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

async function silentSocket(): Promise<{ port: number; socket: Socket; received: () => number }> {
  const socket = open(createSocket('udp4'));
  let received = 0;
  socket.on('message', () => {
    received += 1;
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { port: socket.address().port, socket, received: () => received };
}

describe('a walk', () => {
  test.each([1, 5, 137])('brings every one of %i interfaces once, with its own values', async (count) => {
    const table = tableOf(360_000, rows(count));
    const agent = open(await startTableAgent(() => table));
    const before = systemClock.now();
    const page = await collector.read(jobFor(agent.port));
    expect(page.complete).toBe(true);
    expect(page.rejected).toEqual([]);
    expect(page.readings.map((reading) => reading.entity)).toEqual(rows(count).map((row) => `core1/${row.name}`));
    page.readings.forEach((reading, i) => {
      expect(reading.values).toEqual({
        ifHCInOctets: 2n ** 40n + BigInt(i),
        ifHCOutOctets: 2n ** 63n + BigInt(i),
        ifOperStatus: BigInt(1 + (i % 2)),
      });
      expect(reading.receivedAt).toBeGreaterThanOrEqual(before);
      expect(reading.lives?.ifHCInOctets).toEqual({
        bootAt: reading.receivedAt - 3_600_000,
        uptimeMs: 3_600_000,
        discontinuity: '0',
        ifIndex: 7 * i + 3,
        column: 'snmp:ifHCInOctets',
        speedBitsPerSecond: 1_000_000_000,
        bits: 64,
      });
    });
    expect(page.operations.map(({ name, ok }) => [name, ok])).toEqual([
      ['resolve', true],
      ['walk interface tables', true],
    ]);
  });

  test('asks few times: many rows to a datagram, and all columns side by side', async () => {
    const table = tableOf(360_000, rows(200));
    const agent = open(await startTableAgent(() => table));
    await collector.read(jobFor(agent.port));
    expect(agent.requests()).toBeLessThanOrEqual(60);
  });

  test('gives each row the arrival and the uptime of its own response', async () => {
    let uptime = 1000;
    const agent = open(
      await startTableAgent(() => {
        uptime += 100;
        return tableOf(uptime, rows(60));
      }),
    );
    const { readings } = await collector.read(jobFor(agent.port));
    const uptimes = readings.map((reading) => reading.lives?.ifHCInOctets?.uptimeMs ?? 0);
    expect(new Set(uptimes).size).toBeGreaterThan(3);
    expect(uptimes).toEqual([...uptimes].sort((a, b) => a - b));
    for (const { lives, receivedAt } of readings) {
      expect(lives?.ifHCInOctets?.bootAt).toBe(receivedAt - (lives?.ifHCInOctets?.uptimeMs ?? 0));
      expect(lives?.ifHCOutOctets?.uptimeMs).toBe(lives?.ifHCInOctets?.uptimeMs);
    }
  });

  test('copes with an agent that cuts its answers in mid-row', async () => {
    const table = tableOf(360_000, rows(40));
    const agent = open(await startTableAgent(() => table, { maxResponseBytes: 700 }));
    const { readings } = await collector.read(jobFor(agent.port));
    expect(readings).toHaveLength(40);
    for (const { lives } of readings) expect(lives?.ifHCOutOctets?.bootAt).toBe(lives?.ifHCInOctets?.bootAt);
  });

  test('survives answers that get lost, without a wrong or missing value', async () => {
    const table = tableOf(360_000, rows(120));
    let request = 0;
    const agent = open(
      await startTableAgent(() => table, {
        isSilent: () => {
          request += 1;
          return request > 1 && request % 4 === 0;
        },
      }),
    );
    const { readings } = await collector.read(jobFor(agent.port, { timeMs: 18_000 }));
    expect(readings.map((reading) => reading.values.ifHCInOctets)).toEqual(rows(120).map((row) => row.wide?.[0]));
  });

  test('falls back to 32-bit counters only for the ports that have no others', async () => {
    const table = tableOf(100, [
      { index: 1, name: 'fast', wide: [5n, 6n], narrow: [5, 6], speedMbps: 1000, status: 1 },
      { index: 2, name: 'slow', narrow: [4_294_967_295, 7], speedMbps: 10, status: 1 },
    ]);
    const agent = open(await startTableAgent(() => table));
    const { readings, operations } = await collector.read(jobFor(agent.port));
    expect(readings.map(({ values }) => values)).toEqual([
      { ifHCInOctets: 5n, ifHCOutOctets: 6n, ifOperStatus: 1n },
      { ifHCInOctets: 4_294_967_295n, ifHCOutOctets: 7n, ifOperStatus: 1n },
    ]);
    expect(readings.map(({ lives }) => [lives?.ifHCInOctets?.column, lives?.ifHCInOctets?.bits])).toEqual([
      ['snmp:ifHCInOctets', 64],
      ['snmp:ifInOctets', 32],
    ]);
    expect(operations.map(({ name }) => name)).toContain('walk older columns');
  });

  test('reads an agent that knows the older table only', async () => {
    const table = tableOf(100, [
      { index: 1, descr: 'FastEthernet0', narrow: [1, 2], speed: 100_000_000, status: 1, type: 6 },
      { index: 2, descr: 'FastEthernet1', narrow: [3, 4], speed: 4_294_967_295, status: 2, type: 6 },
    ]);
    const agent = open(await startTableAgent(() => table));
    const { entities, readings } = await collector.read(jobFor(agent.port));
    expect(entities.map(({ id, attributes }) => [id, attributes.speedBitsPerSecond])).toEqual([
      ['core1/FastEthernet0', 100_000_000],
      ['core1/FastEthernet1', undefined],
    ]);
    expect(readings.map(({ lives }) => lives?.ifHCInOctets?.bits)).toEqual([32, 32]);
  });

  test('takes a configured speed before the router’s', async () => {
    const table = tableOf(100, [{ index: 1, name: 'br0', type: 209, speedMbps: 10, wide: [1n, 2n], status: 1 }]);
    const agent = open(await startTableAgent(() => table));
    const plain = await collector.read(jobFor(agent.port));
    expect(plain.entities[0]?.attributes.speedBitsPerSecond).toBeUndefined();
    const settings = { speedsBitsPerSecond: { br0: 250_000_000 } };
    const told = await collector.read(jobFor(agent.port, { settings }));
    expect(told.entities[0]?.attributes).toMatchObject({ speedBitsPerSecond: 250_000_000, speedConfigured: true });
  });
});

describe('a walk that ends badly', () => {
  const endings: readonly [string, () => Promise<Responder>, string, RegExp][] = [
    [
      'a community that the router does not know is silence',
      () => startTableAgent(() => tableOf(1, rows(2)), { community: 'other' }),
      'SOURCE_UNAVAILABLE',
      /^no answer \(down, filtered, or wrong community\)$/,
    ],
    [
      'a table without rows tells nothing',
      () => startTableAgent(() => tableOf(1, [])),
      'SOURCE_MALFORMED',
      /see no interface/,
    ],
    [
      'a table that never ends is left',
      () => startTableAgent(() => endless(), { maxResponseBytes: 60_000 }),
      'SOURCE_MALFORMED',
      /more than 10000 rows/,
    ],
    [
      'a restart in mid-walk drops what was read: indexes may have moved',
      async () => {
        let uptime = 900_000;
        return startTableAgent(() => {
          uptime = uptime > 900_200 ? 50 : uptime + 100;
          return tableOf(uptime, rows(80));
        });
      },
      'SOURCE_UNAVAILABLE',
      /restarted while it was read/,
    ],
    [
      'a router that falls silent in mid-walk is unavailable',
      async () => {
        let answered = 0;
        return startTableAgent(() => tableOf(1000, rows(200)), {
          isSilent: () => {
            answered += 1;
            return answered > 3;
          },
        });
      },
      'SOURCE_UNAVAILABLE',
      /stopped answering in mid-walk|not finished in time/,
    ],
  ];

  test.each(endings)('%s', async (_, start, code, message) => {
    const agent = open(await start());
    const error = await failure(collector.read(jobFor(agent.port, { timeMs: 4_000 })));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
    expect(error.context.operations).toContainEqual(expect.objectContaining({ ok: false, error: error.message }));
  });

  test('an answer sent to a silent port is not waited for longer than the tries allow', async () => {
    const { port, received } = await silentSocket();
    const startedAt = performance.now();
    const error = await failure(collector.read(jobFor(port)));
    expect(error.code).toBe('SOURCE_UNAVAILABLE');
    expect(error.retryable).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(received()).toBe(2);
  });

  test('the deadline of the run ends it earlier', async () => {
    const { port } = await silentSocket();
    const patient = createSnmpCollector({ clock: systemClock });
    const startedAt = performance.now();
    expect((await failure(patient.read(jobFor(port, { timeMs: 250 })))).code).toBe('SOURCE_UNAVAILABLE');
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  test('no packet leaves for an address that the tenant may not call', async () => {
    const { port, received } = await silentSocket();
    const error = await failure(collector.read(jobFor(port, { allowedNetworks: [] })));
    expect(error.code).toBe('SOURCE_REJECTED');
    expect(error.message).toMatch(/127\.0\.0\.1 is a loopback address/);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(received()).toBe(0);
  });

  test.each([
    ['no community', {}, {}, /community must be of type string/],
    ['no host', { host: '' }, { community: 'lab' }, /host must be at least 1/],
    ['short keys', { version: 'v3' }, { user: 'u', authKey: 'short', privKey: 'short' }, /authKey must be at least 8/],
  ])('%s is said before anything is sent, without the secret', async (_, settings, secret, message) => {
    const error = await failure(collector.read(jobFor(1, { settings, secret })));
    expect(error.code).toBe('SOURCE_REJECTED');
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('short');
  });
});

/** Rows up to where a 32-bit index could go; only the first thousands are ever asked for. */
function endless() {
  endlessTable ??= tableOf(
    1000,
    Array.from({ length: 10_500 }, (_, i) => ({ index: i + 1, wide: [1n, 2n] as const })),
  );
  return endlessTable;
}
let endlessTable: ReturnType<typeof tableOf> | undefined;
