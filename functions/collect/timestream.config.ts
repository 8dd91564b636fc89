/** Environment of the function that copies samples to Timestream. */
import * as z from 'zod/mini';

export const timestreamConfig = z.object({
  TABLE_NAME: z.string(),
  TIMESTREAM_DATABASE: z.string(),
  TIMESTREAM_TABLE: z.string(),
});
