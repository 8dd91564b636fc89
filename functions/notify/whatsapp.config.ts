/** Environment of the WhatsApp notifier. */
import * as z from 'zod/mini';

export const whatsappConfig = z.object({
  TABLE_NAME: z.string(),
  SECRET_PREFIX: z.string(),
  OUTBOX_QUEUE_URL: z.url(),
  DELIVERY_TOPIC_ARN: z.string(),
  /** Where the provider reports to; without it the status is asked for. */
  PUBLIC_URL: z.optional(z.string()),
  /** Where simulated tenants' messages go; only the local cloud sets it. */
  SIMULATOR_TWILIO_URL: z.optional(z.url()),
});
