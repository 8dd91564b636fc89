/** Keys of resellers in the one table. Pure. */
import { joinKey, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';

export function resellersPk(tenant: string): string {
  return tenantKey(tenant, 'C', 'reseller');
}

export function resellerKey(tenant: string, id: string): Key {
  return { pk: resellersPk(tenant), sk: joinKey(id) };
}

/** Held by whoever changes or compares what a router limits: one at a time. */
export function routerLeaseKey(tenant: string, router: string): Key {
  return { pk: tenantKey(tenant, 'C', 'limits-lease'), sk: joinKey(router) };
}

export function comparisonsPk(tenant: string): string {
  return tenantKey(tenant, 'C', 'limits-compared');
}

/** When a router was compared last, and why it could not be. */
export function comparisonKey(tenant: string, router: string): Key {
  return { pk: comparisonsPk(tenant), sk: joinKey(router) };
}
