import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-running-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ROOT = join(import.meta.dirname, '../..');
function run(program: string, ...words: string[]): Promise<{ code: number; out: string; error: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, HEADROOM_DATA: folder, PORT: '1' };
    execFile(process.execPath, [join(ROOT, program), ...words], { env, timeout: 20_000 }, (failure, out, error) => {
      resolve({ code: Number(failure?.code ?? 0), out, error: error.trim() });
    });
  });
}

test('a token where nothing runs is one sentence', async () => {
  expect(await run('local/token.ts')).toEqual({
    code: 1,
    out: '',
    error: `no local cloud has run in ${folder}: start it with npm start (or set HEADROOM_DATA)`,
  });
});

test('a token of a cloud that is gone is one sentence', async () => {
  const environment = {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  };
  writeFileSync(
    join(folder, 'running.json'),
    JSON.stringify({ table: 'things', userPool: { id: 'x', clientIds: [] }, environment }),
  );
  expect((await run('local/token.ts')).error).toBe('the local cloud does not answer: start it with npm start');
});

test.each([
  [['--role', 'king'], '--role must be one of reseller, viewer, operator, admin, owner, not "king"'],
  [['--tenent', 'demo'], "Unknown option '--tenent'"],
])('a token asked for with %j is refused with a sentence', async (words, sentence) => {
  const { code, error } = await run('local/token.ts', ...words);
  expect(code).toBe(1);
  expect(error).toContain(sentence);
  expect(error.split('\n')).toHaveLength(1);
});

test('a misspelt option of the start is refused, and nothing is deleted or started', async () => {
  writeFileSync(join(folder, 'secrets.json'), '{}');
  const { code, error } = await run('local/main.ts', '--frsh');
  expect(code).toBe(1);
  expect(error).toContain("headroom cannot start: Unknown option '--frsh'");
});
