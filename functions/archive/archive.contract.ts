/** The message that asks for the next step of one target's archive. */
import * as z from 'zod/mini';
import { TENANT_PATTERN } from '../../shared/platform/key.ts';

export const archiveMessage = z.object({
  version: z.literal(1),
  tenant: z.string().check(z.regex(TENANT_PATTERN)),
  month: z.string().check(z.regex(/^\d{4}-(0[1-9]|1[0-2])$/)),
  kind: z.string().check(z.minLength(1), z.maxLength(64)),
  target: z.string().check(z.minLength(1), z.maxLength(256)),
  /** Epoch ms: an archive that began then or later is as good as a new one. */
  notBefore: z.int().check(z.nonnegative()),
});
export type ArchiveMessage = z.infer<typeof archiveMessage>;
