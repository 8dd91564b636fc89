/** Environment of the worker that acts on SIMs. */
import * as z from 'zod/mini';

export const simActsConfig = z.object({
  TABLE_NAME: z.string(),
  SECRET_PREFIX: z.string(),
  SIM_ACTS_QUEUE_URL: z.url(),
  /** Where an account is asked to be read again after it was changed. */
  COLLECT_SIMS_QUEUE_URL: z.url(),
  /** Base URL of 1NCE's management API. */
  ONENCE_BASE_URL: z.url(),
  /** The same for simulated accounts; only the local cloud sets it. */
  SIMULATOR_ONENCE_URL: z.optional(z.url()),
});
