/** Reads one MikroTik router: asks for interfaces, uptime, rates and what queues carried, converts. */
import type { CollectJob, Collector, Operation, Rejected } from '../collect/collector.port.ts';
import { AppError } from '../platform/errors.ts';
import type { Answered } from './rest-caller.http.ts';
import { ALL_FAILURES, keptRejections, LASTING_FAILURES, refuseLongList, unless } from './rest-page.ts';
import { type PageRead, routerCollector } from './router-collector.ts';
import { bootOf, fromWireInterfaces, portsWithRate, type RouterosAnswers } from './routeros.convert.ts';
import { PRINTS, ratesRequest } from './routeros.wire.ts';
import type { RouterosCaller } from './routeros-call.ts';
import { queuesOfRouter } from './routeros-counted-queues.convert.ts';
import { readCountedQueues } from './routeros-counted-queues.http.ts';
import { openCaller, placeOf, type RouterosDeps, routerosConfiguration } from './routeros-place.http.ts';
import type { RouterosSettings } from './routeros-settings.ts';
import { configuredSpeed } from './speeds.ts';

/** The readings are there already: nobody waits long for the speeds. */
const RATES_TIMEOUT_MS = 10_000;
/** No router has as many ports with a plug; a longer list is not worth a longer request. */
const MAX_RATES = 512;

/** Throws SOURCE_* with the operations made until then in `context.operations`. The list is one page. */
export function createRouterosCollector(deps: RouterosDeps): Collector {
  return {
    ...routerCollector((job, operations) => readRouter(deps, job, operations)),
    mayHaveFed: async ({ source }) => [queuesOfRouter(source.id)],
  };
}

async function readRouter(deps: RouterosDeps, job: CollectJob, operations: Operation[]): Promise<PageRead> {
  const { settings, secret: credentials } = routerosConfiguration(job);
  const pinned = await placeOf(deps, job, settings, operations);
  const { clock } = deps;
  const caller = openCaller(settings, { pinned, credentials, clock, deadline: job.deadline, operations });
  try {
    return await readPage(caller, job, settings);
  } finally {
    caller.close();
  }
}

/** Serial on purpose: each call is a login, and a small router has one core. */
async function readPage(caller: RouterosCaller, job: CollectJob, settings: RouterosSettings): Promise<PageRead> {
  const notes: Rejected[] = [];
  const accept = (value: unknown) => acceptList(value, settings.maximumInterfaces);
  const list = await caller.call({ name: 'read interfaces', request: PRINTS.interfaces, accept });
  const rows = list.value as readonly unknown[];
  const uptime = { name: 'read uptime', request: PRINTS.resource };
  const resource = await unless(
    LASTING_FAILURES,
    () => caller.call(uptime),
    (error) => notes.push({ path: uptime.name, message: error.message }),
  );
  const rates = await readRates(caller, rows);
  const answers: RouterosAnswers = { interfaces: { rows, receivedAt: list.receivedAt }, resource, rates };
  const { id, name, simulated } = job.source;
  const router = { id, name, simulated, configuredSpeed: (ifName: string) => configuredSpeed(settings, ifName) };
  const converted = fromWireInterfaces(answers, router);
  // What is wrong with the uptime is written down with the ports.
  const bootAt = bootOf(resource, []);
  const queues = await readCountedQueues(caller, job, { isWanted: settings.queues, router, bootAt });
  const rejected = [...notes, ...converted.rejected, ...queues.rejected];
  return { ...converted, fed: [queues.fed], ...keptRejections(rejected, caller, `${list.text}${queues.text}`) };
}

function acceptList(value: unknown, most: number): void {
  if (!Array.isArray(value)) throw new AppError('SOURCE_MALFORMED', 'the router sent no list of interfaces');
  refuseLongList(value, most);
  if (value.length > 0) return;
  throw new AppError('SOURCE_MALFORMED', 'the router answered, but lets this user see no interface');
}

/** Some routers and users have no such command, for good: the operations say so, and no run is the worse for it. */
async function readRates(caller: RouterosCaller, rows: readonly unknown[]): Promise<Answered | undefined> {
  const ids = portsWithRate(rows).slice(0, MAX_RATES);
  if (ids.length === 0) return undefined;
  const accept = (value: unknown) => acceptRates(value, ids.length);
  const call = { name: 'read rates', request: ratesRequest(ids), timeoutMs: RATES_TIMEOUT_MS, accept };
  return unless(ALL_FAILURES, () => caller.call(call));
}

/** One for each port that was asked for; what is no list is no rates. */
function acceptRates(value: unknown, most: number): void {
  if (Array.isArray(value)) refuseLongList(value, most);
}
