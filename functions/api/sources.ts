/** The routes of sources: what is read on a schedule, with which credentials; they go in and never come out. */
import type { TargetName } from '../../shared/collect/collector.port.ts';
import type { SecretStore } from '../../shared/collect/secrets.port.ts';
import type { SiteKeyStore } from '../../shared/collect/site-keys.port.ts';
import type { CollectMessage, EvaluateMessage, Source, SourceType } from '../../shared/collect/source.ts';
import {
  isCalled,
  SOURCE_ID_PATTERN,
  type SourceDraft,
  type SourceKind,
  sourceIssues,
} from '../../shared/collect/source-rules.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import {
  addSource,
  changeSource,
  collectSource,
  listSources,
  readSource,
  removeSource,
} from '../../shared/collect/sources-api.contract.ts';
import type { EntityStore } from '../../shared/entities/entities.port.ts';
import type { Tenant } from '../../shared/entities/tenant.ts';
import { type Clock, isoInstant } from '../../shared/platform/clock.ts';
import { AppError, type Issue } from '../../shared/platform/errors.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import type { SampleStore } from '../../shared/samples/samples.port.ts';
import { type Endpoint, endpoint, fieldOf, type GivenFields } from './api.ts';
import { pageOf } from './page.ts';
import { addTo, change, issuesOfSource, removeAll } from './source-writes.ts';

export interface SourceApiDeps {
  readonly sources: SourceStore;
  readonly secrets: SecretStore;
  readonly entities: Pick<EntityStore, 'removeTarget'>;
  readonly samples: Pick<SampleStore, 'removeHead'>;
  readonly siteKeys: Pick<SiteKeyStore, 'renew'>;
  readonly kinds: Readonly<Record<SourceType, SourceKind>>;
  readonly collectQueues: Readonly<Record<SourceType, Queue<CollectMessage>>>;
  readonly evaluateQueue: Queue<EvaluateMessage>;
  readonly clock: Clock;
  /** What is wrong with where the settings lead to; the same check as before every connection. */
  hostIssues(settings: Readonly<Record<string, unknown>>, allowedNetworks: readonly string[]): Promise<Issue[]>;
  /** What is wrong with the interfaces that a link names; paths begin with `settings`. */
  linkIssues(tenant: Tenant, draft: SourceDraft): Promise<Issue[]>;
  /** What is wrong with the uplinks that a source names anew. */
  uplinkIssues(tenant: Tenant, draft: SourceDraft, before: Source | undefined): Promise<Issue[]>;
  /** Targets that the source feeds beside its own (the SIMs of a fleet, by shard). */
  feedsOf(source: Source): Promise<readonly TargetName[]>;
  /** Drops what was remembered of the source between its runs. */
  forget(source: Source): Promise<void>;
  /** Ends what is still signed in at the source, before its credentials go or change; failures are nobody's concern. */
  endSession(source: Source): Promise<void>;
}

export function createSourceEndpoints(deps: SourceApiDeps): Endpoint[] {
  const { sources, secrets } = deps;
  const view = async (source: Source) =>
    viewOf(source, (await secrets.readSecret(source.tenant, source.id)) !== undefined);
  return [
    endpoint(listSources, async ({ query }, { tenant }) => {
      const page = pageOf(tenant.tenant, 'sources', query, await sources.list(tenant.tenant), (s) => s.id);
      return { ...page, items: await Promise.all(page.items.map(view)) };
    }),
    endpoint(readSource, async ({ params }, { tenant }) => view(await findSource(sources, tenant, params.id))),
    endpoint(
      addSource,
      async ({ body }, { tenant }) => {
        const stored = await addTo(deps, tenant, body);
        if (stored.type !== 'push') return viewOf(stored, body.credentials !== undefined);
        const siteKey = await deps.siteKeys.renew({ tenant: stored.tenant, source: stored.id });
        return { ...viewOf(stored, true), siteKey };
      },
      async (given) => issuesOfFields(deps, UNSAID, given),
    ),
    endpoint(
      changeSource,
      async ({ params, body }, { tenant }) =>
        view(await change(deps, tenant, await findSource(sources, tenant, params.id), body)),
      async (given, params, { tenant }) => {
        const before = await sources.read(tenant.tenant, params.id);
        return before ? issuesOfFields(deps, before, given) : [];
      },
    ),
    endpoint(removeSource, async ({ params }, { tenant }) => {
      const source = await findSource(sources, tenant, params.id);
      await removeAll(deps, source);
      return null;
    }),
    endpoint(collectSource, async ({ params, query }, { tenant }) => {
      const source = await findSource(sources, tenant, params.id);
      if (!isCalled(source.type)) throw notCalled(source);
      if (query.days !== undefined && source.type !== 'onence') throw noDays(source);
      const wish = source.type === 'onence' ? { phase: 'begin', ...query } : undefined;
      return { source: source.id, slot: await requestRun(deps, source, { wish }) };
    }),
  ];
}

export async function findSource(sources: Pick<SourceStore, 'read'>, tenant: Tenant, id: string): Promise<Source> {
  // Any other text names no source, and may be too long to be a key.
  const source = SOURCE_ID_PATTERN.test(id) ? await sources.read(tenant.tenant, id) : undefined;
  if (!source) throw new AppError('NOT_FOUND', `there is no source "${id}"`);
  return source;
}

function notCalled({ id, type }: Source): AppError {
  const message =
    type === 'push'
      ? `source "${id}" sends by itself and cannot be called: what it sends stands in GET /v1/runs`
      : `source "${id}" is reached by its site alone, for limits: nothing is read of it on a schedule`;
  return new AppError('REQUEST_INVALID', message, { context: { issues: [{ path: 'path.id', message }] } });
}

function noDays(source: Source): AppError {
  const message = `only a 1NCE account tells its past by days; the past of a ${source.type} source can be imported`;
  return new AppError('REQUEST_INVALID', `query.days: ${message}`, {
    context: { issues: [{ path: 'query.days', message }] },
  });
}

/** A slot of its own: the instant it was asked for, made once, here. Resolves to the slot as ISO text. */
export async function requestRun(
  deps: Pick<SourceApiDeps, 'collectQueues' | 'clock'>,
  source: Source,
  { slot = isoInstant(deps.clock.now()), wish }: { slot?: string; wish?: unknown } = {},
): Promise<string> {
  const message: CollectMessage = {
    version: 1,
    tenant: source.tenant,
    source: source.id,
    slot,
    part: 0,
    boundary: false,
    ...(wish === undefined ? {} : { checkpoint: wish }),
  };
  await deps.collectQueues[source.type].send(message);
  return slot;
}

type Known = Omit<SourceDraft, 'type'> & { readonly type?: SourceType };

/** Stands for the fields of a new source that were not said, or not in their form. */
const UNSAID: Known = { id: 'new', name: 'New', enabled: true, periodSeconds: 60, settings: {}, simulated: false };

/** Of fields that have the right form; settings and credentials are judged by their type only. */
function issuesOfFields(deps: SourceApiDeps, before: Known, given: GivenFields): Issue[] {
  const { credentials, uplink, ...fields } = given;
  const draft = { ...before, ...fields, ...(typeof uplink === 'string' ? { uplink } : {}) } as SourceDraft;
  if (draft.type === undefined) return sourceIssues(draft, draft, () => []);
  // Which credentials there must be may follow from settings that are not known yet.
  const usable = 'settings' in fields || deps.kinds[draft.type].settingsIssues(before.settings).length === 0;
  const judged = usable ? (credentials as Record<string, string> | undefined) : undefined;
  return issuesOfSource(deps, draft, draft.simulated, judged).filter((i) => Object.hasOwn(given, fieldOf(i)));
}

function viewOf(source: Source, hasCredentials: boolean) {
  const { id, type, kind, name, enabled, periodSeconds, settings, simulated, version } = source;
  return {
    id,
    type,
    kind,
    name,
    enabled,
    periodSeconds,
    settings: { ...settings },
    uplink: source.uplink ?? null,
    simulated,
    hasCredentials,
    pausedReason: source.pausedReason ?? null,
    createdAt: isoInstant(source.createdAt),
    version,
  };
}
