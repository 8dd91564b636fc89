/** What a run of a Junos does alike by NETCONF and by REST: the two questions, which answers count, and what is kept of them. Pure. */
import type { CollectJob, Rejected } from '../collect/collector.port.ts';
import { AppError } from '../platform/errors.ts';
import { countInterfaces, fromWireJunos } from './junos.convert.ts';
import {
  ELEMENTS,
  interfacesOperation,
  interfacesPath,
  LISTS,
  MAX_ELEMENTS,
  UPTIME_OPERATION,
  UPTIME_PATH,
} from './junos.wire.ts';
import type { JunosSettings } from './junos-settings.ts';
import type { Answered } from './rest-caller.http.ts';
import { type Clean, keptRejections, LASTING_FAILURES, unless } from './rest-page.ts';
import type { PageRead } from './router-collector.ts';
import { configuredSpeed } from './speeds.ts';
import { type ParseXml, xmlParser } from './xml.ts';

export interface JunosQuestion {
  /** For the log of the run. */
  readonly name: string;
  /** Of an rpc. */
  readonly operation: string;
  /** Of the REST API, behind `/rpc`. */
  readonly path: string;
  readonly parse: ParseXml;
  /** Throws for content that is not what was asked for. */
  readonly accept?: (content: unknown) => void;
}

/** Brings the content of a reply, without `rpc-reply`. Throws SOURCE_*. */
export type AskJunos = (question: JunosQuestion) => Promise<Answered>;

const parseInterfaces = xmlParser(
  [...ELEMENTS.reply, ...ELEMENTS.interfaces],
  [...LISTS.reply, ...LISTS.interfaces],
  MAX_ELEMENTS,
);
const UPTIME: JunosQuestion = {
  name: 'read uptime',
  operation: UPTIME_OPERATION,
  path: UPTIME_PATH,
  parse: xmlParser([...ELEMENTS.reply, ...ELEMENTS.uptime], [...LISTS.reply, ...LISTS.uptime], MAX_ELEMENTS),
};

export async function readJunosPage(
  ask: AskJunos,
  job: CollectJob,
  settings: JunosSettings,
  clean: Clean,
): Promise<PageRead> {
  const notes: Rejected[] = [];
  const interfaces = await ask({
    name: 'read interfaces',
    operation: interfacesOperation(settings.interfaceName),
    path: interfacesPath(settings.interfaceName),
    parse: parseInterfaces,
    accept: (content) => acceptList(content, settings),
  });
  // Some users may not ask for it, for good: then only counters that fall tell of a restart.
  const uptime = await unless(
    LASTING_FAILURES,
    () => ask(UPTIME),
    (error) => notes.push({ path: UPTIME.name, message: error.message }),
  );
  const { id, name, simulated } = job.source;
  const router = { id, name, simulated, configuredSpeed: (ifName: string) => configuredSpeed(settings, ifName) };
  const { rejected, ...converted } = fromWireJunos({ interfaces, uptime }, router);
  return { ...converted, ...keptRejections([...notes, ...rejected], { clean }, interfaces.text) };
}

function acceptList(content: unknown, { maximumInterfaces: most, interfaceName }: JunosSettings): void {
  const count = countInterfaces(content);
  if (count > most) {
    throw new AppError('SOURCE_MALFORMED', `the router sent ${count} interfaces; at most ${most} are read`);
  }
  if (count > 0) return;
  const which = interfaceName === undefined ? 'lets this user see no interface' : `has no interface ${interfaceName}`;
  throw new AppError('SOURCE_MALFORMED', `the router answered, but ${which}`);
}
