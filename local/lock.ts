/** One local cloud a data folder: two would write the same files. */
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Throws one sentence when the folder cannot be used or is in use; returns what unlocks it. The lock is the operating
 * system's own, through SQLite: it ends with the process, however that ends, so none is ever left behind.
 */
export function lockFolder(folder: string): () => void {
  const unusable = `the data folder ${folder} cannot be written: choose another with HEADROOM_DATA=/some/folder npm start`;
  const holder = join(folder, 'lock');
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK | constants.X_OK);
    lock = new DatabaseSync(join(folder, 'lock.db'));
    lock.exec('BEGIN EXCLUSIVE');
    writeFileSync(holder, String(process.pid));
  } catch (error) {
    lock?.close();
    if (!isBusy(error)) throw new Error(unusable);
    throw new Error(
      `the data folder ${folder} is in use by ${nameOf(holder)}: stop it, or choose another with HEADROOM_DATA`,
    );
  }
  const held = lock;
  return () => {
    rmSync(holder, { force: true });
    held.close();
  };
}

/** SQLITE_BUSY */
function isBusy(error: unknown): boolean {
  return (error as { errcode?: number } | null)?.errcode === 5;
}

function nameOf(holder: string): string {
  try {
    return `process ${readFileSync(holder, 'utf8')}`;
  } catch {
    return 'another process';
  }
}
