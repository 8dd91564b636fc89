/** Environment of the API functions that only read. */
import * as z from 'zod/mini';

export const apiConfig = z.object({
  TABLE_NAME: z.string(),
  USER_POOL_ID: z.string(),
  USER_POOL_CLIENT_ID: z.string(),
  /** Replaces Cognito's address of the key set; only the local cloud sets it. */
  SIMULATOR_KEYS_URL: z.optional(z.url()),
});
