/** Environment of the function behind sources and runs. */
import * as z from 'zod/mini';
import { archivesConfig } from './archives.config.ts';

export const sourcesConfig = z.extend(archivesConfig, {
  SECRET_PREFIX: z.string(),
  COLLECT_TAARA_QUEUE_URL: z.url(),
  COLLECT_INTERFACES_QUEUE_URL: z.url(),
  COLLECT_SIMS_QUEUE_URL: z.url(),
  COLLECT_LINKS_QUEUE_URL: z.url(),
  EVALUATE_QUEUE_URL: z.url(),
  FOLD_QUEUE_URL: z.url(),
  /** Where sites send to. */
  PUBLIC_URL: z.string(),
  /** Where sessions of Taara accounts end. */
  TAARA_BASE_URL: z.url(),
  /** The same for simulated accounts; only the local cloud sets it. */
  SIMULATOR_TAARA_URL: z.optional(z.url()),
});
