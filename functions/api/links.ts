/** The routes of links: `/v1/links`, and those of the older NTTN monitor. A link is a source, and is written as one. */
import type { Source } from '../../shared/collect/source.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import { fromPublicId, publicId } from '../../shared/entities/public-id.ts';
import type { Tenant } from '../../shared/entities/tenant.ts';
import { routerOf } from '../../shared/interfaces/rates.ts';
import { usualMembers } from '../../shared/links/link.ts';
import {
  addLink,
  changeLink,
  linkSamples,
  listLinks,
  olderLinkStatus,
  olderTriggerLinks,
  readLink,
  readLinkPercentile,
  readLinkStatus,
  removeLink,
} from '../../shared/links/links.contract.ts';
import type { LinkQueries, LinkView } from '../../shared/links/links.query.ts';
import { stateOf } from '../../shared/links/links.query.ts';
import { linkPercentile } from '../../shared/links/percentile.query.ts';
import { isoInstant } from '../../shared/platform/clock.ts';
import { AppError, isAppError } from '../../shared/platform/errors.ts';
import type { SampleStore } from '../../shared/samples/samples.port.ts';
import { type Endpoint, endpoint } from './api.ts';
import { pageOf } from './page.ts';
import { addTo, change, removeAll } from './source-writes.ts';
import { requestRun, type SourceApiDeps } from './sources.ts';

export interface LinkApiDeps extends SourceApiDeps {
  readonly links: LinkQueries;
  readonly series: Pick<SampleStore, 'readSeries'>;
}

const MEGABIT = 1_000_000;

export function createLinkEndpoints(deps: LinkApiDeps): Endpoint[] {
  const { links } = deps;
  return [
    endpoint(listLinks, async ({ query }, { tenant }) =>
      pageOf(tenant.tenant, 'links', query, await links.list(tenant), (one) => one.id),
    ),
    endpoint(readLink, async ({ params }, { tenant }) => links.read(tenant, params.id)),
    endpoint(addLink, async ({ body }, { tenant }) => {
      const { id, name, enabled, router, uplink, periodSeconds: asked, ...rest } = body;
      const { members = router === undefined ? [] : usual(router), ...rates } = rest;
      const settings = settingsOf({ ...rates, members });
      const periodSeconds = asked ?? (await periodOf(deps, tenant, settings.members));
      const wish = { id, name, enabled, periodSeconds, uplink, type: 'link' as const, settings };
      return links.view(await asLink(addTo(deps, tenant, wish)));
    }),
    endpoint(changeLink, async ({ params, body }, { tenant }) => {
      const before = await links.find(tenant, params.id);
      const { version, name, enabled, periodSeconds, uplink, ...rest } = body;
      const given = settingsOf(rest);
      const settings = Object.fromEntries(
        Object.entries({ ...before.settings, ...given }).filter(([, value]) => value !== null && value !== undefined),
      );
      const changes = Object.fromEntries(
        Object.entries({ name, enabled, periodSeconds, uplink }).filter(([, value]) => value !== undefined),
      );
      return links.view(await asLink(change(deps, tenant, before, { version, ...changes, settings })));
    }),
    endpoint(removeLink, async ({ params }, { tenant }) => {
      await removeAll(deps, await links.find(tenant, params.id));
      return null;
    }),
    endpoint(readLinkStatus, async ({ params }, { tenant }) => links.status(tenant, params.id)),
    endpoint(linkSamples, async ({ params, query }, { tenant }) => links.samples(tenant, params.id, query)),
    endpoint(readLinkPercentile, async ({ params, query }, { tenant }) =>
      linkPercentile({ samples: deps.series, clock: deps.clock }, tenant, await links.find(tenant, params.id), query),
    ),
    ...olderEndpoints(deps),
  ];
}

function olderEndpoints(deps: LinkApiDeps): Endpoint[] {
  const { links, sources } = deps;
  return [
    endpoint(olderLinkStatus, async (_, { tenant }) =>
      Promise.all((await links.list(tenant)).map(async (one) => olderView(one, await hostOf(sources, tenant, one)))),
    ),
    endpoint(olderTriggerLinks, async (_, { tenant }) => {
      const all = (await sources.list(tenant.tenant)).filter((one) => one.type === 'link' && one.enabled);
      if (all.length === 0) throw new AppError('NOT_FOUND', 'there is no link to monitor: add one with POST /v1/links');
      const slot = isoInstant(deps.clock.now());
      for (const link of all) await requestRun(deps, link, { slot });
      return { message: `Monitoring of ${all.length} ${all.length === 1 ? 'link' : 'links'} was triggered` };
    }),
  ];
}

interface GivenMember {
  readonly interface: string;
  readonly capacityMbps?: number | undefined;
}

/** Ids as the URLs have them become those of the store; one that we never gave out names no interface, and is refused as such. */
function settingsOf<T extends { readonly members?: readonly GivenMember[] | undefined }>({ members, ...rates }: T) {
  return {
    ...rates,
    ...(members === undefined
      ? {}
      : {
          members: members.map(({ interface: id, capacityMbps }) => ({
            interface: fromPublicId(id) ?? id,
            ...(capacityMbps === undefined ? {} : { capacityMbps }),
          })),
        }),
  } as Omit<T, 'members'> & { members: GivenMember[] };
}

function usual(router: string): GivenMember[] {
  return usualMembers(router).map((one) => ({ ...one, interface: publicId(one.interface) }));
}

/** As often as its first router is read; where that is none, the refusal names it. */
async function periodOf(
  { sources }: LinkApiDeps,
  { tenant }: Tenant,
  members: readonly GivenMember[],
): Promise<number | undefined> {
  const [first] = members;
  return first && (await sources.read(tenant, routerOf(first.interface)))?.periodSeconds;
}

/** What is wrong with a source's settings, under the names that a link's fields have. */
async function asLink(write: Promise<Source>): Promise<Source> {
  try {
    return await write;
  } catch (error) {
    if (!isAppError(error, 'REQUEST_INVALID')) throw error;
    const issues = (error.context.issues ?? []).map((one) => ({ ...one, path: one.path.replace(/^settings\.?/, '') }));
    throw new AppError('REQUEST_INVALID', issues.map((i) => `${i.path}: ${i.message}`).join('; '), {
      cause: error,
      context: { ...error.context, issues },
    });
  }
}

/** Address of the router that its first interface is on, as it was configured. */
async function hostOf(sources: Pick<SourceStore, 'read'>, { tenant }: Tenant, link: LinkView): Promise<string | null> {
  const [first] = link.members;
  const id = first && fromPublicId(first.interface);
  const host = id === undefined ? undefined : (await sources.read(tenant, routerOf(id)))?.settings.host;
  return typeof host === 'string' ? host : null;
}

const OLDER_STATE = { ok: 'OK', warning: 'WARNING', critical: 'CRITICAL', unknown: 'UNKNOWN' } as const;

function olderView(link: LinkView, host: string | null) {
  const mbps = (value: number): number => Math.round(value / 10_000) / 100;
  return {
    link_id: link.id,
    name: link.name,
    device_ip: host,
    total_capacity_mbps: link.capacityBitsPerSecond / MEGABIT,
    threshold_mbps: link.thresholdBitsPerSecond / MEGABIT,
    current_usage_mbps: link.maxBitsPerSecond === null ? null : mbps(link.maxBitsPerSecond),
    utilization_percent: link.utilisationPercent,
    last_updated: link.readAt,
    status: OLDER_STATE[stateOf(link)],
  };
}
