/** WhatsApp by Twilio: an approved template as the normal path, plain text only in the sandbox. */
import type { OutgoingMessage, SendResult } from './channel.port.ts';
import { type Addressing, createTwilioMessages, type TwilioMessages } from './messages.twilio.ts';
import type { TrackedChannel } from './tracked-channel.port.ts';
import type { TwilioAccount, TwilioAccounts } from './twilio-account.ts';

export function createWhatsappChannel(
  accounts: TwilioAccounts,
  messages: TwilioMessages = createTwilioMessages(accounts),
): TrackedChannel {
  return {
    name: 'whatsapp',
    send: (message) => messages.send(message, addressWhatsapp),
    find: (message, since) => messages.find(message, `whatsapp:${message.to}`, since),
    status: (providerId, simulated) => messages.status(providerId, simulated),
  };
}

const addressWhatsapp: Addressing = (message, account) => {
  if (!account.whatsappFrom) return notPossible('no WhatsApp sender is configured');
  const addresses = { to: `whatsapp:${message.to}`, from: `whatsapp:${account.whatsappFrom}` };
  const contentSid = contentSidOf(message, account);
  if (contentSid !== undefined) {
    return { ...addresses, contentSid, contentVariables: JSON.stringify(message.template.variables) };
  }
  if (account.sandbox) return { ...addresses, body: message.text };
  return notPossible(`no content id is configured for the template ${message.template.name}`);
};

function contentSidOf(message: OutgoingMessage, account: TwilioAccount): string | undefined {
  const sids: Readonly<Record<string, string | undefined>> = account.contentSids ?? {};
  return Object.hasOwn(sids, message.template.name) ? sids[message.template.name] : undefined;
}

function notPossible(reason: string): SendResult {
  return { outcome: 'permanent', reason };
}
