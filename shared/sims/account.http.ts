/** Opens a 1NCE account as it is configured: real or simulated, with its credentials, its shared token and its shared pace. */
import type { TokenCache } from '../collect/collector.port.ts';
import type { SecretStore } from '../collect/secrets.port.ts';
import type { Source } from '../collect/source.ts';
import type { SourceStore } from '../collect/sources.port.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { OpenAccount } from './account.port.ts';
import { openOnence } from './onence.http.ts';
import type { OnenceClient } from './onence.port.ts';
import type { OpenSharedToken } from './onence-token.port.ts';
import type { OpenPace } from './pace.port.ts';
import { type OnenceSettings, onenceSecret, onenceSettings } from './settings.ts';

export interface AccountDeps {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** Where simulated accounts are asked; only the local cloud has it. */
  readonly simulatorUrl?: string | undefined;
  readonly clock: Clock;
  readonly openToken: OpenSharedToken;
  readonly openPace: OpenPace;
}

export interface AccountRequest {
  readonly source: Source;
  readonly secret: Readonly<Record<string, string>> | undefined;
  readonly tokens: TokenCache;
  readonly deadline: Instant;
}

/** Throws SOURCE_REJECTED without usable credentials, CONFIG_INVALID for a simulated account outside of the local cloud. */
export function openClient(deps: AccountDeps, request: AccountRequest, settings: OnenceSettings): OnenceClient {
  const { source, deadline } = request;
  const { tenant, id } = source;
  const credentials = onenceSecret.safeParse(request.secret ?? {});
  if (!credentials.success) {
    throw new AppError('SOURCE_REJECTED', 'the account has no credentials: store clientId and clientSecret');
  }
  const { requestsPerSecond, apiVersion } = settings;
  return openOnence({
    baseUrl: baseUrlOf(deps, source),
    generation: apiVersion,
    credentials: credentials.data,
    token: deps.openToken({ tenant, source: id, cache: request.tokens }),
    pace: deps.openPace({ tenant, source: id, requestsPerSecond, deadline }),
    clock: deps.clock,
    deadline,
  });
}

function baseUrlOf({ baseUrl, simulatorUrl }: AccountDeps, { simulated, id }: Source): string {
  if (!simulated) return baseUrl;
  if (simulatorUrl === undefined) {
    throw new AppError('CONFIG_INVALID', `the account "${id}" is simulated, and here is no simulator`);
  }
  return simulatorUrl;
}

export interface OpenAccountDeps extends AccountDeps {
  readonly sources: Pick<SourceStore, 'read'>;
  readonly secrets: Pick<SecretStore, 'readSecret'>;
  readonly tokens: (tenant: string, source: string) => TokenCache;
}

/** For whoever acts on an account outside of its runs. */
export function createAccountOpener(deps: OpenAccountDeps): OpenAccount {
  return async (tenant, account, deadline) => {
    const source = await deps.sources.read(tenant, account);
    if (source?.type !== 'onence') throw new AppError('NOT_FOUND', `there is no 1NCE account "${account}"`);
    if (source.pausedReason !== undefined) throw new AppError('SOURCE_REJECTED', source.pausedReason);
    const secret = await deps.secrets.readSecret(tenant, account);
    const request = { source, secret, deadline, tokens: deps.tokens(tenant, account) };
    return openClient(deps, request, onenceSettings.parse(source.settings));
  };
}
