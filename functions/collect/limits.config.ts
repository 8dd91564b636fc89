/** Environment of the worker that changes and compares what routers limit. */
import * as z from 'zod/mini';

export const limitsConfig = z.object({
  TABLE_NAME: z.string(),
  SECRET_PREFIX: z.string(),
  LIMITS_QUEUE_URL: z.url(),
});
