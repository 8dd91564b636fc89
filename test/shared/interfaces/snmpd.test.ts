/** The driver against the SNMP daemon that most servers run, over v2c and v3; skipped where it is not installed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CollectJob, Page } from '../../../shared/collect/collector.port.ts';
import { createSnmpCollector } from '../../../shared/interfaces/snmp.snmp.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { type AppError, isAppError } from '../../../shared/platform/errors.ts';
import { jobFor } from './table-agent.ts';

const SNMPD = '/usr/sbin/snmpd';
const keys = { user: 'reader', authKey: 'auth-pass-phrase', privKey: 'priv-pass-phrase' };
const v3 = { version: 'v3', authProtocol: 'sha256', privProtocol: 'aes' };

// Skipped where /usr/sbin/snmpd is missing: installing it is not ours to do.
describe.skipIf(!existsSync(SNMPD))('a real snmpd (skipped where /usr/sbin/snmpd is not installed)', () => {
  const collector = createSnmpCollector({ clock: systemClock, firstTimeoutsMs: [500, 1000] });
  const folder = mkdtempSync(join(tmpdir(), 'headroom-snmpd-'));
  let daemon: ChildProcess | undefined;
  let port = 0;

  beforeAll(async () => {
    port = await freePort();
    writeFileSync(
      join(folder, 'snmpd.conf'),
      [
        `agentaddress udp:127.0.0.1:${port}`,
        'rocommunity lab 127.0.0.1',
        `createUser ${keys.user} SHA-256 "${keys.authKey}" AES "${keys.privKey}"`,
        `createUser oldreader SHA "${keys.authKey}" AES "${keys.privKey}"`,
        `rouser ${keys.user} priv`,
        'rouser oldreader priv',
      ].join('\n'),
    );
    daemon = spawn(
      SNMPD,
      ['-f', '-C', '-c', join(folder, 'snmpd.conf'), '-Lf', join(folder, 'log'), '-p', join(folder, 'pid')],
      {
        env: { SNMP_PERSISTENT_DIR: folder, SNMPCONFPATH: folder },
        stdio: 'ignore',
      },
    );
    await untilItAnswers(() => collector.read(jobFor(port, { timeMs: 3_000 })));
  });

  afterAll(() => {
    daemon?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('is read over v2c: every interface of this machine, by name', async () => {
    const page = await collector.read(jobFor(port));
    const names = page.entities.map(({ attributes }) => attributes.ifName);
    expect(names).toEqual(expect.arrayContaining(Object.keys(networkInterfaces())));
    expect(page.rejected).toEqual([]);
    for (const reading of page.readings) {
      expect(reading.lives?.ifHCInOctets).toMatchObject({ column: 'snmp:ifHCInOctets', bits: 64, discontinuity: '0' });
      expect(reading.lives?.ifHCInOctets?.uptimeMs).toBeGreaterThan(0);
    }
  });

  test('counts what passes: a second walk shows at least what was sent in between', async () => {
    const octets = (page: Page) => page.readings.find(({ entity }) => entity === 'core1/lo')?.values.ifHCOutOctets;
    const before = octets(await collector.read(jobFor(port)));
    expect(before).toBeDefined();
    let after = before;
    // snmpd keeps its table for some seconds, so it is asked until it looks again.
    for (let i = 0; i < 40 && after === before; i += 1) {
      await sendOverLoopback(100_000);
      after = octets(await collector.read(jobFor(port)));
      if (after === before) await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect((after ?? 0n) - (before ?? 0n)).toBeGreaterThanOrEqual(100_000n);
  });

  test.each<[string, CollectJob['source']['settings'], Record<string, string>]>([
    ['SHA-256 and AES', v3, keys],
    ['SHA-1 and AES', { ...v3, authProtocol: 'sha' }, { ...keys, user: 'oldreader' }],
  ])('is read over v3 with %s', async (_, settings, secret) => {
    const page = await collector.read(jobFor(port, { settings, secret }));
    expect(page.readings.map(({ entity }) => entity)).toContain('core1/lo');
  });

  test.each([
    ['an unknown user', { ...keys, user: 'stranger' }, /unknown user name/],
    ['a wrong authentication key', { ...keys, authKey: 'planted-secret-1' }, /wrong digest/],
    ['a wrong privacy key', { ...keys, privKey: 'planted-secret-2' }, /decryption error|no answer/],
  ])('refuses %s, and says so', async (_, secret, message) => {
    const error = await failure(collector.read(jobFor(port, { settings: v3, secret })));
    expect(error.message).toMatch(message);
    if (!/no answer/.test(error.message)) expect(error.code).toBe('SOURCE_REJECTED');
    expect(JSON.stringify([error, error.context])).not.toContain('planted-secret');
  });

  test('answers a wrong community with silence', async () => {
    const error = await failure(collector.read(jobFor(port, { secret: { community: 'wrong' }, timeMs: 800 })));
    expect([error.code, error.message]).toEqual([
      'SOURCE_UNAVAILABLE',
      'no answer (down, filtered, or wrong community)',
    ]);
  });
});

async function failure(reading: Promise<unknown>): Promise<AppError> {
  const error = await reading.catch((thrown: unknown) => thrown);
  if (!isAppError(error)) throw new Error(`expected an AppError, got ${String(error)}`);
  return error;
}

async function untilItAnswers(read: () => Promise<unknown>): Promise<void> {
  for (let i = 0; ; i += 1) {
    try {
      await read();
      return;
    } catch (error) {
      if (i === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

async function sendOverLoopback(octets: number): Promise<void> {
  const receiver = createSocket('udp4');
  await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve));
  const { port } = receiver.address();
  const sender = createSocket('udp4');
  for (let sent = 0; sent < octets; sent += 10_000) {
    await new Promise<void>((resolve) => sender.send(Buffer.alloc(10_000), port, '127.0.0.1', () => resolve()));
  }
  sender.close();
  receiver.close();
}
