/** Reads one Juniper router by NETCONF: checks its address, asks for interfaces and uptime in one session, converts. */
import type { CollectJob, Collector, Operation } from '../collect/collector.port.ts';
import type { Resolve } from '../platform/address.dns.ts';
import type { Clock } from '../platform/clock.ts';
import { cutText, redact } from '../platform/redact.ts';
import { type AskJunos, readJunosPage } from './junos-page.ts';
import { DEFAULT_NETCONF_PORT, type JunosCredentials, junosSecret, junosSettings, pinOf } from './junos-settings.ts';
import { type Clean, noteIn } from './rest-page.ts';
import { type PageRead, routerCollector } from './router-collector.ts';
import { configurationOf, resolveRouter } from './router-reach.http.ts';
import { openNetconf } from './session.netconf.ts';

export interface JunosDeps {
  readonly clock: Clock;
  /** `resolvePublic` unless told. */
  readonly resolve?: Resolve;
}

/** Throws SOURCE_* with the operations made until then in `context.operations`. The list is one page. */
export function createJunosCollector(deps: JunosDeps): Collector {
  return routerCollector((job, operations) => readRouter(deps, job, operations));
}

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
    const ask: AskJunos = ({ name, operation, parse, accept }) =>
      note(name, async () => {
        const reply = await session.call(operation, parse);
        accept?.(reply.value);
        return reply;
      });
    return await readJunosPage(ask, job, settings, clean);
  } finally {
    await session.close();
  }
}

/** Text that may be kept: without credentials, cut. */
export function cleaner({ password, passphrase, privateKey = '' }: JunosCredentials): Clean {
  const lines = privateKey.split(/\r?\n/).filter((line) => line.length > 20);
  const secrets = [password, passphrase, ...lines].filter((secret) => secret !== undefined);
  return (text, limit) => cutText(redact(text, { keys: ['password', 'secret'], secrets }), limit);
}
