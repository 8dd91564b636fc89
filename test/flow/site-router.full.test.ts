/** A reseller on a router that only a site's machine reaches: the bundled agent brings plans there, is away, and comes back. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSiteWorkStore } from '../../shared/collect/site-work.dynamodb.ts';
import { eventually, type Flow, ISP_LOGIN, startFlow } from './flow.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SITE = { tenant: 'demo', source: 'branch' };
/** The agent asks each 15 s. */
const PATIENCE_MS = 60_000;

let flow: Flow;
let agent: ChildProcess | undefined;
let secret: string;
const said: string[] = [];

beforeAll(async () => {
  flow = await startFlow({ isp: true });
  await flow.addTenant('demo', { zone: 'Asia/Dhaka' });
  // The same router, once as the house reaches it, to look at it from outside of the story.
  await flow.addIsp('demo', { coreOnly: true });
  const add = (body: unknown) => flow.call('POST', '/v1/sources', { body });
  const site = await add({ id: 'branch', type: 'push', name: 'Branch', settings: { commands: true } });
  expect(site.status).toBe(201);
  secret = site.body.siteKey.secret;
  const router = await add({ id: 'behind', type: 'site-router', name: 'Core', settings: { via: 'branch' } });
  expect([router.status, router.body.siteKey, router.body.hasCredentials]).toEqual([201, undefined, false]);
  const { settings } = (await flow.call('GET', '/v1/sources/core-router')).body;
  const entry = { host: settings.host, port: settings.port, plainHttp: true, ...ISP_LOGIN, write: true };
  const write = (name: string, content: unknown) =>
    writeFileSync(join(flow.dataFolder, name), JSON.stringify(content), { mode: 0o600 });
  write('site-key.json', site.body.siteKey);
  write('routers.json', { routers: { behind: entry } });
  const bundled = spawnSync(process.execPath, ['scripts/agent-bundle.ts'], { cwd: ROOT, encoding: 'utf8' });
  expect([bundled.status, bundled.stderr]).toEqual([0, '']);
}, 120_000);

afterAll(async () => {
  agent?.kill('SIGKILL');
  await flow.stop();
});

/** Messages that were held back for a moment come, and the agent does the rest in its own time. */
async function inPhase(phase: string): Promise<void> {
  await flow.pass(1);
  await eventually(async () => ((await shown()).work?.phase === phase ? true : undefined), PATIENCE_MS);
}

/** Resolves once the house has heard of it. */
async function startAgent(): Promise<void> {
  const store = createSiteWorkStore(flow.table);
  const before = await store.seenAt(SITE);
  const file = (name: string) => join(flow.dataFolder, name);
  const args = ['--url', flow.cloud.publicUrl, '--key-file', file('site-key.json'), '--routers', file('routers.json')];
  agent = spawn(process.execPath, ['.build/agent.mjs', ...args], { cwd: ROOT });
  for (const stream of [agent.stdout, agent.stderr]) stream?.on('data', (chunk: Buffer) => said.push(String(chunk)));
  await eventually(async () => ((await store.seenAt(SITE)) === before ? undefined : true), PATIENCE_MS);
}

const shown = async () => (await flow.call('GET', '/v1/resellers/r1002')).body;
const megabits = async () => {
  const { body } = await flow.call('GET', '/v1/routers/core-router/queues');
  return body.items.find((one: { name: string }) => one.name === 'reseller_r1002')?.toTargetBitsPerSecond / 1e6;
};
const ask = async (what: string, body: Record<string, unknown> = {}) =>
  flow.call('POST', `/v1/resellers/r1002/${what}`, { body: { version: (await shown()).version, ...body } });

test('a plan is carried out by the agent, read back, and only then done', async () => {
  await startAgent();
  const routers = [{ router: 'behind', targets: ['198.51.100.2'] }];
  const body = { id: 'r1002', name: 'Two', routers, plan: { downMbps: 300, upMbps: 300 } };
  const made = await flow.call('POST', '/v1/resellers', { body });
  expect([made.status, made.body.work?.phase]).toEqual([201, 'pending']);
  await inPhase('done');
  expect(await megabits()).toBe(300);
  const { body: audit } = await flow.call('GET', '/v1/audit');
  const rows = audit.items.filter(({ action }: { action: string }) => action === 'resellers.limit');
  expect(rows).toMatchObject([
    { outcome: 'done', details: { router: 'behind', site: 'branch' } },
    { outcome: 'intent', details: { router: 'behind', site: 'branch' } },
  ]);
  expect(audit.verified).toBe(true);
});

test('whoever does not pay is cut off, and let in again', async () => {
  await ask('suspend');
  await inPhase('done');
  expect(await shown()).toMatchObject({ status: 'suspended', work: { phase: 'done' } });
  await ask('restore');
  await inPhase('done');
  expect(await shown()).toMatchObject({ status: 'active', work: { phase: 'done' } });
});

test('what somebody changes on the router by hand is found by the comparison', async () => {
  const drift = { router: 'core', fault: 'drift', queue: 'reseller_r1002', maxLimit: '5M/5M' };
  expect((await flow.inject('routeros', drift)).status).toBe(200);
  await flow.runNow('compare-limits');
  await eventually(async () => ((await shown()).drift.length > 0 ? true : undefined), PATIENCE_MS);
  expect((await shown()).drift).toMatchObject([{ router: 'behind', what: 'limit' }]);
});

test('while the agent is away the plan waits and says why; when it is back, so is the plan', async () => {
  agent?.kill('SIGKILL');
  await flow.pass(5);
  await ask('plan', { downMbps: 500, upMbps: 500 });
  await flow.pass(1);
  expect((await shown()).work).toMatchObject({
    ...{ phase: 'pending', lastError: expect.stringMatching(/agent of site branch has not asked for work since/) },
  });
  expect(await megabits()).toBe(5);
  await startAgent();
  await inPhase('done');
  expect(await megabits()).toBe(500);
});

test('nothing was denied that the story needs, and no secret was told to anybody', async () => {
  const iam = (await (await fetch(`${flow.cloud.publicUrl}/_local/iam`)).json()) as { denied: unknown[] };
  expect(iam.denied).toEqual([]);
  const lines = said.join('');
  expect(lines).toMatch(/writeLimit on behind .*: done in \d+ ms/);
  for (const hidden of [secret, ISP_LOGIN.password]) expect(lines).not.toContain(hidden);
  const stored = await flow.call('GET', '/v1/sources/behind');
  expect(stored.body).toMatchObject({ settings: { via: 'branch' }, hasCredentials: false });
});
