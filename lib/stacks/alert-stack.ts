/** Judging and telling: evaluator, minute sweep, relay, the delivery topic and its channel queues, status callbacks. */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { ContextAttribute, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import {
  acknowledgeSchedules,
  consumeQueue,
  type FunctionFactory,
  functionNamed,
} from '../constructs/function-factory.ts';
import { routesTo } from '../constructs/http-routes.ts';
import type { NodeFunction } from '../constructs/node-function.ts';
import { grantTable } from '../constructs/table-access.ts';
import { grantTwilioSecret } from '../constructs/tenant-secrets.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import { rowNamed } from '../rows.ts';
import type { Stage } from '../stages.ts';
import type { CollectStack } from './collect-stack.ts';
import type { DashboardStack } from './dashboard-stack.ts';
import type { StorageStack } from './storage-stack.ts';

export interface AlertStackProps extends StackProps {
  readonly stage: Stage;
  readonly storage: StorageStack;
  readonly collect: CollectStack;
  readonly dashboard: DashboardStack;
  readonly make: FunctionFactory;
}

export class AlertStack extends Stack {
  readonly queues: { outbox: WorkQueue; whatsapp: WorkQueue; sms: WorkQueue };
  readonly topic: Topic;
  private readonly parts: AlertStackProps;

  constructor(scope: Construct, id: string, props: AlertStackProps) {
    super(scope, id, props);
    this.parts = props;
    this.queues = {
      outbox: this.queueFor('Outbox', 'notify-relay'),
      whatsapp: this.queueFor('Whatsapp', 'notify-whatsapp'),
      sms: this.queueFor('Sms', 'notify-sms'),
    };
    this.topic = new Topic(this, 'Delivery', { enforceSSL: true });
    for (const channel of ['whatsapp', 'sms'] as const) this.subscribe(channel);
    this.addEvaluator();
    this.addSweep();
    this.addRelay();
    this.addNotifier('notify-whatsapp', this.queues.whatsapp);
    this.addNotifier('notify-sms', this.queues.sms).allowPhoneNumbers();
    this.addStatusCallback();
  }

  private queueFor(id: string, consumer: string): WorkQueue {
    return new WorkQueue(this, `${id}Queue`, {
      consumerTimeoutSeconds: rowNamed(consumer).timeoutSeconds,
      maxReceiveCount: 6,
    });
  }

  private subscribe(channel: 'whatsapp' | 'sms'): void {
    this.topic.addSubscription(
      new SqsSubscription(this.queues[channel].queue, {
        rawMessageDelivery: true,
        filterPolicy: { channel: SubscriptionFilter.stringFilter({ allowlist: [channel] }) },
        deadLetterQueue: this.queues[channel].deadLetters,
      }),
    );
  }

  private settings(): Record<string, string> {
    return {
      EVALUATE_QUEUE_URL: this.parts.collect.queues.evaluate.queue.queueUrl,
      OUTBOX_QUEUE_URL: this.queues.outbox.queue.queueUrl,
      DELIVERY_TOPIC_ARN: this.topic.topicArn,
      PUBLIC_URL: this.parts.dashboard.publicUrl,
    };
  }

  private make(name: string): NodeFunction {
    return functionNamed(this, this.parts.make, name, this.settings());
  }

  private addEvaluator(): void {
    const evaluate = this.make('evaluate');
    consumeQueue(evaluate, this.parts.collect.queues.evaluate);
    grantTable(evaluate, this.parts.storage.table, { read: ['H', 'B', 'E', 'A', 'C'], write: ['A'] });
    evaluate.allow(['sqs:SendMessage'], [this.queues.outbox.queue.queueArn]);
  }

  private addSweep(): void {
    const sweep = this.make('sweep');
    grantTable(sweep, this.parts.storage.table, {
      read: ['@tenants', 'A', 'C', 'M', 'H', 'D'],
      write: ['C'],
      index: true,
    });
    sweep.allow(
      ['sqs:SendMessage'],
      [this.queues.outbox.queue.queueArn, this.parts.collect.queues.evaluate.queue.queueArn],
    );
    const lost = new WorkQueue(this, 'LostSweeps', { consumerTimeoutSeconds: sweep.row.timeoutSeconds });
    new Schedule(this, 'Schedule-sweep', {
      scheduleName: `${this.stackName}-sweep`,
      description: 'Every minute: open alerts whose time has come, messages that were owed',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: new LambdaInvoke(sweep.function, {
        input: ScheduleTargetInput.fromObject({ scheduledAt: ContextAttribute.scheduledTime }),
        deadLetterQueue: lost.deadLetters,
        maxEventAge: Duration.minutes(15),
        retryAttempts: 2,
      }),
    });
    acknowledgeSchedules(this, sweep);
  }

  private addRelay(): void {
    const relay = this.make('notify-relay');
    consumeQueue(relay, this.queues.outbox);
    grantTable(relay, this.parts.storage.table, { read: ['A', 'C', 'M', 'D'], write: ['A', 'M', 'D'] });
    relay.allow(['sns:Publish'], [this.topic.topicArn]);
    relay.allow(['sqs:SendMessage'], [this.queues.outbox.queue.queueArn]);
  }

  private addNotifier(name: 'notify-whatsapp' | 'notify-sms', queue: WorkQueue): NodeFunction {
    const notifier = this.make(name);
    consumeQueue(notifier, queue);
    grantTable(notifier, this.parts.storage.table, { read: ['D', 'C'], write: ['D', 'A'] });
    notifier.allow(['sns:Publish'], [this.topic.topicArn]);
    notifier.allow(['sqs:SendMessage'], [this.queues.outbox.queue.queueArn]);
    grantTwilioSecret(notifier);
    return notifier;
  }

  private addStatusCallback(): void {
    const status = this.make('notify-status');
    grantTable(status, this.parts.storage.table, { read: ['D', 'C'], write: ['D'] });
    status.allow(['sns:Publish'], [this.topic.topicArn]);
    grantTwilioSecret(status);
    routesTo(this, status, this.parts.dashboard.http);
  }
}
