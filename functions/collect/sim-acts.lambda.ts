/** Entry point of the worker that acts on SIMs. */
import { Logger } from '@aws-lambda-powertools/logger';
import { openAuditLog } from '../../shared/collect/audit.dynamodb.ts';
import { openSecretStore } from '../../shared/collect/secrets.secretsmanager.ts';
import type { CollectMessage } from '../../shared/collect/source.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock as clock, isoInstant } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { openJobStore } from '../../shared/sims/jobs.dynamodb.ts';
import { openSpendingStore } from '../../shared/sims/spending.dynamodb.ts';
import { openAccounts } from '../open-accounts.ts';
import { simActsConfig } from './sim-acts.config.ts';
import { createSimActHandler } from './sim-acts-handler.ts';

const environment = simActsConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const tenants = createTenantStore(table);
const sources = openSourceStore({ table, tenants });
const secrets = openSecretStore({ table, clock, prefix: environment.SECRET_PREFIX });
const collectQueue = openQueue<CollectMessage>(environment.COLLECT_SIMS_QUEUE_URL);

/** The provider works changes of many off by itself; a minute later it mostly lists what they made. */
const READ_AGAIN_SECONDS = 60;

export const handler = createSimActHandler({
  ...{ clock, tenants, sources },
  jobs: openJobStore({ table, clock }),
  spending: openSpendingStore(table),
  audit: openAuditLog({ table, clock }),
  queue: openQueue(environment.SIM_ACTS_QUEUE_URL),
  openAccount: openAccounts(environment, { table, clock, sources, secrets }),
  async afterwards(tenant, source) {
    const slot = isoInstant(clock.now());
    // The list tells what was changed; values that are fresh stay as they are.
    const checkpoint = { phase: 'begin', everybody: false };
    const message: CollectMessage = { version: 1, tenant, source, slot, part: 0, boundary: false, checkpoint };
    await collectQueue.send(message, { delaySeconds: READ_AGAIN_SECONDS });
  },
  logger: new Logger(),
});
