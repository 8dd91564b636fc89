/** Environment of the hourly look at what routers limit. */
import * as z from 'zod/mini';

export const compareLimitsConfig = z.object({
  TABLE_NAME: z.string(),
  LIMITS_QUEUE_URL: z.url(),
});
