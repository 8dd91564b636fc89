/** What a tenant configures about a Cisco IOS-XE router read by RESTCONF: settings that anyone may see, and its secret. Pure. */
import * as z from 'zod/mini';
import type { Issue } from '../platform/errors.ts';
import { MAX_INTERFACES } from './iosxe.wire.ts';
import { routerSecret, routerSecretIssues, routerSettings, routerSettingsIssues } from './router-settings.ts';

export const iosxeSettings = z.safeExtend(routerSettings(MAX_INTERFACES), {
  /** Whether each change of a limit is written to the startup configuration, with whatever else is running unsaved. */
  saveConfiguration: z._default(z.boolean(), false),
});
/** Logins of privilege 15. */
export const iosxeSecret = routerSecret;

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function iosxeSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return routerSettingsIssues(iosxeSettings, given);
}

/** Everything wrong with the fields of a secret that somebody wants to store. Never repeats a value. */
export function iosxeSecretIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return routerSecretIssues(given);
}
