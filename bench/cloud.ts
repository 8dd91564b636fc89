/** Starts the local cloud for a measurement and gives ways in: its API, its table, tokens, and single functions. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { FromThread, ThreadStart, ToThread } from '../local/workers/messages.ts';
import type { CloudOrder, FromCloud, MemoryRequest, Started, StartedFunction, TokenRequest } from './cloud-process.ts';
import { say } from './measure.ts';

export interface BenchCloud extends Started {
  token(tenant: string, role: string): Promise<string>;
  /** Of the cloud's whole process. */
  residentMb(): Promise<number>;
  /** Straight to the emulator: nothing of the gateway is in its way. */
  openClient(): DynamoDBClient;
  stop(): Promise<void>;
}

const START_MS = 120_000;
const REQUEST_MS = 60_000;

export async function startBenchCloud(order: CloudOrder): Promise<BenchCloud> {
  const child = fork(new URL('./cloud-process.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const next = <T>(pick: (message: FromCloud) => T | undefined) =>
    new Promise<T>((resolve, reject) => {
      const hear = (message: FromCloud) => {
        const found = pick(message);
        if ('failed' in message) reject(new Error(message.failed));
        if (found === undefined) return;
        child.off('message', hear);
        resolve(found);
      };
      child.on('message', hear);
    });
  child.on('message', (message: FromCloud) => {
    if ('notice' in message) say(`notice: ${message.notice}`);
  });
  child.send(order);
  const timer = setTimeout(() => child.kill(), START_MS);
  const started = await next((message) => ('started' in message ? message.started : undefined));
  clearTimeout(timer);
  return {
    ...started,
    async token(tenant, role) {
      const answer = next((message) => ('token' in message ? message.token : undefined));
      child.send({ tenant, role } satisfies TokenRequest);
      return answer;
    },
    async residentMb() {
      const answer = next((message) => ('residentMb' in message ? message.residentMb : undefined));
      child.send({ memory: true } satisfies MemoryRequest);
      return answer;
    },
    openClient: () =>
      new DynamoDBClient({
        endpoint: started.tablesUrl,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        maxAttempts: 2,
      }),
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** Body of an answer that succeeded. */
export async function readJson(url: string, token: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`GET ${url}: HTTP ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

export interface LoneFunction {
  /** Throws unless the handler answered 200. */
  invoke(event: unknown): Promise<void>;
  /** User and system time of its thread, ms. */
  cpuMs(): Promise<number>;
  stop(): Promise<unknown>;
}

/** One worker thread of a function, as the local cloud runs it, with its processor time to read. */
export async function startFunction(fn: StartedFunction, clockOffsetMs: number): Promise<LoneFunction> {
  const start: ThreadStart = { bundle: fn.bundle, exportName: fn.exportName, virtualClock: true, clockOffsetMs };
  const worker = new Worker(new URL('../local/workers/thread.ts', import.meta.url), {
    workerData: start,
    env: { ...fn.environment },
    stdout: true,
    stderr: true,
  });
  const [ready] = (await once(worker, 'message')) as [FromThread];
  if (ready.type !== 'ready') throw new Error(`the function did not start: ${JSON.stringify(ready)}`);
  return {
    async invoke(event) {
      const message: ToThread = {
        id: 'bench',
        payload: JSON.stringify(event),
        context: {},
        remainingMs: REQUEST_MS,
        clockOffsetMs,
      };
      worker.postMessage(message);
      const [answer] = (await once(worker, 'message')) as [FromThread];
      if (answer.type !== 'result' || (JSON.parse(answer.result) as { statusCode: number }).statusCode !== 200) {
        throw new Error(`the function failed: ${JSON.stringify(answer).slice(0, 400)}`);
      }
    },
    async cpuMs() {
      const { user, system } = await worker.cpuUsage();
      return (user + system) / 1000;
    },
    stop: () => worker.terminate(),
  };
}
