/** What a tenant configures about a site that sends by itself; its key is made by Headroom, never given. Pure. */
import * as z from 'zod/mini';
import type { Source } from '../collect/source.ts';
import type { Issue } from '../platform/errors.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';
import { speedsField } from './speeds.ts';

const shape = {
  /** For RouterOS, which cannot sign: the secret itself proves who sends. Off, only signed packs are taken. */
  bearer: z._default(z.boolean(), false),
  /** Its agent may ask for commands to routers that it reaches. Only for one that signs. */
  commands: z._default(z.boolean(), false),
  speedsBitsPerSecond: speedsField,
};

export const pushSettings = z.object(shape).check(
  z.refine((s) => !(s.bearer && s.commands), {
    path: ['commands'],
    error: 'cannot stand beside bearer: commands go only to an agent that signs, so make it a site of its own',
  }),
);
export type PushSettings = z.infer<typeof pushSettings>;

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function pushSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(pushSettings, given), ...unknownNames(Object.keys(shape), given)];
}

/** Why no command goes to this site, to stand behind its name; undefined where its agent may ask for some. */
export function commandRefusal(site: Source | undefined): string | undefined {
  if (site?.type !== 'push') return 'is no source of type push';
  if (!site.enabled) return 'is disabled';
  const parsed = pushSettings.safeParse(site.settings);
  return parsed.success && parsed.data.commands ? undefined : 'takes no commands: set its settings.commands to true';
}

/** A key that somebody thought of is none. */
export function pushSecretIssues(_given: Readonly<Record<string, unknown>>): Issue[] {
  return [
    { path: '', message: 'are made by Headroom: leave them away, and renew with POST /v1/sources/{id}/site-key' },
  ];
}
