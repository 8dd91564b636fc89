import { expect, test } from 'vitest';
import { demoOnenceAccounts, startOnenceSimulator } from '../../../local/simulators/onence.ts';
import { basic, HOUR_MS, iccid, memory, NOW, SIM, useWorld } from './onence-world.ts';

const world = useWorld();
const usage = '/usage?start_dt=2026-10-01&end_dt=2026-11-20';

test('100,000 SIMs begin at once, list to the last page, and nothing is kept of any', async () => {
  const { persist, kept } = memory();
  await world.restart({ accounts: demoOnenceAccounts(100_000), persist });
  for (const page of [1, 2, 500, 999, 1000]) {
    const { body, headers } = await world.get(`/v1/sims?page=${page}&pageSize=100`);
    expect(headers.get('x-total-pages')).toBe('1000');
    expect(body.map((sim: { iccid: string }) => sim.iccid)).toEqual(
      Array.from({ length: 100 }, (_, i) => iccid((page - 1) * 100 + i + 1)),
    );
  }
  expect((await world.ofSim(100_000, '/quota/data')).body.total_volume).toBeGreaterThan(0);
  expect((await world.get('/v1/sims?page=1001&pageSize=100')).body).toEqual([]);
  expect(world.account).toMatchObject({ sims: 100_000, changedSims: 0 });
  expect(kept.saves).toBe(0);
  await world.call('PUT', `/v1/sims/${iccid(77_777)}`, { label: 'one' });
  expect(world.account.changedSims).toBe(1);
  expect(JSON.stringify(kept.state).length).toBeLessThan(1000);
});

test('a fleet that is too large is refused with a sentence', async () => {
  await world.onence.close();
  await expect(world.start({ accounts: demoOnenceAccounts(200_000) })).rejects.toThrow(
    /fleet must have 0 to 131072 SIMs/,
  );
  await world.start();
});

test('after a restart the same fleet goes on, whenever it is started', async () => {
  const all = async () => {
    const page = await world.get('/v1/sims?pageSize=100');
    return [page.body, (await world.ofSim(SIM.runaway, usage)).body, (await world.ofSim(20, '/events')).body];
  };
  const closedDays = async () => (await world.ofSim(20, usage)).body.stats.slice(1, -1);
  const [before, days] = [await all(), await closedDays()];
  await world.restart();
  expect(await all()).toEqual(before);
  world.now += 6 * HOUR_MS;
  await world.restart();
  expect(await closedDays()).toEqual(days);
});

test('two accounts have two fleets, and neither sees the other', async () => {
  const [first] = demoOnenceAccounts(20);
  if (!first) throw new Error('there is a demo account');
  const second = { ...first, name: 'other', clientId: 'other', clientSecret: 'other secret', seed: 7 };
  await world.restart({ accounts: [first, second] });
  const token = (await world.logIn(basic('other', 'other secret'))).body.access_token;
  const headers = { authorization: `Bearer ${token}` };
  const [sim] = (await world.raw('GET', '/v1/sims', headers)).body;
  expect(sim.iccid).toBe('8988000001000000001');
  expect((await world.get(`/v1/sims/${sim.iccid}`)).text).toBe('');
  expect((await world.raw('GET', `/v1/sims/${iccid(1)}`, headers)).text).toBe('');
});

test('the quota of a SIM is what was bought less what its usage tells', async () => {
  const total = async (number: number) => {
    const { stats } = (await world.ofSim(number, '/usage?start_dt=2026-05-20&end_dt=2026-11-20')).body;
    return stats.at(-1).data.volume as string;
  };
  const millionths = (megabytes: number | string) => Math.round(Number(megabytes) * 1_000_000);
  let compared = 0;
  for (let number = 1; number <= 60; number++) {
    const { activation_date } = (await world.ofSim(number)).body;
    if (Date.parse(activation_date.replace('+0000', 'Z')) < Date.parse('2026-05-20T00:00:00Z')) continue;
    const { volume, accumulated_total_volume } = (await world.ofSim(number, '/quota/data', 'v2')).body;
    expect(millionths(volume)).toBe(millionths(accumulated_total_volume) - millionths(await total(number)));
    compared++;
  }
  expect(compared).toBeGreaterThan(3);
});

test('received and sent make the volume, and the sum row is the sum of the days in each column', async () => {
  const { stats } = (await world.ofSim(20, usage)).body;
  const whole = (text: string) => BigInt(text.replace('.', ''));
  for (const { data } of stats) expect(whole(data.volume_rx) + whole(data.volume_tx)).toBe(whole(data.volume));
  const total = stats.pop();
  for (const column of ['volume', 'volume_rx', 'volume_tx'] as const) {
    const sum = stats.reduce(
      (all: bigint, row: { data: Record<string, string> }) => all + whole(row.data[column] ?? ''),
      0n,
    );
    expect(whole(total.data[column])).toBe(sum);
  }
});

test('more calls than the account may make are 429 with Retry-After, on SIMs only, and later they go through', async () => {
  await world.restart({ requestsPerSecond: 3 });
  const statuses = async (count: number) => {
    const found: number[] = [];
    for (let i = 0; i < count; i++) found.push((await world.get('/v2/sims?pageSize=1')).status);
    return found;
  };
  expect(await statuses(5)).toEqual([200, 200, 200, 429, 429]);
  expect((await world.get('/v1/sims')).headers.get('retry-after')).toBe('1');
  expect((await world.get('/v1/products')).status).toBe(200);
  world.now += 334;
  expect(await statuses(2)).toEqual([200, 429]);
  world.now += 60_000;
  expect(await statuses(4)).toEqual([200, 200, 200, 429]);
  expect(world.account.throttled).toBe(5);
});

test('ten calls at once go through unless told, none is held back where there is no limit', async () => {
  const passed = async () => {
    const statuses = [];
    for (let i = 0; i < 12; i++) statuses.push((await world.get('/v1/sims?pageSize=1')).status);
    return statuses.filter((status) => status === 200).length;
  };
  expect(await passed()).toBe(12);
  await world.restart({ requestsPerSecond: undefined });
  expect(await passed()).toBe(12);
  const untold = await startOnenceSimulator({ accounts: demoOnenceAccounts(), now: () => NOW, anchorAt: NOW });
  await world.onence.close();
  world.use(untold);
  expect(await passed()).toBe(10);
});
