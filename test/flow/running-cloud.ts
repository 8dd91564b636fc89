/** `npm start` as a process of its own, to be killed: the real clock, a folder and a port that outlive it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const READY_MS = 100_000;
/** Below the ports that systems hand out for connections: between a kill and the next start nobody is given this one. */
const [LOWEST_PORT, PORTS] = [20_000, 10_000];

export interface RunningCloud {
  /** What it has said so far. */
  said(): string;
  /** Resolves when it has ended; of one that had ended by itself, at once and with its own end. */
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null; afterMs: number }>;
}

export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * PORTS);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

function environmentOf(folder: string, port: number): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HEADROOM_DATA: folder, PORT: String(port) };
}

/** Resolves at its `ready`; throws what it said when it ends before, or takes too long. */
export async function startRunning(folder: string, port: number): Promise<RunningCloud> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'local/main.ts'], {
    cwd: ROOT,
    env: environmentOf(folder, port),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Whatever becomes of the tests, it does not outlive them.
  process.once('exit', () => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
  const until = Date.now() + READY_MS;
  while (!/^ready /m.test(said)) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`it did not become ready:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { said: () => said, kill: (signal) => end(child, signal) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals) {
  const startedAt = Date.now();
  if (child.exitCode !== null || child.signalCode !== null) {
    return { code: child.exitCode, signal: child.signalCode, afterMs: 0 };
  }
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
    { cwd: ROOT, env: environmentOf(folder, port), timeout: 60_000 },
  );
  return stdout.trim();
}
