/** The user pool of this machine: RS256 access tokens as Cognito shapes them, and the key set to verify them by. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JWK, SignJWT } from 'jose';
import type { UserPoolModel } from '../model/types.ts';
import type { JsonFile } from './json-file.ts';

export const TOKEN_SECONDS = 3600;

/** Subject of this machine's own people: one per tenant and role. */
export function localSubject(tenant: string, role: string): string {
  return `local:${tenant}:${role}`;
}

export interface IdentityService {
  /** `/<pool>/.well-known/jwks.json` */
  keys(): Promise<{ keys: JWK[] }>;
  /** Access token for a subject; Cognito's access tokens carry `client_id`, not `aud`. */
  token(subject: string): Promise<string>;
}

/** The signing key lasts as long as the data folder: a restart must not sign everybody out. */
export function createIdentity(
  file: JsonFile<{ pem?: string }>,
  pool: UserPoolModel,
  region: string,
  now: () => number,
): IdentityService {
  const key = signingKey(file);
  const publicKey = createPublicKey(key);
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  const issuer = `https://cognito-idp.${region}.amazonaws.com/${pool.id}`;
  return {
    async keys() {
      return { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] };
    },
    token(subject) {
      const issuedAt = Math.floor(now() / 1000);
      return new SignJWT({ token_use: 'access', scope: 'openid', client_id: pool.clientIds[0], username: subject })
        .setProtectedHeader({ alg: 'RS256', kid })
        .setSubject(subject)
        .setIssuer(issuer)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + TOKEN_SECONDS)
        .sign(key);
    },
  };
}

function signingKey(file: JsonFile<{ pem?: string }>): KeyObject {
  const { pem } = file.read();
  if (pem) return createPrivateKey(pem);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  file.write({ pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() });
  return privateKey;
}
