/** Entry point of the archive's planner. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { MEASURED_KINDS } from '../../shared/capability-metrics.ts';
import { createEntityWalk } from '../../shared/entities/entity-walk.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock as clock } from '../../shared/platform/clock.ts';
import { openObjects } from '../../shared/platform/objects.s3.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createArchivePlan } from '../../shared/samples/archive-plan.ts';
import { createArchive } from '../../shared/samples/archive-store.ts';
import { createLateChunks } from '../../shared/samples/late-chunks.dynamodb.ts';
import { archiveConfig } from './archive.config.ts';
import { createArchivePlanner } from './plan.ts';

const environment = archiveConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const [logger, metrics] = [new Logger(), new Metrics({ namespace: 'Headroom' })];
const plan = createArchivePlanner({
  tenants: createTenantStore(table),
  planOf: createArchivePlan({
    archive: createArchive(openObjects(environment.ARCHIVE_BUCKET)),
    late: createLateChunks(table, clock),
    entities: createEntityWalk(table),
    kinds: MEASURED_KINDS,
    clock,
  }),
  queue: openQueue(environment.ARCHIVE_QUEUE_URL),
});

export async function handler(): Promise<void> {
  const report = await plan();
  metrics.addMetric('UnarchivedAge', 'Seconds', report.unarchivedSeconds);
  metrics.publishStoredMetrics();
  logger.info('planned', { ...report });
}
