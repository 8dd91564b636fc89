/** Opens one IOS-XE for reading and changing limits by RESTCONF: policy maps on interfaces, and interfaces that are shut. */
import type { Operation } from '../collect/collector.port.ts';
import { keptRejected } from '../collect/rejected.ts';
import { isAppError } from '../platform/errors.ts';
import { limitIssues, nameIssues, refuseIssues, targetIssues } from './interface-targets.ts';
import type { IosxeDeps } from './iosxe.http.ts';
import { isMissing, openIosxeCaller, openIosxeOperations } from './iosxe-caller.http.ts';
import { cutIn, fromWireLimits, type IosxeLimits, isCut, queuesIn } from './iosxe-limits.convert.ts';
import { LIMIT_PATHS, SAVE_PATH } from './iosxe-limits.wire.ts';
import {
  cutSteps,
  IOSXE_HOLDER,
  limitSteps,
  malformed,
  reconnectSteps,
  refuseStillOff,
  type Step,
  withoutQueue,
} from './iosxe-limits-steps.ts';
import { iosxeSecret, iosxeSettings } from './iosxe-settings.ts';
import type { RouterLimits } from './limits.port.ts';
import type { RestCall, RestCaller } from './rest-caller.http.ts';
import { configurationOf, pinnedOptions, resolveRouter } from './router-reach.http.ts';
import { writingCredentials } from './router-settings.ts';
import type { LimitsJob } from './routeros-limits.http.ts';

const REJECTED_TEXT_LIMIT = 100;
const MORE_QUEUES = { path: '', what: 'queues' };

interface Calls {
  read(): Promise<IosxeLimits>;
  /** One after the other; nothing that fails is followed by the next. */
  change(steps: readonly Step[]): Promise<void>;
  clean(text: string): string;
}

/** Makes no call to the router yet. Throws SOURCE_REJECTED for what cannot be used, SOURCE_UNAVAILABLE without an address. */
export async function openIosxeLimits({ clock, resolve }: IosxeDeps, job: LimitsJob): Promise<RouterLimits> {
  const { settings, secret } = configurationOf(job, { settings: iosxeSettings, secret: () => iosxeSecret });
  const operations: Operation[] = [];
  const address = await resolveRouter(resolve, job, settings.host, operations);
  const pinned = pinnedOptions(settings, address, 'ip http secure-server');
  const shared = { host: settings.host, pinned, clock, deadline: job.deadline, operations };
  // Two users where there are two: who only looks does not need the right to write.
  const credentials = writingCredentials(secret);
  const reads = openIosxeCaller({ ...shared, credentials: secret });
  const writes = openIosxeCaller({ ...shared, credentials });
  const saves = openIosxeOperations({ ...shared, credentials });
  const calls: Calls = {
    read: async () =>
      fromWireLimits(
        await valueAt(reads, 'read policies', LIMIT_PATHS.policies),
        await valueAt(reads, 'read configured interfaces', LIMIT_PATHS.interfaces),
      ),
    async change(steps) {
      for (const { unless404, ...call } of steps) await changed(writes, call, unless404 === true);
    },
    clean: (text) => reads.clean(text, REJECTED_TEXT_LIMIT),
  };
  const save = async () => {
    if (settings.saveConfiguration) await saves.call({ name: 'save configuration', method: 'POST', path: SAVE_PATH });
  };
  return {
    operations,
    ...queuesOf(calls, save),
    ...cutOf(calls, save),
    close() {
      for (const caller of [reads, writes, saves]) caller.close();
    },
  };
}

/** Undefined where the router has nothing of it. */
async function valueAt(caller: RestCaller, name: string, path: string): Promise<unknown> {
  try {
    return (await caller.call({ name, path })).value;
  } catch (error) {
    if (isAppError(error) && isMissing(error)) return undefined;
    throw error;
  }
}

/** What is gone already needs no removing. */
async function changed(caller: RestCaller, call: RestCall, mayBeGone: boolean): Promise<void> {
  try {
    await caller.call(call);
  } catch (error) {
    if (!mayBeGone || !isAppError(error) || !isMissing(error)) throw error;
  }
}

type Save = () => Promise<void>;

function queuesOf(calls: Calls, save: Save): Pick<RouterLimits, 'readQueues' | 'writeLimit' | 'removeQueue'> {
  const named = async (name: string) => queuesIn(await calls.read()).queues.find((one) => one.name === name);
  return {
    async readQueues() {
      const { queues, notes } = queuesIn(await calls.read());
      return { queues, rejected: keptRejected(notes, calls.clean, MORE_QUEUES) };
    },
    async writeLimit(wanted) {
      refuseIssues(limitIssues(IOSXE_HOLDER, wanted));
      await calls.change(limitSteps(await calls.read(), wanted));
      const held = await named(wanted.name);
      if (held === undefined) {
        throw malformed(`took the queue "${wanted.name}", and does not have it: nothing is limited`);
      }
      await save();
      return held;
    },
    async removeQueue(name) {
      if (nameIssues(IOSXE_HOLDER, name).length > 0) return;
      await calls.change(withoutQueue(await calls.read(), name));
      if ((await named(name)) !== undefined) {
        throw malformed(`said that the queue "${name}" is gone, and still has it`);
      }
      await save();
    },
  };
}

function cutOf(calls: Calls, save: Save): Pick<RouterLimits, 'readCut' | 'cut' | 'reconnect'> {
  return {
    readCut: async () => cutIn(await calls.read()),
    async cut(targets) {
      refuseIssues(targetIssues(IOSXE_HOLDER, targets));
      await calls.change(cutSteps(await calls.read(), targets));
      const { interfaces } = await calls.read();
      const open = targets.filter((target) => {
        const one = interfaces.get(target);
        return one === undefined || !isCut(one);
      });
      if (open.length > 0) {
        throw malformed(`took the order and did not cut off ${open.join(', ')}: they are still connected`);
      }
      await save();
    },
    async reconnect(targets) {
      refuseIssues(targetIssues(IOSXE_HOLDER, targets));
      await calls.change(reconnectSteps(await calls.read(), targets));
      refuseStillOff(await calls.read(), targets);
      await save();
    },
  };
}
