/** The address that a provider reports a delivery's status to: tenant and delivery travel in it, and it is signed. Pure. */
import * as z from 'zod/mini';
import { TENANT_PATTERN } from '../platform/key.ts';
import type { DeliveryRef } from './delivery.ts';

export const CALLBACK_PATH = '/v1/callbacks/twilio';

/** Made the same way when it is handed out and when its signature is checked, so nobody's re-encoding matters. */
export function callbackUrl(publicUrl: string, ref: DeliveryRef): string {
  const query = new URLSearchParams({ tenant: ref.tenant, delivery: ref.id, day: ref.day });
  return `${publicUrl.replace(/\/+$/, '')}${CALLBACK_PATH}?${query.toString()}`;
}

/** The callback's address for a delivery, or undefined where the provider could not reach it. */
export function reachableCallback(
  publicUrl: string | undefined,
  ref: DeliveryRef,
  simulated: boolean,
): string | undefined {
  if (publicUrl === undefined || publicUrl === '') return undefined;
  if (!simulated && !isPublic(publicUrl)) return undefined;
  return callbackUrl(publicUrl, ref);
}

/** Twilio refuses a callback without a valid public host name. */
function isPublic(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  const numeric = hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
  return protocol === 'https:' && hostname.includes('.') && !numeric && !hostname.includes('_');
}

const querySchema = z.object({
  tenant: z.string().check(z.regex(TENANT_PATTERN)),
  delivery: z.string().check(z.minLength(1), z.maxLength(200)),
  day: z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/)),
});

/** Which delivery a callback is about; undefined when the address was never handed out like this. */
export function refOfCallback(query: Readonly<Record<string, string | undefined>>): DeliveryRef | undefined {
  const parsed = z.safeParse(querySchema, query);
  if (!parsed.success) return undefined;
  return { tenant: parsed.data.tenant, day: parsed.data.day, id: parsed.data.delivery };
}
