/** SMS by Amazon SNS, straight to the number: it gives no receipt, so accepted is the last that is ever known. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Channel, SendResult } from './channel.port.ts';

const TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 3_000;

/** The ladder does the retrying: the SDK's own would turn one lost answer into several messages. */
function openClient(): SNSClient {
  return new SNSClient({
    maxAttempts: 1,
    requestHandler: { requestTimeout: TIMEOUT_MS, connectionTimeout: CONNECT_TIMEOUT_MS, throwOnRequestTimeout: true },
  });
}

export function createSnsSms(client: SNSClient = openClient()): Channel {
  return {
    name: 'sms',
    async send(message) {
      try {
        const { MessageId } = await client.send(
          new PublishCommand({
            PhoneNumber: message.to,
            Message: message.text,
            MessageAttributes: { 'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' } },
          }),
        );
        return { outcome: 'accepted', providerId: MessageId ?? 'unknown', receipts: false };
      } catch (error) {
        return resultOf(error);
      }
    },
  };
}

const THROTTLED: ReadonlySet<string> = new Set(['ThrottledException', 'Throttling', 'ThrottlingException']);
const NEVER_CONNECTED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/** There is nothing to look a message up by: after an uncertain answer one duplicate is accepted. */
function resultOf(error: unknown): SendResult {
  if (!(error instanceof Error)) throw error;
  const { name } = error;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (THROTTLED.has(name) || status === 429) return { outcome: 'retryable', reason: 'SNS asks for fewer messages' };
  if (status !== undefined && status >= 400 && status < 500) {
    return { outcome: 'permanent', reason: `SNS refuses the message: ${name}`, code: name };
  }
  const code = (error as { code?: unknown }).code;
  const certain = typeof code === 'string' && NEVER_CONNECTED.has(code);
  return { outcome: 'retryable', reason: `SNS did not answer (${name})`, uncertain: !certain };
}
