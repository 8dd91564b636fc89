import { expect, test } from 'vitest';
import { ICCID, outcomes, worldOf } from './onence-world.ts';
import type { Script, Told } from './scripted-onence.ts';

const SIM = { iccid: ICCID, imsi: '901000000000001', status: 'Enabled', quota_status: { id: 0 }, label: 'unit-1' };
const QUOTA = { volume: 479.123456, total_volume: 500, expiry_date: '2040-01-01 00:00:00' };
const STATUS = { status: 'ATTACHED', location: { country: { iso_code: 'pl' } } };
const USAGE = { stats: [{ date: '2030-06-15', data: { volume: '0.5' } }] };
const NOT_FOUND: Told = {
  status: 404,
  body: { error_code: 1000, error_token: 'NotFound', message: 'Element not found' },
};

/** Answers by method and path without the query. */
function routes(table: Readonly<Record<string, Told>>): Script {
  return ({ method, path }) => table[`${method} ${path.split('?')[0]}`];
}

test('a page of the list, with what its headers say', async () => {
  const headers = { 'X-Current-Page': '2', 'X-Count-Per-Page': '100', 'X-Total-Count': '150', 'X-Total-Pages': '2' };
  const world = await worldOf(routes({ 'GET /v1/sims': { headers, body: [SIM] } }));
  const page = await world.clientOf().listSims(2);
  expect(page).toMatchObject({ page: 2, totalPages: 2, totalCount: 150, rejected: [] });
  expect(page.sims).toMatchObject([{ iccid: ICCID, label: 'unit-1', enabled: true }]);
  expect(world.api.calls()).toEqual(['GET /v1/sims?page=2&pageSize=100']);
  expect(world.api.asked.at(-1)?.headers).toMatchObject({ accept: 'application/json', connection: 'keep-alive' });
});

test.each([
  ['absent', {}, 1, undefined],
  ['words', { 'x-total-pages': 'many', 'x-total-count': '-4' }, 1, undefined],
  ['none', { 'x-total-pages': '0', 'x-total-count': '0' }, 1, 0],
  ['absurd', { 'x-total-pages': '999999999' }, 100_000, undefined],
])('headers of a list that are %s', async (_, headers, totalPages, totalCount) => {
  const world = await worldOf(routes({ 'GET /v1/sims': { headers, body: [] } }));
  expect(await world.clientOf().listSims(1)).toMatchObject({ page: 1, totalPages, totalCount, sims: [] });
});

test('the login is Basic with a JSON body, once for many calls, which carry the bearer', async () => {
  const world = await worldOf(routes({ [`GET /v1/sims/${ICCID}`]: { body: SIM } }));
  const client = world.clientOf();
  await Promise.all([client.readSim(ICCID), client.readSim(ICCID), client.readSim(ICCID)]);
  const [login, ...calls] = world.api.asked;
  expect(login).toMatchObject({ method: 'POST', path: '/oauth/token', body: '{"grant_type":"client_credentials"}' });
  expect(login?.headers.authorization).toBe(`Basic ${btoa('client-1:secret-of-the-account')}`);
  expect(calls.map((call) => call.headers.authorization)).toEqual(Array(3).fill('Bearer token-1'));
  expect(world.pace.taken).toBe(3);
});

test('every read asks where the facts say, and brings what it found', async () => {
  const below = `/v1/sims/${ICCID}`;
  const world = await worldOf(
    routes({
      [`GET ${below}`]: { body: SIM },
      [`GET ${below}/quota/data`]: { body: QUOTA },
      [`GET ${below}/quota/sms`]: { body: { volume: 240, total_volume: 250 } },
      [`GET ${below}/usage`]: { body: USAGE },
      [`GET ${below}/status`]: { body: STATUS },
      [`GET ${below}/connectivity_info`]: { body: { subscriber_info: { location: { cell_global_id: { cid: 7 } } } } },
      [`GET ${below}/events`]: {
        headers: { 'x-total-pages': '4' },
        body: { events: [{ timestamp: '2030-05-07T14:08:05.000+0000', event_type: 'Seen' }], totalPages: 3 },
      },
      [`GET ${below}/sms`]: { body: [{ id: 1, payload: 'hello' }] },
      'GET /v1/sims/limits': { body: { data: { id: 1, limit: '16', unit: 'MB' } } },
    }),
  );
  const client = world.clientOf();
  expect((await client.readSim(ICCID)).value).toMatchObject({ iccid: ICCID });
  expect((await client.readQuota(ICCID, 'data')).value).toMatchObject({ remaining: 479123456n });
  expect((await client.readQuota(ICCID, 'sms')).value).toMatchObject({ remaining: 240n });
  expect((await client.readUsage(ICCID, '2030-06-01', '2030-06-15')).value).toMatchObject([{ dataTotal: 500000n }]);
  expect((await client.readStatus(ICCID)).value).toMatchObject({ presence: 'attached', countryCode: 'PL' });
  expect((await client.readCell(ICCID)).value).toMatchObject({ cellId: 7 });
  expect((await client.readEvents(ICCID, 2, 50)).value).toMatchObject({ events: [{ type: 'Seen' }], totalPages: 4 });
  expect((await client.readSms(ICCID, 1, 10)).value).toMatchObject([{ id: '1' }]);
  expect((await client.readLimits()).value).toMatchObject([{ service: 'data', limit: '16' }]);
  expect(world.api.calls()).toEqual([
    `GET ${below}`,
    `GET ${below}/quota/data`,
    `GET ${below}/quota/sms`,
    `GET ${below}/usage?start_dt=2030-06-01&end_dt=2030-06-15`,
    `GET ${below}/status`,
    `GET ${below}/connectivity_info?subscriber=true&ussd=false`,
    `GET ${below}/events?page=2&pageSize=50&sort=-timestamp`,
    `GET ${below}/sms?page=1&pageSize=10`,
    'GET /v1/sims/limits',
  ]);
});

test('v2: events come as a bare list, unsorted, without a parameter that it does not know', async () => {
  const event = (id: number, second: number) => ({
    ...{ id, timestamp: `2030-05-07T14:08:0${second}.000Z`, event_type: { id: 1, description: `event ${id}` } },
  });
  const world = await worldOf(
    routes({ [`GET /v2/sims/${ICCID}/events`]: { body: [event(1, 1), event(3, 3), event(2, 2)] } }),
  );
  const answer = await world.clientOf({ generation: 'v2' }).readEvents(ICCID, 1, 50);
  expect(answer.value?.events.map(({ id }) => id)).toEqual(['3', '2', '1']);
  expect(world.api.calls()).toEqual([`GET /v2/sims/${ICCID}/events?page=1&pageSize=50`]);
});

test('a list of messages that is longer than what was asked for is cut to the page here', async () => {
  const all = Array.from({ length: 25 }, (_, i) => ({ id: i + 1 }));
  const world = await worldOf(routes({ [`GET /v1/sims/${ICCID}/sms`]: { body: all } }));
  const answer = await world.clientOf().readSms(ICCID, 3, 10);
  expect(answer.value?.map(({ id }) => id)).toEqual(['21', '22', '23', '24', '25']);
});

test('thousands of bad records are counted, not listed, and the good ones are kept', async () => {
  const world = await worldOf(routes({ 'GET /v1/sims': { body: [SIM, ...Array(500).fill({ iccid: 'no' })] } }));
  const page = await world.clientOf().listSims(1);
  expect(page.sims).toHaveLength(1);
  expect(page.rejected).toHaveLength(101);
  expect(page.rejected.at(-1)?.message).toBe('400 more values could not be used');
});

test('calls of one name and outcome are one line, and no line names a SIM', async () => {
  const world = await worldOf(({ path }) => (path.endsWith('/data') ? { body: QUOTA } : undefined));
  const client = world.clientOf();
  for (let i = 0; i < 5; i++) await client.readQuota(ICCID, 'data');
  for (let i = 0; i < 2; i++) await client.readQuota(ICCID, 'sms');
  await client.readStatus(ICCID);
  expect(outcomes(client.operations)).toEqual([
    ['token', true, 200],
    ['quota data (5 calls)', true, 200],
    ['quota SMS (2 calls)', false, 404],
    ['status', false, 404],
  ]);
  expect(JSON.stringify(client.operations)).not.toContain(ICCID);
});

test('however many outcomes there are, the run log gets twenty lines', async () => {
  const world = await worldOf((_, nth) => ({ status: 430 + nth }));
  const client = world.clientOf();
  const names = async (calls: number) => {
    for (let i = 0; i < calls; i++) await client.readSim(ICCID).catch(() => undefined);
    return client.operations.map(({ name }) => name);
  };
  // The login is one of them.
  expect(await names(19)).toEqual(['token', ...Array(19).fill('SIM')]);
  expect(await names(11)).toEqual(['token', ...Array(18).fill('SIM'), 'other calls (12 calls)']);
});

/** Which paths are asked, for two reads of each kind in turn. */
async function asked(generation: 'auto' | 'v1' | 'v2', script: Script, reads: string): Promise<string[]> {
  const world = await worldOf(script);
  const client = world.clientOf({ generation });
  for (const read of reads.split(' ')) {
    if (read === 'list') await client.listSims(1).catch(() => undefined);
    if (read === 'sim') await client.readSim(ICCID).catch(() => undefined);
    if (read === 'usage') await client.readUsage(ICCID, '2030-06-01', '2030-06-15').catch(() => undefined);
    if (read === 'cell') await client.readCell(ICCID).catch(() => undefined);
  }
  return world.api.calls().map((call) => call.replace(/^GET \/|\?.*$/g, '').replace(ICCID, '1'));
}

const only =
  (generation: string, status: number): Script =>
  ({ path }) => {
    if (!path.startsWith(`/${generation}/`)) return { status };
    if (path.includes('/usage')) return { body: USAGE };
    return { body: path.includes('?page') ? [SIM] : SIM };
  };

test.each<[string, 'auto' | 'v1' | 'v2', Script, string, string[]]>([
  ['v1 asks v1', 'v1', only('v1', 404), 'list sim usage', ['v1/sims', 'v1/sims/1', 'v1/sims/1/usage']],
  ['v2 asks v2', 'v2', only('v2', 404), 'list sim usage', ['v2/sims', 'v2/sims/1', 'v2/sims/1/usage']],
  ['v2 asks v1 for what it lacks', 'v2', only('v2', 404), 'cell', ['v1/sims/1/connectivity_info']],
  [
    'usage that v2 does not have comes from v1, and v2 is asked once',
    'v2',
    only('v1', 404),
    'usage usage usage',
    ['v2/sims/1/usage', 'v1/sims/1/usage', 'v1/sims/1/usage', 'v1/sims/1/usage'],
  ],
  ['the same for 405', 'v2', only('v1', 405), 'usage usage', ['v2/sims/1/usage', 'v1/sims/1/usage', 'v1/sims/1/usage']],
  ['auto prefers v2, but for usage', 'auto', only('v2', 200), 'list sim', ['v2/sims', 'v2/sims/1']],
  ['auto reads usage from v1', 'auto', only('v1', 404), 'usage usage', ['v1/sims/1/usage', 'v1/sims/1/usage']],
  [
    'auto reads usage from v2 when v1 is gone',
    'auto',
    only('v2', 410),
    'usage usage',
    ['v1/sims/1/usage', 'v2/sims/1/usage', 'v2/sims/1/usage'],
  ],
  [
    'an account without v2 finds that out by its list, for all calls',
    'auto',
    only('v1', 404),
    'list list sim',
    ['v2/sims', 'v1/sims', 'v1/sims', 'v1/sims/1'],
  ],
  ['the same for 403', 'auto', only('v1', 403), 'sim sim', ['v2/sims/1', 'v1/sims/1', 'v1/sims/1']],
  [
    'a 404 without words is taken for a missing path until v2 has answered once',
    'auto',
    only('v1', 404),
    'sim sim',
    ['v2/sims/1', 'v1/sims/1', 'v1/sims/1'],
  ],
])('%s', async (_, generation, script, reads, expected) => {
  expect(await asked(generation, script, reads)).toEqual(expected);
});

test("v2's own words for a SIM that it does not know are believed, and do not switch generations", async () => {
  const world = await worldOf(({ path }) => (path.startsWith('/v2/') ? NOT_FOUND : { body: SIM }));
  const client = world.clientOf({ generation: 'auto' });
  expect(await client.readSim(ICCID)).toMatchObject({ value: undefined, rejected: [] });
  await client.readSim(ICCID);
  expect(world.api.calls()).toEqual([`GET /v2/sims/${ICCID}`, `GET /v2/sims/${ICCID}`]);
});

test('after v2 has answered, an empty 404 of it means the SIM', async () => {
  const world = await worldOf(({ path }) =>
    path.endsWith(ICCID) && path.startsWith('/v2/') ? { body: SIM } : undefined,
  );
  const client = world.clientOf({ generation: 'auto' });
  await client.readSim(ICCID);
  expect((await client.readSim('8988000000000000002')).value).toBeUndefined();
  expect(world.api.calls()).toEqual([`GET /v2/sims/${ICCID}`, 'GET /v2/sims/8988000000000000002']);
});
