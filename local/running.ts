/** What a running local cloud leaves in its data folder for the operator's own programs. */
import { join } from 'node:path';
import { dataFolderOf, ROOT } from './folder.ts';
import type { UserPoolModel } from './model/types.ts';

export interface Running {
  readonly publicUrl: string;
  readonly table: string;
  readonly userPool: UserPoolModel;
  /** For AWS SDK clients: endpoint, region, the operator's own key. */
  readonly environment: Readonly<Record<string, string>>;
}

export const RUNNING_FILE = 'running.json';

/** Throws one sentence when nothing runs there. */
export function readRunning(
  exists: (path: string) => boolean,
  read: (path: string) => string,
): Running & { dataFolder: string } {
  const folder = dataFolderOf(ROOT, process.env);
  const path = join(folder, RUNNING_FILE);
  if (!exists(path))
    throw new Error(`no local cloud has run in ${folder}: start it with npm start (or set HEADROOM_DATA)`);
  return { ...(JSON.parse(read(path)) as Running), dataFolder: folder };
}
