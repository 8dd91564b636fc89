/** Entry point of the worker that changes and compares what routers limit. */
import { Logger } from '@aws-lambda-powertools/logger';
import { openAuditLog } from '../../shared/collect/audit.dynamodb.ts';
import { openSecretStore } from '../../shared/collect/secrets.secretsmanager.ts';
import { createSiteWorkStore } from '../../shared/collect/site-work.dynamodb.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { createRouterOpener } from '../../shared/interfaces/router-limits.http.ts';
import { systemClock as clock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createResellerStore } from '../../shared/resellers/resellers.dynamodb.ts';
import { limitsConfig } from './limits.config.ts';
import { createLimitsHandler } from './limits-handler.ts';

const environment = limitsConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const tenants = createTenantStore(table);
const sources = openSourceStore({ table, tenants });
const secrets = openSecretStore({ table, clock, prefix: environment.SECRET_PREFIX });
const siteWork = createSiteWorkStore(table);

export const handler = createLimitsHandler({
  ...{ clock, tenants },
  resellers: createResellerStore(table),
  audit: openAuditLog({ table, clock }),
  openRouter: createRouterOpener({ clock, tenants, sources, secrets, siteWork }),
  siteWork,
  queue: openQueue(environment.LIMITS_QUEUE_URL),
  logger: new Logger(),
});
