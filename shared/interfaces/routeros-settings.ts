/** What a tenant configures about a MikroTik router, read by REST or by its binary API: settings that anyone may see, and its secret. Pure. */
import * as z from 'zod/mini';
import type { Issue } from '../platform/errors.ts';
import {
  portOf,
  type RouterSecret,
  routerSecret,
  routerSecretIssues,
  routerSettings,
  routerSettingsIssues,
} from './router-settings.ts';
import { MAX_INTERFACES } from './routeros.wire.ts';

const API_PORT = 8729;
const PLAIN_API_PORT = 8728;

/**
 * `certificateSha256` is what `/certificate print detail` shows as the fingerprint; `plainHttp` is in clear by either
 * interface.
 */
export const routerosSettings = z.safeExtend(routerSettings(MAX_INTERFACES), {
  /** RouterOS 6 has the binary one only. Its port is 8729 unless told; 8728 with `plainHttp`. */
  api: z._default(z.enum(['rest', 'binary']), 'rest'),
  /** Whether each run also counts what its simple queues carried. */
  queues: z._default(z.boolean(), true),
});
export type RouterosSettings = z.infer<typeof routerosSettings>;

export function routerosPort(settings: RouterosSettings): number {
  if (settings.api === 'rest') return portOf(settings);
  return settings.port ?? (settings.plainHttp ? PLAIN_API_PORT : API_PORT);
}

/** A console user with the policies read and api, by REST rest-api; the one for writing needs write. */
export const routerosSecret = routerSecret;
export type RouterosSecret = RouterSecret;

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function routerosSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return routerSettingsIssues(routerosSettings, given);
}

/** Everything wrong with the fields of a secret that somebody wants to store. Never repeats a value. */
export function routerosSecretIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return routerSecretIssues(given);
}
