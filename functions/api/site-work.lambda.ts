/** Entry point of the route by which sites get commands and answer them. */
import { openSecretStore } from '../../shared/collect/secrets.secretsmanager.ts';
import { openSiteKeyReader } from '../../shared/collect/site-keys.dynamodb.ts';
import { createSiteWorkStore } from '../../shared/collect/site-work.dynamodb.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock as clock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createApi } from './api.ts';
import { createSites } from './ingest-proof.ts';
import { openLog } from './log.ts';
import { siteWorkConfig } from './site-work.config.ts';
import { createSiteWorkEndpoints } from './site-work.ts';

const environment = siteWorkConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const tenants = createTenantStore(table);
const secrets = openSecretStore({ table, clock, prefix: environment.SECRET_PREFIX });
const keys = openSiteKeyReader({ table, secrets });
const limits = openQueue(environment.LIMITS_QUEUE_URL);

export const handler = createApi(
  createSiteWorkEndpoints({ keys, clock, store: createSiteWorkStore(table), queues: { limits } }),
  undefined,
  openLog(),
  createSites({ keys, tenants, clock, sources: openSourceStore({ table, tenants }) }),
);
