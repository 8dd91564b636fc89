/** Opens a tenant's router for whoever acts on it outside of its runs. */
import type { SourceType } from '../collect/source.ts';
import type { Instant } from '../platform/clock.ts';
import type { RouterLimits } from './limits.port.ts';

/**
 * No call is under way after the deadline. Throws NOT_FOUND where there is no such router, SOURCE_REJECTED where it is
 * paused or its credentials cannot be used, REQUEST_INVALID where routers of its type are only read. Opening changes nothing.
 */
export type OpenRouter = (tenant: string, source: string, deadline: Instant) => Promise<RouterLimits>;

/** Types of routers whose limits can be changed. */
export const LIMIT_TYPES: readonly SourceType[] = ['routeros'];

/** Why limits of such a router cannot be changed; undefined where they can. */
export function limitRefusal(type: SourceType): string | undefined {
  if (LIMIT_TYPES.includes(type)) return undefined;
  return `routers of type ${type} are only read: limits can be changed on ${LIMIT_TYPES.join(', ')}`;
}
