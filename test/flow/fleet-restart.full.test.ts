import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { daysThatDiffer, type ShownSim } from './fleet-story.ts';
import { eventually, sleep } from './flow.ts';
import { freePort, type RunningCloud, startRunning, tokenOf } from './running-cloud.ts';

/** Of the demo. */
const SIMS = 240;
/** What was killed keeps its account for two minutes; then three parts or four of 45 s follow, with gaps between them. */
const HEALED_MS = 320_000;
let folder: string;
let port: number;
let cloud: RunningCloud | undefined;
let token: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-fleet-'));
  port = await freePort();
  cloud = await startRunning(folder, port);
  token = await tokenOf(folder, port, 'viewer');
}, 180_000);

afterAll(async () => {
  await cloud?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function get(path: string) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(30_000),
  });
  expect(response.status, path).toBe(200);
  // biome-ignore lint/suspicious/noExplicitAny: many shapes of JSON
  return (await response.json()) as any;
}

const detailsKnown = async (): Promise<number> => (await get('/v1/sims/overview')).accounts[0]?.detailsKnown ?? 0;

test('killed in the middle of the first walk and started again: every SIM is complete, none twice, no day lost', async () => {
  const seen = await eventually(async () => {
    const known = await detailsKnown();
    return known > 0 ? known : undefined;
  }, 120_000);
  const ended = await cloud?.kill('SIGKILL');
  expect(ended, cloud?.said()).toMatchObject({ signal: 'SIGKILL' });
  // A part or two of four had been written: the rest is still to come.
  expect(seen).toBeLessThan(SIMS);
  cloud = await startRunning(folder, port);
  await eventually(async () => {
    // The machine has better things to do meanwhile.
    await sleep(500);
    return (await detailsKnown()) === SIMS ? true : undefined;
  }, HEALED_MS);
  const { items } = await get('/v1/sims?limit=500');
  expect(items).toHaveLength(SIMS);
  expect(new Set(items.map(({ iccid }: ShownSim) => iccid)).size).toBe(SIMS);
  expect(items.filter(({ data }: ShownSim) => data.readAt === null)).toEqual([]);
  const { url, state } = await get('/_local/simulators/onence');
  expect(await daysThatDiffer(get, url, { sims: [1, 60, 120, 180, SIMS], days: 179, now: Date.now() })).toEqual([]);
  const runs = (await get('/v1/runs?source=fleet&limit=200')).items;
  const names = runs.map(({ slot, part }: { slot: string; part: number }) => `${slot} ${part}`);
  expect(new Set(names).size).toBe(names.length);
  expect(runs.map(({ status }: { status: string }) => status)).not.toContain('failed');
  expect(state.accounts[0].throttled).toBe(0);
}, 480_000);
