/** What a tenant configures about a router that only a site's own machine reaches: which site. Address and login stay there. Pure. */
import * as z from 'zod/mini';
import { SOURCE_ID_PATTERN } from '../collect/source-rules.ts';
import type { Issue } from '../platform/errors.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';

export const siteRouterSettings = z.object({
  via: z.string().check(z.regex(SOURCE_ID_PATTERN, 'must be the id of a source of type push')),
});

/** Its login stands in the file of the site's agent. */
export const siteRouterSecret = z.object({});

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function siteRouterSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(siteRouterSettings, given), ...unknownNames(Object.keys(siteRouterSettings.shape), given)];
}

/** Nobody here could use them. */
export function siteRouterSecretIssues(_given: Readonly<Record<string, unknown>>): Issue[] {
  return [{ path: '', message: 'stay at the site, in the file of routers of its agent: leave them away' }];
}
