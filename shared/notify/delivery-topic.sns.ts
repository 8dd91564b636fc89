/** The delivery topic on SNS; each channel's queue is subscribed by the attribute `channel`. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { AppError } from '../platform/errors.ts';
import type { DeliveryTopic } from './delivery-topic.port.ts';
import type { DeliveryMessage } from './notify.contract.ts';

/** A missing grant or topic is a bug and stays as the SDK threw it; everything else is worth another try. */
const BUGS: ReadonlySet<string> = new Set(['AuthorizationErrorException', 'AccessDenied', 'NotFoundException']);

export function openDeliveryTopic(
  topicArn: string,
  client: SNSClient = new SNSClient({ maxAttempts: 5 }),
): DeliveryTopic {
  return {
    async publish({ tenant, day, id, channel }) {
      const message: DeliveryMessage = { version: 1, tenant, day, delivery: id };
      const command = new PublishCommand({
        TopicArn: topicArn,
        Message: JSON.stringify(message),
        MessageAttributes: { channel: { DataType: 'String', StringValue: channel } },
      });
      try {
        await client.send(command);
      } catch (error) {
        if (error instanceof Error && BUGS.has(error.name)) throw error;
        throw new AppError('STORE_UNAVAILABLE', 'the delivery topic did not answer', { cause: error });
      }
    },
  };
}
