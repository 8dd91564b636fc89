/** Environment of the dispatcher. */
import * as z from 'zod/mini';

export const dispatchConfig = z.object({
  TABLE_NAME: z.string(),
  COLLECT_TAARA_QUEUE_URL: z.url(),
  COLLECT_INTERFACES_QUEUE_URL: z.url(),
  COLLECT_SIMS_QUEUE_URL: z.url(),
  COLLECT_LINKS_QUEUE_URL: z.url(),
  EVALUATE_QUEUE_URL: z.url(),
  FOLD_QUEUE_URL: z.url(),
});
