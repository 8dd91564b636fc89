/** The routes of alerts. */
import type * as z from 'zod/mini';
import type { Alert } from '../../shared/alerts/alert.ts';
import { type alertListQuery, listAlerts, readAlert } from '../../shared/alerts/alerts.contract.ts';
import type { AlertStore } from '../../shared/alerts/alerts.port.ts';
import { alertId } from '../../shared/alerts/keys.ts';
import { fromPublicId, publicId } from '../../shared/entities/public-id.ts';
import { type Clock, type Instant, isoInstant } from '../../shared/platform/clock.ts';
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts';
import { AppError } from '../../shared/platform/errors.ts';
import { DEFAULT_LIMIT } from '../../shared/platform/route.ts';
import { type Endpoint, endpoint } from './api.ts';

export interface AlertListDeps {
  readonly alerts: Pick<AlertStore, 'list'>;
  readonly clock: Clock;
}

export interface AlertApiDeps extends AlertListDeps {
  readonly alerts: Pick<AlertStore, 'list' | 'readEpisode'>;
}

const SCOPES = { open: 'open', history: 'history', all: 'both' } as const;

/** A page of the tenant's alerts, or of one entity's, by its id in the store. */
export async function alertPage(
  { alerts, clock }: AlertListDeps,
  tenant: string,
  query: z.infer<typeof alertListQuery>,
  entity: string | undefined,
) {
  const scope = SCOPES[query.state ?? 'open'];
  const list = `alerts:${scope}:${entity ?? ''}`;
  const page = await alerts.list(tenant, {
    scope,
    limit: query.limit ?? DEFAULT_LIMIT,
    now: clock.now(),
    ...(entity === undefined ? {} : { entity }),
    ...(query.cursor === undefined ? {} : { position: decodeCursor(tenant, list, query.cursor) }),
  });
  return {
    items: page.items.map(summaryOf),
    ...(page.position === undefined ? {} : { nextCursor: encodeCursor(tenant, list, page.position) }),
  };
}

export function createAlertEndpoints(deps: AlertApiDeps): Endpoint[] {
  const { alerts } = deps;
  return [
    endpoint(listAlerts, async ({ query }, { tenant }) => {
      const entity = query.entity === undefined ? undefined : fromPublicId(query.entity);
      if (query.entity !== undefined && entity === undefined)
        throw new AppError('NOT_FOUND', `there is no entity "${query.entity}"`);
      return alertPage(deps, tenant.tenant, query, entity);
    }),
    endpoint(readAlert, async ({ params }, { tenant }) => {
      const id = fromPublicId(params.id);
      const alert = id === undefined ? undefined : await alerts.readEpisode(tenant.tenant, id);
      if (!alert) throw new AppError('NOT_FOUND', `there is no alert "${params.id}"`);
      return {
        ...summaryOf(alert),
        told: { ...alert.told },
        timeline: alert.timeline.map((row) => ({ at: isoInstant(row.at), event: row.event, text: row.text })),
      };
    }),
  ];
}

function summaryOf(alert: Alert) {
  const instant = (at: Instant | undefined): string | null => (at === undefined ? null : isoInstant(at));
  return {
    id: publicId(alertId(alert)),
    state: alert.state,
    severity: alert.severity,
    kind: alert.kind,
    entity: publicId(alert.entity),
    entityName: alert.entityName,
    rule: alert.rule,
    ruleName: alert.ruleName,
    activeAt: isoInstant(alert.activeAt),
    firedAt: instant(alert.firedAt),
    resolvedAt: instant(alert.resolvedAt),
    resolvedReason: alert.resolvedReason ?? null,
    value: alert.value ?? null,
    threshold: alert.threshold ?? null,
    unit: alert.unit ?? null,
    detail: alert.detail ?? null,
    simulated: alert.simulated,
    mutedBy: mutedByOf(alert),
  };
}

function mutedByOf({ muted }: Alert) {
  if (!muted) return null;
  return {
    alert: publicId(alertId({ fingerprint: muted.by, activeAt: muted.episode })),
    entityName: muted.name,
    since: isoInstant(muted.since),
    until: muted.until === undefined ? null : isoInstant(muted.until),
  };
}
