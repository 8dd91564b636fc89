/** Environment -> adapters: what the routes that act on SIMs work on. */
import type * as z from 'zod/mini';
import { metricsOf } from '../../shared/capability-metrics.ts';
import { openAuditLog } from '../../shared/collect/audit.dynamodb.ts';
import type { AuditLog } from '../../shared/collect/audit.port.ts';
import { openSecretStore } from '../../shared/collect/secrets.secretsmanager.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock as clock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import type { Table } from '../../shared/platform/table.dynamodb.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import { createSimFinder } from '../../shared/sims/finder.query.ts';
import { createFleetStore } from '../../shared/sims/fleet.dynamodb.ts';
import { openJobStore } from '../../shared/sims/jobs.dynamodb.ts';
import { createSimNoteStore } from '../../shared/sims/notes.dynamodb.ts';
import { createSimLog } from '../../shared/sims/simlog.dynamodb.ts';
import { createSimQueries } from '../../shared/sims/sims.query.ts';
import { openSpendingStore } from '../../shared/sims/spending.dynamodb.ts';
import { createUsageStore } from '../../shared/sims/usage.dynamodb.ts';
import { openAccounts } from '../open-accounts.ts';
import type { simActionsConfig } from './sim-actions.config.ts';
import { requestJob, type SimActionDeps } from './sim-actions.ts';
import type { SimMessageDeps } from './sim-messages.ts';
import type { SimImportDeps } from './sims-import.ts';

export function openSimActions(
  environment: z.infer<typeof simActionsConfig>,
  table: Table,
): SimActionDeps & SimMessageDeps & SimImportDeps & { readonly audit: AuditLog } {
  const [entities, fleets] = [createEntityStore(table), createFleetStore(table)];
  const sources = openSourceStore({ table, tenants: createTenantStore(table) });
  const secrets = openSecretStore({ table, clock, prefix: environment.SECRET_PREFIX });
  const [samples, usage, log] = [
    createSampleStore(table, metricsOf),
    createUsageStore({ table, clock }),
    createSimLog({ table, clock }),
  ];
  const sims = createSimQueries({ samples, entities, fleets, sources, usage, log, clock });
  const actions: SimActionDeps & SimMessageDeps & { readonly audit: AuditLog } = {
    ...{ clock, sources, secrets },
    audit: openAuditLog({ table, clock }),
    jobs: openJobStore({ table, clock }),
    spending: openSpendingStore(table),
    queue: openQueue(environment.SIM_ACTS_QUEUE_URL),
    finder: createSimFinder({ fleets, entities, sims, clock }),
    openAccount: openAccounts(environment, { table, clock, sources, secrets }),
  };
  return {
    ...actions,
    ...{ sims, fleets },
    notes: createSimNoteStore(table),
    async startLabelJob(caller, items) {
      const job = await requestJob(actions, caller, { action: 'label', items: [...items] });
      return { job: job.id };
    },
  };
}
