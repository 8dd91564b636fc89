/** Twilio's Messages resource through the official SDK: only its message part is imported, 0.4 MB instead of 3.7. */
import BaseTwilio from 'twilio/lib/base/BaseTwilio.js';
import Domain from 'twilio/lib/base/Domain.js';
import Version from 'twilio/lib/base/Version.js';
import {
  type MessageListInstance,
  type MessageListInstanceCreateOptions,
  MessageListInstance as messagesOf,
} from 'twilio/lib/rest/api/v2010/account/message.js';
import type { Instant } from '../platform/clock.ts';
import { isAppError } from '../platform/errors.ts';
import type { OutgoingMessage, SendResult } from './channel.port.ts';
import type { StatusReport } from './ladder.ts';
import { reportFromWire, resultFromError, resultFromNetwork } from './twilio.convert.ts';
import type { TwilioAccess, TwilioAccount, TwilioAccounts } from './twilio-account.ts';

const API = 'https://api.twilio.com';
/** From the first octet sent to the last one received. */
const TIMEOUT_MS = 10_000;
/** A page of messages is about 50 KB. */
const MAX_BYTES = 1_000_000;
/** Newest messages to one number that are searched for a lost one. */
const SEARCHED = 20;
/** Twilio's instants are whole seconds of its own clock. */
const CLOCK_SLACK_MS = 5_000;
const BAD_CREDENTIALS = 20003;

/** How one channel words a message for this account; a SendResult instead when it cannot. */
export type Addressing = (
  message: OutgoingMessage,
  account: TwilioAccount,
) => MessageListInstanceCreateOptions | SendResult;

export interface TwilioMessages {
  send(message: OutgoingMessage, addressing: Addressing): Promise<SendResult>;
  find(message: OutgoingMessage, to: string, since: Instant): Promise<string | undefined>;
  status(providerId: string, simulated: boolean): Promise<StatusReport | undefined>;
}

export function createTwilioMessages(accounts: TwilioAccounts, timeoutMs: number = TIMEOUT_MS): TwilioMessages {
  const open = (access: TwilioAccess): MessageListInstance => openMessages(access, timeoutMs);
  return {
    async send(message, addressing) {
      const access = await usableAccess(accounts, message);
      if ('outcome' in access) return access;
      const first = await attempt(open(access), access.account, message, addressing);
      if (first.outcome !== 'permanent' || first.code !== String(BAD_CREDENTIALS) || message.simulated) return first;
      // The token may have been rotated since it was read: one retry with the fresh one.
      const fresh = await accounts.accessFor(false, { fresh: true });
      if (!fresh || fresh.account.authToken === access.account.authToken) return first;
      return await attempt(open(fresh), fresh.account, message, addressing);
    },
    async find(message, to, since) {
      const access = await accounts.accessFor(message.simulated);
      if (!access) return undefined;
      try {
        const recent = await open(access).list({ to, limit: SEARCHED, pageSize: SEARCHED });
        return recent.find((m) => isThisMessage(m, message, since))?.sid;
      } catch {
        // Not being able to look costs one duplicate at most; not sending would cost the alert.
        return undefined;
      }
    },
    async status(providerId, simulated) {
      const access = await accounts.accessFor(simulated);
      if (!access) return undefined;
      try {
        const found = await open(access).get(providerId).fetch();
        return reportFromWire(found.sid, found.status, found.errorCode, found.errorMessage);
      } catch {
        // The same as an answer that brings nothing new: the caller asks again or moves on when the time is up.
        return undefined;
      }
    },
  };
}

/** A missing or broken configuration must not stop the ladder: it is a failure of this channel like any other. */
async function usableAccess(accounts: TwilioAccounts, message: OutgoingMessage): Promise<TwilioAccess | SendResult> {
  try {
    const access = await accounts.accessFor(message.simulated);
    if (access) return access;
  } catch (error) {
    if (!isAppError(error, 'CONFIG_INVALID')) throw error;
    return { outcome: 'permanent', reason: error.message };
  }
  const reason = message.simulated
    ? 'this stage has no simulated provider'
    : 'no Twilio account is configured for this stage';
  return { outcome: 'permanent', reason };
}

async function attempt(
  messages: MessageListInstance,
  account: TwilioAccount,
  message: OutgoingMessage,
  addressing: Addressing,
): Promise<SendResult> {
  const options = addressing(message, account);
  if ('outcome' in options) return options;
  try {
    const callback = message.callbackUrl === undefined ? {} : { statusCallback: message.callbackUrl };
    const created = await messages.create({ ...options, ...callback });
    if (typeof created.sid !== 'string') {
      return { outcome: 'retryable', reason: 'Twilio answered without a message id', uncertain: true };
    }
    return { outcome: 'accepted', providerId: created.sid, receipts: true };
  } catch (error) {
    return resultOf(error);
  }
}

/** The SDK throws its own exception for a complete answer; axios' error may carry the status of one that was cut off. */
function resultOf(error: unknown): SendResult {
  const { isAxiosError, status, code, message } = error as {
    isAxiosError?: unknown;
    status?: unknown;
    code?: unknown;
    message?: unknown;
  };
  if (typeof status === 'number' && isAxiosError !== true) {
    return resultFromError(status, typeof code === 'number' ? code : undefined, String(message ?? ''));
  }
  return resultFromNetwork(typeof code === 'string' ? code : undefined);
}

/** The same words to the same number: exact for plain text, by its variables for a template that Twilio filled in. */
function isThisMessage(found: { body: string; dateCreated: Date }, message: OutgoingMessage, since: Instant): boolean {
  if (!(found.dateCreated.getTime() >= since - CLOCK_SLACK_MS)) return false;
  const body = found.body ?? '';
  return body === message.text || Object.values(message.template.variables).every((value) => body.includes(value));
}

/** The parts that the SDK's own client is made of, with its base URL as an argument. */
function openMessages(access: TwilioAccess, timeoutMs: number): MessageListInstance {
  const { account, baseUrl = API } = access;
  // A frozen function wakes with dead sockets, so none is kept.
  const client = new BaseTwilio.Client(account.accountSid, account.authToken, {
    timeout: timeoutMs,
    autoRetry: false,
    keepAlive: false,
  });
  const { axios } = client.httpClient;
  axios.defaults.maxContentLength = MAX_BYTES;
  // The SDK's own time-out is one of silence; a dripping answer is cut off by this.
  axios.interceptors.request.use((config) => {
    config.signal = AbortSignal.timeout(timeoutMs);
    return config;
  });
  const domain = new (classOf(Domain))(client, baseUrl);
  const version = new (classOf(Version))(domain, '2010-04-01');
  // The SDK's type asks for its whole API; the list of messages uses nothing of it but the base class.
  return messagesOf(version as Parameters<typeof messagesOf>[0], account.accountSid);
}

/** The SDK is CommonJS: its default export arrives bare or under `default`, depending on who loads it. */
function classOf<T>(module: { default: T } | T): T {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : (module as T);
}
