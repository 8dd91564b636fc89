/** Environment of the function behind the open routes. */
import * as z from 'zod/mini';

export const openConfig = z.object({ TABLE_NAME: z.string(), STAGE: z.string() });
