/** `npm start` as a process of its own, to be killed: the real clock, a folder and a port that outlive it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const READY_MS = 90_000;

export interface RunningCloud {
  readonly url: string;
  /** What it has said so far. */
  said(): string;
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null; afterMs: number }>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function environmentOf(folder: string, port: number): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HEADROOM_DATA: folder, PORT: String(port) };
}

/** Resolves at its `ready`; throws what it said when it ends before. */
export async function startRunning(folder: string, port: number): Promise<RunningCloud> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'local/main.ts'], {
    cwd: ROOT,
    env: environmentOf(folder, port),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const until = Date.now() + READY_MS;
  while (!/^ready /m.test(said)) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`it did not become ready:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url: `http://127.0.0.1:${port}`, said: () => said, kill: (signal) => end(child, signal) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals) {
  const startedAt = Date.now();
  const closed = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  child.kill(signal);
  const [code, by] = await closed;
  return { code, signal: by, afterMs: Date.now() - startedAt };
}

/** What `npm run -s token` prints. */
export async function tokenOf(folder: string, port: number, role: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['local/token.ts', '--tenant', 'demo', '--role', role],
    {
      cwd: ROOT,
      env: environmentOf(folder, port),
      timeout: 30_000,
    },
  );
  return stdout.trim();
}
