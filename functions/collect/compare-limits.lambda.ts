/** Entry point of the hourly look at what routers limit. */
import { Logger } from '@aws-lambda-powertools/logger';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createResellerStore } from '../../shared/resellers/resellers.dynamodb.ts';
import { compareLimitsConfig } from './compare-limits.config.ts';
import { createCompareLimits } from './compare-limits.ts';

const environment = compareLimitsConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const tenants = createTenantStore(table);
const logger = new Logger();

const compareLimits = createCompareLimits({
  clock: systemClock,
  tenants,
  sources: openSourceStore({ table, tenants }),
  resellers: createResellerStore(table),
  queue: openQueue(environment.LIMITS_QUEUE_URL),
});

export async function handler(): Promise<void> {
  const report = await compareLimits();
  if (report.unwatched > 0) logger.warn('resellers without anybody who looks at them', { ...report });
  logger.info('sent comparisons', { ...report });
}
