/** Environment of the function behind resellers. */
import * as z from 'zod/mini';
import { archivesConfig } from './archives.config.ts';

export const resellersConfig = z.extend(archivesConfig, {
  SECRET_PREFIX: z.string(),
  LIMITS_QUEUE_URL: z.url(),
});
