/** What a watched device is: a name, where it is looked for, and by whom. Pure. */
import type { Source } from '../collect/source.ts';
import type { EntityDraft } from '../entities/entities.port.ts';
import type { PingTarget } from './settings.ts';

export function deviceId(source: string, name: string): string {
  return `${source}/${name}`;
}

/** `via` is the router that pings; a connection from here is real also where the router is simulated. */
export function deviceDraft(
  source: Pick<Source, 'id' | 'name' | 'simulated'>,
  { name, host, method, port, uplink }: PingTarget,
  via: string | undefined,
): EntityDraft {
  const router = method === 'router' ? via : undefined;
  return {
    id: deviceId(source.id, name),
    target: source.id,
    name: `${source.name} ${name}`,
    attributes: {
      host,
      method,
      ...(port === undefined ? {} : { port }),
      ...(router === undefined ? {} : { via: router }),
      ...(uplink === undefined ? {} : { uplink }),
    },
    labels: { source: source.id, ...(router === undefined ? {} : { router }) },
    simulated: source.simulated && method === 'router',
  };
}
