/** Opens a tenant's 1NCE account for acting on it, with its credentials, its token and its pace. */
import type { Instant } from '../platform/clock.ts';
import type { OnenceClient } from './onence.port.ts';

/**
 * No call is under way after the deadline. Throws NOT_FOUND where there is no such source, SOURCE_REJECTED where it is
 * paused or has no credentials. Opening makes no call that changes anything.
 */
export type OpenAccount = (tenant: string, account: string, deadline: Instant) => Promise<OnenceClient>;

/** After a change: has the account read again, soon. */
export type Afterwards = (tenant: string, account: string) => Promise<void>;
