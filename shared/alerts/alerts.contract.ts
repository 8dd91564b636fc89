/** What the API says of alerts. */
import * as z from 'zod/mini';
import { idParams, listOf, listQuery, route } from '../platform/route.ts';

const instant = z.string();
const severity = z.enum(['info', 'warning', 'critical']);

const alertSummary = {
  id: z.string(),
  state: z.enum(['pending', 'firing', 'resolved']),
  severity,
  kind: z.string(),
  /** Id of the entity, as `/v1/…/{id}` takes it. */
  entity: z.string(),
  entityName: z.string(),
  rule: z.string(),
  ruleName: z.string(),
  /** When the breach began. */
  activeAt: instant,
  firedAt: z.nullable(instant),
  resolvedAt: z.nullable(instant),
  resolvedReason: z.nullable(z.string()),
  /** Newest value judged, the threshold it passed, and their unit; null where the rule has none. */
  value: z.nullable(z.number()),
  threshold: z.nullable(z.number()),
  unit: z.nullable(z.string()),
  /** What was said beside the number, such as a router's own words; null where nothing was. */
  detail: z.nullable(z.string()),
  simulated: z.boolean(),
  /** What holds its messages back: the alert about the uplink that is down. `until`: it is over, and news is waited for. */
  mutedBy: z.nullable(
    z.object({ alert: z.string(), entityName: z.string(), since: instant, until: z.nullable(instant) }),
  ),
} as const;

export const alertSummaryView = z.object(alertSummary);

export const alertView = z.object({
  ...alertSummary,
  /** Per receiver, what it was last told. */
  told: z.record(z.string(), z.string()),
  timeline: z.array(z.object({ at: instant, event: z.string(), text: z.string() })),
});

/** Of every list of alerts. */
export const alertListQuery = z.strictObject({
  ...listQuery,
  state: z.optional(z.enum(['open', 'history', 'all'], 'must be open, history or all')),
});

export const listAlerts = route({
  key: 'GET /v1/alerts',
  summary: 'Open alerts, then history newest first',
  needs: 'viewer',
  query: z.extend(alertListQuery, { entity: z.optional(z.string().check(z.maxLength(400))) }),
  response: listOf(alertSummaryView),
});

export const readAlert = route({
  key: 'GET /v1/alerts/{id}',
  summary: 'One alert with its timeline',
  needs: 'viewer',
  params: idParams,
  response: alertView,
});

export const alertRoutes = [listAlerts, readAlert];
