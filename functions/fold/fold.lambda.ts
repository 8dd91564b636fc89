/** Entry point of the fold. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { metricsOf } from '../../shared/capability-metrics.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import { createRecordHandler } from '../records.ts';
import { foldConfig } from './fold.config.ts';
import { createFold } from './fold.ts';

const table = openTable(foldConfig.parse(process.env).TABLE_NAME);
const [logger, metrics] = [new Logger(), new Metrics({ namespace: 'Headroom' })];
const samples = createSampleStore(table, metricsOf);
const fold = createFold({ samples, tenants: createTenantStore(table), clock: systemClock });

async function handle(body: string): Promise<void> {
  const report = await fold(body);
  if (!report) return;
  metrics.addMetric('UnfoldedAge', 'Seconds', report.unfoldedSeconds);
  metrics.addMetric('FoldedSeries', 'Count', report.series);
  logger.info('folded', { ...report });
}

export const handler = createRecordHandler(handle, logger, () => metrics.publishStoredMetrics());
