/** Proof that somebody saw what a request would cost: a token of exactly that request, good for ten minutes. Pure. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../platform/clock.ts';
import type { ActionParameters, ActionRequest, PlannedItem } from './action.ts';

export const CONFIRMATION_MS = 600_000;

/** Keeps this use of the tenant's key apart from any other. */
const PURPOSE = 'headroom sims confirmation 1';

export interface Cost {
  readonly account: string;
  readonly sims: number;
  /** Of all its SIMs together. */
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** Equal for equal requests: what is done, to which SIMs, with which values, at what cost. */
export function digestOf(
  tenant: string,
  request: ActionRequest,
  plan: readonly PlannedItem[],
  costs: readonly Cost[],
): string {
  const items = plan.map((item) => [item.account, item.iccid ?? null, item.label ?? null]);
  const prices = costs.map((c) => [c.account, String(c.amountMinor), c.currency]);
  const text = JSON.stringify([tenant, request.action, sorted(request.parameters), items, prices]);
  return createHash('sha256').update(text).digest('hex');
}

/** `<expiry>.<mac>`: says nothing about the request to whoever finds it. */
export function confirmationOf(key: Uint8Array, digest: string, expiresAt: Instant): string {
  return `${expiresAt.toString(36)}.${macOf(key, digest, expiresAt)}`;
}

/** Undefined for a token that is not of this request; otherwise until when it is good, which may be over. */
export function expiryOf(key: Uint8Array, digest: string, token: string): Instant | undefined {
  const parts = /^([0-9a-z]{1,10})\.([\w-]{43})$/.exec(token);
  if (!parts) return undefined;
  const expiresAt = Number.parseInt(parts[1] ?? '', 36);
  const isOurs = timingSafeEqual(Buffer.from(parts[2] ?? ''), Buffer.from(macOf(key, digest, expiresAt)));
  return isOurs ? expiresAt : undefined;
}

function macOf(key: Uint8Array, digest: string, expiresAt: Instant): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([PURPOSE, digest, expiresAt]))
    .digest('base64url');
}

function sorted(parameters: ActionParameters): [string, unknown][] {
  return Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
