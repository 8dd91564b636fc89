/** A Taara for people without an account: the portal's calls over HTTP on loopback, with balances that move and faults on demand. */
import { randomBytes, randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { taaraLoginRequest } from '../../shared/bundles/taara.wire.ts';
import { type SimulatedRequest, type SimulatedResponse, type Simulator, startHttpSimulator } from './simulator.ts';
import type { TaaraAccount } from './taara-accounts.ts';
import { balanceText, bundleAnswer, expiryText, garbageBody } from './taara-answers.ts';
import { type Adjustment, endsAt, remainingAt } from './taara-curve.ts';
import { describeFaults, type PendingFault, parseFault, strike } from './taara-faults.ts';

export { taaraHistory } from './taara-curve.ts';

export interface TaaraSimulatorOptions {
  readonly accounts: readonly TaaraAccount[];
  /** Epoch ms. */
  readonly now: () => number;
  readonly port?: number;
  /** Seconds until a token ends; an hour unless told, undefined = no `exp` in it, as far as recordings tell. */
  readonly tokenSeconds?: number | undefined;
  /** Keeps drained and topped-up balances over a restart; the curve itself needs no keeping. */
  readonly persist?: { load(): unknown; save(state: unknown): void };
}

interface LiveAccount {
  readonly account: TaaraAccount;
  adjustments: Adjustment[];
  readonly pending: PendingFault[];
  /** Access tokens that are accepted, with the instant they end. */
  readonly tokens: Map<string, number>;
  readonly calls: { login: number; data: number; logout: number };
}

const TOKEN_SECONDS = 3600;

/** Starts it; `url` takes the place of the real base URL. */
export async function startTaaraSimulator(options: TaaraSimulatorOptions): Promise<Simulator> {
  const kept = readKept(options.persist?.load());
  const live = options.accounts.map(
    (account): LiveAccount => ({
      account,
      adjustments: kept
        .filter((k) => k.account === account.name)
        .map(({ planId, at, remainingOctets }) => ({ planId, at, remainingOctets: BigInt(remainingOctets) })),
      pending: [],
      tokens: new Map(),
      calls: { login: 0, data: 0, logout: 0 },
    }),
  );
  const server = await startHttpSimulator({
    handle: (request) => answer(live, request, options),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  return {
    name: 'taara',
    url: server.url,
    close: server.close,
    faults: describeFaults,
    state: () => ({ accounts: live.map((one, index) => stateOf(one, index, options.now())) }),
    inject(request) {
      const fault = parseFault(
        request,
        live.map((one) => one.account.name),
      );
      const one = live[fault.account];
      if (!one) throw new RangeError('there is no account');
      if (fault.remainingPercent !== undefined) {
        adjust(one, fault.remainingPercent, options.now());
        options.persist?.save({ adjustments: live.flatMap(keep) });
        return;
      }
      if (fault.fault === 'recover') {
        one.pending.length = 0;
        return;
      }
      if (fault.fault === 'unauthorized') one.tokens.clear();
      one.pending.push(fault);
    },
  };
}

const keptState = z.object({
  adjustments: z.array(
    z.object({
      account: z.string(),
      planId: z.string(),
      at: z.number(),
      remainingOctets: z.string().check(z.regex(/^\d+$/)),
    }),
  ),
});

function readKept(state: unknown): z.infer<typeof keptState>['adjustments'] {
  const parsed = keptState.safeParse(state);
  return parsed.success ? parsed.data.adjustments : [];
}

function keep({ account, adjustments }: LiveAccount) {
  return adjustments.map((a) => ({ account: account.name, ...a, remainingOctets: a.remainingOctets.toString() }));
}

/** Only the newest adjustment of a plan says anything about the time after it. */
function adjust(one: LiveAccount, remainingPercent: number, now: number): void {
  const plan = one.account.plans.find((p) => p.isActive);
  if (!plan) throw new RangeError(`account ${one.account.name} has no active plan`);
  const remainingOctets = (plan.allocationOctets * BigInt(Math.round(remainingPercent * 1000))) / 100_000n;
  one.adjustments = [
    ...one.adjustments.filter((a) => a.planId !== plan.planId),
    { planId: plan.planId, at: now, remainingOctets },
  ];
}

function stateOf(one: LiveAccount, index: number, now: number) {
  return {
    account: index + 1,
    name: one.account.name,
    title: one.account.title,
    plans: one.account.plans.map((plan) => {
      const remaining = remainingAt(plan, now, one.adjustments);
      return {
        planId: plan.planId,
        planName: plan.planName,
        isActive: plan.isActive,
        remainingOctets: remaining.toString(),
        remainingPercent: Number((remaining * 100_000n) / plan.allocationOctets) / 1000,
        remainingBalance: balanceText(remaining),
        expiresIn: expiryText(endsAt(plan, now) - now),
      };
    }),
    pendingFaults: one.pending.map(({ fault, times }) => ({ fault, times })),
    calls: { ...one.calls },
  };
}

async function answer(
  live: readonly LiveAccount[],
  request: SimulatedRequest,
  options: TaaraSimulatorOptions,
): Promise<SimulatedResponse> {
  const { method, path } = request;
  if (method === 'POST' && path === '/v1/users/subscriber/login') return logIn(live, request, options);
  if (method === 'GET' && path === '/v1/customers/get-customer-bundle') return readBundles(live, request, options);
  const subscriber = /^\/v1\/users\/subscriber\/logout\/([^/]+)$/.exec(path)?.[1];
  if (method === 'GET' && subscriber !== undefined) return logOut(live, decodeURIComponent(subscriber));
  return message(404, 'Not Found');
}

function message(status: number, text: string, headers: Record<string, string> = {}): SimulatedResponse {
  return { status, headers, body: JSON.stringify({ message: text }) };
}

async function logIn(
  live: readonly LiveAccount[],
  request: SimulatedRequest,
  options: TaaraSimulatorOptions,
): Promise<SimulatedResponse> {
  const body = readLogin(request.body);
  const one = live.find(
    ({ account }) =>
      account.countryCode === body?.phoneNumber.countryCode &&
      account.nationalNumber === body.phoneNumber.nationalNumber,
  );
  // Fields that are null or missing are answered like a number that nobody has.
  if (!one || !body) return message(404, 'User Not Found');
  one.calls.login++;
  const failure = await commonFault(one, request.signal);
  if (failure) return failure;
  const correct = body.passcode === one.account.passcode && body.partnerId === one.account.partnerId;
  if (!correct || strike(one.pending, 'unauthorized')) return message(401, 'Incorrect username or password');
  return { status: 200, body: JSON.stringify({ accessToken: issueToken(one, options) }) };
}

function readLogin(body: string) {
  try {
    const parsed = taaraLoginRequest.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function issueToken(one: LiveAccount, options: TaaraSimulatorOptions): string {
  const now = options.now();
  const seconds = 'tokenSeconds' in options ? options.tokenSeconds : TOKEN_SECONDS;
  const issuedAt = Math.floor(now / 1000);
  const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url');
  const claims = { sub: one.account.subscriberId, jti: randomUUID(), iat: issuedAt };
  const payload = part(seconds === undefined ? claims : { ...claims, exp: issuedAt + seconds });
  const token = `${part({ alg: 'HS256', typ: 'JWT' })}.${payload}.${randomBytes(32).toString('base64url')}`;
  for (const [old, ends] of one.tokens) if (ends <= now) one.tokens.delete(old);
  one.tokens.set(token, seconds === undefined ? Number.POSITIVE_INFINITY : (issuedAt + seconds) * 1000);
  return token;
}

async function readBundles(
  live: readonly LiveAccount[],
  request: SimulatedRequest,
  options: TaaraSimulatorOptions,
): Promise<SimulatedResponse> {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const owner = live.find(({ tokens }) => (tokens.get(token) ?? 0) > options.now());
  // Whoever comes without a good token is still known by the hotspot, so that faults strike the right account.
  const one = owner ?? live.find(({ account }) => account.hotspotId === request.query.get('hotspotId'));
  if (!one) return message(401, 'Unauthorized');
  one.calls.data++;
  const failure = await commonFault(one, request.signal);
  if (failure) return failure;
  if (strike(one.pending, 'expire-token')) one.tokens.delete(token);
  if (!one.tokens.has(token) || !owner) return message(401, 'Unauthorized');
  const body = JSON.stringify(bundleAnswer(one.account, options.now(), one.adjustments));
  const garbage = strike(one.pending, 'garbage');
  if (!garbage) return { status: 200, body };
  const html = garbage.shape === 'html' ? { headers: { 'content-type': 'text/html' } } : {};
  return { status: 200, ...html, body: garbageBody(garbage.shape ?? 'html', body) };
}

/** Nobody checks who asks: the portal sends no bearer here. */
function logOut(live: readonly LiveAccount[], subscriberId: string): SimulatedResponse {
  const one = live.find(({ account }) => account.subscriberId === subscriberId);
  if (one) {
    one.calls.logout++;
    one.tokens.clear();
  }
  return message(200, 'Logged out');
}

/** Faults that strike any call: first the wait, then the refusal. */
async function commonFault(one: LiveAccount, signal: AbortSignal): Promise<SimulatedResponse | undefined> {
  const slow = strike(one.pending, 'slow');
  if (slow) await wait((slow.seconds ?? 0) * 1000, signal);
  const fault = strike(one.pending, 'rate-limit', 'server-error');
  if (fault?.fault === 'rate-limit') {
    return message(429, 'Too Many Requests', fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter });
  }
  return fault ? message(500, 'Internal Server Error') : undefined;
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
