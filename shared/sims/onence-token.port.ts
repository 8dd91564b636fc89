/** One access token per account, shared by all workers; one login at a time, whoever needs it. */
import type { TokenCache } from '../collect/collector.port.ts';
import type { Instant } from '../platform/clock.ts';

export interface Login {
  readonly token: string;
  readonly expiresInSeconds: number;
}

export interface TokenRequest {
  /** Fetches a new token; ends within 10 s. Throws SOURCE_*. */
  login(): Promise<Login>;
  /** Nobody waits for another's login after this. */
  readonly deadline: Instant;
  /** Exactly this token was refused: it is replaced, unless somebody has done so already. */
  readonly refused?: string;
}

export interface SharedToken {
  /** A token that has not ended. Throws what the login threw, also when another worker made it; SOURCE_UNAVAILABLE when none came in time. */
  read(request: TokenRequest): Promise<string>;
}

/** Opens the token of one account; `cache` is where the collect stage keeps the account's token. */
export type OpenSharedToken = (account: {
  readonly tenant: string;
  readonly source: string;
  readonly cache: TokenCache;
}) => SharedToken;
