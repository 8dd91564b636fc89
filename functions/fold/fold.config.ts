/** Environment of the fold. */
import * as z from 'zod/mini';

export const foldConfig = z.object({ TABLE_NAME: z.string() });
