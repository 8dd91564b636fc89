/** What the entry points of all channels have in common: environment and channel in, handler out. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type * as z from 'zod/mini';
import { createAlertStore } from '../../shared/alerts/alerts.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { createDeliveryStore } from '../../shared/notify/deliveries.dynamodb.ts';
import { openDeliveryTopic } from '../../shared/notify/delivery-topic.sns.ts';
import type { TrackedChannel } from '../../shared/notify/tracked-channel.port.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createRecordHandler } from '../records.ts';
import { countDelivery } from './delivery-metrics.ts';
import { createNotifier } from './notifier.ts';
import type { whatsappConfig } from './whatsapp.config.ts';

export function openNotifier(environment: z.infer<typeof whatsappConfig>, channel: TrackedChannel) {
  const table = openTable(environment.TABLE_NAME);
  const metrics = new Metrics({ namespace: 'Headroom' });
  const notifier = createNotifier({
    channel,
    deliveries: createDeliveryStore(table),
    alerts: createAlertStore(table),
    tenants: createTenantStore(table),
    topic: openDeliveryTopic(environment.DELIVERY_TOPIC_ARN),
    outbox: openQueue(environment.OUTBOX_QUEUE_URL),
    clock: systemClock,
    publicUrl: environment.PUBLIC_URL,
    spread: Math.random,
    concluded: countDelivery(metrics),
  });
  return createRecordHandler(notifier, new Logger(), () => metrics.publishStoredMetrics());
}
