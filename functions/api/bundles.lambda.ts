/** Entry point of the bundles' routes. */
import { createBundleQueries } from '../../shared/bundles/bundles.query.ts';
import { metricsOf } from '../../shared/capability-metrics.ts';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import { openArchiveReader } from '../open-archive.ts';
import { createApi } from './api.ts';
import { archivesConfig } from './archives.config.ts';
import { createBundleEndpoints } from './bundles.ts';
import { openCallers } from './guarded.ts';
import { openLog } from './log.ts';

const environment = archivesConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const samples = createSampleStore(table, metricsOf, systemClock, openArchiveReader(environment.ARCHIVE_BUCKET));
const queries = createBundleQueries({ samples, entities: createEntityStore(table), clock: systemClock });

export const handler = createApi(
  createBundleEndpoints({ queries, samples, clock: systemClock }),
  openCallers(environment, table),
  openLog(),
);
