/** Entry point of the routes of interfaces and of reach. */
import { metricsOf } from '../../shared/capability-metrics.ts';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import { createInterfaceQueries } from '../../shared/interfaces/interfaces.query.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createReachQueries } from '../../shared/reach/reach.query.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import { openArchiveReader } from '../open-archive.ts';
import { createApi } from './api.ts';
import { archivesConfig } from './archives.config.ts';
import { openCallers } from './guarded.ts';
import { createInterfaceEndpoints } from './interfaces.ts';
import { openLog } from './log.ts';
import { createReachEndpoints } from './reach.ts';

const environment = archivesConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const archive = openArchiveReader(environment.ARCHIVE_BUCKET);
const samples = createSampleStore(table, metricsOf, systemClock, archive);
const deps = { samples, entities: createEntityStore(table), clock: systemClock };

export const handler = createApi(
  [...createInterfaceEndpoints(createInterfaceQueries(deps)), ...createReachEndpoints(createReachQueries(deps))],
  openCallers(environment, table),
  openLog(),
);
