/** Keys of what all workers of a 1NCE account share in the one table. Pure. */
import { joinKey, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';

/** When the account may be called next. */
export function paceKey(tenant: string, account: string): Key {
  return { pk: tenantKey(tenant, 'C', 'pace'), sk: joinKey(account) };
}

/** Held while one worker fetches the token of all. */
export function tokenLockKey(tenant: string, account: string): Key {
  return { pk: tenantKey(tenant, 'C', 'lock'), sk: joinKey('token', account) };
}
