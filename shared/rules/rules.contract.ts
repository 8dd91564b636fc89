/** What asks for a judgement: only the name of a target, so an old message cannot reopen anything. */
import * as z from 'zod/mini';
import { TENANT_PATTERN } from '../platform/key.ts';

const name = z.string().check(z.minLength(1), z.maxLength(200));

/** Carried by the evaluate queue; fields that a newer version adds are ignored. */
export const evaluateMessage = z.object({
  version: z.literal(1),
  tenant: z.string().check(z.regex(TENANT_PATTERN)),
  kind: name,
  target: name,
});
