/** Entry point of the open routes. */
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createWatchStore } from '../../shared/rules/watch.dynamodb.ts';
import { createApi } from './api.ts';
import { openLog } from './log.ts';
import { openConfig } from './open.config.ts';
import { createOpenEndpoints } from './open.ts';
import { openApiDocument } from './openapi.ts';

const environment = openConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);

export const handler = createApi(
  createOpenEndpoints({
    tenants: createTenantStore(table),
    watches: createWatchStore(table),
    clock: systemClock,
    stage: environment.STAGE,
    document: openApiDocument,
  }),
  undefined,
  openLog(),
);
