/** Environment -> adapters: what the routes of sources, runs and history work on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod/mini';
import { logout } from '../../shared/bundles/taara.http.ts';
import { ownUplink, SOURCE_KINDS } from '../../shared/capabilities.ts';
import { metricsOf } from '../../shared/capability-metrics.ts';
import { openRunStore } from '../../shared/collect/runs.dynamodb.ts';
import { openSecretStore } from '../../shared/collect/secrets.secretsmanager.ts';
import { openSiteKeyStore } from '../../shared/collect/site-keys.dynamodb.ts';
import type { FoldMessage, Source } from '../../shared/collect/source.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createTokenCaches } from '../../shared/collect/tokens.dynamodb.ts';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { queuesOfRouter } from '../../shared/interfaces/routeros-counted-queues.convert.ts';
import { createLinkQueries } from '../../shared/links/links.query.ts';
import { memberIssues } from '../../shared/links/members.query.ts';
import { resolvePublic } from '../../shared/platform/address.dns.ts';
import { systemClock as clock } from '../../shared/platform/clock.ts';
import { type Issue, isAppError } from '../../shared/platform/errors.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import type { Table } from '../../shared/platform/table.dynamodb.ts';
import { connectedHosts } from '../../shared/reach/settings.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import { createFleetStore } from '../../shared/sims/fleet.dynamodb.ts';
import { SIM_KIND } from '../../shared/sims/metrics.ts';
import { shardTargets } from '../../shared/sims/shards.ts';
import { openCollectQueues } from '../collect-queues.ts';
import { openArchiveReader } from '../open-archive.ts';
import type { HistoryApiDeps } from './history.ts';
import type { LinkApiDeps } from './links.ts';
import type { PushApiDeps } from './push.ts';
import type { RunApiDeps } from './runs.ts';
import { uplinkIssues } from './source-uplinks.ts';
import type { sourcesConfig } from './sources.config.ts';
import type { SourceApiDeps } from './sources.ts';

/** A person waits for the answer; the session ends by itself, too. */
const LOGOUT_MS = 5000;

export function openSources(
  environment: z.infer<typeof sourcesConfig>,
  table: Table,
): SourceApiDeps & RunApiDeps & HistoryApiDeps & LinkApiDeps & PushApiDeps {
  const samples = createSampleStore(table, metricsOf, clock, openArchiveReader(environment.ARCHIVE_BUCKET));
  const fleets = createFleetStore(table);
  const secrets = openSecretStore({ table, clock, prefix: environment.SECRET_PREFIX });
  const siteKeys = openSiteKeyStore({ table, secrets });
  const tokens = createTokenCaches({ table, clock, secrets });
  const { TAARA_BASE_URL: baseUrl, SIMULATOR_TAARA_URL: simulatorUrl } = environment;
  const taara = { baseUrl, clock, ...(simulatorUrl === undefined ? {} : { simulatorUrl }) };
  const sources = openSourceStore({ table, tenants: createTenantStore(table) });
  const entities = createEntityStore(table);
  return {
    sources,
    secrets,
    siteKeys,
    publicUrl: environment.PUBLIC_URL,
    samples,
    history: samples,
    series: samples,
    links: createLinkQueries({ sources, samples, entities, clock }),
    metricsOf,
    clock,
    sleep,
    entities,
    runs: openRunStore({ table, clock }),
    kinds: SOURCE_KINDS,
    collectQueues: openCollectQueues(environment),
    foldQueue: openQueue<FoldMessage>(environment.FOLD_QUEUE_URL),
    evaluateQueue: openQueue(environment.EVALUATE_QUEUE_URL),
    hostIssues,
    uplinkIssues: ({ tenant }, draft, before) => uplinkIssues({ sources, entities, ownUplink }, tenant, draft, before),
    linkIssues: (tenant, draft) => memberIssues({ sources, entities }, tenant, draft),
    async feedsOf(source: Source) {
      if (source.type === 'routeros') return [queuesOfRouter(source.id)];
      const fleet = source.type === 'onence' ? await fleets.read(source.tenant, source.id) : undefined;
      return fleet === undefined ? [] : shardTargets(fleet).map((target) => ({ kind: SIM_KIND, target }));
    },
    async forget(source: Source) {
      if (source.type === 'onence') await fleets.remove(source.tenant, source.id);
    },
    async endSession(source: Source) {
      // While its secret still stands: that tells which key it is.
      if (source.type === 'push') return siteKeys.forget({ tenant: source.tenant, source: source.id });
      if (source.type !== 'taara') return;
      await logout(taara, { source, tokens: tokens(source.tenant, source.id), deadline: clock.now() + LOGOUT_MS });
    },
  };
}

/** A name that does not resolve right now may be right: only a forbidden address is refused here, as at every connection. */
async function hostIssues(settings: Readonly<Record<string, unknown>>, networks: readonly string[]): Promise<Issue[]> {
  const own = typeof settings.host === 'string' ? [{ path: 'host', host: settings.host }] : [];
  const hosts = [...own, ...connectedHosts(settings)];
  const issues = await Promise.all(hosts.map(({ path, host }) => issuesOfHost(`settings.${path}`, host, networks)));
  return issues.flat();
}

async function issuesOfHost(path: string, host: string, networks: readonly string[]): Promise<Issue[]> {
  try {
    await resolvePublic(host, networks, { path });
    return [];
  } catch (error) {
    if (isAppError(error, 'REQUEST_INVALID')) return [...(error.context.issues ?? [])];
    if (isAppError(error, 'SOURCE_UNAVAILABLE')) return [];
    throw error;
  }
}
