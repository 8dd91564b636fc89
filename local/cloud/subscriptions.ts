/** Ties topics to their queues, where the queue's policy lets the topic send: without that, AWS drops in silence. */
import type { CloudModel } from '../model/types.ts';
import type { QueueService } from '../services/queues.ts';
import type { Guard } from './guard.ts';

export function subscribeTopics(
  model: CloudModel,
  queues: QueueService,
  guard: Guard,
  region: string,
  notice: (sentence: string) => void,
): void {
  for (const topic of model.topics) {
    for (const { queueArn, attributes } of topic.subscriptions) {
      const decision = guard.checkService('sns.amazonaws.com', topic.name, {
        action: 'sqs:SendMessage',
        resource: queueArn,
        context: { 'aws:SourceArn': topic.arn },
      });
      if (decision.allowed) {
        queues.server.subscribe({
          topic: topic.name,
          queue: queueArn.split(':').pop() ?? '',
          region,
          attributes: { ...attributes },
        });
      } else {
        notice(`topic ${topic.name} is not allowed to sqs:SendMessage on ${queueArn}: ${decision.reason}`);
      }
    }
  }
}
