/** Reads one Juniper router by NETCONF: checks its address, asks for interfaces and uptime in one session, converts. */
import type { CollectJob, Collector, Operation, Page, Rejected } from '../collect/collector.port.ts';
import { keepingOperations } from '../collect/operations.ts';
import type { Resolve } from '../platform/address.dns.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import { cutText, redact } from '../platform/redact.ts';
import { countInterfaces, fromWireJunos } from './junos.convert.ts';
import { ELEMENTS, interfacesOperation, LISTS, MAX_ELEMENTS, UPTIME_OPERATION } from './junos.wire.ts';
import {
  DEFAULT_NETCONF_PORT,
  type JunosCredentials,
  type JunosSettings,
  junosSecret,
  junosSettings,
  pinOf,
} from './junos-settings.ts';
import { INTERFACE_KIND } from './metrics.ts';
import { keptRejections, LASTING_FAILURES } from './rest-page.ts';
import { configurationOf, resolveRouter } from './router-reach.http.ts';
import { type NetconfReply, type NetconfSession, openNetconf } from './session.netconf.ts';
import { configuredSpeed } from './speeds.ts';
import { xmlParser } from './xml.ts';

export interface JunosDeps {
  readonly clock: Clock;
  /** `resolvePublic` unless told. */
  readonly resolve?: Resolve;
}

const ERROR_TEXT_LIMIT = 500;
const parseInterfaces = xmlParser(
  [...ELEMENTS.reply, ...ELEMENTS.interfaces],
  [...LISTS.reply, ...LISTS.interfaces],
  MAX_ELEMENTS,
);
const parseUptime = xmlParser([...ELEMENTS.reply, ...ELEMENTS.uptime], [...LISTS.reply, ...LISTS.uptime], MAX_ELEMENTS);

/** Throws SOURCE_* with the operations made until then in `context.operations`. The list is one page. */
export function createJunosCollector(deps: JunosDeps): Collector {
  return {
    kind: INTERFACE_KIND,
    async read(job) {
      const operations: Operation[] = [];
      return keepingOperations(operations, async () => ({ ...(await readRouter(deps, job, operations)), operations }));
    },
  };
}

type PageRead = Omit<Page, 'operations'>;

async function readRouter({ clock, resolve }: JunosDeps, job: CollectJob, operations: Operation[]): Promise<PageRead> {
  const { settings, secret: credentials } = configurationOf(job, {
    settings: junosSettings,
    secret: () => junosSecret,
  });
  const clean = cleaner(credentials);
  const note = noteIn(operations, clean);
  const address = await resolveRouter(resolve, job, settings.host, operations);
  const { port = DEFAULT_NETCONF_PORT } = settings;
  const place = { address, port, pin: pinOf(settings) };
  const session = await note('connect', () => openNetconf({ ...place, credentials, clock, deadline: job.deadline }));
  try {
    return await readPage(session, job, settings, { note, clean });
  } finally {
    await session.close();
  }
}

export type Clean = (text: string, limit: number) => string;

/** Text that may be kept: without credentials, cut. */
export function cleaner({ password, passphrase, privateKey = '' }: JunosCredentials): Clean {
  const lines = privateKey.split(/\r?\n/).filter((line) => line.length > 20);
  const secrets = [password, passphrase, ...lines].filter((secret) => secret !== undefined);
  return (text, limit) => cutText(redact(text, { keys: ['password', 'secret'], secrets }), limit);
}

export type Note = <T>(name: string, call: () => Promise<T>) => Promise<T>;

/** Runs a call, writes down how it ended, and lets out no text of the router's that was not cleaned. */
export function noteIn(operations: Operation[], clean: Clean): Note {
  return async (name, call) => {
    const startedAt = performance.now();
    const took = () => Math.round(performance.now() - startedAt);
    try {
      const result = await call();
      operations.push({ name, ok: true, responseMs: took() });
      return result;
    } catch (error) {
      if (!isAppError(error)) throw error;
      const failure = cleanedFailure(error, clean);
      operations.push({ name, ok: false, responseMs: took(), error: `${failure.code}: ${failure.message}` });
      throw failure;
    }
  };
}

function cleanedFailure({ code, message, retryable, context, cause }: AppError, clean: Clean): AppError {
  const { rawText } = context;
  return new AppError(code, clean(message, ERROR_TEXT_LIMIT), {
    retryable,
    context: { ...context, ...(rawText === undefined ? {} : { rawText: clean(rawText, ERROR_TEXT_LIMIT) }) },
    // A parser quotes what it read, an SSH client its own state: both stay inside.
    ...(isAppError(cause) ? { cause } : {}),
  });
}

async function readPage(
  session: NetconfSession,
  job: CollectJob,
  settings: JunosSettings,
  { note, clean }: { note: Note; clean: Clean },
): Promise<PageRead> {
  const notes: Rejected[] = [];
  const interfaces = await note('read interfaces', async () => {
    const reply = await session.call(interfacesOperation(settings.interfaceName), parseInterfaces);
    acceptList(reply.value, settings);
    return reply;
  });
  const uptime = await readUptime(session, note, notes);
  const { id, name, simulated } = job.source;
  const router = { id, name, simulated, configuredSpeed: (ifName: string) => configuredSpeed(settings, ifName) };
  const { rejected, ...converted } = fromWireJunos({ interfaces, uptime }, router);
  return { ...converted, ...keptRejections([...notes, ...rejected], { clean }, interfaces.text) };
}

/** Some users may not ask for it, for good: then only counters that fall tell of a restart. */
async function readUptime(session: NetconfSession, note: Note, notes: Rejected[]): Promise<NetconfReply | undefined> {
  const name = 'read uptime';
  try {
    return await note(name, () => session.call(UPTIME_OPERATION, parseUptime));
  } catch (error) {
    if (!isAppError(error) || !LASTING_FAILURES.includes(error.code)) throw error;
    notes.push({ path: name, message: error.message });
    return undefined;
  }
}

function acceptList(reply: unknown, { maximumInterfaces: most, interfaceName }: JunosSettings): void {
  const count = countInterfaces(reply);
  if (count > most) {
    throw new AppError('SOURCE_MALFORMED', `the router sent ${count} interfaces; at most ${most} are read`);
  }
  if (count > 0) return;
  const which = interfaceName === undefined ? 'lets this user see no interface' : `has no interface ${interfaceName}`;
  throw new AppError('SOURCE_MALFORMED', `the router answered, but ${which}`);
}
