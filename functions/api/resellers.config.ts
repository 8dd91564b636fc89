/** Environment of the function behind resellers. */
import * as z from 'zod/mini';
import { apiConfig } from './api.config.ts';

export const resellersConfig = z.extend(apiConfig, {
  SECRET_PREFIX: z.string(),
  LIMITS_QUEUE_URL: z.url(),
});
