/** Entry point of the routes that act on SIMs, of their messages and of the audit. */
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createApi } from './api.ts';
import { createAuditEndpoints } from './audit.ts';
import { openCallers } from './guarded.ts';
import { openLog } from './log.ts';
import { openSimActions } from './open-sim-actions.ts';
import { simActionsConfig } from './sim-actions.config.ts';
import { createSimActionEndpoints } from './sim-actions.ts';
import { createSimMessageEndpoints } from './sim-messages.ts';
import { createSimImportEndpoints } from './sims-import.ts';

const environment = simActionsConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const deps = openSimActions(environment, table);

export const handler = createApi(
  [
    ...createSimActionEndpoints(deps),
    ...createSimMessageEndpoints(deps),
    ...createSimImportEndpoints(deps),
    ...createAuditEndpoints(deps),
  ],
  openCallers(environment, table),
  openLog(),
);
