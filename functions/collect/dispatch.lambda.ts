/** Entry point of the dispatcher. */
import { Logger } from '@aws-lambda-powertools/logger';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { openCollectQueues } from '../collect-queues.ts';
import { dispatchConfig } from './dispatch.config.ts';
import { createDispatch } from './dispatch.ts';

const environment = dispatchConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const logger = new Logger();

const dispatch = createDispatch({
  clock: systemClock,
  directory: openSourceStore({ table, tenants: createTenantStore(table) }),
  collectQueues: openCollectQueues(environment),
  evaluateQueue: openQueue(environment.EVALUATE_QUEUE_URL),
  foldQueue: openQueue(environment.FOLD_QUEUE_URL),
});

export async function handler(event: unknown): Promise<void> {
  logger.info('dispatched', { event, ...(await dispatch(event)) });
}
