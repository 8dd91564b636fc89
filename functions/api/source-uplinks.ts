/** What is wrong with the uplinks that a source names: they must be there, and no way up may lead back. */
import type { Source } from '../../shared/collect/source.ts';
import { KIND_OF_TYPE, type SourceDraft } from '../../shared/collect/source-rules.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import {
  LINK_TOTAL,
  MOST_UPLINKS,
  type OwnUplink,
  parseUplink,
  UPLINK_FORMS,
  type Uplink,
  uplinkOver,
  uplinksAbove,
} from '../../shared/collect/uplink.ts';
import type { EntityStore } from '../../shared/entities/entities.port.ts';
import { INTERFACE_KIND } from '../../shared/interfaces/metrics.ts';
import type { Issue } from '../../shared/platform/errors.ts';
import { namedUplinks } from '../../shared/reach/settings.ts';

export interface UplinkDeps {
  readonly sources: Pick<SourceStore, 'read'>;
  readonly entities: Pick<EntityStore, 'read'>;
  readonly ownUplink: OwnUplink;
}

type Named = Pick<SourceDraft, 'id' | 'type' | 'settings' | 'uplink'>;

/** Nothing where the uplinks are those of `before`: what is gone since must not keep a source from being renamed. */
export async function uplinkIssues(
  deps: UplinkDeps,
  tenant: string,
  draft: Named,
  before: Named | undefined,
): Promise<Issue[]> {
  const named = uplinksOf(draft);
  if (JSON.stringify(named) === JSON.stringify(before && uplinksOf(before))) return [];
  const sourceOf = (id: string): Promise<Named | undefined> =>
    id === draft.id ? Promise.resolve(draft) : deps.sources.read(tenant, id);
  const missing = await Promise.all(
    named.map(async ({ path, text }) => {
      const uplink = parseUplink(text);
      if (!uplink) return path === 'uplink' ? [{ path, message: `must be of the form ${UPLINK_FORMS}` }] : [];
      if (await exists(deps, tenant, uplink, await sourceOf(uplink.source))) return [];
      return [
        { path, message: `there is no ${THING[uplink.kind]} "${text}": take an id that ${LIST[uplink.kind]} lists` },
      ];
    }),
  );
  const issues = missing.flat();
  return issues.length > 0 ? issues : loopIssues(deps, draft, named, sourceOf);
}

const THING = { reach: 'device', link: 'link', router: 'router', interface: 'interface' } as const;
const LIST = {
  reach: 'GET /v1/reach',
  link: 'GET /v1/links',
  router: 'GET /v1/routers',
  interface: 'GET /v1/interfaces',
} as const;

interface NamedUplink {
  readonly path: string;
  readonly text: string;
  /** The device that names it; undefined = the source as a whole. */
  readonly device?: string;
}

function uplinksOf({ type, settings, uplink }: Named): NamedUplink[] {
  const own = uplink === undefined ? [] : [{ path: 'uplink', text: uplink }];
  const devices = type === 'ping' ? namedUplinks(settings) : [];
  return [...own, ...devices.map((one) => ({ ...one, path: `settings.${one.path}` }))];
}

async function exists(deps: UplinkDeps, tenant: string, uplink: Uplink, source: Named | undefined): Promise<boolean> {
  if (!source) return false;
  if (uplink.kind === 'link') return source.type === 'link';
  if (uplink.kind === 'reach') return source.type === 'ping' && devicesOf(source).includes(uplink.name ?? '');
  if (KIND_OF_TYPE[source.type] !== INTERFACE_KIND) return false;
  if (uplink.kind === 'router') return true;
  const port = await deps.entities.read(tenant, INTERFACE_KIND, uplink.entity);
  return port !== undefined && port.removedAt === undefined;
}

function devicesOf({ settings }: Pick<Source, 'settings'>): string[] {
  const { targets } = settings;
  return Array.isArray(targets) ? targets.map((one: { name?: unknown }) => String(one?.name)) : [];
}

/** From each uplink that the source itself may be for others, up to the last. */
async function loopIssues(
  deps: UplinkDeps,
  draft: Named,
  named: readonly NamedUplink[],
  sourceOf: (id: string) => Promise<Named | undefined>,
): Promise<Issue[]> {
  const over = async (uplink: Uplink) => uplinkOver(uplink, await sourceOf(uplink.source), deps.ownUplink);
  const issues = new Map<string, Issue>();
  for (const node of nodesOf(draft)) {
    const own = named.find((one) => one.device === node.name);
    // Only a whole source may name one of its own devices: that one hangs on nothing then.
    const first = uplinkOver(node, draft, deps.ownUplink) ?? own?.text;
    if (first === undefined) continue;
    const above = await uplinksAbove(node.entity, first, over);
    const path = (own ?? named[0])?.path ?? 'uplink';
    if (above === undefined) issues.set(path, { path, message: `leads back to itself: ${first} hangs on it already` });
    else if (above.length > MOST_UPLINKS) {
      issues.set(path, { path, message: `has more than ${MOST_UPLINKS} uplinks above it: leave some between out` });
    }
  }
  return [...issues.values()];
}

function nodesOf(draft: Named): Uplink[] {
  const { id, type } = draft;
  if (type === 'ping') {
    return devicesOf(draft).map((name) => ({ kind: 'reach', source: id, name, entity: `${id}/${name}` }));
  }
  if (type === 'link') return [{ kind: 'link', source: id, entity: `${id}/${LINK_TOTAL}` }];
  return KIND_OF_TYPE[type] === INTERFACE_KIND ? [{ kind: 'router', source: id, entity: id }] : [];
}
