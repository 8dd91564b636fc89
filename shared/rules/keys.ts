/** Keys of the rules room in the one table. Pure. */
import { keyPart, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';

export function rulesPk(tenant: string): string {
  return tenantKey(tenant, 'C', 'rule');
}

export function ruleKey(tenant: string, id: string): Key {
  return { pk: rulesPk(tenant), sk: keyPart(id) };
}

/** When the minute clock last looked at this tenant, and since when without a pause. */
export function watchKey(tenant: string): Key {
  return { pk: tenantKey(tenant, 'C', 'watch'), sk: 'alive' };
}
