/** How a source comes to be, changes and goes, whichever route asks for it. */
import type { TargetName } from '../../shared/collect/collector.port.ts';
import type { Source, SourceType } from '../../shared/collect/source.ts';
import {
  isOwnSource,
  KEPT_BY_ITSELF,
  KIND_OF_TYPE,
  type SourceDraft,
  sourceIssues,
} from '../../shared/collect/source-rules.ts';
import type { Tenant } from '../../shared/entities/tenant.ts';
import { AppError, type Issue } from '../../shared/platform/errors.ts';
import type { SourceApiDeps } from './sources.ts';

export interface SourceWish {
  readonly id: string;
  readonly type: SourceType;
  readonly name: string;
  readonly enabled?: boolean | undefined;
  readonly periodSeconds?: number | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly uplink?: string | undefined;
  readonly credentials?: Readonly<Record<string, string>> | undefined;
}

export interface SourceChange extends Omit<SourceWish, 'id' | 'type' | 'name' | 'uplink'> {
  readonly name?: string | undefined;
  /** null takes it away. */
  readonly uplink?: string | null | undefined;
  /** The one that was read; another one is refused. */
  readonly version: number;
}

/** Throws REQUEST_INVALID with all that is wrong, STORE_CONFLICT where there is one of that id. */
export async function addTo(deps: SourceApiDeps, tenant: Tenant, body: SourceWish): Promise<Source> {
  const { sources, secrets, clock } = deps;
  const kind = deps.kinds[body.type];
  const draft: SourceDraft = {
    id: body.id,
    type: body.type,
    name: body.name,
    enabled: body.enabled ?? true,
    periodSeconds: body.periodSeconds ?? kind.defaultPeriodSeconds,
    settings: body.settings ?? {},
    ...(body.uplink === undefined ? {} : { uplink: body.uplink }),
    simulated: tenant.simulated && kind.isSimulated(body.settings ?? {}),
  };
  await refuse(deps, tenant, draft, body.credentials);
  if (await sources.read(tenant.tenant, draft.id)) {
    throw new AppError(
      'STORE_CONFLICT',
      `there is a source "${draft.id}" already: change it with PATCH /v1/sources/${draft.id}`,
    );
  }
  // Credentials first: a source without them would fail its first run.
  if (body.credentials) await secrets.writeSecret(tenant.tenant, draft.id, body.credentials);
  const source = {
    ...draft,
    tenant: tenant.tenant,
    kind: KIND_OF_TYPE[body.type],
    createdAt: clock.now(),
    version: 0,
  };
  return sources.put(source);
}

/** Throws REQUEST_INVALID with all that is wrong, STORE_CONFLICT for another version. */
export async function change(deps: SourceApiDeps, tenant: Tenant, before: Source, body: SourceChange): Promise<Source> {
  const { sources, secrets } = deps;
  refuseOwn(before);
  const { version, credentials, uplink, ...fields } = body;
  if (version !== before.version) {
    throw new AppError(
      'STORE_CONFLICT',
      `source "${before.id}" is at version ${before.version}, not ${version}: read it again`,
    );
  }
  const { uplink: named, ...rest } = before;
  const over = uplink === undefined ? named : (uplink ?? undefined);
  const changed = { ...rest, ...fields, ...(over === undefined ? {} : { uplink: over }) } as Source;
  await refuse(deps, tenant, changed, credentials, before);
  if (credentials) {
    await deps.endSession(before);
    await secrets.writeSecret(tenant.tenant, before.id, credentials);
  }
  const stored = await sources.put(changed);
  // A source pauses for its credentials or for what it is told to call: whichever changed may have mended it.
  const mended = before.pausedReason !== undefined && (credentials ?? fields.settings) !== undefined;
  return mended ? ((await sources.unpause(tenant.tenant, before.id)) ?? stored) : stored;
}

/** Throws REQUEST_INVALID for a source that the house keeps by itself. */
export function refuseOwn(source: Source): void {
  if (!isOwnSource(source)) return;
  const message = `source "${source.id}" ${KEPT_BY_ITSELF}`;
  throw new AppError('REQUEST_INVALID', message, { context: { issues: [{ path: 'path.id', message }] } });
}

/** From the source inwards: nothing reads it any more before what it fed is marked removed. */
export async function removeAll(deps: SourceApiDeps, source: Source): Promise<void> {
  refuseOwn(source);
  const { tenant, id, kind } = source;
  const targets: TargetName[] = [{ kind, target: id }, ...(await deps.feedsOf(source))];
  await deps.sources.remove(tenant, id);
  // Nobody can ask for it again once the source is gone: a step that fails must not keep the others from being taken.
  const failures: unknown[] = [];
  const step = (done: Promise<unknown>): Promise<unknown> => done.catch((error: unknown) => failures.push(error));
  await step(deps.endSession(source));
  await step(deps.secrets.writeSecret(tenant, id, undefined));
  // Its own target first: with it goes the lease under which all others are written.
  for (const name of targets) {
    await step(deps.entities.removeTarget(tenant, name.kind, name.target, deps.clock.now()));
    await step(deps.samples.removeHead({ tenant, ...name }));
    // Its open alerts end with that reason.
    await step(deps.evaluateQueue.send({ version: 1, tenant, ...name }));
  }
  await step(deps.forget(source));
  if (failures.length > 0) throw failures[0];
}

/** What a router no longer has must not keep a link from being renamed, or switched off. */
function isRelinked(draft: SourceDraft, before: Source | undefined): boolean {
  const of = ({ settings, periodSeconds }: Pick<Source, 'settings' | 'periodSeconds'>) =>
    JSON.stringify([settings.members, periodSeconds]);
  return before === undefined || of(draft) !== of(before);
}

async function refuse(
  deps: SourceApiDeps,
  tenant: Tenant,
  draft: SourceDraft,
  credentials: Readonly<Record<string, string>> | undefined,
  before?: Source,
): Promise<void> {
  const simulated = tenant.simulated && deps.kinds[draft.type].isSimulated(draft.settings);
  const issues = [
    ...issuesOfSource(deps, draft, simulated, credentials),
    ...(await deps.hostIssues(draft.settings, tenant.allowedNetworks)),
    ...(draft.type === 'link' && isRelinked(draft, before) ? await deps.linkIssues(tenant, draft) : []),
    ...(await deps.uplinkIssues(tenant, draft, before)),
  ];
  if (issues.length === 0) return;
  throw new AppError('REQUEST_INVALID', issues.map((i) => `${i.path}: ${i.message}`).join('; '), {
    context: { issues },
  });
}

export function issuesOfSource(
  deps: SourceApiDeps,
  draft: SourceDraft,
  simulated: boolean,
  credentials: Readonly<Record<string, string>> | undefined,
): Issue[] {
  const kind = deps.kinds[draft.type];
  return [
    ...sourceIssues(draft, { simulated }, (settings) => kind.settingsIssues(settings)),
    ...(credentials ? kind.secretIssues(credentials, draft.settings) : []).map((i) => ({
      ...i,
      path: i.path ? `credentials.${i.path}` : 'credentials',
    })),
  ];
}
