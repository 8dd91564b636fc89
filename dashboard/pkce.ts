/** Proof key for the authorization code (RFC 7636); only verifier and state wait in this tab's sessionStorage, and once. */

const KEY = 'headroom-sign-in';

export interface Attempt {
  readonly state: string;
  readonly verifier: string;
}

/** 256 bits as base64url: 43 characters. */
export function randomText(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

export async function challengeOf(verifier: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

export function keepAttempt(attempt: Attempt): void {
  sessionStorage.setItem(KEY, JSON.stringify(attempt));
}

/** Gives it out once; undefined when this tab began no sign-in. */
export function takeAttempt(): Attempt | undefined {
  const text = sessionStorage.getItem(KEY);
  clearAttempt();
  return text === null ? undefined : (JSON.parse(text) as Attempt);
}

export function clearAttempt(): void {
  sessionStorage.removeItem(KEY);
}
