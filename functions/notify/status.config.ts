/** Environment of the status callback. */
import * as z from 'zod/mini';

export const statusConfig = z.object({
  TABLE_NAME: z.string(),
  SECRET_PREFIX: z.string(),
  DELIVERY_TOPIC_ARN: z.string(),
  /** The address that callbacks were handed out with; without it none was, and every callback is refused. */
  PUBLIC_URL: z.optional(z.string()),
  /** Its presence makes the simulator's signature valid for simulated tenants; only the local cloud sets it. */
  SIMULATOR_TWILIO_URL: z.optional(z.url()),
});
