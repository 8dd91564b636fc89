/** Entry point of the route that sites send to. */
import { openSecretStore } from '../../shared/collect/secrets.secretsmanager.ts';
import { openSiteKeyReader } from '../../shared/collect/site-keys.dynamodb.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock as clock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createApi } from './api.ts';
import { ingestConfig } from './ingest.config.ts';
import { createIngestEndpoints } from './ingest.ts';
import { createSites } from './ingest-proof.ts';
import { openLog } from './log.ts';

const environment = ingestConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const tenants = createTenantStore(table);
const secrets = openSecretStore({ table, clock, prefix: environment.SECRET_PREFIX });
const keys = openSiteKeyReader({ table, secrets });

export const handler = createApi(
  createIngestEndpoints({ keys, clock, collectQueue: openQueue(environment.COLLECT_INTERFACES_QUEUE_URL) }),
  undefined,
  openLog(),
  createSites({ keys, tenants, clock, sources: openSourceStore({ table, tenants }) }),
);
