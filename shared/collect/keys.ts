/** Keys of the collect room in the one table. Pure. */
import type { Instant } from '../platform/clock.ts';
import { isoInstant } from '../platform/clock.ts';
import { directoryKey, joinKey, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';
import type { SourceType } from './source.ts';

export function sourcesPk(tenant: string): string {
  return tenantKey(tenant, 'C', 'source');
}

export function sourceKey(tenant: string, source: string): Key {
  return { pk: sourcesPk(tenant), sk: joinKey(source) };
}

export function targetsPk(type: SourceType): string {
  return directoryKey('targets', type);
}

/** One row of the directory of targets: the dispatcher reads all tenants' targets of a type by one query. */
export function targetKey(type: SourceType, tenant: string, source: string): Key {
  return { pk: targetsPk(type), sk: joinKey(tenant, source) };
}

/** Whose a site's key is; `hash` is the SHA-256 of the key's id. */
export function siteKeyKey(hash: string): Key {
  return { pk: directoryKey('site', hash), sk: 'site' };
}

export function siteWorkPk(tenant: string, site: string): string {
  return tenantKey(tenant, 'W', site);
}

/** What is being asked of a router by the agent of the site that reaches it. */
export function siteWorkKey(tenant: string, site: string, router: string): Key {
  return { pk: siteWorkPk(tenant, site), sk: joinKey('router', router) };
}

/** When a site's agent asked for work last. */
export function siteSeenKey(tenant: string, site: string): Key {
  return { pk: siteWorkPk(tenant, site), sk: 'seen' };
}

/** Beside the conversations, for it may be large and those are listed each quarter of a minute. */
export function siteAnswerKey(tenant: string, site: string, command: string): Key {
  return { pk: tenantKey(tenant, 'W', site, 'answers'), sk: joinKey(command) };
}

/** What the pipeline remembers of a source between runs: its circuit breaker. */
export function breakerKey(tenant: string, source: string): Key {
  return { pk: tenantKey(tenant, 'C', 'breaker'), sk: joinKey(source) };
}

export function tokenKey(tenant: string, source: string): Key {
  return { pk: tenantKey(tenant, 'C', 'token'), sk: joinKey(source) };
}

/** Held while the tenant's one secret is read, changed and written back. */
export function secretLockKey(tenant: string): Key {
  return { pk: tenantKey(tenant, 'C', 'lock'), sk: 'secret' };
}

/** First part of a run's sort key; other logs of the shelf have their own. */
export const RUN_PREFIX = 'run#';

/** `month` is `YYYY-MM` in UTC. */
export function runsPk(tenant: string, month: string): string {
  return tenantKey(tenant, 'L', month);
}

export function runKey(tenant: string, slot: Instant, source: string, part: number): Key {
  const iso = isoInstant(slot);
  return { pk: runsPk(tenant, iso.slice(0, 7)), sk: joinKey('run', iso, source, partText(part)) };
}

/** A response as it came: part of a run, or with no part the whole failed one. */
export function rawKey(tenant: string, slot: Instant, source: string, part: number): Key {
  return { pk: tenantKey(tenant, 'Q', source), sk: joinKey(isoInstant(slot), partText(part)) };
}

/** Padded, so that parts sort as numbers do. */
function partText(part: number): string {
  return String(part).padStart(4, '0');
}
