/** Runs a peer's server for a while: finds it, gives it a port and a folder, waits for it, and ends it. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_MS = 60_000;
const LOOK_EVERY_MS = 100;

export function isInstalled(program: string): boolean {
  return spawnSync('which', [program]).status === 0;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}

/** Gone when this process ends, whatever ends it. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `headroom-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Runs a program to its end; throws with what it printed unless it succeeded. */
export function run(program: string, args: readonly string[], options: SpawnOptions = {}): void {
  const { status, stderr, stdout } = spawnSync(program, args, { ...options, encoding: 'utf8', maxBuffer: 1e9 });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${String(stderr || stdout).slice(-1000)}`);
}

export async function startServer(
  program: string,
  args: readonly string[],
  isReady: () => Promise<boolean>,
  options: SpawnOptions = {},
): Promise<ChildProcess> {
  const child = spawn(program, args, { ...options, stdio: 'ignore' });
  // A measurement that breaks off leaves nothing running.
  process.once('exit', () => child.kill());
  const until = Date.now() + READY_MS;
  while (!(await isReady().catch(() => false))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`${program} did not start`);
    await sleep(LOOK_EVERY_MS);
  }
  return child;
}

export async function stopServer(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** A server may tidy up meanwhile: what is gone counts nothing. */
export function folderBytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  return files.reduce(
    (total, f) => total + (statSync(join(f.parentPath, f.name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** Once nothing changes any more: what is being merged stands there twice for a while. */
export async function settledBytes(folder: string): Promise<number> {
  const until = Date.now() + READY_MS;
  for (let before = -1, now = folderBytes(folder); ; before = now, now = folderBytes(folder)) {
    if (now === before || Date.now() > until) return now;
    await sleep(10 * LOOK_EVERY_MS);
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
