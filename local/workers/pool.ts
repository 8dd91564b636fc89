/** The Lambda service of this machine: each function's bundle in at most a few worker threads, started when needed. */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { CloudClock } from '../cloud/clock.ts';
import type { FunctionModel } from '../model/types.ts';
import { InvocationLog } from './invocation-log.ts';
import type { FromThread, ThreadStart, ThrownError, ToThread } from './messages.ts';

/** Four threads a function were measured to serve more than sixteen or one on two cores. */
const MAX_WORKERS = 4;
/** Longer than the minute at which schedules come back; whatever nobody asks for gives its memory back after it. */
const IDLE_MS = 75_000;
/** A semi-space as large as V8 chooses by itself costs each thread tens of MB that functions of ours never fill. */
const YOUNG_GENERATION_MB = 8;

/** What Lambda takes and gives in one synchronous call. */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Name of the error of a call whose event is larger. */
export const TOO_LARGE = 'RequestTooLargeException';

export interface PoolOptions {
  readonly idleMs?: number;
}

export interface InvocationResult {
  readonly ok: boolean;
  /** JSON value that the handler returned. */
  readonly value?: unknown;
  readonly error?: ThrownError;
  readonly durationMs: number;
}

interface Job {
  readonly id: string;
  readonly event: unknown;
  /** As JSON, which is all that crosses in AWS. */
  readonly payload: string;
  readonly resolve: (result: InvocationResult) => void;
  readonly enqueuedAt: number;
  timer?: NodeJS.Timeout;
}

interface Seat {
  readonly worker: Worker;
  ready: boolean;
  job: Job | undefined;
  /** Ends a thread that starts for too long, later one that idles. */
  timer?: NodeJS.Timeout;
}

export class FunctionPool {
  readonly model: FunctionModel;
  readonly log = new InvocationLog();
  private readonly environment: Readonly<Record<string, string>>;
  private readonly clock: CloudClock;
  private readonly idleMs: number;
  private seats: Seat[] = [];
  private waiting: Job[] = [];
  private stopped = false;

  constructor(
    model: FunctionModel,
    environment: Readonly<Record<string, string>>,
    clock: CloudClock,
    options: PoolOptions = {},
  ) {
    this.model = model;
    this.environment = environment;
    this.clock = clock;
    this.idleMs = options.idleMs ?? IDLE_MS;
  }

  /** Invocations that have no answer yet, those that wait for a thread among them. */
  get inFlight(): number {
    return this.waiting.length + this.seats.filter((s) => s.job).length;
  }

  /** Threads that are there, warm or starting. */
  get threads(): number {
    return this.seats.length;
  }

  /** A request signed by the function while nothing of it is under way is work after the return: AWS freezes that. */
  noteRequest(): void {
    if (this.inFlight === 0) this.log.write('late work: a request was made after the handler had returned');
  }

  /** Never rejects: a failed handler, a time-out and a failed start are results, as they are in Lambda. */
  invoke(event: unknown): Promise<InvocationResult> {
    if (this.stopped) return Promise.resolve(failed('Stopped', 'the local cloud is stopping', 0));
    let payload: string;
    try {
      payload = JSON.stringify(event) ?? 'null';
    } catch (error) {
      return Promise.resolve(failed('InvalidRequestContentException', `the event is not JSON: ${String(error)}`, 0));
    }
    if (Buffer.byteLength(payload) > PAYLOAD_BYTES)
      return Promise.resolve(failed(TOO_LARGE, `the event has more than ${PAYLOAD_BYTES} bytes as JSON`, 0));
    return new Promise((resolve) => {
      const job: Job = { id: randomUUID(), event, payload, resolve, enqueuedAt: Date.now() };
      job.timer = setTimeout(() => this.timeOut(job), this.model.timeoutSeconds * 1000);
      this.waiting.push(job);
      this.serve();
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.failWaiting({ name: 'Stopped', message: 'the local cloud is stopping', stack: '' });
    const seats = this.seats;
    this.seats = [];
    await Promise.all(seats.map((s) => this.dismiss(s)));
  }

  private serve(): void {
    while (this.waiting.length > 0) {
      const free = this.seats.find((s) => s.ready && !s.job);
      if (!free) {
        const starting = this.seats.filter((s) => !s.ready).length;
        if (this.seats.length < MAX_WORKERS && starting < this.waiting.length) this.hire();
        return;
      }
      const job = this.waiting.shift();
      if (job) this.assign(free, job);
    }
  }

  private assign(seat: Seat, job: Job): void {
    clearTimeout(seat.timer);
    seat.job = job;
    const message: ToThread = {
      id: job.id,
      payload: job.payload,
      remainingMs: this.model.timeoutSeconds * 1000 - (Date.now() - job.enqueuedAt),
      clockOffsetMs: this.clock.offsetMs(),
      context: {
        awsRequestId: job.id,
        functionName: this.model.name,
        functionVersion: '$LATEST',
        invokedFunctionArn: this.model.arn,
        memoryLimitInMB: String(this.model.memoryMb),
        logGroupName: this.model.logGroup,
        logStreamName: 'local',
      },
    };
    seat.worker.postMessage(message);
  }

  private hire(): void {
    const start: ThreadStart = {
      bundle: this.model.bundle,
      exportName: this.model.exportName,
      virtualClock: this.clock.virtual,
      clockOffsetMs: this.clock.offsetMs(),
    };
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: start,
      env: { ...this.environment },
      stdout: true,
      stderr: true,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: {
        maxOldGenerationSizeMb: this.model.memoryMb,
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      },
    });
    const seat: Seat = { worker, ready: false, job: undefined };
    this.seats.push(seat);
    this.dropAfter(seat, this.model.timeoutSeconds * 1000);
    for (const stream of [worker.stdout, worker.stderr])
      createInterface({ input: stream }).on('line', (line) => this.log.write(line));
    worker.on('message', (message: FromThread) => this.hear(seat, message));
    worker.on('error', (error) => this.lose(seat, describeCrash(error)));
    worker.on('exit', () => this.lose(seat, { name: 'Runtime.ExitError', message: 'the worker exited', stack: '' }));
  }

  private hear(seat: Seat, message: FromThread): void {
    if (!this.seats.includes(seat)) return;
    if (message.type === 'ready') {
      seat.ready = true;
      this.dropAfter(seat, this.idleMs);
      this.serve();
      return;
    }
    if (message.type === 'init-failed') {
      this.drop(seat);
      this.giveUpStarting(message.error);
      return;
    }
    const job = seat.job;
    if (!job || job.id !== message.id) return;
    seat.job = undefined;
    this.dropAfter(seat, this.idleMs);
    const durationMs = Date.now() - job.enqueuedAt;
    if (message.type === 'error') this.finish(job, { ok: false, error: message.error, durationMs });
    else if (Buffer.byteLength(message.result) > PAYLOAD_BYTES)
      this.finish(
        job,
        failed('Function.ResponseSizeTooLarge', `the answer has more than ${PAYLOAD_BYTES} bytes`, durationMs),
      );
    else this.finish(job, { ok: true, value: JSON.parse(message.result), durationMs });
    this.serve();
  }

  /** The thread is gone: its job failed, and the next one gets a fresh thread. */
  private lose(seat: Seat, error: ThrownError): void {
    if (!this.seats.includes(seat)) return;
    this.seats = this.seats.filter((s) => s !== seat);
    clearTimeout(seat.timer);
    if (!seat.ready) {
      this.giveUpStarting(error);
      return;
    }
    const job = seat.job;
    seat.job = undefined;
    if (job) this.finish(job, { ok: false, error, durationMs: Date.now() - job.enqueuedAt });
    this.serve();
  }

  /** A bundle that cannot start fails the calls that wait for it; starting it again for ever would help nobody. */
  private giveUpStarting(error: ThrownError): void {
    // Where another thread did start, it takes them when it is free.
    if (!this.seats.some((s) => s.ready)) this.failWaiting(error);
  }

  private failWaiting(error: ThrownError): void {
    for (const job of this.waiting.splice(0))
      this.finish(job, { ok: false, error, durationMs: Date.now() - job.enqueuedAt });
  }

  private timeOut(job: Job): void {
    const message = `${this.model.name} did not finish within ${this.model.timeoutSeconds} s`;
    this.waiting = this.waiting.filter((j) => j !== job);
    const seat = this.seats.find((s) => s.job === job);
    this.finish(job, failed('Sandbox.Timedout', message, Date.now() - job.enqueuedAt));
    if (!seat) return;
    seat.job = undefined;
    this.drop(seat);
    this.serve();
  }

  private dropAfter(seat: Seat, milliseconds: number): void {
    clearTimeout(seat.timer);
    seat.timer = setTimeout(() => {
      this.drop(seat);
      this.serve();
    }, milliseconds);
    seat.timer.unref();
  }

  private drop(seat: Seat): void {
    this.seats = this.seats.filter((s) => s !== seat);
    void this.dismiss(seat);
  }

  private async dismiss(seat: Seat): Promise<void> {
    clearTimeout(seat.timer);
    const job = seat.job;
    seat.job = undefined;
    if (job) this.finish(job, failed('Stopped', 'the worker was stopped', Date.now() - job.enqueuedAt));
    await seat.worker.terminate();
  }

  private finish(job: Job, result: InvocationResult): void {
    clearTimeout(job.timer);
    this.log.add({ id: job.id, at: this.clock.now(), event: job.event, ...result });
    job.resolve(result);
  }
}

function failed(name: string, message: string, durationMs: number): InvocationResult {
  return { ok: false, error: { name, message, stack: '' }, durationMs };
}

function describeCrash(error: unknown): ThrownError {
  const cause = error instanceof Error ? error : new Error(String(error));
  return { name: cause.name, message: cause.message, stack: cause.stack ?? '' };
}
