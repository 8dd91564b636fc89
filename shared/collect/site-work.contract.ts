/** What the agent of a site and the house exchange: answers go in, commands come out. What a command asks, its kind says. */
import * as z from 'zod/mini';
import { route } from '../platform/route.ts';
import { SOURCE_ID_PATTERN } from './source-rules.ts';

/** Of one answer, packed: it stands in one item of the table and crosses in one request, with others. */
export const MAX_RESULT_LENGTH = 200_000;
/** One router has one command at a time, and a site some routers. */
const MAX_COMMANDS = 100;
const MAX_WORDS = 500;
const MAX_NAME = 40;
/** No command is good for longer. */
export const MAX_VALID_SECONDS = 300;

/** What may go wrong at a router; anything else is the house's own. */
export const FAILURE_CODES = [
  'SOURCE_UNAVAILABLE',
  'SOURCE_THROTTLED',
  'SOURCE_REJECTED',
  'SOURCE_MALFORMED',
  'REQUEST_INVALID',
] as const;

const commandId = z.string().check(z.regex(/^[0-9a-f]{32}$/, 'must be the 32 hexadecimal digits of a command'));
const name = z.string().check(z.minLength(1), z.maxLength(MAX_NAME));

export const siteFailure = z.strictObject({
  code: z.enum(FAILURE_CODES),
  message: z.string().check(z.maxLength(MAX_WORDS)),
  retryAfterSeconds: z.optional(z.int().check(z.minimum(0), z.maximum(3600))),
});
export type SiteFailure = z.infer<typeof siteFailure>;

/** How one command ended. `result`: gzip, in base64, of what its kind says, as JSON. */
export const siteAnswer = z
  .strictObject({
    id: commandId,
    result: z.optional(
      z.string().check(z.maxLength(MAX_RESULT_LENGTH), z.regex(/^[A-Za-z0-9+/]+={0,2}$/, 'must be base64')),
    ),
    error: z.optional(siteFailure),
  })
  .check(z.refine((a) => (a.result === undefined) !== (a.error === undefined), 'must have a result, or an error'));
export type SiteAnswer = z.infer<typeof siteAnswer>;

/** `router`: id of the source that is meant. Not to be begun, nor under way, once `validForSeconds` have passed since it was asked for. */
export const siteCommand = z.object({
  id: commandId,
  kind: name,
  router: z.string().check(z.regex(SOURCE_ID_PATTERN)),
  operation: name,
  arguments: z.record(z.string(), z.unknown()),
  validForSeconds: z.int().check(z.minimum(0), z.maximum(MAX_VALID_SECONDS)),
});
export type SiteCommand = z.infer<typeof siteCommand>;

export const exchangeSiteWork = route({
  key: 'POST /v1/site/work',
  summary:
    'Takes what a site answers to commands, and gives it the commands that wait for it; both are signed by its key',
  needs: 'site',
  body: z.strictObject({ version: z.literal(1), answers: z.array(siteAnswer).check(z.maxLength(MAX_COMMANDS)) }),
  response: z.object({
    commands: z.array(siteCommand).check(z.maxLength(MAX_COMMANDS)),
    /** Answers that nobody waits for, and why; there is nothing to send again. */
    refused: z.array(z.object({ id: z.string(), reason: z.string() })),
  }),
});

export const siteWorkRoutes = [exchangeSiteWork];
