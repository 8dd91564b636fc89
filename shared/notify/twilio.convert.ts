/** Twilio's words as ours: what a status means for a delivery, what an error code means for the ladder. Pure. */
import type { SendResult } from './channel.port.ts';
import type { DeliveryStatus } from './delivery.ts';
import type { StatusReport } from './ladder.ts';
import type { MessageStatus } from './twilio.wire.ts';

/** Inbound states never happen to our messages. */
const STATUS: Readonly<Record<MessageStatus, DeliveryStatus | undefined>> = {
  queued: 'accepted',
  accepted: 'accepted',
  scheduled: 'accepted',
  sending: 'accepted',
  sent: 'sent',
  partially_delivered: 'sent',
  delivered: 'delivered',
  read: 'read',
  undelivered: 'undelivered',
  failed: 'failed',
  canceled: 'failed',
  receiving: undefined,
  received: undefined,
};

/** Undefined for a status that says nothing about an outgoing message, or that Twilio has added since. */
export function statusFromWire(status: string): DeliveryStatus | undefined {
  return Object.hasOwn(STATUS, status) ? STATUS[status as MessageStatus] : undefined;
}

export function reportFromWire(
  providerId: string,
  status: string,
  errorCode: string | number | null | undefined,
  errorMessage: string | null | undefined,
): StatusReport | undefined {
  const known = statusFromWire(status);
  if (!known) return undefined;
  if (known !== 'failed' && known !== 'undelivered') return { status: known, providerId };
  const code = errorCode === null || errorCode === undefined || errorCode === '' ? undefined : String(errorCode);
  return { status: known, providerId, reason: reasonOf(code, errorMessage ?? undefined), ...(code ? { code } : {}) };
}

type Verdict = 'permanent' | 'retryable';

/** What the codes mean for us, and how to mend it, in words; codes from Twilio's error dictionary. */
const CODES: Readonly<Record<string, readonly [Verdict, string]>> = {
  '20003': ['permanent', 'Twilio refused the credentials: check the account id and token'],
  '20404': ['permanent', 'Twilio does not know this account or resource'],
  '20429': ['retryable', 'Twilio asks for fewer requests'],
  '21211': ['permanent', 'the phone number is not valid'],
  '21212': ['permanent', 'the sender is not valid: check the configured sender'],
  '21408': ['permanent', "the number's country is not enabled in Twilio's geographic permissions"],
  '21606': ['permanent', 'the sender cannot send to this number: check the configured sender'],
  '21608': ['permanent', 'a trial account sends only to verified numbers'],
  '21610': ['permanent', 'the recipient has answered STOP'],
  '21611': ['retryable', "the sender's queue is full"],
  '21612': ['permanent', 'there is no route from the sender to this number'],
  '21614': ['permanent', 'the number cannot receive SMS'],
  '21617': ['permanent', 'the message is too long'],
  '30001': ['retryable', "Twilio's queue overflowed"],
  '30002': ['permanent', 'the Twilio account is suspended'],
  '30003': ['permanent', 'the phone is unreachable'],
  '30004': ['permanent', 'the message is blocked'],
  '30005': ['permanent', 'the number is unknown'],
  '30006': ['permanent', 'the number is a landline or its network is unreachable'],
  '30007': ['permanent', 'the carrier filtered the message'],
  '30008': ['permanent', 'the carrier gives no reason'],
  '63003': ['permanent', 'the number is not on WhatsApp'],
  '63007': ['permanent', 'the sender is no WhatsApp sender: check the configured sender'],
  '63015': ['permanent', 'the recipient has not joined the WhatsApp sandbox'],
  '63016': ['permanent', 'WhatsApp wants an approved template: configure its content id'],
  '63018': ['retryable', "WhatsApp's rate limit is reached"],
  '63021': ['permanent', 'WhatsApp refused the content: compare the template with its variables'],
  '63024': ['permanent', 'the number is not a valid WhatsApp recipient'],
};

function reasonOf(code: string | undefined, message: string | undefined): string {
  const known = code === undefined ? undefined : CODES[code]?.[1];
  const words = known ?? message ?? 'the provider gives no reason';
  return code === undefined ? words : `${words} (${code})`;
}

/** An error answer to a request to send. 5xx and 408 may hide an acceptance: look before sending again. */
export function resultFromError(status: number, code: number | undefined, message: string): SendResult {
  const name = code === undefined ? undefined : String(code);
  const known = name === undefined ? undefined : CODES[name]?.[0];
  const reason = reasonOf(name, `${message} [HTTP ${status}]`);
  if (known === 'retryable' || (known === undefined && status === 429)) return { outcome: 'retryable', reason };
  if (known === undefined && (status >= 500 || status === 408))
    return { outcome: 'retryable', reason, uncertain: true };
  return { outcome: 'permanent', reason, ...(name === undefined ? {} : { code: name }) };
}

/** Codes of Node for a connection that never came about: nothing can have been accepted. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** No answer at all. */
export function resultFromNetwork(errorCode: string | undefined): SendResult {
  const certain = errorCode !== undefined && NEVER_CONNECTED.has(errorCode);
  const reason = certain ? 'Twilio cannot be reached' : 'Twilio did not answer in time';
  return { outcome: 'retryable', reason: `${reason}${errorCode ? ` (${errorCode})` : ''}`, uncertain: !certain };
}
