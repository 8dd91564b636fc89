import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from '../../local/lock.ts';

const ROOT = join(import.meta.dirname, '../..');

let folder: string;
let server: Server | undefined;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-start-'));
});

afterEach(async () => {
  await killed();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A test that fails or runs out of time has not seen its process end: it must not outlive the test. */
async function killed(): Promise<void> {
  const running = child;
  child = undefined;
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  const ended = once(running, 'exit');
  running.kill('SIGKILL');
  await ended;
}

/** Starts it with a bare environment, and waits until it ends. */
function start(environment: Record<string, string>, ...options: string[]) {
  const started = spawn(process.execPath, ['local/main.ts', ...options], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HEADROOM_DATA: folder, ...environment },
    timeout: 60_000,
  });
  let [out, error] = ['', ''];
  child = started;
  started.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  started.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString('utf8');
  });
  return new Promise<{ code: number | null; out: string; sentence: string }>((resolve) => {
    started.on('close', (code) => resolve({ code, out, sentence: error.trim() }));
  });
}

test.each<[string, Record<string, string>, RegExp]>([
  ['a port that is no number', { PORT: 'http' }, /PORT must be a port number, 1 to 65535/],
  ['a port beyond the last', { PORT: '70000' }, /PORT must be a port number, 1 to 65535/],
  ['a zone that does not exist', { TENANT_ZONE: 'Africa/Atlantis' }, /TENANT_ZONE must be an IANA zone/],
  ['half of an account', { TAARA_PHONE_NUMBER: '7700900001' }, /TAARA_PASSCODE.*too/],
  [
    'an account id that is none',
    { TWILIO_ACCOUNT_SID: 'x' },
    /TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits/,
  ],
  [
    'a folder inside a file',
    { HEADROOM_DATA: '/dev/null/headroom' },
    /\/dev\/null\/headroom cannot be written.*HEADROOM_DATA=/,
  ],
])('%s is one clear sentence, and the exit code says so', async (_, environment, sentence) => {
  const ended = await start(environment);
  expect(ended.code).toBe(1);
  expect(ended.sentence).toMatch(/^headroom cannot start: /);
  expect(ended.sentence).toMatch(sentence);
  expect(ended.sentence.split('\n')).toHaveLength(1);
  expect(ended.out).not.toContain('ready');
});

test('several wrong values are told at once, and no secret among them', async () => {
  const { sentence } = await start({
    PORT: 'x',
    TAARA_PASSCODE: 'planted-secret',
    TWILIO_AUTH_TOKEN: 'planted-secret',
  });
  for (const part of [/PORT must be/, /the real Taara needs /, /the real Twilio needs /])
    expect(sentence).toMatch(part);
  expect(sentence).not.toContain('planted-secret');
});

test('a folder that another one uses is left alone', async () => {
  const unlock = lockFolder(folder);
  const ended = await start({});
  unlock();
  expect(ended).toMatchObject({ code: 1 });
  expect(ended.sentence).toMatch(new RegExp(`in use by process ${process.pid}: stop it, or choose another`));
});

test('an option that is not known is told', async () => {
  const ended = await start({}, '--frehs');
  expect(ended.code).toBe(1);
  expect(ended.sentence).toMatch(/--frehs/);
});

test('a taken port is told, with a way out', async () => {
  const taken = createServer();
  server = taken;
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const ended = await start({ PORT: String(port) });
  expect(ended.code).toBe(1);
  expect(ended.sentence).toMatch(new RegExp(`port ${port} is taken: stop what uses it, or choose another with PORT=`));
  expect(ended.sentence.split('\n')).toHaveLength(1);
}, 90_000);
