/** The driver by SNMPv3 against a simulated router: its proofs, and what it says when they fail. */
import { afterEach, describe, expect, test } from 'vitest';
import type { SimulatedSnmp } from '../../../local/simulators/snmp-router.ts';
import { createSnmpCollector } from '../../../shared/interfaces/snmp.snmp.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { SNMP_ROUTER, SnmpWorld } from '../../local/simulators/snmp-world.ts';
import { jobFor } from './table-agent.ts';

const KEYS = { user: 'headroom', authKey: 'auth-8c1d-phrase', privKey: 'priv-0f9c-phrase' };

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

const collector = createSnmpCollector({ clock: systemClock, firstTimeoutsMs: [300, 300] });

async function router(login: SimulatedSnmp['login']) {
  const world = new SnmpWorld();
  toClose.push(world);
  const simulator = await world.open({ routers: [{ ...SNMP_ROUTER, login }] });
  return { world, simulator, port: simulator.routers[0]?.port ?? 0 };
}

const settingsOf = (authProtocol: string) => ({ version: 'v3', authProtocol, privProtocol: 'aes' });

async function failureOf(port: number, settings: Record<string, unknown>, secret: Record<string, string>) {
  const error = await collector.read(jobFor(port, { settings, secret, timeMs: 2_000 })).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const { message, context } = error as AppError;
  for (const key of Object.values(secret)) expect(JSON.stringify([message, context])).not.toContain(key);
  return error as AppError;
}

describe('a router', () => {
  test.each([
    ['sha', 'sha1'],
    ['sha256', 'sha256'],
    ['sha512', 'sha512'],
  ] as const)('is read with %s and AES, to the same octets as by v2c', async (authProtocol, hash) => {
    const { port } = await router({ ...KEYS, authProtocol: hash });
    const { readings, rejected } = await collector.read(
      jobFor(port, { settings: settingsOf(authProtocol), secret: KEYS }),
    );
    const plain = await router({ community: 'lab' });
    const other = await collector.read(jobFor(plain.port));
    expect(rejected).toEqual([]);
    expect(readings.map(({ entity, values }) => [entity, values])).toEqual(
      other.readings.map(({ entity, values }) => [entity, values]),
    );
  });

  test('that restarts between two runs is read again', async () => {
    const { simulator, port } = await router({ ...KEYS, authProtocol: 'sha256' });
    const job = () => jobFor(port, { settings: settingsOf('sha256'), secret: KEYS });
    await collector.read(job());
    simulator.inject({ fault: 'reboot' });
    const { readings } = await collector.read(job());
    expect(readings[0]?.values.ifHCInOctets).toBe(0n);
  });

  test.each([
    ['another user', { user: 'nobody' }, 'SOURCE_REJECTED'],
    ['another key to prove by', { authKey: 'another-phrase' }, 'SOURCE_REJECTED'],
    ['another key to hide by', { privKey: 'another-phrase' }, 'SOURCE_UNAVAILABLE'],
  ])('says to %s what SNMPv3 says', async (_, other, code) => {
    const { port } = await router({ ...KEYS, authProtocol: 'sha256' });
    expect((await failureOf(port, settingsOf('sha256'), { ...KEYS, ...other })).code).toBe(code);
  });

  test('of v3 does not hear v2c, nor one of v2c v3', async () => {
    const three = await router({ ...KEYS, authProtocol: 'sha256' });
    expect((await failureOf(three.port, {}, { community: KEYS.authKey })).code).toBe('SOURCE_UNAVAILABLE');
    const two = await router({ community: 'lab' });
    expect((await failureOf(two.port, settingsOf('sha256'), KEYS)).code).toBe('SOURCE_UNAVAILABLE');
  });
});
