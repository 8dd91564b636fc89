/** Opens one Junos for reading and changing limits by NETCONF: policers on units, and units that are disabled. */
import type { Operation } from '../collect/collector.port.ts';
import { keptRejected } from '../collect/rejected.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import { limitIssues, nameIssues, refuseIssues, targetIssues } from './interface-targets.ts';
import { cleaner, type JunosDeps } from './junos.netconf.ts';
import { cutIn, fromWireLimits, isCut, type JunosLimits, queuesIn } from './junos-limits.convert.ts';
import {
  COMMIT,
  DISCARD,
  editOperation,
  LIMIT_ELEMENTS,
  LIMIT_LISTS,
  LOCK,
  MAX_CONFIGURATION_ELEMENTS,
  READ_LIMITS,
  UNLOCK,
} from './junos-limits.wire.ts';
import {
  cutEdits,
  type Edits,
  JUNOS_HOLDER,
  limitEdits,
  malformed,
  reconnectEdits,
  refuseStillOff,
  withoutQueue,
} from './junos-limits-edit.ts';
import {
  DEFAULT_NETCONF_PORT,
  type JunosCredentials,
  junosReader,
  junosSecret,
  junosSettings,
  junosWriter,
  pinOf,
} from './junos-settings.ts';
import type { RouterLimits } from './limits.port.ts';
import type { Queue } from './limits.ts';
import { type Note, noteIn } from './rest-page.ts';
import { configurationOf, resolveRouter } from './router-reach.http.ts';
import type { LimitsJob } from './routeros-limits.http.ts';
import { type NetconfSession, openNetconf } from './session.netconf.ts';
import { xmlParser } from './xml.ts';

const REJECTED_TEXT_LIMIT = 100;
const MORE_QUEUES = { path: '', what: 'queues' };
const parseReply = xmlParser(LIMIT_ELEMENTS, LIMIT_LISTS, MAX_CONFIGURATION_ELEMENTS);

/** One conversation, as one user. */
interface Talk {
  read(): Promise<JunosLimits>;
  /** What is to be changed is decided while nobody else can change it; all of it comes into force, or nothing. */
  change(edits: (limits: JunosLimits) => Edits): Promise<void>;
  clean(text: string): string;
  close(): Promise<void>;
}

/** Makes no call to the router yet. Throws SOURCE_REJECTED for what cannot be used, SOURCE_UNAVAILABLE without an address. */
export async function openJunosLimits({ clock, resolve }: JunosDeps, job: LimitsJob): Promise<RouterLimits> {
  const { settings, secret } = configurationOf(job, { settings: junosSettings, secret: () => junosSecret });
  const operations: Operation[] = [];
  const address = await resolveRouter(resolve, job, settings.host, operations);
  const { port = DEFAULT_NETCONF_PORT } = settings;
  const open = (credentials: JunosCredentials) =>
    openNetconf({ address, port, pin: pinOf(settings), credentials, clock, deadline: job.deadline });
  const reads = talkOf(operations, junosReader(secret), open);
  // Two users where there are two: who only looks does not need the right to write.
  const writes = secret.writeUser === undefined ? reads : talkOf(operations, junosWriter(secret), open);
  return {
    operations,
    ...queuesOf(reads, writes),
    ...cutOf(reads, writes),
    close() {
      // Nobody waits for the leave that is taken; what fails of it has no use any more.
      for (const talk of new Set([reads, writes])) talk.close().catch(() => undefined);
    },
  };
}

function talkOf(
  operations: Operation[],
  credentials: JunosCredentials,
  open: (credentials: JunosCredentials) => Promise<NetconfSession>,
): Talk {
  const clean = cleaner(credentials);
  const note = noteIn(operations, clean);
  let opening: Promise<NetconfSession> | undefined;
  const call = async (name: string, operation: string) => {
    opening ??= note('connect', () => open(credentials));
    const session = await opening;
    return note(name, () => session.call(operation, parseReply));
  };
  const read = async () => fromWireLimits((await call('read limits', READ_LIMITS)).value);
  return {
    read,
    clean: (text) => clean(text, REJECTED_TEXT_LIMIT),
    change: (edits) => changeLocked(call, async () => edits(await read())),
    close: async () => (await opening)?.close(),
  };
}

type Call = (name: string, operation: string) => ReturnType<Note>;

async function changeLocked(call: Call, decide: () => Promise<Edits>): Promise<void> {
  await lock(call);
  let isDone = false;
  try {
    for (const edit of await decide()) await call('edit', editOperation(edit));
    await call('commit', COMMIT);
    isDone = true;
  } finally {
    // The first failure is what is told; these two stand among the operations when they fail as well.
    if (!isDone) await call('discard', DISCARD).catch(() => undefined);
    await call('unlock', UNLOCK).catch(() => undefined);
  }
}

/** Whoever else configures the router, or left something uncommitted there, is not disturbed. */
async function lock(call: Call): Promise<void> {
  try {
    await call('lock', LOCK);
  } catch (error) {
    if (!isAppError(error) || !/lock|modified|exclusive|in use/i.test(error.message)) throw error;
    const message = `somebody else is changing the router’s configuration, so nothing was changed: ${error.message}`;
    throw new AppError('SOURCE_UNAVAILABLE', message, { cause: error, context: error.context });
  }
}

function queuesOf(reads: Talk, writes: Talk): Pick<RouterLimits, 'readQueues' | 'writeLimit' | 'removeQueue'> {
  const named = async (name: string) => queuesIn(await reads.read()).queues.find((one) => one.name === name);
  return {
    async readQueues() {
      const { queues, notes } = queuesIn(await reads.read());
      return { queues, rejected: keptRejected(notes, reads.clean, MORE_QUEUES) };
    },
    async writeLimit(wanted): Promise<Queue> {
      refuseIssues(limitIssues(JUNOS_HOLDER, wanted));
      await changeUnlessSo(reads, writes, (limits) => limitEdits(limits, wanted));
      const held = await named(wanted.name);
      if (held !== undefined) return held;
      throw malformed(`took the queue "${wanted.name}", and does not have it: nothing is limited`);
    },
    async removeQueue(name) {
      if (nameIssues(JUNOS_HOLDER, name).length > 0) return;
      await changeUnlessSo(reads, writes, (limits) => withoutQueue(limits, name));
      if ((await named(name)) === undefined) return;
      throw malformed(`said that the queue "${name}" is gone, and still has it`);
    },
  };
}

function cutOf(reads: Talk, writes: Talk): Pick<RouterLimits, 'readCut' | 'cut' | 'reconnect'> {
  return {
    readCut: async () => cutIn(await reads.read()),
    async cut(targets) {
      refuseIssues(targetIssues(JUNOS_HOLDER, targets));
      await changeUnlessSo(reads, writes, (limits) => cutEdits(limits, targets));
      const { units } = await reads.read();
      const open = targets.filter((target) => !isCutUnit(units.get(target)));
      if (open.length === 0) return;
      throw malformed(`took the order and did not cut off ${open.join(', ')}: they are still connected`);
    },
    async reconnect(targets) {
      refuseIssues(targetIssues(JUNOS_HOLDER, targets));
      await changeUnlessSo(reads, writes, (limits) => reconnectEdits(limits, targets));
      refuseStillOff(await reads.read(), targets);
    },
  };
}

function isCutUnit(unit: Parameters<typeof isCut>[0] | undefined): boolean {
  return unit !== undefined && isCut(unit);
}

/** Nothing is locked for what stands there already. */
async function changeUnlessSo(reads: Talk, writes: Talk, edits: (limits: JunosLimits) => Edits): Promise<void> {
  if (edits(await reads.read()).length > 0) await writes.change(edits);
}
