/** The folder in which everything of the local cloud is kept: where it is, and what of it is ours. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

type Environment = Readonly<Record<string, string | undefined>>;

/** What `.env` holds; nothing where there is none. */
export function readEnvFile(root: string): Environment {
  const file = join(root, '.env');
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
}

/** The shell wins over `.env`; a relative path counts from the repository. */
export function dataFolderOf(root: string, shell: Environment, written: Environment = readEnvFile(root)): string {
  return resolve(root, shell.HEADROOM_DATA || written.HEADROOM_DATA || '.headroom');
}

/** Everything that is ever written there, but for the lock. */
export const KEPT: readonly string[] = [
  'assembly',
  'dynamodb',
  'identity.json',
  'messages.json',
  'onence.json',
  'routeros.json',
  'parameters.json',
  'phone.json',
  'queues',
  'running.json',
  'secrets.json',
  'seeded.json',
  'signing.json',
  'timestream',
  'world.json',
];

/** Begins anew. By name, because the folder is the user's choice and may hold what is not ours; the caller holds its lock. */
export function clearFolder(folder: string): void {
  for (const name of KEPT)
    for (const path of [join(folder, name), join(folder, `${name}.next`)])
      rmSync(path, { recursive: true, force: true });
}
