/** The messaging provider's account as the operator configures it, one for the whole stage. Pure. */
import * as z from 'zod/mini';

const phone = z.string().check(z.regex(/^\+[1-9]\d{6,14}$/, 'use the international form, such as +447700900123'));
const contentSid = z.string().check(z.regex(/^HX[0-9a-zA-Z]{32}$/, 'a content id is HX and 32 characters'));

/** The secret's JSON. */
export const twilioAccountSchema = z.object({
  accountSid: z.string().check(z.regex(/^AC[0-9a-zA-Z]{32}$/, 'an account id is AC and 32 characters')),
  authToken: z.string().check(z.minLength(1)),
  whatsappFrom: z.optional(phone),
  smsFrom: z.optional(z.string().check(z.minLength(1))),
  messagingServiceSid: z.optional(
    z.string().check(z.regex(/^MG[0-9a-zA-Z]{32}$/, 'a service id is MG and 32 characters')),
  ),
  contentSids: z.optional(
    z.object({
      alert_firing: z.optional(contentSid),
      alert_resolved: z.optional(contentSid),
      alert_digest: z.optional(contentSid),
    }),
  ),
  /** Sends WhatsApp text without a template: works only in Twilio's sandbox and within 24 h of the recipient's own message. */
  sandbox: z.optional(z.boolean()),
});

export type TwilioAccount = z.infer<typeof twilioAccountSchema>;

/** An account and where it is to be reached; no base URL = Twilio itself. */
export interface TwilioAccess {
  readonly account: TwilioAccount;
  readonly baseUrl?: string;
}

export interface TwilioAccounts {
  /**
   * Undefined when none is configured (or, for simulated tenants, where no simulator runs).
   * `fresh` reads the secret again. Throws CONFIG_INVALID.
   */
  accessFor(simulated: boolean, options?: { fresh?: boolean }): Promise<TwilioAccess | undefined>;
}
