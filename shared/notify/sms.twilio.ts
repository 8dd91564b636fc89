/** SMS by Twilio, for stages whose account has a sender for it. */
import { isAppError } from '../platform/errors.ts';
import { type Addressing, createTwilioMessages, type TwilioMessages } from './messages.twilio.ts';
import type { TrackedChannel } from './tracked-channel.port.ts';
import type { TwilioAccounts } from './twilio-account.ts';

export function createTwilioSms(
  accounts: TwilioAccounts,
  messages: TwilioMessages = createTwilioMessages(accounts),
): TrackedChannel {
  return {
    name: 'sms',
    send: (message) => messages.send(message, addressSms),
    find: (message, since) => messages.find(message, message.to, since),
    status: (providerId, simulated) => messages.status(providerId, simulated),
  };
}

/** Whether the stage's account has a sender for SMS; a broken configuration counts as none. */
export async function hasSmsSender(accounts: TwilioAccounts): Promise<boolean> {
  try {
    const account = (await accounts.accessFor(false))?.account;
    return account?.messagingServiceSid !== undefined || account?.smsFrom !== undefined;
  } catch (error) {
    if (isAppError(error, 'CONFIG_INVALID')) return false;
    throw error;
  }
}

const addressSms: Addressing = (message, account) => {
  const { messagingServiceSid, smsFrom } = account;
  if (messagingServiceSid !== undefined) return { to: message.to, messagingServiceSid, body: message.text };
  if (smsFrom !== undefined) return { to: message.to, from: smsFrom, body: message.text };
  return { outcome: 'permanent', reason: 'no SMS sender is configured' };
};
