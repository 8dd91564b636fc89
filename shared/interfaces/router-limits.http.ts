/** Opens a router as it is configured: the driver of its type, its credentials, and where it may be called. */
import type { SecretStore } from '../collect/secrets.port.ts';
import type { SiteWorkStore } from '../collect/site-work.port.ts';
import type { Source, SourceType } from '../collect/source.ts';
import { SOURCE_ID_PATTERN } from '../collect/source-rules.ts';
import type { SourceStore } from '../collect/sources.port.ts';
import type { TenantStore } from '../entities/entities.port.ts';
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { openIosxeLimits } from './iosxe-limits.http.ts';
import type { RouterLimits } from './limits.port.ts';
import { INTERFACE_KIND } from './metrics.ts';
import { commandRefusal } from './push-settings.ts';
import { limitRefusal, type OpenedRouter, type OpenRouter, type RouterWork, siteOnly } from './router-limits.ts';
import { configurationOf } from './router-reach.http.ts';
import { type LimitsJob, openRouterosLimits } from './routeros-limits.http.ts';
import type { RouterosDeps } from './routeros-place.http.ts';
import { openSiteLimits } from './site-limits.ts';
import { siteRouterSecret, siteRouterSettings } from './site-router-settings.ts';

export interface RouterLimitsDeps extends RouterosDeps {
  readonly sources: Pick<SourceStore, 'read'>;
  readonly secrets: Pick<SecretStore, 'readSecret'>;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  /** For whoever may wait for a site. */
  readonly siteWork?: SiteWorkStore;
}

type Open = (deps: RouterosDeps, job: LimitsJob) => Promise<RouterLimits>;

const OPENERS: Readonly<Partial<Record<SourceType, Open>>> = {
  routeros: openRouterosLimits,
  iosxe: openIosxeLimits,
  // SSH and XML take a third of the time in which a function loads, and few of its calls need them.
  junos: async (deps, job) => (await import('./junos-limits.netconf.ts')).openJunosLimits(deps, job),
};

export function createRouterOpener(deps: RouterLimitsDeps): OpenRouter {
  return async (tenant, id, deadline, work) => {
    const source = SOURCE_ID_PATTERN.test(id) ? await deps.sources.read(tenant, id) : undefined;
    if (source?.kind !== INTERFACE_KIND) throw new AppError('NOT_FOUND', `there is no router "${id}"`);
    if (source.pausedReason !== undefined) throw new AppError('SOURCE_REJECTED', source.pausedReason);
    return source.type === 'site-router' ? openBehindSite(deps, source, work) : openLimits(deps, source, deadline);
  };
}

/** Nobody here knows where it is: its site is asked, if that takes commands. */
async function openBehindSite(
  deps: RouterLimitsDeps,
  router: Source,
  work: RouterWork | undefined,
): Promise<OpenedRouter> {
  const { tenant, id } = router;
  const schemas = { settings: siteRouterSettings, secret: () => siteRouterSecret };
  const { via } = configurationOf({ source: router, secret: undefined }, schemas).settings;
  if (!work || !deps.siteWork) {
    const message = siteOnly(router);
    throw new AppError('REQUEST_INVALID', message, { context: { issues: [{ path: 'path.id', message }] } });
  }
  const site = await deps.sources.read(tenant, via);
  const refusal = commandRefusal(site);
  if (refusal !== undefined)
    throw new AppError('SOURCE_REJECTED', `site "${via}", which reaches this router, ${refusal}`);
  return openSiteLimits(
    { store: deps.siteWork, clock: deps.clock },
    { site: { tenant, source: via }, router: id },
    work,
  );
}

/** The same for a router that is known, even where it is paused. */
export async function openLimits(deps: RouterLimitsDeps, source: Source, deadline: Instant): Promise<RouterLimits> {
  const refusal = source.type === 'site-router' ? siteOnly(source) : limitRefusal(source);
  if (refusal !== undefined) {
    throw new AppError('REQUEST_INVALID', refusal, { context: { issues: [{ path: 'path.id', message: refusal }] } });
  }
  const [secret, owner] = await Promise.all([
    deps.secrets.readSecret(source.tenant, source.id),
    deps.tenants.readTenant(source.tenant),
  ]);
  const open = OPENERS[source.type];
  assert(open, `nothing opens the limits of a source of type ${source.type}`);
  return open(deps, { source, secret, allowedNetworks: owner?.allowedNetworks ?? [], deadline });
}
