import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoOnenceAccounts } from '../../local/simulators/onence-account.ts';
import { type Flow, startFlow } from './flow.ts';
import { iso, runsOf } from './story.ts';

const SIMS = 24;
/** The n-th SIM of the simulated fleet, from 1. */
const iccidOf = (n: number): string => `8988${String(n).padStart(15, '0')}`;
let flow: Flow;

beforeAll(async () => {
  flow = await startFlow({ sims: SIMS });
  await flow.addTenant('demo');
  await flow.addFleet('demo');
  await flow.runNow('collect-sims');
}, 120_000);

afterAll(() => flow.stop());

const get = async (path: string) => {
  const { status, body } = await flow.call('GET', path, { role: 'viewer' });
  expect(status, path).toBe(200);
  return body;
};
const told = async (pattern: RegExp) => (await flow.messages()).filter(({ body }) => pattern.test(body));
const alertOf = async (rule: string, n: number) => {
  const { items } = await get('/v1/alerts?limit=500');
  return items.find((a: { rule: string; entity: string }) => a.rule === rule && a.entity.endsWith(iccidOf(n)));
};

/** As the provider itself says it. */
async function ofProvider(path: string): Promise<Record<string, unknown>> {
  const base = `${flow.onence?.url}/management-api`;
  const source = await flow.call('GET', '/v1/sources/fleet');
  expect(source.body.hasCredentials).toBe(true);
  const [account] = demoOnenceAccounts(SIMS);
  const basic = Buffer.from(`${account?.clientId}:${account?.clientSecret}`).toString('base64');
  const login = await fetch(`${base}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'client_credentials' }),
    signal: AbortSignal.timeout(10_000),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const answer = await fetch(`${base}${path}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  });
  return (await answer.json()) as Record<string, unknown>;
}

test('S1-S3: the whole inventory is there, simulated and labelled so, each SIM with what it has left', async () => {
  const { items } = await get('/v1/sims?limit=500');
  expect(items).toHaveLength(SIMS);
  expect(items.every((sim: { simulated: boolean }) => sim.simulated)).toBe(true);
  const one = await get(`/v1/sims/${iccidOf(15)}/quota`);
  const stated = await ofProvider(`/v2/sims/${iccidOf(15)}/quota/data`);
  expect(Number(one.data.remainingMegabytes)).toBeCloseTo(Number(stated.volume), 0);
  expect(Number(one.data.totalMegabytes)).toBe(stated.total_volume);
  const runs = await runsOf(flow, 'fleet');
  expect(runs.map(({ status }) => status)).not.toContain('failed');
});

test('S11: the overview says how many there are, how complete the picture is, and what they used', async () => {
  const overview = await get('/v1/sims/overview');
  expect(overview).toMatchObject({ total: SIMS, accounts: [{ account: 'fleet', simsListed: SIMS }] });
  expect(overview.accounts[0].detailsKnown).toBeGreaterThan(SIMS - 3);
  const top = await get('/v1/sims/top?days=30&limit=3');
  const amounts = top.items.map((one: { data: { octets: string } }) => Number(one.data?.octets ?? Number.NaN));
  expect(top.items).toHaveLength(3);
  expect([...amounts].sort((a, b) => b - a)).toEqual(amounts);
});

test('S4, S10: half a year of days came with the first look, exactly as the provider states them', async () => {
  const to = iso(flow.clock.now()).slice(0, 10);
  const month = await get(`/v1/sims/${iccidOf(15)}/usage?from=2026-06-01&to=${to}&by=month`);
  const days = await get(`/v1/sims/${iccidOf(15)}/usage?from=2026-11-01&to=2026-11-19&by=day`);
  const stated = (await ofProvider(`/v1/sims/${iccidOf(15)}/usage?start_dt=2026-11-10&end_dt=2026-11-10`)) as {
    stats: { date: string; data: { volume: string } }[];
  };
  expect(month.items.length).toBeGreaterThanOrEqual(6);
  const day = days.items.find((one: { from: string }) => one.from === '2026-11-10');
  expect(Number(day.dataMegabytes)).toBe(Number(stated.stats[0]?.data.volume));
});

test('a SIM that falls below its limit is told of in the same run', async () => {
  await flow.inject('onence', { fault: 'drain', iccid: iccidOf(3), remainingPercent: 12 });
  await flow.runNow('collect-sims');
  expect(await alertOf('sim-data-remaining', 3)).toMatchObject({ state: 'firing', severity: 'warning' });
  // One message in six seconds: those of the first look went before it.
  await flow.pass(1);
  expect((await told(/unit-3|8988000000000000003/)).length).toBeGreaterThan(0);
}, 60_000);

test('nothing was denied that the story needs', async () => {
  const response = await fetch(`${flow.cloud.publicUrl}/_local/iam`, { signal: AbortSignal.timeout(10_000) });
  const iam = (await response.json()) as { denied: unknown[] };
  expect(iam.denied).toEqual([]);
});
