/** What a tenant configures about a site that sends by itself; its key is made by Headroom, never given. Pure. */
import * as z from 'zod/mini';
import type { Issue } from '../platform/errors.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';

/** 10 Tb/s: no port is faster, and every product with it is exact. */
const MAX_SPEED = 10_000_000_000_000;

export const pushSettings = z.object({
  /** For RouterOS, which cannot sign: the secret itself proves who sends. Off, only signed packs are taken. */
  bearer: z._default(z.boolean(), false),
  /** By ifName, where the site's word is wrong or a plan is slower than the port; 0 = the speed means nothing. */
  speedsBitsPerSecond: z.optional(z.record(z.string(), z.int().check(z.gte(0), z.lte(MAX_SPEED)))),
});
export type PushSettings = z.infer<typeof pushSettings>;

export function pushSpeed({ speedsBitsPerSecond: speeds }: PushSettings, ifName: string): number | undefined {
  return speeds !== undefined && Object.hasOwn(speeds, ifName) ? speeds[ifName] : undefined;
}

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function pushSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(pushSettings, given), ...unknownNames(Object.keys(pushSettings.shape), given)];
}

/** A key that somebody thought of is none. */
export function pushSecretIssues(_given: Readonly<Record<string, unknown>>): Issue[] {
  return [
    { path: '', message: 'are made by Headroom: leave them away, and renew with POST /v1/sources/{id}/site-key' },
  ];
}
