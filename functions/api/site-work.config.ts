/** Environment of the function that gives sites their commands and takes their answers. */
import * as z from 'zod/mini';

export const siteWorkConfig = z.object({
  TABLE_NAME: z.string(),
  SECRET_PREFIX: z.string(),
  LIMITS_QUEUE_URL: z.url(),
});
