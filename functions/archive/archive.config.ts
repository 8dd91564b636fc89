/** Environment of the functions that archive: the one that plans and the one that works. */
import * as z from 'zod/mini';

export const archiveConfig = z.object({
  TABLE_NAME: z.string(),
  ARCHIVE_BUCKET: z.string(),
  ARCHIVE_QUEUE_URL: z.url(),
});
