/** Environment of the function behind actions on SIMs, their messages and the audit. */
import * as z from 'zod/mini';
import { apiConfig } from './api.config.ts';

export const simActionsConfig = z.extend(apiConfig, {
  SECRET_PREFIX: z.string(),
  SIM_ACTS_QUEUE_URL: z.url(),
  /** Base URL of 1NCE's management API. */
  ONENCE_BASE_URL: z.url(),
  /** The same for simulated accounts; only the local cloud sets it. */
  SIMULATOR_ONENCE_URL: z.optional(z.url()),
});
