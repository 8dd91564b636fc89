/** Reads one Cisco IOS-XE router over RESTCONF: checks its address, asks for interfaces and its clock, converts. */
import type { CollectJob, Collector, Operation } from '../collect/collector.port.ts';
import type { Resolve } from '../platform/address.dns.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import { fromWireInterfaces, lacksWideCounters, rowsIn } from './iosxe.convert.ts';
import { FIELDS, PATHS } from './iosxe.wire.ts';
import { isMissing, isMisunderstood, openIosxeCaller } from './iosxe-caller.http.ts';
import { iosxeSecret, iosxeSettings } from './iosxe-settings.ts';
import type { Answered, RestCall, RestCaller } from './rest-caller.http.ts';
import { keptRejections, LASTING_FAILURES, refuseLongList, unless } from './rest-page.ts';
import { type PageRead, routerCollector } from './router-collector.ts';
import { configurationOf, pinnedOptions, resolveRouter } from './router-reach.http.ts';
import type { RouterSettings } from './router-settings.ts';
import { configuredSpeed } from './speeds.ts';

export interface IosxeDeps {
  readonly clock: Clock;
  /** `resolvePublic` unless told. */
  readonly resolve?: Resolve;
}

/** Throws SOURCE_* with the operations made until then in `context.operations`. The list is one page. */
export function createIosxeCollector(deps: IosxeDeps): Collector {
  return routerCollector((job, operations) => readRouter(deps, job, operations));
}

async function readRouter({ clock, resolve }: IosxeDeps, job: CollectJob, operations: Operation[]): Promise<PageRead> {
  const { settings, secret: credentials } = configurationOf(job, {
    settings: iosxeSettings,
    secret: () => iosxeSecret,
  });
  const { host } = settings;
  const address = await resolveRouter(resolve, job, host, operations);
  const pinned = pinnedOptions(settings, address, 'ip http secure-server');
  const caller = openIosxeCaller({ host, pinned, credentials, clock, deadline: job.deadline, operations });
  try {
    return await readPage(caller, job, settings);
  } finally {
    caller.close();
  }
}

/** Serial on purpose: every call occupies the router's control plane. */
async function readPage(caller: RestCaller, job: CollectJob, settings: RouterSettings): Promise<PageRead> {
  const lists = await readLists(caller, settings.maximumInterfaces);
  const system = await unless(LASTING_FAILURES, () => caller.call({ name: 'read uptime', path: PATHS.system }));
  const { id, name, simulated } = job.source;
  const router = { id, name, simulated, configuredSpeed: (ifName: string) => configuredSpeed(settings, ifName) };
  const { interfaces, older } = lists;
  const answers = { interfaces: rowsOf(interfaces), olderInterfaces: rowsOf(older), system };
  const { rejected, ...converted } = fromWireInterfaces(answers, router);
  return { ...converted, ...keptRejections(rejected, caller, (interfaces ?? older)?.text ?? '') };
}

interface Lists {
  readonly interfaces: Answered | undefined;
  readonly older: Answered | undefined;
}

/** Cisco's tree; the IETF's beside it where that counts in 32 bits, and instead of it where the release has none. */
async function readLists(caller: RestCaller, most: number): Promise<Lists> {
  const accept = (value: unknown) => acceptList(value, most);
  const first = { name: 'read interfaces', path: PATHS.interfaces, accept };
  const interfaces = await listUnlessMissing(caller, first, FIELDS.interfaces);
  const rows = rowsOf(interfaces)?.rows ?? [];
  const second = { name: 'read older interfaces', path: PATHS.olderInterfaces, accept };
  if (rows.length > 0) {
    if (!lacksWideCounters(rows)) return { interfaces, older: undefined };
    return {
      interfaces,
      older: await unless(LASTING_FAILURES, () => readList(caller, second, FIELDS.olderInterfaces)),
    };
  }
  const older = await readList(caller, second, FIELDS.olderInterfaces);
  if ((rowsOf(older)?.rows ?? []).length > 0) return { interfaces: undefined, older };
  throw new AppError('SOURCE_MALFORMED', 'the router answered, but lets this user see no interface');
}

function rowsOf(answer: Answered | undefined) {
  return answer && { rows: rowsIn(answer.value) ?? [], receivedAt: answer.receivedAt };
}

function acceptList(value: unknown, most: number): void {
  if (value === undefined) return;
  const rows = rowsIn(value);
  if (rows === undefined) throw new AppError('SOURCE_MALFORMED', 'the router sent no list of interfaces');
  refuseLongList(rows, most);
}

/** Once more without the list of fields for a release that does not take one: longer, and the same. */
async function readList(caller: RestCaller, call: RestCall, fields: string): Promise<Answered> {
  try {
    return await caller.call({ ...call, path: `${call.path}${fields}` });
  } catch (error) {
    if (!isAppError(error) || !isMisunderstood(error)) throw error;
    return caller.call(call);
  }
}

async function listUnlessMissing(caller: RestCaller, call: RestCall, fields: string): Promise<Answered | undefined> {
  try {
    return await readList(caller, call, fields);
  } catch (error) {
    if (!isAppError(error) || !isMissing(error)) throw error;
    return undefined;
  }
}
