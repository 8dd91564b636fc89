/** A 1NCE for people without an account: both versions of its API over HTTP on loopback, with fleets that live and faults on demand. */

import { GARBAGE_SHAPES } from './fault-fields.ts';
import { countSims, type LiveAccount, type OnenceAccount, openAccount } from './onence-account.ts';
import { settle } from './onence-changes.ts';
import { describeFaults, garbageBody, MOST_TIMES, type PendingFault, parseFault, strike } from './onence-faults.ts';
import { injectFault } from './onence-inject.ts';
import { readKept } from './onence-kept.ts';
import { findRoute, type Version } from './onence-routes.ts';
import { bearerOf, empty, json, logIn, loginOf, ownerOf, refuseBearer, throttle } from './onence-token.ts';
import { type SimulatedRequest, type SimulatedResponse, type Simulator, startHttpSimulator } from './simulator.ts';

export { demoOnenceAccounts, type OnenceAccount } from './onence-account.ts';

export interface OnenceSimulatorOptions {
  readonly accounts: readonly OnenceAccount[];
  /** Epoch ms. */
  readonly now: () => number;
  readonly port?: number;
  /** Of each account on `/sims`; 10 unless told, as many at once; undefined or 0 = as many as come. */
  readonly requestsPerSecond?: number | undefined;
  /** Epoch ms; curves and activations hang on it: keep it, and a later start goes on where they are by then. */
  readonly anchorAt: number;
  /** Keeps what was changed of SIMs over a restart; the fleet itself needs no keeping. */
  readonly persist?: { load(): unknown; save(state: unknown): void };
  /** Whether version 2 tells the daily usage, which its published specification does not yet say; true unless told. */
  readonly v2Usage?: boolean;
}

const BASE = '/management-api';
const TOKEN_PATH = '/oauth/token';
const REQUESTS_PER_SECOND = 10;

/** Starts it; `url` and `/management-api` take the place of the real base URL. */
export async function startOnenceSimulator(options: OnenceSimulatorOptions): Promise<Simulator> {
  const kept = readKept(options.persist?.load());
  const live: LiveAccount[] = [];
  const save = (): void =>
    options.persist?.save({ accounts: Object.fromEntries(live.map((one) => [one.account.name, one.kept])) });
  for (const account of options.accounts) {
    const { anchorAt } = options;
    live.push(openAccount(account, live.length, { anchorAt, kept: kept[account.name], save }));
  }
  const server = await startHttpSimulator({
    handle: (request) => answer(live, request, options),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  return {
    name: 'onence',
    url: server.url,
    close: server.close,
    faults: describeFaults,
    state: () => ({ accounts: live.map(stateOf) }),
    inject(request) {
      const fault = parseFault(
        request,
        live.map((one) => one.account.name),
      );
      const one = live[fault.account];
      if (!one) throw new RangeError('there is no account');
      settle(one, options.now());
      injectFault(one, fault, options.now());
    },
  };
}

function stateOf(one: LiveAccount, index: number) {
  return {
    account: index + 1,
    name: one.account.name,
    title: one.account.title,
    sims: countSims(one),
    /** All that is held of single SIMs. */
    changedSims: Object.keys(one.kept.sims).length,
    logins: one.logins,
    throttled: one.throttled,
    calls: Object.fromEntries(one.calls),
    orders: one.kept.orders.length,
    moneySpent: { amountMinor: String(one.kept.spentCents), currency: 'EUR' },
    pendingFaults: [
      ...(one.refusals > 0 ? [{ fault: 'unauthorized', times: one.refusals }] : []),
      ...one.pending.map((fault) => ({ ...fault, times: fault.times > MOST_TIMES ? 'until recover' : fault.times })),
    ],
  };
}

async function answer(
  live: readonly LiveAccount[],
  request: SimulatedRequest,
  options: OnenceSimulatorOptions,
): Promise<SimulatedResponse> {
  if (!request.path.startsWith(`${BASE}/`)) return empty(404);
  const path = request.path.slice(BASE.length);
  if (request.method === 'POST' && path === TOKEN_PATH) return answerLogin(live, request, options.now());
  const token = bearerOf(request);
  const one = token === undefined ? undefined : ownerOf(live, token, options.now());
  if (token === undefined || !one) return refuseBearer(token, path, options.now());
  const found = findRoute(request.method, path);
  count(one, `${request.method} ${found?.route.template ?? 'anything else'}`);
  const failure = (await waitFor(one, path, request.signal)) ?? limit(one, path, options) ?? commonFault(one, path);
  if (failure) return failure;
  if (strike(one.pending, path, 'expire-token')) one.tokens.delete(token);
  const now = options.now();
  if (!one.tokens.has(token)) return refuseBearer(token, path, now);
  if (path.startsWith('/v1/sims') && strike(one.pending, path, 'bad-request-v1')) return empty(410);
  const version: Version = path.startsWith('/v2/') ? 'v2' : 'v1';
  const isUsageOff = options.v2Usage === false && version === 'v2' && path.endsWith('/usage');
  // A path that is not there is answered by the gateway, not in the words of version 2.
  if (!found || isUsageOff) return empty(404);
  settle(one, now);
  const response = found.route.handle({ one, request, version, now }, found.parts);
  return response.status === 200 ? spoil(one, path, response) : response;
}

async function answerLogin(
  live: readonly LiveAccount[],
  request: SimulatedRequest,
  now: number,
): Promise<SimulatedResponse> {
  const one = loginOf(live, request);
  if (!one) return logIn(undefined, request, now);
  count(one, `POST ${TOKEN_PATH}`);
  const failure = (await waitFor(one, TOKEN_PATH, request.signal)) ?? commonFault(one, TOKEN_PATH);
  if (failure) return failure;
  const response = logIn(one, request, now);
  return response.status === 200 ? spoil(one, TOKEN_PATH, response) : response;
}

function count(one: LiveAccount, call: string): void {
  one.calls.set(call, (one.calls.get(call) ?? 0) + 1);
}

function limit(one: LiveAccount, path: string, options: OnenceSimulatorOptions): SimulatedResponse | undefined {
  const perSecond = 'requestsPerSecond' in options ? (options.requestsPerSecond ?? 0) : REQUESTS_PER_SECOND;
  return perSecond > 0 && /^\/v\d\/sims\b/.test(path) ? throttle(one, perSecond, options.now()) : undefined;
}

/** Never an answer: only the wait before it. */
async function waitFor(one: LiveAccount, path: string, signal: AbortSignal): Promise<undefined> {
  const slow = strike(one.pending, path, 'slow');
  if (slow) await wait((slow.seconds ?? 0) * 1000, signal);
}

function commonFault(one: LiveAccount, path: string): SimulatedResponse | undefined {
  const fault = strike(one.pending, path, 'rate-limit', 'server-error');
  if (!fault) return undefined;
  return fault.fault === 'rate-limit' ? tooMany(one, fault) : serverError(fault.status, path);
}

function tooMany(one: LiveAccount, { retryAfter }: PendingFault): SimulatedResponse {
  one.throttled++;
  return json(429, { message: 'Too Many Requests' }, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
}

/** An outage of the gateway speaks HTML; a failure behind it the error shape of the version. */
function serverError(status: number | undefined, path: string): SimulatedResponse {
  if (status === undefined) {
    const html = '<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>';
    return { status: 503, headers: { 'content-type': 'text/html' }, body: html };
  }
  if (path.startsWith('/v2/')) {
    return json(status, { error_code: 1000, error_token: 'InternalServerError', message: 'Internal server error' });
  }
  return json(status, { status, error: 'Internal Server Error', path: `/internal-global-api${path}` });
}

/** Keeps the headers of the page, but for those that the new body would make untrue. */
function spoil(one: LiveAccount, path: string, response: SimulatedResponse): SimulatedResponse {
  const garbage = strike(one.pending, path, 'garbage');
  if (!garbage) return response;
  const shape = GARBAGE_SHAPES.find((known) => known === garbage.shape) ?? 'html';
  const body = garbageBody(shape, response.body);
  const headers = { ...response.headers, 'content-length': String(Buffer.byteLength(body)) };
  return { status: 200, headers: shape === 'html' ? { ...headers, 'content-type': 'text/html' } : headers, body };
}

/** Ends early when the caller is gone, so that a closing simulator waits for nobody. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
