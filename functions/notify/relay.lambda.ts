/** Entry point of the relay. */
import { Logger } from '@aws-lambda-powertools/logger';
import { createAlertStore } from '../../shared/alerts/alerts.dynamodb.ts';
import { ownUplink } from '../../shared/capabilities.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { createDeliveryStore } from '../../shared/notify/deliveries.dynamodb.ts';
import { openDeliveryTopic } from '../../shared/notify/delivery-topic.sns.ts';
import { createMailboxStore } from '../../shared/notify/mailbox.dynamodb.ts';
import { createReceiverStore } from '../../shared/notify/receivers.dynamodb.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createRecordHandler } from '../records.ts';
import { relayConfig } from './relay.config.ts';
import { createRelay } from './relay.ts';

const environment = relayConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const tenants = createTenantStore(table);
const relay = createRelay({
  alerts: createAlertStore(table),
  mailbox: createMailboxStore(table),
  deliveries: createDeliveryStore(table),
  receivers: createReceiverStore(table),
  tenants,
  sources: openSourceStore({ table, tenants }),
  ownUplink,
  topic: openDeliveryTopic(environment.DELIVERY_TOPIC_ARN),
  outbox: openQueue(environment.OUTBOX_QUEUE_URL),
  clock: systemClock,
});

export const handler = createRecordHandler(relay, new Logger());
