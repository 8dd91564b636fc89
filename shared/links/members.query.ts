/** Whether the interfaces that a link names are there, and are read as often as the link; knows ports only. */
import type { SourceDraft } from '../collect/source-rules.ts';
import type { SourceStore } from '../collect/sources.port.ts';
import type { EntityStore } from '../entities/entities.port.ts';
import { publicId } from '../entities/public-id.ts';
import type { Tenant } from '../entities/tenant.ts';
import { INTERFACE_KIND } from '../interfaces/metrics.ts';
import { routerOf } from '../interfaces/rates.ts';
import type { Issue } from '../platform/errors.ts';
import { linkOf, linkSettingsIssues } from './link.ts';

export interface MemberDeps {
  readonly sources: Pick<SourceStore, 'read'>;
  readonly entities: Pick<EntityStore, 'read'>;
}

/** Of settings whose form is right; others are judged by `linkSettingsIssues` alone. Paths begin with `settings`. */
export async function memberIssues(
  { sources, entities }: MemberDeps,
  { tenant }: Pick<Tenant, 'tenant'>,
  { settings, periodSeconds }: Pick<SourceDraft, 'settings' | 'periodSeconds'>,
): Promise<Issue[]> {
  if (linkSettingsIssues(settings).length > 0) return [];
  const { members } = linkOf(settings);
  const routers = new Map(
    await Promise.all(
      [...new Set(members.map((one) => routerOf(one.interface)))].map(
        async (id) => [id, await sources.read(tenant, id)] as const,
      ),
    ),
  );
  const found = await Promise.all(members.map((one) => entities.read(tenant, INTERFACE_KIND, one.interface)));
  const issues = members.flatMap((one, i): Issue[] => {
    const path = `settings.members[${i}].interface`;
    const router = routers.get(routerOf(one.interface));
    const entity = found[i];
    if (router === undefined || entity === undefined || entity.removedAt !== undefined) {
      const message = `there is no interface "${publicId(one.interface)}": take an id that GET /v1/interfaces lists`;
      return [{ path, message }];
    }
    return [];
  });
  for (const [id, router] of routers) {
    if (router === undefined || router.periodSeconds === periodSeconds) continue;
    const message = `must be ${router.periodSeconds}, as often as the router "${id}" is read: a link adds up readings of one slot`;
    issues.push({ path: 'periodSeconds', message });
  }
  return issues;
}
