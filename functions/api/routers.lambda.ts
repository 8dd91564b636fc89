/** Entry point of the routes of routers. */
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createApi } from './api.ts';
import { openCallers } from './guarded.ts';
import { openLog } from './log.ts';
import { openRouters } from './open-routers.ts';
import { routersConfig } from './routers.config.ts';
import { createRouterEndpoints } from './routers.ts';

const environment = routersConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);

export const handler = createApi(
  createRouterEndpoints(openRouters(environment, table)),
  openCallers(environment, table),
  openLog(),
);
