/** Environment -> who may call: what every API function with callers opens in the same way. */
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { openAccessTokens } from '../../shared/platform/access-token.cognito.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import type { Table } from '../../shared/platform/table.dynamodb.ts';
import { type Callers, createCallers } from './caller.ts';

export interface CallerEnvironment {
  readonly USER_POOL_ID: string;
  readonly USER_POOL_CLIENT_ID: string;
  readonly SIMULATOR_KEYS_URL?: string | undefined;
}

export function openCallers(environment: CallerEnvironment, table: Table): Callers {
  const tokens = openAccessTokens({
    userPoolId: environment.USER_POOL_ID,
    clientId: environment.USER_POOL_CLIENT_ID,
    keysUrl: environment.SIMULATOR_KEYS_URL,
  });
  return createCallers({ tokens, tenants: createTenantStore(table), clock: systemClock });
}
