/** Entry point of the routes of sources, runs and links. */
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createApi } from './api.ts';
import { openCallers } from './guarded.ts';
import { createHistoryEndpoints } from './history.ts';
import { createLinkEndpoints } from './links.ts';
import { openLog } from './log.ts';
import { openSources } from './open-sources.ts';
import { createPushEndpoints } from './push.ts';
import { createRunEndpoints } from './runs.ts';
import { sourcesConfig } from './sources.config.ts';
import { createSourceEndpoints } from './sources.ts';

const environment = sourcesConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
const deps = openSources(environment, table);

export const handler = createApi(
  [
    ...createSourceEndpoints(deps),
    ...createPushEndpoints(deps),
    ...createRunEndpoints(deps),
    ...createHistoryEndpoints(deps),
    ...createLinkEndpoints(deps),
  ],
  openCallers(environment, table),
  openLog(),
);
