/** The file of a site's routers: all that is wrong with it is told at once, and nothing of what stands in it. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readRouters } from '../../agent/routers-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'headroom-routers-'));
const path = join(folder, 'routers.json');
afterAll(() => rmSync(folder, { recursive: true }));

const PASSWORD = 'hunter2-0f9c';
const GOOD = { host: '192.168.88.1', user: 'headroom', password: PASSWORD, certificateSha256: 'ab'.repeat(32) };

function read(content: unknown, mode = 0o600): { routers: ReturnType<typeof readRouters>; wrong: string[] } {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(path, mode);
  const wrong: string[] = [];
  const routers = readRouters(path, wrong, () => 0);
  expect(wrong.join()).not.toContain(PASSWORD);
  return { routers, wrong };
}

test('a router may be written only where its entry says so', () => {
  const { routers, wrong } = read({
    routers: { core: { ...GOOD, write: true }, edge: GOOD, third: { ...GOOD, write: false } },
  });
  expect(wrong).toEqual([]);
  expect([...routers].map(([id, { mayWrite }]) => [id, mayWrite])).toEqual([
    ['core', true],
    ['edge', false],
    ['third', false],
  ]);
});

test.each([
  ['is no JSON', `{"routers": {"core": {"password": "${PASSWORD}"`, 'cannot be read as JSON'],
  ['holds no routers', { core: GOOD }, 'names no routers'],
  ['holds none of them', { routers: {} }, 'names no routers'],
  ['holds a list', { routers: [GOOD] }, 'names no routers'],
  ['names what is no id', { routers: { 'Core Router': GOOD } }, 'is no id of a source'],
  ['holds no object', { routers: { core: PASSWORD } }, 'is no object'],
  ['lacks the host', { routers: { core: { ...GOOD, host: undefined } } }, 'host'],
  ['lacks the password', { routers: { core: { ...GOOD, password: undefined } } }, 'password'],
  ['has a word for a number', { routers: { core: { ...GOOD, port: 'www-ssl' } } }, 'port'],
  [
    'has a fingerprint that is none',
    { routers: { core: { ...GOOD, certificateSha256: 'AB:CD' } } },
    'certificateSha256',
  ],
  ['has a field that nobody knows', { routers: { core: { ...GOOD, writes: true } } }, 'writes'],
  ['says write in words', { routers: { core: { ...GOOD, write: 'yes' } } }, 'write must be true or false'],
])('a file that %s is refused', (_, content, words) => {
  const { routers, wrong } = read(content);
  expect([routers.size, wrong.join()]).toEqual([0, expect.stringContaining(words)]);
});

test('a file that others may read is refused, and so is one that is not there', () => {
  expect(read({ routers: { core: GOOD } }, 0o644).wrong).toEqual([expect.stringContaining('chmod 600')]);
  const wrong: string[] = [];
  readRouters(join(folder, 'none.json'), wrong, () => 0);
  expect(wrong).toEqual([expect.stringContaining('cannot be read')]);
});

test('all that is wrong is told at once, by router', () => {
  const { wrong } = read({ routers: { core: { ...GOOD, port: 0 }, edge: { ...GOOD, user: 'a:b' } } });
  expect(wrong.map((one) => one.replace(path, ''))).toEqual([
    expect.stringContaining('"core": port'),
    expect.stringContaining('"edge": user'),
  ]);
});

test('where the password would leave in clear, nothing is opened', async () => {
  const { routers } = read({
    routers: { core: { host: '192.168.88.1', user: 'headroom', password: PASSWORD, plainHttp: true } },
  });
  await expect(routers.get('core')?.open(1000)).rejects.toMatchObject({
    ...{ code: 'SOURCE_REJECTED', message: expect.stringContaining('plainHttp') },
  });
});
