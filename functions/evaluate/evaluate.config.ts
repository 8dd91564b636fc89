/** Environment of the evaluator. */
import * as z from 'zod/mini';

export const evaluateConfig = z.object({
  TABLE_NAME: z.string(),
  OUTBOX_QUEUE_URL: z.url(),
});
