/** The key of a site that cannot be called: what it is made of, and how it proves who sends. Pure. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** `id` names the key in the open; `secret` is 256 random bits that are shown once. Both in hexadecimal. */
export interface SiteKey {
  readonly id: string;
  readonly secret: string;
}

export const SITE_KEY_ID_BYTES = 16;
export const SITE_SECRET_BYTES = 32;

/** Under this name the directory knows the key: whoever reads the table learns no id. */
export function siteKeyHash(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

/** `v1=<hex HMAC-SHA256 of time, a dot, and the body's octets>`; the HMAC's key is the secret as it is written. */
export function siteSignature(secret: string, time: string, body: Uint8Array): string {
  return `v1=${createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex')}`;
}

/** In constant time, whatever the lengths. */
export function isSameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
