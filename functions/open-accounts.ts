/** Environment -> adapters: 1NCE accounts, for whoever acts on one outside of its runs. */
import type { SecretStore } from '../shared/collect/secrets.port.ts';
import type { SourceStore } from '../shared/collect/sources.port.ts';
import { createTokenCaches } from '../shared/collect/tokens.dynamodb.ts';
import type { Clock } from '../shared/platform/clock.ts';
import type { Table } from '../shared/platform/table.dynamodb.ts';
import { createAccountOpener } from '../shared/sims/account.http.ts';
import type { OpenAccount } from '../shared/sims/account.port.ts';
import { createSharedTokens } from '../shared/sims/onence-token.dynamodb.ts';
import { createPaces } from '../shared/sims/pace.dynamodb.ts';

export function openAccounts(
  environment: { readonly ONENCE_BASE_URL: string; readonly SIMULATOR_ONENCE_URL?: string | undefined },
  opened: {
    readonly table: Table;
    readonly clock: Clock;
    readonly sources: SourceStore;
    readonly secrets: SecretStore;
  },
): OpenAccount {
  const { table, clock, sources, secrets } = opened;
  return createAccountOpener({
    ...{ clock, sources, secrets },
    tokens: createTokenCaches({ table, clock, secrets }),
    openToken: createSharedTokens({ table, clock }),
    openPace: createPaces({ table, clock }),
    baseUrl: environment.ONENCE_BASE_URL,
    simulatorUrl: environment.SIMULATOR_ONENCE_URL,
  });
}
