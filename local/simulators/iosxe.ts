/** A Cisco router for people without one: IOS-XE RESTCONF on loopback, with counters that behave and faults on demand. */
import { garbageBody, listed, NO_CONTENT, NO_RESTCONF, NOT_THERE, refused, systemOf } from './iosxe-answers.ts';
import { answerConfiguration, interfaceState } from './iosxe-configuration.ts';
import { describeIosxeFaults, parseIosxeFault, strikeIosxe } from './iosxe-faults.ts';
import { keptConfigurations, restoreConfigurations } from './iosxe-kept.ts';
import { advanceIosxePort, ciscoRow, ietfRow } from './iosxe-ports.ts';
import { type LiveIosxe, liveIosxe, type SimulatedIosxe, strikesIosxeNow } from './iosxe-router.ts';
import { isLogin, type RouterPlace, serveRouter, wait } from './router-server.ts';
import type { SimulatedRequest, SimulatedResponse, Simulator } from './simulator.ts';

export interface IosxeSimulatorOptions {
  readonly routers: readonly SimulatedIosxe[];
  /** Epoch ms. */
  readonly now: () => number;
  /** Self-signed certificates made at the start; plain HTTP unless told. */
  readonly tls?: boolean;
  /** Where what was changed of their configuration is kept over a restart. */
  readonly persist?: { load(): unknown; save(state: unknown): void };
}

export interface IosxeSimulator extends Simulator {
  /** In the order of the options; what a source's settings need. */
  readonly routers: readonly RouterPlace[];
}

/** Every router has a port of its own; `url` is the first one's. */
export async function startIosxeSimulator(options: IosxeSimulatorOptions): Promise<IosxeSimulator> {
  const live = options.routers.map(liveIosxe);
  restoreConfigurations(live, options.persist?.load());
  const save = () => options.persist?.save(keptConfigurations(live));
  const servers = await Promise.all(
    live.map((one) =>
      serveRouter({
        name: one.router.name,
        port: one.router.port,
        tls: options.tls === true,
        handle: (request) => answer(one, request, options.now, save),
      }),
    ),
  );
  return {
    name: 'iosxe',
    url: servers[0]?.place.url ?? '',
    routers: servers.map(({ place }) => place),
    faults: describeIosxeFaults,
    state: () => ({ routers: live.map((one, i) => stateOf(one, servers[i]?.place.url, options.now())) }),
    inject(request) {
      const names = live.map(({ router }) => router.name);
      const fault = parseIosxeFault(request, names);
      const one = live[fault.router];
      if (!one) throw new RangeError('there is no router');
      advance(one, options.now());
      if (!strikesIosxeNow(one, fault, options.now())) one.pending.push(fault);
      save();
    },
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

function advance({ ports, configuration }: LiveIosxe, now: number): void {
  for (const live of ports) advanceIosxePort(live, interfaceState(configuration, live.port.name), now);
}

function stateOf(one: LiveIosxe, url: string | undefined, now: number) {
  advance(one, now);
  return {
    name: one.router.name,
    url,
    uptimeSeconds: Math.floor((now - one.bootedAt) / 1000),
    release: [...one.release],
    interfaces: rowsOf(one),
    configuration: one.configuration.running,
    pendingFaults: one.pending.map(({ fault, times }) => ({ fault, times })),
    calls: one.calls,
  };
}

function rowsOf(one: LiveIosxe): Record<string, unknown>[] {
  const style = { isOld: one.release.has('old-release'), asStrings: one.release.has('as-strings') };
  return one.ports.filter(({ isGone }) => !isGone).map((live) => ciscoRow(live, style));
}

async function answer(
  one: LiveIosxe,
  request: SimulatedRequest,
  now: () => number,
  save: () => void,
): Promise<SimulatedResponse> {
  one.calls++;
  const slow = strikeIosxe(one.pending, 'slow');
  if (slow) await wait((slow.seconds ?? 0) * 1000, request.signal);
  if (one.release.has('not-found')) return NO_RESTCONF;
  const { writer } = one.router;
  const users = [one.router, ...(writer ? [writer] : [])];
  if (!users.some((user) => isLogin(user, request.headers.authorization)) || strikeIosxe(one.pending, 'unauthorized')) {
    return refused(401, 'access-denied');
  }
  const early = faultBefore(one);
  if (early) return early;
  advance(one, now());
  const response = configurationAnswer(one, request, save) ?? route(one, request, now());
  const garbage = strikeIosxe(one.pending, 'garbage');
  if (!garbage) return response;
  return { ...response, status: 200, body: garbageBody(garbage.garbage ?? 'truncated', response.body) };
}

/** Changes are for users who may write; a lost one is answered as if it had been made. */
function configurationAnswer(
  one: LiveIosxe,
  request: SimulatedRequest,
  save: () => void,
): SimulatedResponse | undefined {
  const { writer } = one.router;
  const isChange = request.method !== 'GET';
  const mayWrite = writer === undefined || isLogin(writer, request.headers.authorization);
  if (isChange && (!mayWrite || strikeIosxe(one.pending, 'refuse-write'))) return refused(403, 'access-denied');
  const keep = !isChange || strikeIosxe(one.pending, 'lost-write') === undefined;
  const response = answerConfiguration(one.configuration, request, keep);
  if (isChange && response !== undefined) save();
  return response;
}

function faultBefore(one: LiveIosxe): SimulatedResponse | undefined {
  const names = ['forbidden', 'empty-204', 'locked', 'redirect', 'server-error', 'rate-limit'] as const;
  const struck = strikeIosxe(one.pending, ...names);
  switch (struck?.fault) {
    case 'forbidden':
      return refused(403, 'access-denied');
    case 'empty-204':
      return NO_CONTENT;
    case 'locked':
      return refused(409, 'lock-denied', 'the configuration database is locked');
    case 'redirect':
      return { status: 302, headers: { location: 'https://192.0.2.1/webui/' }, body: '' };
    case 'server-error':
      return refused(struck.status ?? 503, 'operation-failed', 'internal error');
    case 'rate-limit':
      return { ...refused(429, 'resource-denied'), headers: { 'retry-after': '60' } };
    default:
      return undefined;
  }
}

const LISTS = [
  ['Cisco-IOS-XE-interfaces-oper', 'interfaces'],
  ['ietf-interfaces', 'interfaces-state'],
] as const;
const SYSTEM =
  '/restconf/data/Cisco-IOS-XE-device-hardware-oper:device-hardware-data/device-hardware/device-system-data';

function route(one: LiveIosxe, { method, path, query }: SimulatedRequest, now: number): SimulatedResponse {
  if (method !== 'GET') return refused(405, 'operation-not-supported');
  if (path === SYSTEM) return one.release.has('no-uptime') ? NOT_THERE : systemOf(one.bootedAt, now);
  for (const [module, container] of LISTS) {
    const list = `/restconf/data/${module}:${container}/interface`;
    if (path !== list && !path.startsWith(`${list}=`)) continue;
    const isCisco = container === 'interfaces';
    if (isCisco && one.release.has('no-cisco-tree')) return NOT_THERE;
    const rows = isCisco ? rowsOf(one) : one.ports.filter(({ isGone }) => !isGone).map(ietfRow);
    const key = path === list ? undefined : path.slice(list.length + 1);
    return listed(module, rows, { key, fields: query.get('fields'), takesFields: !one.release.has('no-fields') });
  }
  return NOT_THERE;
}
