/** Environment of the relay. */
import * as z from 'zod/mini';

export const relayConfig = z.object({
  TABLE_NAME: z.string(),
  OUTBOX_QUEUE_URL: z.url(),
  DELIVERY_TOPIC_ARN: z.string(),
});
