/** Environment of every collector; each uses its own queue. */
import * as z from 'zod/mini';

export const collectorConfig = z.object({
  TABLE_NAME: z.string(),
  SECRET_PREFIX: z.string(),
  COLLECT_TAARA_QUEUE_URL: z.url(),
  COLLECT_INTERFACES_QUEUE_URL: z.url(),
  COLLECT_SIMS_QUEUE_URL: z.url(),
  COLLECT_LINKS_QUEUE_URL: z.url(),
  FOLD_QUEUE_URL: z.url(),
  EVALUATE_QUEUE_URL: z.url(),
  /** Set where the stage copies samples to Timestream. */
  TIMESTREAM_QUEUE_URL: z.optional(z.url()),
  /** Base URL of the Taara subscriber API. */
  TAARA_BASE_URL: z.url(),
  /** Where simulated Taara accounts are asked; only the local cloud sets it. */
  SIMULATOR_TAARA_URL: z.optional(z.url()),
  /** Base URL of 1NCE's management API. */
  ONENCE_BASE_URL: z.url(),
  SIMULATOR_ONENCE_URL: z.optional(z.url()),
});
