/** Runs inside a worker thread: loads one function's bundle and answers invocations, as the Lambda runtime does. */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromThread, ThreadStart, ToThread } from './messages.ts';

const start = workerData as ThreadStart;
const port = parentPort;
if (!port) throw new Error('thread.ts runs in a worker only');

const realNow = Date.now.bind(Date);
let offsetMs = start.clockOffsetMs;
if (start.virtualClock) moveDate();

/** Moves Date, and nothing else, by the virtual clock's offset; timers stay real. */
function moveDate(): void {
  const RealDate = Date;
  const Moved = class extends RealDate {
    constructor(...parts: unknown[]) {
      if (parts.length === 0) super(realNow() + offsetMs);
      else super(...(parts as [number]));
    }
    static override now(): number {
      return realNow() + offsetMs;
    }
  };
  globalThis.Date = Moved as DateConstructor;
}

type Handler = (event: unknown, context: unknown) => unknown;

function load(): Handler {
  const loaded = createRequire(start.bundle)(start.bundle) as Record<string, unknown>;
  const handler = loaded[start.exportName];
  if (typeof handler !== 'function') throw new Error(`${start.bundle} exports no function "${start.exportName}"`);
  return handler as Handler;
}

function post(message: FromThread): void {
  port?.postMessage(message);
}

function describe(error: unknown): { name: string; message: string; stack: string } {
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack ?? '' };
  return { name: 'Error', message: String(error), stack: '' };
}

let handler: Handler | undefined;
try {
  handler = load();
  post({ type: 'ready' });
} catch (error) {
  post({ type: 'init-failed', error: describe(error) });
}

port.on('message', (message: ToThread) => {
  offsetMs = message.clockOffsetMs;
  void invoke(message);
});

async function invoke(message: ToThread): Promise<void> {
  const deadline = realNow() + message.remainingMs;
  const context = {
    ...message.context,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - realNow()),
  };
  try {
    const result = await handler?.(JSON.parse(message.payload), context);
    // What JSON cannot say, such as a function, is null to a caller in AWS.
    post({ type: 'result', id: message.id, result: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    post({ type: 'error', id: message.id, error: describe(error) });
  }
}
