/** What a tenant configures about a site that sends by itself; its key is made by Headroom, never given. Pure. */
import * as z from 'zod/mini';
import type { Issue } from '../platform/errors.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';
import { speedsField } from './speeds.ts';

export const pushSettings = z.object({
  /** For RouterOS, which cannot sign: the secret itself proves who sends. Off, only signed packs are taken. */
  bearer: z._default(z.boolean(), false),
  speedsBitsPerSecond: speedsField,
});
export type PushSettings = z.infer<typeof pushSettings>;

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
