/** What a tenant configures about a Cisco IOS-XE router read by RESTCONF: settings that anyone may see, and its secret. Pure. */
import type { Issue } from '../platform/errors.ts';
import { MAX_INTERFACES } from './iosxe.wire.ts';
import { routerLoginIssues, routerSettings, routerSettingsIssues } from './router-settings.ts';

/** Its secret is a login of privilege 15. */
export const iosxeSettings = routerSettings(MAX_INTERFACES);

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function iosxeSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return routerSettingsIssues(iosxeSettings, given);
}

/** Everything wrong with the fields of a secret that somebody wants to store. Never repeats a value. */
export function iosxeSecretIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return routerLoginIssues(given);
}
