/** Entry point of the evaluator. */
import { Logger } from '@aws-lambda-powertools/logger';
import { capabilityOf } from '../../shared/capabilities.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createRecordHandler } from '../records.ts';
import { evaluateConfig } from './evaluate.config.ts';
import { createEvaluate } from './evaluate.ts';
import { openStores } from './stores.dynamodb.ts';

const environment = evaluateConfig.parse(process.env);
const logger = new Logger();
const evaluate = createEvaluate({
  ...openStores(openTable(environment.TABLE_NAME)),
  clock: systemClock,
  outbox: openQueue(environment.OUTBOX_QUEUE_URL),
  capabilityOf,
});

export const handler = createRecordHandler(async (body) => {
  const report = await evaluate(body);
  if (report.changes.length > 0) logger.info('alerts changed', { ...report });
}, logger);
