/** A MikroTik for people without one: RouterOS by REST and by its binary API on loopback, with counters that behave and faults on demand. */
import { isLogin, type RouterPlace, type RouterServer, serveRouter, wait } from './router-server.ts';
import {
  answered,
  garbageBody,
  LOGIN_PAGE,
  listed,
  monitored,
  refused,
  resourceOf,
  vlanRows,
} from './routeros-answers.ts';
import { serveApi } from './routeros-api.ts';
import { describeFaults, parseFault, strike } from './routeros-faults.ts';
import { changesLimits, writesRefused } from './routeros-hand.ts';
import { type KeptLimits, keptLimits, restoreLimits } from './routeros-kept.ts';
import { advanceLimits, answerLimits, withOctets } from './routeros-limits.ts';
import { pinged } from './routeros-ping.ts';
import { advancePort, rowOf } from './routeros-ports.ts';
import { type LiveRouter, liveRouter, type SimulatedRouter, strikesNow } from './routeros-router.ts';
import type { SimulatedRequest, SimulatedResponse, Simulator } from './simulator.ts';

export interface RouterosSimulatorOptions {
  readonly routers: readonly SimulatedRouter[];
  /** Epoch ms. */
  readonly now: () => number;
  /** Self-signed certificates made at the start; plain HTTP unless told. */
  readonly tls?: boolean;
  /** Where changed limits are kept over restarts; lost with the process unless told. */
  readonly persist?: { load(): unknown; save(state: KeptLimits): void };
}

export interface RouterosSimulator extends Simulator {
  /** In the order of the options; what a source's settings need. */
  readonly routers: readonly RouterPlace[];
}

/** Every router has a port of its own; `url` is the first one's. */
export async function startRouterosSimulator(options: RouterosSimulatorOptions): Promise<RouterosSimulator> {
  const live = options.routers.map(liveRouter);
  restoreLimits(live, options.persist?.load());
  const save = () => options.persist?.save(keptLimits(live));
  const servers = await Promise.all(
    live.map((one) => serve(one, options, (request) => answer(one, request, options.now, save))),
  );
  return {
    name: 'routeros',
    url: servers[0]?.place.url ?? '',
    routers: servers.map(({ place }) => place),
    faults: describeFaults,
    state: () => ({ routers: live.map((one, i) => stateOf(one, servers[i]?.place.url, options.now())) }),
    inject(request) {
      const names = live.map(({ router }) => router.name);
      const fault = parseFault(request, names);
      const one = live[fault.router];
      if (!one) throw new RangeError('there is no router');
      advance(one, options.now());
      if (!strikesNow(one, fault, options.now())) one.pending.push(fault);
      save();
    },
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

type Handle = (request: SimulatedRequest) => Promise<SimulatedResponse>;

async function serve(one: LiveRouter, options: RouterosSimulatorOptions, handle: Handle): Promise<RouterServer> {
  const { name, port } = one.router;
  const tls = options.tls === true;
  const [rest, api] = await Promise.all([
    serveRouter({ name, port, tls, handle }),
    serveApi(one, { tls, answer: handle }),
  ]);
  return {
    place: { ...rest.place, api: api.place },
    close: async () => void (await Promise.all([rest.close(), api.close()])),
  };
}

function advance(one: LiveRouter, now: number): void {
  for (const port of one.ports) advancePort(port, now);
  advanceLimits(one.limits, now);
}

function stateOf(one: LiveRouter, url: string | undefined, now: number) {
  advance(one, now);
  return {
    name: one.router.name,
    url,
    uptimeSeconds: Math.floor((now - one.bootedAt) / 1000),
    interfaces: one.ports.map(rowOf),
    queues: one.limits.rows.queues.map((row) => withOctets(one.limits, row)),
    cut: one.limits.rows.cutList.map(({ address }) => address),
    pings: [...one.pings].map(([address, { echoes: _echoes, ...fault }]) => ({ address, ...fault })),
    pendingFaults: one.pending.map(({ fault, times }) => ({ fault, times })),
    calls: one.calls,
  };
}

async function answer(
  one: LiveRouter,
  request: SimulatedRequest,
  now: () => number,
  save: () => void,
): Promise<SimulatedResponse> {
  one.calls++;
  const slow = strike(one.pending, 'slow');
  if (slow) await wait((slow.seconds ?? 0) * 1000, request.signal);
  const early = faultBefore(one);
  if (early) return early;
  const { writer } = one.router;
  const users = [one.router, ...(writer ? [writer] : [])];
  if (!users.some((user) => isLogin(user, request.headers.authorization)) || strike(one.pending, 'unauthorized')) {
    return refused(401, 'Unauthorized');
  }
  advance(one, now());
  const response = changesLimits(request) ? write(one, request, save) : route(one, request, now());
  const garbage = strike(one.pending, 'garbage');
  return garbage ? { ...response, body: garbageBody(garbage.garbage ?? 'truncated', response.body) } : response;
}

/** Changes are for users who may write; a lost one is answered as if it had been made. */
function write(one: LiveRouter, request: SimulatedRequest, save: () => void): SimulatedResponse {
  const { writer } = one.router;
  const mayWrite = writer === undefined || isLogin(writer, request.headers.authorization);
  if (!mayWrite || strike(one.pending, 'refuse-write')) return writesRefused();
  const keep = strike(one.pending, 'lost-write') === undefined;
  const response = answerLimits(one.limits, request, { keep }) ?? refused(404, 'Not Found');
  save();
  return response;
}

function faultBefore(one: LiveRouter): SimulatedResponse | undefined {
  const struck = strike(one.pending, 'login-page', 'redirect', 'session-closed', 'server-error', 'rate-limit');
  switch (struck?.fault) {
    case 'login-page':
      return LOGIN_PAGE;
    case 'redirect':
      return { status: 302, headers: { location: 'https://192.0.2.1/webfig/' }, body: '' };
    case 'session-closed':
      return refused(400, 'Bad Request', 'Session closed');
    case 'server-error':
      return refused(struck.status ?? 503, 'Service Unavailable');
    case 'rate-limit':
      return { ...refused(429, 'Too Many Requests'), headers: { 'retry-after': '60' } };
    default:
      return undefined;
  }
}

function route(one: LiveRouter, request: SimulatedRequest, now: number): SimulatedResponse {
  const { method, path, query, body } = request;
  const limits = answerLimits(one.limits, request, { keep: false });
  if (limits) return limits;
  const rows = one.ports.map(rowOf);
  switch (`${method} ${path}`) {
    case 'GET /rest/interface':
      return listed(rows, query);
    case 'GET /rest/interface/vlan':
      return listed(vlanRows(one.ports), query);
    case 'GET /rest/system/resource':
      return answered(one.hasUptime ? resourceOf(now - one.bootedAt) : {});
    case 'POST /rest/interface/ethernet/monitor':
      return one.hasMonitor
        ? monitored(one.ports, body)
        : refused(400, 'Bad Request', 'no such command or directory (monitor)');
    case 'POST /rest/ping':
      return one.mayPing
        ? pinged(one.pings, body)
        : refused(500, 'Internal Server Error', 'not enough permissions (9)');
    default:
      break;
  }
  const wanted = decodeURIComponent(/^\/rest\/interface\/([^/]+)$/.exec(path)?.[1] ?? '');
  const row = rows.find((one) => one.name === wanted || one['.id'] === wanted);
  return method === 'GET' && row ? answered(row) : refused(404, 'Not Found');
}
