/** Who is told: a person on call, the channels that reach them in order of preference, and how bad it must be. Pure. */
import * as z from 'zod/mini';
import type { Severity } from '../rules/rule.ts';

export type ChannelName = 'whatsapp' | 'sms';
export const CHANNELS: readonly ChannelName[] = ['whatsapp', 'sms'];

/** E.164: a plus, then 7 to 15 digits that do not begin with 0. */
export const PHONE_PATTERN = /^\+[1-9]\d{6,14}$/;

export interface Receiver {
  /** Lower case letters, digits and dashes; names the mailbox for ever. */
  readonly id: string;
  readonly name: string;
  readonly phone: string;
  /** The ladder: a step is taken when the one before it failed or stayed silent. */
  readonly channels: readonly ChannelName[];
  readonly minSeverity: Severity;
  readonly language: 'en';
  readonly enabled: boolean;
}

export const receiverSchema = z.object({
  id: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'use 1-32 lower case letters, digits and dashes')),
  name: z.string().check(z.minLength(1), z.maxLength(60)),
  phone: z.string().check(z.regex(PHONE_PATTERN, 'use the international form, such as +447700900123')),
  channels: z.array(z.enum(['whatsapp', 'sms'])).check(
    z.minLength(1, 'name at least one channel'),
    z.refine((channels) => new Set(channels).size === channels.length, 'name each channel once'),
  ),
  minSeverity: z.enum(['info', 'warning', 'critical']),
  language: z.literal('en'),
  enabled: z.boolean(),
});
