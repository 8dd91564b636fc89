/** Entry point of the routes of alerts and rules. */
import { createAlertStore } from '../../shared/alerts/alerts.dynamodb.ts';
import { CAPABILITIES } from '../../shared/capabilities.ts';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createRuleStore } from '../../shared/rules/rules.dynamodb.ts';
import { createAlertEndpoints } from './alerts.ts';
import { apiConfig } from './api.config.ts';
import { createApi } from './api.ts';
import { openCallers } from './guarded.ts';
import { openLog } from './log.ts';
import { createRuleEndpoints } from './rules.ts';

const environment = apiConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const entities = createEntityStore(table);

export const handler = createApi(
  [
    ...createAlertEndpoints({ alerts: createAlertStore(table), clock: systemClock }),
    ...createRuleEndpoints({
      rules: createRuleStore(table),
      kinds: CAPABILITIES,
      entityIds: async (tenant, kind) => new Set((await entities.list(tenant, kind)).map((e) => e.id)),
    }),
  ],
  openCallers(environment, table),
  openLog(),
);
