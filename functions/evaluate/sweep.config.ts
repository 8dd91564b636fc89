/** Environment of the minute sweep. */
import * as z from 'zod/mini';

export const sweepConfig = z.object({
  TABLE_NAME: z.string(),
  EVALUATE_QUEUE_URL: z.url(),
  OUTBOX_QUEUE_URL: z.url(),
});
