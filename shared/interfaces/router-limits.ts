/** Opens a tenant's router for whoever acts on it outside of its runs, and says what routers of each make can hold. */
import type { SourceType } from '../collect/source.ts';
import type { Instant } from '../platform/clock.ts';
import type { RouterLimits } from './limits.port.ts';
import { isAddresses } from './limits.ts';

/**
 * No call is under way after the deadline. Throws NOT_FOUND where there is no such router, SOURCE_REJECTED where it is
 * paused or its credentials cannot be used, REQUEST_INVALID where routers of its type are only read. Opening changes nothing.
 */
export type OpenRouter = (tenant: string, source: string, deadline: Instant) => Promise<RouterLimits>;

/** Types of routers whose limits can be changed, and what their queues hold: customers' addresses, or one interface each. */
const HOLDS = { routeros: 'addresses', iosxe: 'interface', junos: 'interface' } as const;
export type LimitType = keyof typeof HOLDS;

export function isLimitType(type: SourceType): type is LimitType & SourceType {
  return Object.hasOwn(HOLDS, type);
}

/** Why limits of such a router cannot be changed; undefined where they can. */
export function limitRefusal(type: SourceType): string | undefined {
  if (isLimitType(type)) return undefined;
  return `routers of type ${type} are only read: limits can be changed on ${Object.keys(HOLDS).join(', ')}`;
}

/** Why routers of this type could not hold these targets in one queue, or cut them off; undefined where they can. */
export function targetsRefusal(type: SourceType, targets: readonly string[]): string | undefined {
  if (!isLimitType(type) || targets.length === 0) return undefined;
  if (HOLDS[type] === 'addresses') {
    const name = targets.find((target) => !isAddresses(target));
    return name && `${name} is an interface, and routers of type ${type} hold addresses: give those of the customer`;
  }
  const address = targets.find(isAddresses);
  if (address !== undefined) {
    return `${address} is an address, and routers of type ${type} hold interfaces: give targets with the one on which the customer hangs`;
  }
  if (targets.length === 1) return undefined;
  return `must be one interface on routers of type ${type}: each would get the whole plan, so name one and give the others queues of their own`;
}
