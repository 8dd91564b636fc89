import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearFolder, KEPT } from '../../local/folder.ts';
import { lockFolder } from '../../local/lock.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'headroom-lock-'));
  folder = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const IN_USE = /^the data folder .*data is in use by process \d+: stop it, or choose another with HEADROOM_DATA$/;

/** Another process that takes the lock and keeps it. */
async function holder(): Promise<{ pid: number; kill: () => Promise<void> }> {
  const lock = join(import.meta.dirname, '../../local/lock.ts');
  const text = `import { lockFolder } from ${JSON.stringify(lock)}; lockFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit', { signal: AbortSignal.timeout(10_000) });
    },
  };
}

test('makes the folder, holds it, and lets it go', () => {
  const unlock = lockFolder(folder);
  expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(String(process.pid));
  expect(() => lockFolder(folder)).toThrow(IN_USE);
  unlock();
  expect(existsSync(join(folder, 'lock'))).toBe(false);
  lockFolder(folder)();
});

test('names the process that holds it, and is free the moment that one is killed', async () => {
  const other = await holder();
  expect(() => lockFolder(folder)).toThrow(`in use by process ${other.pid}:`);
  await other.kill();
  expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(String(other.pid));
  lockFolder(folder)();
});

test('a lock file that was left behind, even with the id of a process that lives now, keeps nobody out', () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'lock'), String(process.ppid));
  lockFolder(folder)();
});

test('a file in the place of the folder is the same sentence', () => {
  writeFileSync(folder, '');
  expect(() => lockFolder(folder)).toThrow(/cannot be written: choose another/);
  expect(() => lockFolder(join(folder, 'below'))).toThrow(/cannot be written: choose another/);
});

test('beginning anew takes what is ours, and nothing that a user keeps beside it', () => {
  mkdirSync(folder);
  for (const name of KEPT) writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, 'secrets.json.next'), '');
  mkdirSync(join(folder, 'photos'));
  writeFileSync(join(folder, 'letter.txt'), '');
  clearFolder(folder);
  expect(readdirSync(folder).sort()).toEqual(['letter.txt', 'photos']);
});

test('every file that the local cloud names in its data folder is known to be ours', () => {
  const texts = readdirSync(join(import.meta.dirname, '../../local'), { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && e.name.endsWith('.ts') && !e.parentPath.endsWith('services'))
    .map((e) => readFileSync(join(e.parentPath, e.name), 'utf8'));
  const named = texts.flatMap((text) =>
    [...text.matchAll(/\b(?:file|join)\((?:(?:options|settings|running)\.)?(?:dataFolder, )?'([a-z][a-z.]+)'/g)].map(
      (m) => m[1] ?? '',
    ),
  );
  expect(named).toEqual(expect.arrayContaining(['signing.json', 'dynamodb', 'assembly', 'world.json']));
  expect([...new Set(named)].filter((name) => !KEPT.includes(name))).toEqual([]);
});
