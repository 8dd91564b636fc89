/** Opens a router as it is configured: the driver of its type, its credentials, and where it may be called. */
import type { SecretStore } from '../collect/secrets.port.ts';
import type { Source } from '../collect/source.ts';
import { SOURCE_ID_PATTERN } from '../collect/source-rules.ts';
import type { SourceStore } from '../collect/sources.port.ts';
import type { TenantStore } from '../entities/entities.port.ts';
import type { Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { openIosxeLimits } from './iosxe-limits.http.ts';
import type { RouterLimits } from './limits.port.ts';
import { INTERFACE_KIND } from './metrics.ts';
import { isLimitType, type LimitType, limitRefusal, type OpenRouter } from './router-limits.ts';
import { type LimitsJob, openRouterosLimits } from './routeros-limits.http.ts';
import type { RouterosDeps } from './routeros-place.http.ts';

export interface RouterLimitsDeps extends RouterosDeps {
  readonly sources: Pick<SourceStore, 'read'>;
  readonly secrets: Pick<SecretStore, 'readSecret'>;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
}

const OPENERS: Readonly<Record<LimitType, (deps: RouterosDeps, job: LimitsJob) => Promise<RouterLimits>>> = {
  routeros: openRouterosLimits,
  iosxe: openIosxeLimits,
  // SSH and XML take a third of the time in which a function loads, and few of its calls need them.
  junos: async (deps, job) => (await import('./junos-limits.netconf.ts')).openJunosLimits(deps, job),
};

export function createRouterOpener(deps: RouterLimitsDeps): OpenRouter {
  return async (tenant, id, deadline) => {
    const source = SOURCE_ID_PATTERN.test(id) ? await deps.sources.read(tenant, id) : undefined;
    if (source?.kind !== INTERFACE_KIND) throw new AppError('NOT_FOUND', `there is no router "${id}"`);
    if (source.pausedReason !== undefined) throw new AppError('SOURCE_REJECTED', source.pausedReason);
    return openLimits(deps, source, deadline);
  };
}

/** The same for a router that is known, even where it is paused. */
export async function openLimits(deps: RouterLimitsDeps, source: Source, deadline: Instant): Promise<RouterLimits> {
  if (!isLimitType(source.type)) {
    const refusal = limitRefusal(source.type) ?? '';
    throw new AppError('REQUEST_INVALID', refusal, { context: { issues: [{ path: 'path.id', message: refusal }] } });
  }
  const [secret, owner] = await Promise.all([
    deps.secrets.readSecret(source.tenant, source.id),
    deps.tenants.readTenant(source.tenant),
  ]);
  return OPENERS[source.type](deps, { source, secret, allowedNetworks: owner?.allowedNetworks ?? [], deadline });
}
