/** Simple queues of one RouterOS, read and changed; every change is read back. */
import type { Rejected } from '../collect/collector.port.ts';
import { keptRejected } from '../collect/rejected.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import type { RouterLimits } from './limits.port.ts';
import { type Queue, sameLimit, sameTargets } from './limits.ts';
import { rulesState } from './routeros-cut.convert.ts';
import { type LimitCalls, malformed, unlessGone, unlessRaced } from './routeros-limit-calls.ts';
import {
  fromWireQueue,
  fromWireQueues,
  type QueuesRead,
  toWireLimit,
  wantedIssues,
} from './routeros-queues.convert.ts';
import { LIMIT_MENUS, LIMIT_PRINTS, WITHOUT_BURST } from './routeros-queues.wire.ts';
import { type LiveQueue, shadowOf, shadowSentence, TOP } from './routeros-queues-order.ts';

type Wanted = Parameters<RouterLimits['writeLimit']>[0];

const REJECTED_TEXT_LIMIT = 100;
const MORE_QUEUES = { path: '', what: 'queues' };

export function queuesOf(calls: LimitCalls): Pick<RouterLimits, 'readQueues' | 'writeLimit' | 'removeQueue'> {
  return {
    async readQueues() {
      const { live, rejected } = await readAll(calls);
      const notes = [...(await fastTrackNotes(calls)), ...rejected];
      const clean = (text: string) => calls.clean(text, REJECTED_TEXT_LIMIT);
      return { queues: live.map(({ queue }) => queue), rejected: keptRejected(notes, clean, MORE_QUEUES) };
    },
    async writeLimit(wanted) {
      const issues = wantedIssues(wanted);
      if (issues.length === 0) return unlessRaced(() => writeOnce(calls, wanted));
      const text = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
      throw new AppError('REQUEST_INVALID', text, { context: { issues } });
    },
    async removeQueue(name) {
      const found = named((await readAll(calls)).live, name);
      if (!found) return;
      refuseDynamic(found.queue);
      const request = { verb: 'remove', menu: LIMIT_MENUS.queues, ids: [found.id] } as const;
      await unlessGone(() => calls.change({ name: 'remove queue', request }));
      if (!named((await readAll(calls)).live, name)) return;
      throw malformed(`said that the queue "${name}" is gone, and still has it`);
    },
  };
}

async function readAll(calls: LimitCalls): Promise<QueuesRead> {
  return fromWireQueues(await calls.list('read queues', LIMIT_PRINTS.queues));
}

/** Queues hold only what comes by them. Whoever may not read the filter learns nothing of it, and loses nothing else. */
async function fastTrackNotes(calls: LimitCalls): Promise<Rejected[]> {
  try {
    const { fastTrack } = rulesState(await calls.list('read ip rules', LIMIT_PRINTS.rules('ip')));
    const message =
      'has a FastTrack rule: the connections that it takes pass by every simple queue and are not limited';
    return fastTrack ? [{ path: 'firewall', message }] : [];
  } catch (error) {
    if (!isAppError(error, 'SOURCE_MALFORMED') && !isAppError(error, 'SOURCE_REJECTED')) throw error;
    return [{ path: 'firewall', message: `could not be read, so a FastTrack rule may be there: ${error.message}` }];
  }
}

function named(live: readonly LiveQueue[], name: string): LiveQueue | undefined {
  return live.find(({ queue }) => queue.name === name);
}

async function writeOnce(calls: LimitCalls, wanted: Wanted): Promise<Queue> {
  const { live } = await readAll(calls);
  const found = named(live, wanted.name);
  if (found) refuseUnfit(found);
  refuseIdle(live, found, wanted);
  if (!found) return add(calls, wanted);
  const changes = changesOf(found, wanted);
  if (changes === undefined) return holding(found);
  const request = { verb: 'set', menu: LIMIT_MENUS.queues, id: found.id, values: changes } as const;
  await calls.change({ name: 'change queue', request });
  return readBack(calls, found.id, wanted.name);
}

/** Before anything is changed: a queue whose packets another one takes would be a limit on paper. */
function refuseIdle(live: readonly LiveQueue[], found: LiveQueue | undefined, { name, targets }: Wanted): void {
  const before = found === undefined ? live : live.slice(0, live.indexOf(found));
  const shadow = shadowOf(before, targets, found?.parent);
  if (shadow === undefined) return;
  throw malformed(`would not limit by the queue "${name}", so nothing was changed: it ${shadowSentence(shadow)}`);
}

function refuseDynamic({ name, dynamic }: Queue): void {
  if (!dynamic) return;
  throw malformed(
    `made the queue "${name}" itself for a session, so it cannot be changed here: change the customer's rate at the RADIUS server or the PPP profile, or add a queue of its own`,
  );
}

/** Before anything is changed: a queue that takes only some packets of its targets leaves the others without a limit. */
function refuseUnfit({ queue, narrowedBy, parent }: LiveQueue): void {
  refuseDynamic(queue);
  const unless = (why: string, mend: string) =>
    malformed(`would not limit by the queue "${queue.name}", so nothing was changed: ${why}: ${mend}, or remove it`);
  if (narrowedBy.length > 0) {
    const only = narrowedBy.join(' and ');
    throw unless(`it takes only some packets of its targets (${only})`, 'take that off the queue');
  }
  if (parent !== TOP) {
    throw unless(`it stands inside the queue "${parent}", which decides what comes to it`, 'set its parent to none');
  }
}

/** What the router has afterwards; a limit that it does not keep is none. */
function holding({ queue, invalid, bursts }: LiveQueue): Queue {
  if (invalid) throw malformed(`calls the queue "${queue.name}" invalid: it limits nothing`);
  if (bursts) throw malformed(`still lets the queue "${queue.name}" pass its limit by bursts`);
  return queue;
}

/** The fields that differ; undefined where nothing does. */
function changesOf(
  { queue, bursts }: LiveQueue,
  { targets, limit }: Wanted,
): Readonly<Record<string, string>> | undefined {
  const changes = {
    ...(sameTargets(queue.targets, targets) ? {} : { target: targets.join(',') }),
    ...(sameLimit(queue.limit, limit) ? {} : { 'max-limit': toWireLimit(limit) }),
    ...(bursts ? WITHOUT_BURST : {}),
    // A queue that is off limits nobody.
    ...(queue.disabled ? { disabled: 'false' } : {}),
  };
  return Object.keys(changes).length === 0 ? undefined : changes;
}

async function add(calls: LimitCalls, { name, targets, limit }: Wanted): Promise<Queue> {
  const values = { name, target: targets.join(','), 'max-limit': toWireLimit(limit) };
  await calls.change({ name: 'add queue', request: { verb: 'add', menu: LIMIT_MENUS.queues, values } });
  const added = named((await readAll(calls)).live, name);
  if (added) return holding(added);
  throw malformed(`took the queue "${name}", and does not have it: nothing is limited`);
}

async function readBack(calls: LimitCalls, id: string, name: string): Promise<Queue> {
  const value = await calls.read('read queue back', LIMIT_PRINTS.queue(id));
  const one = fromWireQueue(Array.isArray(value) && value.length === 1 ? value[0] : value);
  if (!('queue' in one)) throw malformed(`told the queue "${name}" in a form that is not understood: ${one.message}`);
  if (one.queue.name === name) return holding(one);
  throw malformed(
    `has "${one.queue.name}" where the queue "${name}" was: somebody renamed it just now, and it has the new limit`,
  );
}
