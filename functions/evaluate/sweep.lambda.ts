/** Entry point of the minute sweep. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { createDeliveryStore } from '../../shared/notify/deliveries.dynamodb.ts';
import { createMailboxStore } from '../../shared/notify/mailbox.dynamodb.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { openStores } from './stores.dynamodb.ts';
import { sweepConfig } from './sweep.config.ts';
import { createSweep } from './sweep.ts';
import { reportSweep } from './sweep-report.ts';

const environment = sweepConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const [logger, metrics] = [new Logger(), new Metrics({ namespace: 'Headroom' })];
const sweep = createSweep({
  ...openStores(table),
  clock: systemClock,
  mailboxes: createMailboxStore(table),
  deliveries: createDeliveryStore(table),
  evaluateQueue: openQueue(environment.EVALUATE_QUEUE_URL),
  outboxQueue: openQueue(environment.OUTBOX_QUEUE_URL),
});

export async function handler(): Promise<void> {
  reportSweep(await sweep(), metrics, logger);
}
