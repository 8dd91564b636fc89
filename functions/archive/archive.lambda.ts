/** Entry point of the archive's worker. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { metricsOf } from '../../shared/capability-metrics.ts';
import { createEntityWalk } from '../../shared/entities/entity-walk.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock as clock } from '../../shared/platform/clock.ts';
import { openObjects } from '../../shared/platform/objects.s3.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createArchive } from '../../shared/samples/archive-store.ts';
import { createArchiver } from '../../shared/samples/archive-writer.ts';
import { createBatchStore } from '../../shared/samples/batches.dynamodb.ts';
import { createChunkStore } from '../../shared/samples/chunks.dynamodb.ts';
import { createRecordHandler } from '../records.ts';
import { archiveConfig } from './archive.config.ts';
import { createArchiveHandler } from './archive.ts';

const environment = archiveConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const [logger, metrics] = [new Logger(), new Metrics({ namespace: 'Headroom' })];
const archive = createArchiveHandler({
  tenants: createTenantStore(table),
  step: createArchiver({
    archive: createArchive(openObjects(environment.ARCHIVE_BUCKET)),
    chunks: createChunkStore(table, createBatchStore(table, clock), clock),
    entities: createEntityWalk(table),
    metricsOf,
    clock,
  }),
  queue: openQueue(environment.ARCHIVE_QUEUE_URL),
});

async function handle(body: string): Promise<void> {
  const report = await archive(body);
  if (!report) return;
  metrics.addMetric('ArchivedRows', 'Count', report.rows);
  logger.info('archived', { ...report });
}

export const handler = createRecordHandler(handle, logger, () => metrics.publishStoredMetrics());
