/** Environment of the function that takes the packs of sites. */
import * as z from 'zod/mini';

export const ingestConfig = z.object({
  TABLE_NAME: z.string(),
  SECRET_PREFIX: z.string(),
  COLLECT_INTERFACES_QUEUE_URL: z.url(),
});
