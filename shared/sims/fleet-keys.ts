/** Keys of what is configured of SIMs in the one table: their fleets, and the tenant's notes. Pure. */
import { joinKey, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';

export function fleetsPk(tenant: string): string {
  return tenantKey(tenant, 'C', 'fleet');
}

export function fleetKey(tenant: string, account: string): Key {
  return { pk: fleetsPk(tenant), sk: joinKey(account) };
}

/** `target` is a shard, `shardTarget` of an account. */
export function notesPk(tenant: string, target: string): string {
  return tenantKey(tenant, 'C', 'simnote', target);
}

export function noteKey(tenant: string, target: string, iccid: string): Key {
  return { pk: notesPk(tenant, target), sk: joinKey(iccid) };
}
