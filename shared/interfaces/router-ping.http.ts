/** Opens a tenant's router to ping from it: the driver of its type, its credentials, and where it may be called. */
import type { SecretStore } from '../collect/secrets.port.ts';
import type { Source, SourceType } from '../collect/source.ts';
import type { SourceStore } from '../collect/sources.port.ts';
import { AppError } from '../platform/errors.ts';
import { openJunosPing } from './junos-ping.netconf.ts';
import type { OpenRouterPing, RouterPing } from './ping.port.ts';
import type { LimitsJob } from './routeros-limits.http.ts';
import { openRouterosPing } from './routeros-ping.http.ts';
import type { RouterosDeps } from './routeros-place.http.ts';

export interface PingOpenerDeps extends RouterosDeps {
  readonly sources: Pick<SourceStore, 'read'>;
  readonly secrets: Pick<SecretStore, 'readSecret'>;
}

type Open = (deps: RouterosDeps, job: LimitsJob) => Promise<RouterPing>;
const OPENERS: Readonly<Partial<Record<SourceType, Open>>> = { routeros: openRouterosPing, junos: openJunosPing };

export function createPingOpener(deps: PingOpenerDeps): OpenRouterPing {
  return async ({ tenant, router, allowedNetworks }, deadline) => {
    const source = await deps.sources.read(tenant, router);
    if (source === undefined) throw new AppError('NOT_FOUND', `there is no router "${router}"`);
    const open = openerOf(source);
    if (!source.enabled) throw new AppError('SOURCE_REJECTED', `the router "${router}" is switched off here`);
    if (source.pausedReason !== undefined) throw new AppError('SOURCE_REJECTED', source.pausedReason);
    const secret = await deps.secrets.readSecret(tenant, router);
    return open(deps, { source, secret, allowedNetworks, deadline });
  };
}

function openerOf({ id, type, settings }: Source): Open {
  const open = OPENERS[type];
  const types = Object.keys(OPENERS).join(' and ');
  if (open === undefined) {
    throw new AppError('NOT_FOUND', `"${id}" is a source of type ${type}, which cannot ping: only ${types} can`);
  }
  if (settings.api !== 'rest' || type !== 'junos') return open;
  throw new AppError(
    'NOT_FOUND',
    `"${id}" is read by REST, by which a Junos is not asked to ping: set "api" to "netconf"`,
  );
}
