/** Looks whether a device answers a TCP connection: sets connections up, sends nothing over them, and ends them. */
import { Socket } from 'node:net';
import type { ResolvedAddress } from '../platform/address.dns.ts';
import { AppError } from '../platform/errors.ts';
import { type Probe, rttOf } from './probe.ts';

export interface ConnectRequest {
  readonly address: ResolvedAddress;
  readonly port: number;
  readonly count: number;
  readonly timeoutMs: number;
  /** No attempt waits longer than this from now on; one that would have no time is not made. */
  readonly budgetMs: number;
}

/** Throws SOURCE_UNAVAILABLE where it is not the device that failed. */
export type Connect = (request: ConnectRequest) => Promise<Probe>;

/** One moment of congestion must not decide about all probes of a look. */
const GAP_MS = 200;
/** A refusal comes from the device as well: only silence, and a router that knows no way to it, are none. */
const ANSWERS: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET']);
const SILENCE: ReadonlySet<string> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN']);

export function createConnect({ gapMs = GAP_MS } = {}): Connect {
  return async (request) => {
    const endsAt = performance.now() + request.budgetMs;
    const times: number[] = [];
    let sent = 0;
    for (; sent < request.count; sent++) {
      if (sent > 0) await pause(gapMs);
      if (performance.now() + request.timeoutMs > endsAt) break;
      const time = await attempt(request);
      if (time !== undefined) times.push(time);
    }
    if (sent === 0) throw new AppError('SOURCE_UNAVAILABLE', 'there was no time left to look');
    const rtt = rttOf(times);
    return { sent, received: times.length, ...(rtt === undefined ? {} : { rtt }) };
  };
}

/** Microseconds until the device said something; undefined for silence. */
function attempt({ address, port, timeoutMs }: ConnectRequest): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    const startedAt = performance.now();
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const answered = () => end(() => resolve(Math.max(1, Math.round((performance.now() - startedAt) * 1000))));
    const timer = setTimeout(() => end(() => resolve(undefined)), timeoutMs);
    socket.on('connect', answered);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const { code = 'unknown' } = error;
      if (ANSWERS.has(code)) answered();
      else if (SILENCE.has(code)) end(() => resolve(undefined));
      else end(() => reject(ours(code, error)));
    });
    socket.connect({ host: address.address, port, family: address.family });
  });
}

/** No way out of this network, no socket left, not allowed: nothing was learnt of the device. */
function ours(code: string, cause: unknown): AppError {
  return new AppError('SOURCE_UNAVAILABLE', `no connection could be tried from here (${code})`, { cause });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
