/** Twilio's messages and status callbacks as documented (API 2010-04-01), and the account that only the simulator has. */
import * as z from 'zod/mini';

/** Every state of a message. */
export const messageStatus = z.enum([
  'queued',
  'sending',
  'sent',
  'failed',
  'delivered',
  'undelivered',
  'receiving',
  'received',
  'accepted',
  'scheduled',
  'read',
  'partially_delivered',
  'canceled',
]);
export type MessageStatus = z.infer<typeof messageStatus>;

/** A message resource, in the documented snake_case. */
export const messageResource = z.looseObject({
  sid: z.string(),
  account_sid: z.string(),
  status: messageStatus,
  to: z.string(),
  from: z.nullable(z.string()),
  body: z.nullable(z.string()),
  num_segments: z.string(),
  direction: z.string(),
  error_code: z.nullable(z.number()),
  error_message: z.nullable(z.string()),
  date_created: z.string(),
  date_sent: z.nullable(z.string()),
});
export type MessageResource = z.infer<typeof messageResource>;

export const errorBody = z.looseObject({
  code: z.number(),
  message: z.string(),
  more_info: z.optional(z.string()),
  status: z.number(),
});

/** A status callback's form; Twilio may add fields at any time. */
export const statusCallback = z.looseObject({
  MessageSid: z.string(),
  MessageStatus: z.string(),
  AccountSid: z.string(),
  ErrorCode: z.optional(z.string()),
  ErrorMessage: z.optional(z.string()),
});

/** `HX` and a number: content ids of the simulated account. */
function simulatedContentSid(number: number): string {
  return `HX${String(number).padStart(32, '0')}`;
}

/** No real account can have these: they open nothing but the simulator. */
export const SIMULATED_ACCOUNT = {
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: 'simulated-auth-token',
  whatsappFrom: '+447700900000',
  contentSids: {
    alert_firing: simulatedContentSid(1),
    alert_resolved: simulatedContentSid(2),
    alert_digest: simulatedContentSid(3),
  },
} as const;
