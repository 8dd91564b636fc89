/** Short-lived upstream tokens in the table, encrypted by a key that only the tenant's secret holds, gone when they expire. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import { type Item, type Table, TTL } from '../platform/table.dynamodb.ts';
import type { TokenCache } from './collector.port.ts';
import { tokenKey } from './keys.ts';
import type { SecretStore } from './secrets.port.ts';

export interface TokenCacheDeps {
  readonly table: Table;
  readonly clock: Clock;
  readonly secrets: Pick<SecretStore, 'readTokenKey'>;
}

/** The cache of one source. Only the run that holds the source's lease uses it, so there is one login at a time. */
export type OpenTokenCache = (tenant: string, source: string) => TokenCache;

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function createTokenCaches({ table, clock, secrets }: TokenCacheDeps): OpenTokenCache {
  return (tenant, source) => {
    const key = tokenKey(tenant, source);
    /** A token moved to another item does not open there. */
    const place = `${key.pk}/${key.sk}`;
    return {
      async read() {
        const item = await table.get(key, { consistent: true });
        if (!item || Number(item.until) <= clock.now()) return undefined;
        return open(await secrets.readTokenKey(tenant), place, item);
      },
      async write(token, expiresAt) {
        const box = seal(await secrets.readTokenKey(tenant), place, token);
        await table.put({ ...key, box, until: expiresAt, [TTL]: Math.ceil(expiresAt / 1000) });
      },
      async forget() {
        await table.delete(key);
      },
    };
  };
}

function seal(key: Uint8Array, place: string, token: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(token, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined when it was sealed by a key that is gone: the source logs in again, and the next write replaces it. */
function open(key: Uint8Array, place: string, item: Item): string | undefined {
  const box = Buffer.from(item.box as Uint8Array);
  try {
    const decipher = createDecipheriv(CIPHER, key, box.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(place))
      .setAuthTag(box.subarray(box.length - TAG_BYTES));
    const text = decipher.update(box.subarray(NONCE_BYTES, box.length - TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
