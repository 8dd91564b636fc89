/** Runs `npm start` on a port and a data folder of its own, as a user does, and waits for its lines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './programs.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const READY_MS = 120_000;

export interface Running {
  readonly url: string;
  /** From the command until it printed `ready`. */
  readonly readyMs: Promise<number>;
  /** performance.now() of the command. */
  readonly startedAt: number;
  stop(): Promise<void>;
}

export async function npmStart(dataFolder: string): Promise<Running> {
  const port = await freePort();
  const startedAt = performance.now();
  // A group of its own: Ctrl-C in a terminal reaches npm and what it runs, and so does this.
  const child = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), HEADROOM_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const interrupt = () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
  };
  process.once('exit', interrupt);
  let printed = '';
  const readyMs = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`npm start was not ready in time:\n${printed}`)), READY_MS);
    const hear = (chunk: Buffer) => {
      printed += chunk.toString('utf8');
      if (!/^ready /m.test(printed)) return;
      clearTimeout(timer);
      resolve(performance.now() - startedAt);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`npm start ended:\n${printed}`));
    });
  });
  readyMs.catch(() => undefined);
  return {
    url: `http://127.0.0.1:${port}`,
    readyMs,
    startedAt,
    async stop() {
      process.off('exit', interrupt);
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      interrupt();
      await ended;
    },
  };
}
