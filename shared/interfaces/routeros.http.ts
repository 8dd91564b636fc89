/** Reads one MikroTik router over REST: checks its address, asks for interfaces, uptime and rates, converts. */
import type { CollectJob, Collector, Operation, Page, Rejected } from '../collect/collector.port.ts';
import { withOperations } from '../collect/operations.ts';
import { type Resolve, type ResolvedAddress, resolvePublic } from '../platform/address.dns.ts';
import { classifyAddress } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError, type ErrorCode, isAppError } from '../platform/errors.ts';
import { parseAddress } from '../platform/ip.ts';
import { issuesOf } from '../platform/issues.ts';
import type { PinnedOptions } from '../platform/pinned-fetch.http.ts';
import { INTERFACE_KIND } from './metrics.ts';
import { fromWireInterfaces, portsWithRate, type RouterosAnswers } from './routeros.convert.ts';
import { PATHS, ratesBody } from './routeros.wire.ts';
import { type Answered, openCaller, type RouterosCall, type RouterosCaller } from './routeros-caller.http.ts';
import {
  portOf,
  type RouterosCredentials,
  type RouterosSettings,
  routerosSecret,
  routerosSettings,
  routerosSpeed,
} from './routeros-settings.ts';

export interface RouterosDeps {
  readonly clock: Clock;
  /** `resolvePublic` unless told. */
  readonly resolve?: Resolve;
}

/** A broken list can hold thousands of wrong values; a person needs a few. */
const MAX_REJECTED = 100;
const REJECTED_TEXT_LIMIT = 100;
/** Of the answer that held them. */
const RAW_TEXT_LIMIT = 100_000;
/** The readings are there already: nobody waits long for the speeds. */
const RATES_TIMEOUT_MS = 10_000;
/** No router has as many ports with a plug; a longer list is not worth a longer request. */
const MAX_RATES = 512;

/** Throws SOURCE_* with the operations made until then in `context.operations`. The list is one page. */
export function createRouterosCollector(deps: RouterosDeps): Collector {
  return {
    kind: INTERFACE_KIND,
    async read(job) {
      const operations: Operation[] = [];
      try {
        return await readRouter(deps, job, operations);
      } catch (error) {
        throw withOperations(error, operations);
      }
    },
  };
}

async function readRouter(deps: RouterosDeps, job: CollectJob, operations: Operation[]): Promise<Page> {
  const { settings, credentials } = configurationOf(job);
  const address = await resolve(deps, job, settings.host, operations);
  const pinned = pinnedOptions(settings, address);
  const { clock } = deps;
  const caller = openCaller({ host: settings.host, pinned, credentials, clock, deadline: job.deadline, operations });
  try {
    return { ...(await readPage(caller, job, settings)), operations };
  } finally {
    caller.close();
  }
}

function configurationOf({ source, secret }: CollectJob): {
  settings: RouterosSettings;
  credentials: RouterosCredentials;
} {
  const parsed = routerosSettings.safeParse(source.settings);
  if (!parsed.success) throw rejected('settings', issuesOf(routerosSettings, source.settings));
  const credentials = routerosSecret.safeParse(secret ?? {});
  if (!credentials.success) throw rejected('secret', issuesOf(routerosSecret, secret ?? {}));
  return { settings: parsed.data, credentials: credentials.data };
}

function rejected(what: string, issues: ReturnType<typeof issuesOf>): AppError {
  const text = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  return new AppError('SOURCE_REJECTED', `the ${what} of this router cannot be used: ${text}`, { context: { issues } });
}

/** A host that may not be called stays so until somebody changes it: refused like a credential, not tried again. */
async function resolve(
  { resolve: resolveHost = resolvePublic }: RouterosDeps,
  { allowedNetworks }: CollectJob,
  host: string,
  operations: Operation[],
): Promise<ResolvedAddress> {
  const startedAt = performance.now();
  const took = () => Math.round(performance.now() - startedAt);
  try {
    const address = await resolveHost(host, allowedNetworks);
    operations.push({ name: 'resolve', ok: true, responseMs: took() });
    return address;
  } catch (error) {
    if (!isAppError(error)) throw error;
    operations.push({ name: 'resolve', ok: false, responseMs: took(), error: error.message });
    if (error.code !== 'REQUEST_INVALID') throw error;
    throw new AppError('SOURCE_REJECTED', error.message, { cause: error, context: error.context });
  }
}

function pinnedOptions(settings: RouterosSettings, address: ResolvedAddress): PinnedOptions {
  const place = { address, port: portOf(settings) };
  if (settings.plainHttp) {
    const ip = parseAddress(address.address);
    if (ip !== undefined && classifyAddress(ip).range === 'loopback') return place;
    const message = 'plain HTTP would send the password in clear: it is only for a loopback address, so use www-ssl';
    throw new AppError('SOURCE_REJECTED', message, { context: { issues: [{ path: 'plainHttp', message }] } });
  }
  const { host, certificateSha256: pin, certificateAuthority } = settings;
  return {
    ...place,
    trust: {
      host: parseAddress(host.replace(/\.$/, '')) === undefined ? host : address.address,
      ...(pin === undefined ? {} : { certificateSha256: pin.replaceAll(':', '').toLowerCase() }),
      ...(certificateAuthority === undefined ? {} : { authorities: certificateAuthority }),
    },
  };
}

type PageRead = Omit<Page, 'operations'>;

/** Serial on purpose: each call is a login, and a small router has one core. */
async function readPage(caller: RouterosCaller, job: CollectJob, settings: RouterosSettings): Promise<PageRead> {
  const notes: Rejected[] = [];
  const accept = (value: unknown) => acceptList(value, settings.maximumInterfaces);
  const list = await caller.call({ name: 'read interfaces', path: PATHS.interfaces, accept });
  const rows = list.value as readonly unknown[];
  const uptime = { name: 'read uptime', path: PATHS.resource };
  const resource = await unless(['SOURCE_MALFORMED', 'SOURCE_REJECTED'], caller, uptime, (error) =>
    notes.push({ path: uptime.name, message: error.message }),
  );
  const rates = await readRates(caller, rows);
  const answers: RouterosAnswers = { interfaces: { rows, receivedAt: list.receivedAt }, resource, rates };
  const { id, name, simulated } = job.source;
  const configuredSpeed = (ifName: string) => routerosSpeed(settings, ifName);
  const converted = fromWireInterfaces(answers, { id, name, simulated, configuredSpeed });
  const kept = keepable([...notes, ...converted.rejected], caller);
  const rawText = kept.length === 0 ? {} : { rawText: caller.clean(list.text, RAW_TEXT_LIMIT) };
  return { ...converted, rejected: kept, ...rawText };
}

function acceptList(value: unknown, most: number): void {
  if (!Array.isArray(value)) throw new AppError('SOURCE_MALFORMED', 'the router sent no list of interfaces');
  if (value.length > most) {
    throw new AppError('SOURCE_MALFORMED', `the router sent ${value.length} interfaces; at most ${most} are read`);
  }
  if (value.length > 0) return;
  throw new AppError('SOURCE_MALFORMED', 'the router answered, but lets this user see no interface');
}

const ALL_FAILURES: readonly ErrorCode[] = [
  'SOURCE_MALFORMED',
  'SOURCE_REJECTED',
  'SOURCE_UNAVAILABLE',
  'SOURCE_THROTTLED',
];

/** Some routers and users have no such command, for good: the operations say so, and no run is the worse for it. */
async function readRates(caller: RouterosCaller, rows: readonly unknown[]): Promise<Answered | undefined> {
  const ids = portsWithRate(rows).slice(0, MAX_RATES);
  if (ids.length === 0) return undefined;
  const call = { name: 'read rates', path: PATHS.rates, body: ratesBody(ids), timeoutMs: RATES_TIMEOUT_MS };
  return unless(ALL_FAILURES, caller, call, () => undefined);
}

/** A failure of these classes takes away what the call would have told, not what is read already. */
async function unless(
  codes: readonly ErrorCode[],
  caller: RouterosCaller,
  call: RouterosCall,
  failed: (error: AppError) => void,
): Promise<Answered | undefined> {
  try {
    return await caller.call(call);
  } catch (error) {
    if (!isAppError(error) || !codes.includes(error.code)) throw error;
    failed(error);
    return undefined;
  }
}

function keepable(all: readonly Rejected[], caller: RouterosCaller): Rejected[] {
  const kept = all.slice(0, MAX_REJECTED).map(({ path, message, rawText }) => ({
    path,
    message,
    ...(rawText === undefined ? {} : { rawText: caller.clean(rawText, REJECTED_TEXT_LIMIT) }),
  }));
  const more = all.length - kept.length;
  return more === 0 ? kept : [...kept, { path: '', message: `${more} more values could not be used` }];
}
