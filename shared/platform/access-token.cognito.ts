/** Verifies Cognito access tokens; the key set comes from Cognito, or from the local cloud's stand-in for it. */
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { FetchError, JwtBaseError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { AppError } from './errors.ts';

const FETCH_MS = 3000;

export interface AccessTokens {
  /** Resolves to the subject; throws UNAUTHENTICATED. */
  verify(token: string): Promise<string>;
}

/** `keysUrl` replaces the pool's own address of its keys; only the local cloud gives one. */
export function openAccessTokens(options: {
  userPoolId: string;
  clientId: string;
  keysUrl?: string | undefined;
}): AccessTokens {
  const { userPoolId, clientId, keysUrl } = options;
  const pool = { userPoolId, clientId, tokenUse: 'access' } as const;
  const verifier = keysUrl
    ? CognitoJwtVerifier.create(pool, {
        jwksCache: new SimpleJwksCache({ fetcher: { fetch: () => fetchKeys(keysUrl) } }),
      })
    : CognitoJwtVerifier.create(pool);
  return {
    async verify(token) {
      try {
        return (await verifier.verify(token)).sub;
      } catch (error) {
        // Without the keys nothing is known of the token: whoever holds a good one must not be signed out by that.
        if (error instanceof FetchError)
          throw new AppError('SOURCE_UNAVAILABLE', 'the keys that tokens are verified by cannot be read now', {
            cause: error,
          });
        // The reason helps whoever holds the token; it says nothing that the token does not.
        if (error instanceof JwtBaseError)
          throw new AppError('UNAUTHENTICATED', `the access token cannot be used: ${error.message}`);
        throw error;
      }
    },
  };
}

async function fetchKeys(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) }).catch((error: unknown) => {
    throw new FetchError(url, error);
  });
  if (!response.ok) throw new FetchError(url, `HTTP ${response.status}`);
  return response.arrayBuffer();
}
