/** Which way an SMS goes: by Twilio where a sender is configured, else by SNS; a simulated phone never counts as a real one. Pure. */
import type { Channel, OutgoingMessage, SendResult } from './channel.port.ts';
import type { TrackedChannel } from './tracked-channel.port.ts';

export interface SmsWays {
  readonly twilio: TrackedChannel;
  readonly sns: Channel;
  /** True in the local cloud, where SNS ends in the console's phone. */
  readonly snsIsSimulated: boolean;
  /** Whether the stage's Twilio account can send SMS. */
  readonly hasTwilioSender: () => Promise<boolean>;
}

/** Ids of Twilio's messages; SNS gives UUIDs. */
const TWILIO_ID = /^(SM|MM)/;

export function createSmsChannel(ways: SmsWays): TrackedChannel {
  const byTwilio = async (message: OutgoingMessage): Promise<boolean> =>
    !message.simulated && (await ways.hasTwilioSender());
  return {
    name: 'sms',
    async send(message) {
      if (await byTwilio(message)) return await ways.twilio.send(message);
      return message.simulated === ways.snsIsSimulated ? await ways.sns.send(message) : noWay(message);
    },
    async find(message, since) {
      return (await byTwilio(message)) ? await ways.twilio.find(message, since) : undefined;
    },
    async status(providerId, simulated) {
      return TWILIO_ID.test(providerId) ? await ways.twilio.status(providerId, simulated) : undefined;
    },
  };
}

function noWay(message: OutgoingMessage): SendResult {
  const reason = message.simulated
    ? 'a simulated tenant sends no SMS to real phones'
    : 'no SMS sender is configured, and this machine can reach no phone by itself';
  return { outcome: 'permanent', reason };
}
