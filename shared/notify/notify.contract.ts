/** Messages that cross between the processes of the room: what the outbox queue and the delivery topic carry. */
import * as z from 'zod/mini';
import { TENANT_PATTERN } from '../platform/key.ts';

const tenant = z.string().check(z.regex(TENANT_PATTERN));
const day = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/));
const delivery = z.string().check(z.minLength(1), z.maxLength(200));

/** Alerts of a tenant have something in their outbox. */
export const outboxAlertsMessage = z.object({
  version: z.literal(1),
  tenant,
  fingerprints: z.array(z.string()).check(z.minLength(1)),
});
/** A recipient's mailbox may have its next message due; `at` is the instant that the wake-up was planned for. */
export const mailboxDueMessage = z.object({
  version: z.literal(1),
  tenant,
  recipient: z.string(),
  at: z.optional(z.number()),
});
/** A delivery's timer: look whether it still waits for something. */
export const deliveryCheckMessage = z.object({
  version: z.literal(1),
  tenant,
  day,
  delivery,
  check: z.literal(true),
});
/** What the outbox queue carries; fields that a newer version adds are ignored. */
export const outboxMessage = z.union([outboxAlertsMessage, mailboxDueMessage, deliveryCheckMessage]);
/** What the delivery topic carries to the channel named in its attribute `channel`. */
export const deliveryMessage = z.object({ version: z.literal(1), tenant, day, delivery });

export type OutboxAlertsMessage = z.infer<typeof outboxAlertsMessage>;
export type MailboxDueMessage = z.infer<typeof mailboxDueMessage>;
export type DeliveryCheckMessage = z.infer<typeof deliveryCheckMessage>;
export type OutboxMessage = z.infer<typeof outboxMessage>;
export type DeliveryMessage = z.infer<typeof deliveryMessage>;
