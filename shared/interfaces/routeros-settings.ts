/** What a tenant configures about a MikroTik router read by REST: settings that anyone may see, and its secret. Pure. */
import type { Issue } from '../platform/errors.ts';
import {
  type RouterSecret,
  type RouterSettings,
  routerSecret,
  routerSecretIssues,
  routerSettings,
  routerSettingsIssues,
} from './router-settings.ts';
import { MAX_INTERFACES } from './routeros.wire.ts';

/** `certificateSha256` is what `/certificate print detail` shows as the fingerprint. */
export const routerosSettings = routerSettings(MAX_INTERFACES);
export type RouterosSettings = RouterSettings;

/** A console user with the policies read, api and rest-api; the one for writing needs write. */
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
