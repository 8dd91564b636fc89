/** Reads one Juniper router over its REST API, where NETCONF is out of reach: checks its address, asks, converts. */
import type { CollectJob, Collector, Operation } from '../collect/collector.port.ts';
import type { JunosDeps } from './junos.netconf.ts';
import { openJunosCaller } from './junos-caller.http.ts';
import { type AskJunos, readJunosPage } from './junos-page.ts';
import { junosRestSecret, junosSettings, restPortOf } from './junos-settings.ts';
import { type PageRead, routerCollector } from './router-collector.ts';
import { configurationOf, pinnedOptions, resolveRouter } from './router-reach.http.ts';

/** Throws SOURCE_* with the operations made until then in `context.operations`. The list is one page. */
export function createJunosRestCollector(deps: JunosDeps): Collector {
  return routerCollector((job, operations) => readRouter(deps, job, operations));
}

async function readRouter({ clock, resolve }: JunosDeps, job: CollectJob, operations: Operation[]): Promise<PageRead> {
  const { settings, secret: credentials } = configurationOf(job, {
    settings: junosSettings,
    secret: () => junosRestSecret,
  });
  const { host } = settings;
  const address = await resolveRouter(resolve, job, host, operations);
  const place = { ...settings, port: restPortOf(settings) };
  const pinned = pinnedOptions(place, address, 'system services rest https');
  const caller = openJunosCaller({ host, pinned, credentials, clock, deadline: job.deadline, operations });
  try {
    const ask: AskJunos = ({ name, path, parse, accept }) =>
      caller.call({ name, path, parse, ...(accept === undefined ? {} : { accept }) });
    return await readJunosPage(ask, job, settings, caller.clean);
  } finally {
    caller.close();
  }
}
