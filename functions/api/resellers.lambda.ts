/** Entry point of the resellers' routes, the older monitor's too. */
import { createAlertStore } from '../../shared/alerts/alerts.dynamodb.ts';
import { metricsOf } from '../../shared/capability-metrics.ts';
import { openAuditLog } from '../../shared/collect/audit.dynamodb.ts';
import { openSecretStore } from '../../shared/collect/secrets.secretsmanager.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { createRouterOpener } from '../../shared/interfaces/router-limits.http.ts';
import { systemClock as clock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createResellerStore } from '../../shared/resellers/resellers.dynamodb.ts';
import { createUsageQuery } from '../../shared/resellers/usage.query.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import { openArchiveReader } from '../open-archive.ts';
import { createApi } from './api.ts';
import { openCallers } from './guarded.ts';
import { openLog } from './log.ts';
import { createResellerAlertEndpoints } from './reseller-alerts.ts';
import { resellersConfig } from './resellers.config.ts';
import { createResellerEndpoints } from './resellers.ts';
import { createOlderResellerEndpoints } from './resellers-older.ts';

const environment = resellersConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const tenants = createTenantStore(table);
const sources = openSourceStore({ table, tenants });
const secrets = openSecretStore({ table, clock, prefix: environment.SECRET_PREFIX });
const deps = {
  ...{ clock, sources },
  resellers: createResellerStore(table),
  alerts: createAlertStore(table),
  audit: openAuditLog({ table, clock }),
  queue: openQueue(environment.LIMITS_QUEUE_URL),
  openRouter: createRouterOpener({ clock, tenants, sources, secrets }),
  usage: createUsageQuery({
    samples: createSampleStore(table, metricsOf, clock, openArchiveReader(environment.ARCHIVE_BUCKET)),
    entities: createEntityStore(table),
    clock,
  }),
};

export const handler = createApi(
  [...createResellerEndpoints(deps), ...createOlderResellerEndpoints(deps), ...createResellerAlertEndpoints(deps)],
  openCallers(environment, table),
  openLog(),
);
