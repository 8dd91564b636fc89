/** Entry point of the collector of 1NCE fleets. */
import { openClient } from '../../shared/sims/account.http.ts';
import { createFleetCollector } from '../../shared/sims/collector.ts';
import { createFleetStore } from '../../shared/sims/fleet.dynamodb.ts';
import { createSimNoteStore } from '../../shared/sims/notes.dynamodb.ts';
import { createSharedTokens } from '../../shared/sims/onence-token.dynamodb.ts';
import { createPaces } from '../../shared/sims/pace.dynamodb.ts';
import { createSimLog } from '../../shared/sims/simlog.dynamodb.ts';
import { createUsageStore } from '../../shared/sims/usage.dynamodb.ts';
import { createWalkStore } from '../../shared/sims/walk.dynamodb.ts';
import { collectorConfig } from './collector.config.ts';
import { createCollectorHandler } from './collector.ts';
import { type Opened, openCollector } from './open-collector.ts';

const environment = collectorConfig.parse(process.env);

function makeCollector({ table, clock, entities, samples }: Opened) {
  const account = {
    baseUrl: environment.ONENCE_BASE_URL,
    simulatorUrl: environment.SIMULATOR_ONENCE_URL,
    clock,
    openToken: createSharedTokens({ table, clock }),
    openPace: createPaces({ table, clock }),
  };
  return createFleetCollector({
    ...{ clock, entities, samples },
    fleets: createFleetStore(table),
    notes: createSimNoteStore(table),
    usage: createUsageStore({ table, clock }),
    log: createSimLog({ table, clock }),
    walks: createWalkStore(table),
    openClient: (job, settings) => openClient(account, job, settings),
  });
}

export const handler = createCollectorHandler(
  openCollector(environment, { types: ['onence'], makeCollector, queueUrl: environment.COLLECT_SIMS_QUEUE_URL }),
);
