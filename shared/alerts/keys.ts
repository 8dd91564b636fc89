/** Keys of alerts in the one table, and the names by which alerts are called. Pure. */
import { type Instant, isoInstant } from '../platform/clock.ts';
import { joinKey, keyPart, splitKey, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';
import type { Alert, TimelineEntry } from './alert.ts';

/** DynamoDB allows 1024 bytes in a sort key: a row's text is part of its key, and this much always fits. */
const ROW_TEXT_IN_KEY = 120;

export function fingerprintOf(entity: string, rule: string): string {
  return joinKey(entity, rule);
}

/** Names one episode for ever, in URLs, mailboxes and deliveries: `<entity>#<rule>#<activeAt iso>`. */
export function alertId(alert: Pick<Alert, 'fingerprint' | 'activeAt'>): string {
  return `${alert.fingerprint}#${isoInstant(alert.activeAt)}`;
}

/** Undefined when the text is not an id that `alertId` makes. */
export function parseAlertId(id: string): { fingerprint: string; activeAt: Instant } | undefined {
  const [entity, rule, iso, ...rest] = splitKey(id);
  const activeAt = Date.parse(iso ?? '');
  if (!entity || !rule || rest.length > 0 || Number.isNaN(activeAt)) return undefined;
  const parsed = { fingerprint: fingerprintOf(entity, rule), activeAt };
  return alertId(parsed) === id ? parsed : undefined;
}

export function openPk(tenant: string): string {
  return tenantKey(tenant, 'A', 'open');
}

export function openKey(tenant: string, fingerprint: string): Key {
  return { pk: openPk(tenant), sk: fingerprint };
}

/** Open items of one entity begin with this. */
export function openPrefix(entity: string): string {
  return `${keyPart(entity)}#`;
}

/** `YYYY-MM` in UTC. */
export function monthOf(at: Instant): string {
  return isoInstant(at).slice(0, 7);
}

export function historyPk(tenant: string, month: string): string {
  return tenantKey(tenant, 'A', month);
}

export function historyKey(tenant: string, fingerprint: string, activeAt: Instant): Key {
  return { pk: historyPk(tenant, monthOf(activeAt)), sk: `${isoInstant(activeAt)}#${fingerprint}` };
}

/** Where the index lists the history of one entity. */
export function byEntityPk(tenant: string, entity: string): string {
  return tenantKey(tenant, 'A', 'byEntity', entity);
}

/** By time, and apart for two rules that began at one instant. */
export function byEntitySk(alert: Pick<Alert, 'rule' | 'activeAt'>): string {
  return joinKey(isoInstant(alert.activeAt), alert.rule);
}

/** Timeline rows that no longer fit into their alert, or that came after its end. */
export function rowsPk(tenant: string, fingerprint: string, activeAt: Instant): string {
  return tenantKey(tenant, 'A', 'rows', fingerprint, isoInstant(activeAt));
}

/** Made of nothing but the row, so that writing it again is no second row. */
export function rowKey(tenant: string, fingerprint: string, activeAt: Instant, row: TimelineEntry): Key {
  const text = row.text.slice(0, ROW_TEXT_IN_KEY);
  return { pk: rowsPk(tenant, fingerprint, activeAt), sk: joinKey(isoInstant(row.at), row.event, text) };
}
