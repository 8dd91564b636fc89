/** A status callback as Twilio sends it: a form, signed over the address and the sorted fields. */
import { createHmac } from 'node:crypto';
import { type MessageResource, SIMULATED_ACCOUNT } from '../../shared/notify/twilio.wire.ts';

const TIMEOUT_MS = 5_000;

/** Sends it once, as Twilio does; what the receiver answers, or that nobody does, changes nothing. */
export async function callBack(url: string, resource: MessageResource, signal: AbortSignal): Promise<void> {
  const fields = callbackFields(resource);
  try {
    await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-twilio-signature': signCallback(SIMULATED_ACCOUNT.authToken, url, fields),
      },
      body: new URLSearchParams(fields).toString(),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch {
    // A callback that is lost is part of the world that is simulated.
  }
}

export function callbackFields(resource: MessageResource): Record<string, string> {
  const whatsapp = resource.to.startsWith('whatsapp:');
  return {
    MessageSid: resource.sid,
    SmsSid: resource.sid,
    MessageStatus: resource.status,
    SmsStatus: resource.status,
    AccountSid: resource.account_sid,
    ApiVersion: '2010-04-01',
    From: resource.from ?? '',
    To: resource.to,
    ...(resource.error_code === null ? {} : { ErrorCode: String(resource.error_code) }),
    ...(resource.error_message === null ? {} : { ErrorMessage: resource.error_message }),
    ...(whatsapp ? { ChannelPrefix: 'whatsapp', ChannelToAddress: resource.to.slice('whatsapp:'.length) } : {}),
    ...(whatsapp && resource.status === 'delivered' ? { EventType: 'DELIVERED' } : {}),
  };
}

/** Twilio's documented algorithm: HMAC-SHA1 over the address followed by each name and value, in order of names. */
export function signCallback(authToken: string, url: string, fields: Readonly<Record<string, string>>): string {
  const signed = Object.keys(fields)
    .sort()
    .reduce((text, name) => `${text}${name}${fields[name] ?? ''}`, url);
  return createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
}
