/** Entry point of the routes of SIMs that read. */
import { metricsOf } from '../../shared/capability-metrics.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock as clock } from '../../shared/platform/clock.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import { createFleetStore } from '../../shared/sims/fleet.dynamodb.ts';
import { createFleetQueries } from '../../shared/sims/fleet.query.ts';
import { createSimLog } from '../../shared/sims/simlog.dynamodb.ts';
import { createSimQueries } from '../../shared/sims/sims.query.ts';
import { createUsageStore } from '../../shared/sims/usage.dynamodb.ts';
import { openArchiveReader } from '../open-archive.ts';
import { createApi } from './api.ts';
import { archivesConfig } from './archives.config.ts';
import { openCallers } from './guarded.ts';
import { openLog } from './log.ts';
import { createSimEndpoints } from './sims.ts';

const environment = archivesConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const usage = createUsageStore({ table, clock });
const queries = createSimQueries({
  samples: createSampleStore(table, metricsOf, clock, openArchiveReader(environment.ARCHIVE_BUCKET)),
  entities: createEntityStore(table),
  fleets: createFleetStore(table),
  sources: openSourceStore({ table, tenants: createTenantStore(table) }),
  usage,
  log: createSimLog({ table, clock }),
  clock,
});

export const handler = createApi(
  createSimEndpoints({ queries, fleet: createFleetQueries({ sims: queries, usage, clock }), clock }),
  openCallers(environment, table),
  openLog(),
);
