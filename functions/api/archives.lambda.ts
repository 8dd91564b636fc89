/** Entry point of the routes of the archive. */
import { openObjects } from '../../shared/platform/objects.s3.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { createArchive } from '../../shared/samples/archive-store.ts';
import { createApi } from './api.ts';
import { archivesConfig } from './archives.config.ts';
import { createArchiveEndpoints } from './archives.ts';
import { openCallers } from './guarded.ts';
import { openLog } from './log.ts';

const environment = archivesConfig.parse(process.env);
const archive = createArchive(openObjects(environment.ARCHIVE_BUCKET));

export const handler = createApi(
  createArchiveEndpoints({ archive }),
  openCallers(environment, openTable(environment.TABLE_NAME)),
  openLog(),
);
